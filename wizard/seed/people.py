"""Users and what belongs to one user: settings, library, playlists, plays and searches. Pure, one row at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from soundcheck.wizard.seed.plan import PREFIX, SeedPlan, dice, moment, own_millisecond
from soundcheck.wizard.seed.songs import SeedRow, album_id, duration, popularity, song_id, title
from soundcheck.wizard.seed.words import BIOS, DOMAINS, HANDLES, LANGUAGES, MOODS, NAMES, PRESETS

_DAY: Final = 86_400_000


def user_id(user: int) -> str:
    """The id of user number `user`."""
    return f"{PREFIX}user_{user:06d}"


def playlist_id(user: int, number: int) -> str:
    """The id of a user's playlist."""
    return f"{PREFIX}playlist_{user:06d}_{number}"


USER_COLUMNS: Final = (
    "id", "name", "email", "password", "avatar", "bio", "isEmailVerified", "refreshToken", "otp", "otpExpiry",
    "createdAt", "updatedAt",
)  # fmt: skip


def users(plan: SeedPlan) -> Iterator[SeedRow]:
    """One row a user. Nobody can log in with these: the password is visibly no hash."""
    random = dice(plan, "users")
    for user in range(plan.users):
        kind = random.randrange(len(NAMES))
        created = plan.signed_up_ms(user)
        waiting = random.random() < 0.02
        yield (
            user_id(user),
            NAMES[kind] if random.random() < 0.95 else None,
            f"{HANDLES[kind]}.{user}@{DOMAINS[user % len(DOMAINS)]}",
            f"$seed$this-is-no-hash$nobody-can-log-in${random.getrandbits(64):016x}",
            f"https://cdn.example/avatars/{user}.webp" if random.random() < 0.6 else None,
            random.choice(BIOS) if random.random() < 0.4 else None,
            random.random() < 0.8,
            f"seed-refresh-token-{random.getrandbits(96):024x}" if random.random() < 0.3 else None,
            f"{random.randrange(10**6):06d}" if waiting else None,
            moment(plan.now_ms + 600_000) if waiting else None,
            moment(created),
            moment(created + random.randrange(max(1, plan.now_ms - created))),
        )


BANDS: Final = (
    "band32", "band64", "band125", "band250", "band500", "band1k", "band2k", "band4k", "band8k", "band16k",
)  # fmt: skip

SETTINGS_COLUMNS: Final = (
    "id", "userId", "audioQuality", "crossfadeDuration", "gaplessPlayback", "normalizeVolume", "playbackSpeed",
    "equalizerEnabled", "equalizerPreset", *BANDS, "lyricsEnabled", "lyricsLanguage", "createdAt", "updatedAt",
)  # fmt: skip


def user_settings(plan: SeedPlan) -> Iterator[SeedRow]:
    """One row a user; most people never change anything."""
    random = dice(plan, "settings")
    for user in range(plan.users):
        preset = random.choice(PRESETS)
        bands = [random.randint(-12, 12) if preset == "custom" else 0 for _ in BANDS]
        created = moment(plan.signed_up_ms(user) + 1)
        yield (
            f"{PREFIX}settings_{user:06d}", user_id(user),
            random.choice(("low", "medium", "high", "high", "very_high")),
            random.choice((0, 0, 0, 3, 6, 12)), random.random() < 0.9, random.random() < 0.3,
            random.choice((1.0, 1.0, 1.0, 0.5, 1.25, 2.0)), preset != "flat", preset, *bands, random.random() < 0.9,
            random.choice(LANGUAGES), created, created,
        )  # fmt: skip


LIBRARY_COLUMNS: Final = ("id", "userId", "likedSongIds", "likedAlbumIds", "createdAt", "updatedAt")


def libraries(plan: SeedPlan) -> Iterator[SeedRow]:
    """One row a user: up to some dozen liked songs, popular ones more often."""
    random = dice(plan, "libraries")
    weights, songs = popularity(plan), range(plan.songs)
    for user in range(plan.users):
        liked = dict.fromkeys(random.choices(songs, cum_weights=weights, k=int(random.expovariate(1 / 25))))
        albums = dict.fromkeys(random.randrange(plan.albums) for _ in range(int(random.expovariate(1 / 4))))
        created = moment(plan.signed_up_ms(user) + 2)
        yield (
            f"{PREFIX}library_{user:06d}", user_id(user), [song_id(song) for song in liked],
            [album_id(album) for album in albums], created, created,
        )  # fmt: skip


