"""The eleven tables with their columns and generators, parents first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from soundcheck.wizard.seed import parties, people, songs
from soundcheck.wizard.seed.plan import SeedPlan
from soundcheck.wizard.seed.songs import SeedRow


@dataclass(frozen=True, slots=True)
class SeedTable:
    """A table, the columns that are written, and its rows in that order of columns; read once, never kept."""

    name: str
    columns: tuple[str, ...]
    rows: Callable[[SeedPlan], Iterator[SeedRow]]


SEED_TABLES: Final = (
    SeedTable("users", people.USER_COLUMNS, people.users),
    SeedTable("user_settings", people.SETTINGS_COLUMNS, people.user_settings),
    SeedTable("libraries", people.LIBRARY_COLUMNS, people.libraries),
    SeedTable("playlists", people.PLAYLIST_COLUMNS, people.playlists),
    SeedTable("sessions", parties.SESSION_COLUMNS, parties.sessions),
    SeedTable("session_participants", parties.PARTICIPANT_COLUMNS, parties.session_participants),
    SeedTable("chat_messages", parties.CHAT_COLUMNS, parties.chat_messages),
    SeedTable("recently_played", people.PLAY_COLUMNS, people.recently_played),
    SeedTable("recent_searches", people.SEARCH_COLUMNS, people.recent_searches),
    SeedTable("recommendations", songs.RECOMMENDATION_COLUMNS, songs.recommendations),
    SeedTable("lyrics", songs.LYRICS_COLUMNS, songs.lyrics),
)
