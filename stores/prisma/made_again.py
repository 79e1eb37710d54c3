"""What the statements of a push make, by name: whatever takes the place of something that goes is known by it."""

from __future__ import annotations

from collections.abc import Sequence

from soundcheck.stores.prisma.definitions import (
    ConstraintDefinition,
    Definition,
    IndexDefinition,
    ObjectName,
    constraint_made,
    index_made,
)
from soundcheck.stores.prisma.sql_words import SqlWords
from soundcheck.stores.prisma.statements import created_tables

ColumnId = tuple[str, str, str]
"""Schema, table, name; constraints are named in the same way."""


class MadeAgain:
    """Reads all statements of a plan once. A definition is None where the statement is not understood."""

    def __init__(self, statements: Sequence[str], schema: str) -> None:
        self.schema = schema
        self.tables = frozenset(created_tables(statements, schema))
        self.indexes: dict[ObjectName, IndexDefinition | None] = {}
        self.constraints: dict[ColumnId, Definition | None] = {}
        self.enums: dict[ObjectName, tuple[str, ...]] = {}
        self.defaults: set[ColumnId] = set()
        self._renamed: dict[ObjectName, ObjectName] = {}
        for statement in statements:
            self._note(SqlWords(statement))

    def swapped(self, place: ObjectName) -> str | None:
        """The enum that is rebuilt under this working name (`Mood_new`, `Mood_old`), None where it is none."""
        if place in self.enums and place in self._renamed:
            return self._renamed[place][1]
        before = self._renamed.items()
        return next((old[1] for old, new in before if new == place and old in self._renamed.values()), None)

    def _note(self, words: SqlWords) -> None:
        unique = words.take("CREATE", "UNIQUE", "INDEX")
        if unique or words.take("CREATE", "INDEX"):
            place, made = index_made(words, self.schema, unique=unique)
            self.indexes[place] = made
        elif words.take("CREATE", "TABLE"):
            table = words.name().within(self.schema)
            for part in words.parentheses() or ():
                if part.take("CONSTRAINT"):
                    self.indexes[table[0], part.identifier()] = None
        elif words.take("ALTER", "INDEX"):
            old = words.name().within(self.schema)
            if words.take("RENAME", "TO"):
                self.indexes[old[0], words.identifier()] = None
        elif words.take("CREATE", "TYPE"):
            place = words.name().within(self.schema)
            values = [t[1:-1].replace("''", "'") for t in words.tokens[words.at :] if t.startswith("'")]
            self.enums[place] = tuple(values)
        elif words.take("ALTER", "TYPE"):
            place = words.name().within(self.schema)
            if words.take("RENAME", "TO"):
                self._renamed[place] = (place[0], words.identifier())
        elif words.take("ALTER", "TABLE"):
            table = words.name().within(self.schema)
            for action in words.split_by_comma():
                self._note_action(table, action)

    def _note_action(self, table: ObjectName, action: SqlWords) -> None:
        if action.take("ADD", "CONSTRAINT"):
            name = action.identifier()
            made = constraint_made(action, table, self.schema)
            self.constraints[(*table, name)] = made
            if not isinstance(made, ConstraintDefinition):
                self.indexes[table[0], name] = made
        elif action.take("RENAME", "CONSTRAINT"):
            action.identifier()
            if action.take("TO"):
                name = action.identifier()
                self.constraints[(*table, name)] = self.indexes[table[0], name] = None
        elif action.take("ALTER", "COLUMN"):
            name = action.identifier()
            if action.take("SET", "DEFAULT"):
                self.defaults.add((*table, name))