PLAYLIST_COLUMNS: Final = (
    "id", "userId", "name", "desc", "banner", "songIds", "isPublic", "collaborative", "collaboratorIds",
    "shuffleEnabled", "loopMode", "createdAt", "updatedAt",
)  # fmt: skip


def playlists(plan: SeedPlan) -> Iterator[SeedRow]:
    """None to many for a user, two or three on average."""
    random = dice(plan, "playlists")
    weights, songs = popularity(plan), range(plan.songs)
    for user in range(plan.users):
        began = plan.signed_up_ms(user)
        at = began
        for number in range(min(int(random.expovariate(1 / 3.0)), 40)):
            at += plan.users + random.randrange(1 + (plan.now_ms - began) // 50)
            created = min(own_millisecond(at, user, plan.users), plan.now_ms)
            shared = random.random() < 0.1
            chosen = random.choices(songs, cum_weights=weights, k=random.randint(0, 40))
            friends = {random.randrange(plan.users) for _ in range(2)} - {user} if shared else set()
            yield (
                playlist_id(user, number), user_id(user), f"{random.choice(MOODS)} {number + 1}",
                "" if random.random() < 0.7 else "Made on a train.",
                f"https://cdn.example/banners/{user}-{number}.webp" if random.random() < 0.2 else None,
                [song_id(song) for song in chosen], random.random() < 0.3, shared,
                [user_id(friend) for friend in sorted(friends)], random.random() < 0.3,
                random.choice(("off", "off", "one", "all")), moment(created), moment(created),
            )  # fmt: skip


PLAY_COLUMNS: Final = (
    "id", "userId", "songId", "playDuration", "skipped", "contextType", "contextId", "playedAt", "createdAt",
    "updatedAt",
)  # fmt: skip


def recently_played(plan: SeedPlan) -> Iterator[SeedRow]:
    """Evenings of listening, from the last play back to the sign-up; popular songs more often."""
    random = dice(plan, "plays")
    weights, songs = popularity(plan), range(plan.songs)
    for user in range(plan.users):
        began = plan.signed_up_ms(user) + plan.users + 10
        at = plan.now_ms - int(random.expovariate(1 / (3 * _DAY)))
        wanted = min(8 + int(random.expovariate(1 / 70)), 600)
        for number, song in enumerate(random.choices(songs, cum_weights=weights, k=wanted)):
            played = own_millisecond(at, user, plan.users)
            if played < began:
                break
            context = random.choice((None, None, "playlist", "album", "liked", "search"))
            skipped = random.random() < 0.2
            when = moment(played)
            yield (
                f"{PREFIX}play_{user:06d}_{number:03d}", user_id(user), song_id(song),
                random.randrange(3, 40) if skipped else duration(song), skipped, context,
                playlist_id(user, 0) if context == "playlist" else album_id(song // 8) if context == "album" else None,
                when, when, when,
            )  # fmt: skip
            rest = 8 * 3_600_000 + int(random.expovariate(1 / _DAY)) if random.random() < 0.1 else 0
            at -= max(plan.users, duration(song) * 1000 + rest)


SEARCH_COLUMNS: Final = ("id", "userId", "query", "type", "resultId", "searchedAt", "createdAt")


def recent_searches(plan: SeedPlan) -> Iterator[SeedRow]:
    """What people typed: beginnings of titles, and sometimes only a word."""
    random = dice(plan, "searches")
    weights, songs = popularity(plan), range(plan.songs)
    for user in range(plan.users):
        began = plan.signed_up_ms(user) + plan.users + 10
        at = plan.now_ms - random.randrange(5 * _DAY)
        for number, song in enumerate(random.choices(songs, cum_weights=weights, k=int(random.expovariate(1 / 9.5)))):
            searched = own_millisecond(at, user, plan.users)
            if searched < began:
                break
            found = random.random() < 0.6
            text = title(song)
            when = moment(searched)
            yield (
                f"{PREFIX}search_{user:06d}_{number:03d}", user_id(user),
                text.lower() if found else random.choice((text[:4], "🎷", "best of", "موسيقى", "90s' rock")),
                "song" if found else "query", song_id(song) if found else None, when, when,
            )  # fmt: skip
            at -= plan.users + random.randrange(3 * _DAY)
