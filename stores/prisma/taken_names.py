"""Room for what a push makes: names that something else has, which the engine does not see.

Prisma's engine looks past partial indexes, indexes on expressions, exclusion constraints and checks, and past every
table outside the schema. Where one of these has the name of something to be made, its statement fails. So the drop is
put in front of it here, to be judged like any other: weaker or gone needs a name. Where a column is made anew, the
engine makes its indexes anew and renames the old ones as well, which are gone by then: those are left out. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from soundcheck.stores.postgres.sql_text import quoted_name
from soundcheck.stores.prisma.catalogue import Catalogue
from soundcheck.stores.prisma.definitions import IndexDefinition, ObjectName
from soundcheck.stores.prisma.sql_words import SqlWords


def make_room(statements: Sequence[str], catalogue: Catalogue) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The statements with the drops that they need, and in words what cannot be dropped for a name."""
    room = _Room(catalogue)
    for statement in statements:
        room.add(statement)
    return tuple(room.statements), tuple(room.blocked)


class _Room:
    """Walks through the statements and knows which names are free by then.

    `free` are names of relations, `gone` constraints by (schema, table, name), `ours` what is dropped here already,
    `fallen` the indexes that went with a column.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.statements: list[str] = []
        self.blocked: list[str] = []
        self.free: set[ObjectName] = set()
        self.gone: set[tuple[str, str, str]] = set()
        self.ours: set[tuple[str, ...]] = set()
        self.fallen: set[ObjectName] = set()

    def add(self, statement: str) -> None:
        words, schema = SqlWords(statement), self.catalogue.schema
        if words.take("DROP", "INDEX"):
            words.take("IF", "EXISTS")
            for part in words.split_by_comma():
                self._drop_index(part.name().within(schema))
            return
        if words.take("DROP", "TABLE"):
            words.take("IF", "EXISTS")
            for part in words.split_by_comma():
                self._table_goes(part.name().within(schema))
        elif words.take("CREATE", "INDEX") or words.take("CREATE", "UNIQUE", "INDEX"):
            name = words.name().name
            words.take("ON")
            self._needs((words.name().within(schema)[0], name))
        elif words.take("CREATE", "TABLE"):
            self._create_table(words)
        elif words.take("ALTER", "INDEX"):
            old = words.name().within(schema)
            if words.take("RENAME", "TO"):
                if old in self.fallen:
                    return
                self._needs((old[0], words.name().name))
                self.free.add(old)
        elif words.take("ALTER", "TABLE"):
            table = words.name().within(schema)
            if self._is_done(table, SqlWords(words.tokens[words.at :])):
                return
            for action in words.split_by_comma():
                self._table_action(table, action)
        self.statements.append(statement)

    def _drop_index(self, place: ObjectName) -> None:
        """Drop it where that was not done before; what belongs to a constraint goes with it and in no other way."""
        if place in self.ours:
            return
        live = self.catalogue.indexes.get(place)
        if live is not None and live.constraint:
            self._drop_constraint(live.table, place[1])
        else:
            shown = quoted_name(place[1]) if place[0] == self.catalogue.schema else quoted_name(*place)
            self.statements.append(f"DROP INDEX {shown}")
            self.free.add(place)

    def _drop_constraint(self, table: ObjectName, name: str) -> None:
        shown = quoted_name(table[1]) if table[0] == self.catalogue.schema else quoted_name(*table)
        self.statements.append(f"ALTER TABLE {shown} DROP CONSTRAINT {quoted_name(name)}")
        self._forget(table, name)

    def _forget(self, table: ObjectName, name: str) -> None:
        """A constraint is gone, and the name of its index, where it has one, with it."""
        self.gone.add((*table, name))
        index = self.catalogue.indexes.get((table[0], name))
        if index is not None and index.table == table:
            self.free.add((table[0], name))

    def _create_table(self, words: SqlWords) -> None:
        table = words.name().within(self.catalogue.schema)
        self._needs(table)
        for part in words.parentheses() or ():
            if part.take("CONSTRAINT"):
                self._needs((table[0], part.identifier()))

    def _is_done(self, table: ObjectName, words: SqlWords) -> bool:
        """Whether a statement only drops a constraint that was dropped in front of an earlier one."""
        return words.take("DROP", "CONSTRAINT") and (*table, words.identifier()) in self.ours and words.ended

    def _table_action(self, table: ObjectName, action: SqlWords) -> None:
        if action.take("ADD", "CONSTRAINT"):
            name = action.identifier()
            if (*table, name) not in self.gone and self.catalogue.constraint(table, name) is not None:
                self._drop_constraint(table, name)
                self.ours |= {(*table, name), (table[0], name)}
            if action.take("PRIMARY", "KEY") or action.take("UNIQUE"):
                self._needs((table[0], name))
        elif action.take("DROP", "CONSTRAINT"):
            self._forget(table, action.identifier())
        elif action.take("RENAME", "CONSTRAINT"):
            old = action.identifier()
            if action.take("TO") and isinstance(self.catalogue.constraint(table, old), IndexDefinition):
                self._needs((table[0], action.identifier()))
            self._forget(table, old)
        elif action.take("DROP", "COLUMN"):
            for name, _ in self.catalogue.resting_on(table, action.identifier()):
                self._forget(table, name)
                self.fallen.add((table[0], name))

    def _table_goes(self, table: ObjectName) -> None:
        self.free |= {table, *(place for place, one in self.catalogue.indexes.items() if one.table == table)}

    def _needs(self, place: ObjectName) -> None:
        """Drop the index that has this name; a table or a view is nothing to drop for a name."""
        if place in self.free:
            return
        if place in self.catalogue.indexes:
            self._drop_index(place)
            self.ours.add(place)
        elif (kind := self.catalogue.relations.get(place)) is not None:
            shown = place[1] if place[0] == self.catalogue.schema else ".".join(place)
            self.blocked.append(f"The name {shown} is needed, and a {kind} in the database has it.")
