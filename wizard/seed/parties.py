"""Listening parties, their participants and their chat. Pure.

The three tables tell of the same party, so its facts come from one function of its number: nothing is kept between
the tables, and memory stays flat.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from soundcheck.wizard.seed.people import user_id
from soundcheck.wizard.seed.plan import PREFIX, SeedPlan, dice, moment, own_millisecond
from soundcheck.wizard.seed.songs import SeedRow, duration, popularity, song_id
from soundcheck.wizard.seed.words import CHAT, EMOJI, MOODS

_DAY: Final = 86_400_000
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Party:
    """The facts of one party; times in milliseconds since 1970."""

    number: int
    host: int
    created: int
    guests: tuple[int, ...]
    """Everybody in it, the host first."""
    messages: int


def session_id(party: int) -> str:
    """The id of a party."""
    return f"{PREFIX}session_{party:06d}"


def session_code(party: int) -> str:
    """What people type to join: eight characters."""
    code, rest = "", party
    for _ in range(4):
        rest, digit = divmod(rest, 36)
        code = _DIGITS[digit] + code
    return f"SEED{code}"


def _party(plan: SeedPlan, number: int) -> Party:
    random = dice(plan, f"party {number}")
    host = random.randrange(plan.users)
    earliest = plan.signed_up_ms(host) + 60_000
    # Every fifth one is of the last day, so that some are still going on.
    span = min(_DAY if number % 5 == 0 else 60 * _DAY, plan.now_ms - earliest)
    created = own_millisecond(plan.now_ms - random.randrange(max(1, span)), number, plan.sessions)
    others = {random.randrange(plan.users) for _ in range(min(random.randint(1, 8), plan.users - 1))} - {host}
    present = sorted(user for user in others if plan.signed_up_ms(user) < created)
    return Party(number, host, created, (host, *present), min(int(random.expovariate(1 / 20)), 400))


SESSION_COLUMNS: Final = (
    "id", "sessionCode", "name", "hostId", "isActive", "privacy", "currentSongId", "currentTime", "isPlaying",
    "queueIds", "allowGuestControl", "allowQueueAdd", "maxParticipants", "lastUpdate", "expiresAt", "createdAt",
    "updatedAt",
)  # fmt: skip


def sessions(plan: SeedPlan) -> Iterator[SeedRow]:
    """One row a party; it expires 24 hours after it was opened."""
    random = dice(plan, "sessions")
    weights, songs = popularity(plan), range(plan.songs)
    for number in range(plan.sessions):
        party = _party(plan, number)
        expires = party.created + _DAY
        active = expires > plan.now_ms and random.random() < 0.8
        song, *queue = random.choices(songs, cum_weights=weights, k=1 + random.randrange(12))
        last = min(party.created + random.randrange(1, 4 * 3_600_000), plan.now_ms)
        yield (
            session_id(number), session_code(number),
            "Listening Party" if random.random() < 0.5 else random.choice(MOODS), user_id(party.host), active,
            random.choice(("private", "private", "public", "friends-only")), song_id(song),
            round(random.random() * duration(song), 2), active and random.random() < 0.7,
            [song_id(one) for one in queue], random.random() < 0.8, random.random() < 0.9,
            random.choice((10, 10, 10, 25)), moment(last), moment(expires), moment(party.created), moment(last),
        )  # fmt: skip


PARTICIPANT_COLUMNS: Final = (
    "id", "sessionId", "userId", "joinedAt", "isOnline", "canControl", "canAddToQueue", "createdAt",
)  # fmt: skip


def session_participants(plan: SeedPlan) -> Iterator[SeedRow]:
    """Everybody of a party, one after the other."""
    random = dice(plan, "participants")
    for number in range(plan.sessions):
        party = _party(plan, number)
        for place, user in enumerate(party.guests):
            joined = moment(min(party.created + place * plan.sessions, plan.now_ms))
            yield (
                f"{PREFIX}participant_{number:06d}_{place}", session_id(number), user_id(user), joined,
                random.random() < 0.5, place == 0 or random.random() < 0.7, random.random() < 0.9, joined,
            )  # fmt: skip


CHAT_COLUMNS: Final = (
    "id", "sessionId", "userId", "message", "type", "songContextId", "songTimestamp", "reactions", "createdAt",
    "updatedAt",
)  # fmt: skip


def chat_messages(plan: SeedPlan) -> Iterator[SeedRow]:
    """What was said in each party, in its order; some lines about a moment of a song, some with reactions."""
    random = dice(plan, "chat")
    weights, songs = popularity(plan), range(plan.songs)
    for number in range(plan.sessions):
        party = _party(plan, number)
        at = party.created
        for line in range(party.messages):
            at += plan.sessions * random.randint(1, 1 + 240_000 // plan.sessions)
            if at > plan.now_ms:
                break
            (song,) = random.choices(songs, cum_weights=weights)
            kind = "system" if line == 0 else random.choice(("text", "text", "text", "text", "reaction", "song"))
            text = "joined" if kind == "system" else random.choice(EMOJI if kind == "reaction" else CHAT)
            about = kind == "song"
            fans = [u for u in party.guests if random.random() < 0.15]
            reactions = [{"userId": user_id(user), "emoji": random.choice(EMOJI)} for user in fans]
            yield (
                f"{PREFIX}chat_{number:06d}_{line:03d}", session_id(number), user_id(random.choice(party.guests)),
                text, kind, song_id(song) if about else None,
                round(random.random() * duration(song), 2) if about else None,
                json.dumps(reactions, ensure_ascii=False), moment(at), moment(at),
            )  # fmt: skip
