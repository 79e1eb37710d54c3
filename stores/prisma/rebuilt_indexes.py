"""Indexes that the engine drops and makes again although they are the same: their statements are left out.

Prisma's engine takes an operator class that it does not know by name (`ops: raw("text_pattern_ops")`) for a change at
every push. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from soundcheck.stores.prisma.catalogue import Catalogue
from soundcheck.stores.prisma.definitions import IndexDefinition, ObjectName, index_made
from soundcheck.stores.prisma.loss_rules import RULES
from soundcheck.stores.prisma.sql_words import SqlWords


def without_rebuilds(statements: Sequence[str], catalogue: Catalogue) -> tuple[str, ...]:
    """The statements without each pair that drops an index and makes the very same one."""
    dropped = {place: at for at, statement in enumerate(statements) for place in _dropped(statement, catalogue.schema)}
    pairs = {
        at
        for made_at, statement in enumerate(statements)
        for place, made in _made(statement, catalogue.schema)
        if place in dropped and _same(catalogue.indexes.get(place), made)
        for at in (made_at, dropped[place])
    }
    return tuple(statement for at, statement in enumerate(statements) if at not in pairs)


def _dropped(statement: str, schema: str) -> Iterator[ObjectName]:
    words = SqlWords(statement)
    if words.take("DROP", "INDEX"):
        words.take("IF", "EXISTS")
        names = words.split_by_comma()
        if len(names) == 1:
            yield names[0].name().within(schema)


def _made(statement: str, schema: str) -> Iterator[tuple[ObjectName, IndexDefinition | None]]:
    words = SqlWords(statement)
    unique = words.take("CREATE", "UNIQUE", "INDEX")
    if unique or words.take("CREATE", "INDEX"):
        yield index_made(words, schema, unique=unique)


def _same(live: IndexDefinition | None, made: IndexDefinition | None) -> bool:
    """Whether nothing of either is missing in the other; what belongs to a constraint is never only an index."""
    if live is None or made is None or live.constraint:
        return False
    return live.unique == made.unique and not RULES.lost_by(live, made)
