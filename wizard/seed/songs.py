"""The song catalogue that the sample data points to, how popular each song is, and what is kept about each. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import accumulate
from random import Random
from typing import Final

from soundcheck.wizard.seed.plan import PREFIX, SeedPlan, dice, moment
from soundcheck.wizard.seed.words import ADJECTIVES, LANGUAGES, LINES, NOUNS

_ZIPF: Final = 0.95
"""Exponent of the popularity by rank: a few songs take most of the plays, as in any music service."""

SeedRow = tuple[object, ...]


def song_id(song: int) -> str:
    """The id of song number `song`, 0 being the most popular."""
    return f"{PREFIX}song_{song:05d}"


def album_id(album: int) -> str:
    """The id of an album."""
    return f"{PREFIX}album_{album:05d}"


def title(song: int) -> str:
    """A song's title; the same for the same number."""
    adjective = ADJECTIVES[song % len(ADJECTIVES)]
    noun = NOUNS[song // len(ADJECTIVES) % len(NOUNS)]
    number = song // (len(ADJECTIVES) * len(NOUNS))
    return f"{adjective} {noun}" + (f" {number + 1}" if number else "")


def popularity(plan: SeedPlan) -> list[float]:
    """Cumulative weights by rank, for `random.choices`."""
    return list(accumulate(1 / (rank + 1) ** _ZIPF for rank in range(plan.songs)))


def duration(song: int) -> int:
    """Seconds, 2 to 5 minutes."""
    return 120 + song * 7919 % 180


RECOMMENDATION_COLUMNS: Final = (
    "id", "songId", "globalPlayCount", "globalSkipCount", "weightedScore", "createdAt", "updatedAt",
)  # fmt: skip


def recommendations(plan: SeedPlan) -> Iterator[SeedRow]:
    """One row a song, its plays as popularity has them."""
    random = dice(plan, "recommendations")
    weights = popularity(plan)
    plays = plan.expected_rows()["recently_played"]
    before = 0.0
    for song, upto in enumerate(weights):
        count = round(plays * (upto - before) / weights[-1])
        before = upto
        skipped = round(count * (0.08 + random.random() * 0.2))
        created = _catalogued(plan, song)
        yield (
            f"{PREFIX}recommendation_{song:05d}", song_id(song), count, skipped, round(count - skipped * 1.5, 3),
            created, plan.now,
        )  # fmt: skip


LYRICS_COLUMNS: Final = (
    "id", "songId", "plainLyrics", "syncedLyrics", "language", "source", "isVerified", "createdAt", "updatedAt",
)  # fmt: skip


def lyrics(plan: SeedPlan) -> Iterator[SeedRow]:
    """One row a song; every tenth is an instrumental without words."""
    random = dice(plan, "lyrics")
    for song in range(plan.songs):
        lines = [] if song % 10 == 9 else _verses(random, song)
        synced = [{"time": at, "text": text} for at, text in lines]
        created = _catalogued(plan, song)
        yield (
            f"{PREFIX}lyrics_{song:05d}", song_id(song), "\n".join(text for _, text in lines),
            json.dumps(synced, ensure_ascii=False), random.choice(LANGUAGES),
            random.choice(("manual", "musixmatch", "genius", "lrclib", "other")), random.random() < 0.4,
            created, created,
        )  # fmt: skip


def _verses(random: Random, song: int) -> Sequence[tuple[float, str]]:
    found, at, end = [], 8.0 + random.random() * 10, duration(song) - 8
    while at < end:
        found.append((round(at, 2), random.choice(LINES)))
        at += 4 + random.random() * 5
    return [(0.0, f"♪ {title(song)} ♪"), *found]


def _catalogued(plan: SeedPlan, song: int) -> object:
    """When the song came into the catalogue: distinct, a minute apart, before the first sign-up."""
    return moment(plan.begin_ms - (plan.songs - song) * 60_000)
