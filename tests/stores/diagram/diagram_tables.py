"""Tables and keys to draw, without a database."""

from __future__ import annotations

from soundcheck.stores.catalog.tables import (
    Catalog,
    Certainty,
    Column,
    Index,
    IndexColumn,
    RelationKind,
    RowCount,
    Table,
)
from soundcheck.stores.rows.relations import ForeignKey, Relations

OURS = {
    "user_settings.userId": "users",
    "playlists.userId": "users",
    "libraries.userId": "users",
    "sessions.hostId": "users",
    "session_participants.sessionId": "sessions",
    "session_participants.userId": "users",
    "chat_messages.sessionId": "sessions",
    "chat_messages.userId": "users",
    "recently_played.userId": "users",
    "recent_searches.userId": "users",
}
ALONE = ("recommendations", "lyrics")


def table(name: str, *columns: str, key: tuple[str, ...] = ("id",), unique: tuple[str, ...] = ()) -> Table:
    made = tuple(Column(one, "character varying(255)", "varchar", "text", one not in key, False) for one in columns)
    indexes = tuple(Index(f"{name}_{one}_key", (IndexColumn(one, False, False),), True) for one in unique)
    return Table("public", name, RelationKind.TABLE, made, key, indexes, RowCount(0, Certainty.EXACT), None)


def key(path: str, target: str, on_delete: str = "CASCADE") -> ForeignKey:
    """`playlists.userId` to `users`; several columns as `a.x,y`."""
    source, columns = path.split(".")
    names = tuple(columns.split(","))
    return ForeignKey(f"{source}_fkey", ("public", source), names, ("public", target), ("id",), on_delete)


def graph(links: dict[str, str], *alone: str) -> tuple[Catalog, Relations]:
    """Tables in the order in which they are named, and the keys between them."""
    keys = [key(path, target) for path, target in links.items()]
    names = dict.fromkeys([name for one in keys for name in (one.target[1], one.table[1])] + list(alone))
    columns = {name: ["id", *(c for one in keys if one.table[1] == name for c in one.columns)] for name in names}
    return Catalog(tuple(table(name, *columns[name]) for name in names)), Relations(tuple(keys))
