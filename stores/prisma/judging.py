"""Read the statements of a push, and say of each what it does to what is there: adds, changes, or loses.

Prisma's own warnings are not enough: it drops empty tables, enums and hand-made indexes without one, and makes a plain
index of a unique one that has its name. So every statement that would be run is judged here, and one that is not
understood never counts as harmless.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from soundcheck.stores.prisma.catalogue import Catalogue
from soundcheck.stores.prisma.column_types import keeps_every_value
from soundcheck.stores.prisma.definitions import (
    ConstraintDefinition,
    Definition,
    IndexDefinition,
    ObjectName,
    constraint_made,
    index_made,
    lost_by,
)
from soundcheck.stores.prisma.sql_words import Name, SqlWords
from soundcheck.stores.prisma.statements import Effect, Loss, LossKind, SchemaChange, created_tables


def judge(statements: Sequence[str], catalogue: Catalogue) -> tuple[SchemaChange, ...]:
    """What each statement does, in order. Pure; `statements` are exactly those that would be run."""
    judge_ = _Judge(statements, catalogue)
    return tuple(change for at in range(len(statements)) for change in judge_.statement(at))


class _Judge:
    """Holds what has to be known across statements: what is made, dropped, recreated or renamed elsewhere in the plan.

    Whatever takes the place of another is known by its definition; None where that cannot be told.
    """

    def __init__(self, statements: Sequence[str], catalogue: Catalogue) -> None:
        self.statements = statements
        self.catalogue = catalogue
        self.created = set(created_tables(statements, catalogue.schema))
        self.indexes_made: dict[ObjectName, Definition | None] = {}
        self.constraints_made: dict[tuple[str, str, str], Definition | None] = {}
        self.columns_dropped: set[tuple[str, str, str]] = set()
        self.dropped: set[tuple[str, ...]] = set()
        self.enums_made: dict[ObjectName, tuple[str, ...]] = {}
        self.renamed: dict[ObjectName, ObjectName] = {}
        for statement in statements:
            self._note(SqlWords(statement))

    def _note(self, words: SqlWords) -> None:
        schema = self.catalogue.schema
        unique = words.take("CREATE", "UNIQUE", "INDEX")
        if unique or words.take("CREATE", "INDEX"):
            place, made = index_made(words, schema, unique=unique)
            self.indexes_made[place] = made
        elif words.take("DROP", "INDEX"):
            words.take("IF", "EXISTS")
            self.dropped |= {part.name().within(schema) for part in words.split_by_comma()}
        elif words.take("CREATE", "TABLE"):
            table = words.name().within(schema)
            for part in words.parentheses() or ():
                if part.take("CONSTRAINT"):
                    self.indexes_made[table[0], part.identifier()] = None
        elif words.take("ALTER", "INDEX"):
            old = words.name().within(schema)
            if words.take("RENAME", "TO"):
                self.indexes_made[old[0], words.identifier()] = None
        elif words.take("CREATE", "TYPE"):
            place = words.name().within(schema)
            values = [t[1:-1].replace("''", "'") for t in words.tokens[words.at :] if t.startswith("'")]
            self.enums_made[place] = tuple(values)
        elif words.take("ALTER", "TYPE"):
            place = words.name().within(schema)
            if words.take("RENAME", "TO"):
                self.renamed[place] = (place[0], words.identifier())
        elif words.take("ALTER", "TABLE"):
            table = words.name().within(schema)
            for action in words.split_by_comma():
                self._note_action(table, action)

    def _note_action(self, table: ObjectName, action: SqlWords) -> None:
        if action.take("ADD", "CONSTRAINT"):
            name = action.identifier()
            made = constraint_made(action, table, self.catalogue.schema)
            self.constraints_made[(*table, name)] = made
            if not isinstance(made, ConstraintDefinition):
                self.indexes_made[table[0], name] = made
        elif action.take("DROP", "CONSTRAINT"):
            self.dropped.add((*table, action.identifier()))
        elif action.take("DROP", "COLUMN"):
            self.columns_dropped.add((*table, action.identifier()))
        elif action.take("RENAME", "CONSTRAINT"):
            action.identifier()
            if action.take("TO"):
                name = action.identifier()
                self.constraints_made[(*table, name)] = self.indexes_made[table[0], name] = None

    def _swapped(self, place: ObjectName) -> str | None:
        """The enum that is rebuilt under this working name (`Mood_new`, `Mood_old`), None where it is none."""
        if place in self.enums_made and place in self.renamed:
            return self.renamed[place][1]
        before = self.renamed.items()
        return next((old[1] for old, new in before if new == place and old in self.renamed.values()), None)

    def statement(self, at: int) -> list[SchemaChange]:
        text = self.statements[at]
        words = SqlWords(text)
        schema = self.catalogue.schema
        if words.take("BEGIN") or words.take("COMMIT"):
            return []
        if words.take("CREATE", "TABLE"):
            return [SchemaChange(Effect.ADDS, f"create table {words.name().shown(schema)}", at)]
        if words.take("CREATE", "TYPE"):
            return self._create_type(words.name(), at)
        if words.take("CREATE", "INDEX"):
            return [SchemaChange(Effect.ADDS, f"create index {words.name().shown(schema)}", at)]
        if words.take("CREATE", "UNIQUE", "INDEX"):
            return self._create_unique(words, at)
        if words.take("CREATE", "SCHEMA") or words.take("CREATE", "EXTENSION"):
            words.take("IF", "NOT", "EXISTS")
            return [SchemaChange(Effect.ADDS, f"create {text.split()[1].lower()} {words.name().name}", at)]
        if words.take("DROP"):
            return self._drop(words, at)
        if words.take("ALTER", "TABLE"):
            return self._alter_table(words, at)
        if words.take("ALTER", "TYPE"):
            return self._alter_type(words, at)
        if words.take("ALTER", "INDEX") or words.take("ALTER", "SEQUENCE"):
            return [SchemaChange(Effect.CHANGES, " ".join(text.split()), at)]
        return [self._loses(LossKind.OTHER, f"statement:{at + 1}", f"run {' '.join(text.split())[:120]}", at)]

    def _loses(self, kind: LossKind, name: str, text: str, at: int, *, can_keep: bool = False) -> SchemaChange:
        return SchemaChange(Effect.LOSES, text, at, Loss(kind, name, text, can_keep))

    def _create_type(self, name: Name, at: int) -> list[SchemaChange]:
        made = name.within(self.catalogue.schema)
        original = self._swapped(made)
        if original is None:
            return [SchemaChange(Effect.ADDS, f"create enum {name.shown(self.catalogue.schema)}", at)]
        shown = Name(name.schema, original).shown(self.catalogue.schema)
        before = self.catalogue.enums.get((made[0], original), ())
        gone = [value for value in before if value not in self.enums_made[made]]
        if not gone:
            return [SchemaChange(Effect.CHANGES, f"rebuild enum {shown}", at)]
        return [
            self._loses(LossKind.ENUM_VALUE, f"enum:{shown}.{value}", f"drop the value {value} of enum {shown}", at)
            for value in gone
        ]

    def _create_unique(self, words: SqlWords, at: int) -> list[SchemaChange]:
        index = words.name().shown(self.catalogue.schema)
        words.take("ON")
        on_new = words.name().shown(self.catalogue.schema) in self.created
        return [SchemaChange(Effect.ADDS if on_new else Effect.CHANGES, f"create unique index {index}", at)]

    def _drop(self, words: SqlWords, at: int) -> list[SchemaChange]:
        kind = words.tokens[words.at].upper() if words.at < len(words.tokens) else ""
        words.at += 1
        words.take("IF", "EXISTS")
        found = []
        for part in words.split_by_comma():
            name = part.name()
            shown = name.shown(self.catalogue.schema)
            if kind == "TABLE":
                found.append(self._loses(LossKind.TABLE, shown, f"drop table {shown}", at))
            elif kind == "INDEX":
                found.append(self._drop_index(name.within(self.catalogue.schema), shown, at))
            elif kind == "TYPE" and self._swapped(name.within(self.catalogue.schema)) is not None:
                continue
            elif kind == "TYPE":
                found.append(self._loses(LossKind.ENUM, f"enum:{shown}", f"drop enum {shown}", at))
            else:
                word = kind.lower()
                found.append(self._loses(LossKind.OTHER, f"{word}:{shown}", f"drop {word} {shown}", at))
        return found

    def _drop_index(self, place: ObjectName, shown: str, at: int) -> SchemaChange:
        live = self.catalogue.indexes.get(place)
        if place in self.indexes_made:
            return self._replaced(LossKind.INDEX, shown, live, self.indexes_made[place], at)
        can_keep = live is None or not self._goes_with_column(live.table, live)
        return self._loses(LossKind.INDEX, f"index:{shown}", f"drop index {shown}", at, can_keep=can_keep)

    def _drop_constraint(self, table: Name, name: str, at: int, *, alone: bool) -> SchemaChange:
        place = table.within(self.catalogue.schema)
        live = self.catalogue.constraint(place, name)
        shown = self.catalogue.shown_constraint(place, name)
        if (*place, name) in self.constraints_made:
            return self._replaced(LossKind.CONSTRAINT, shown, live, self.constraints_made[(*place, name)], at)
        if isinstance(live, IndexDefinition) and (place[0], name) in self.indexes_made:
            return self._replaced(LossKind.CONSTRAINT, shown, live, self.indexes_made[place[0], name], at)
        text = f"drop constraint {name} of {table.shown(self.catalogue.schema)}"
        can_keep = alone and (live is None or not self._goes_with_column(place, live))
        return self._loses(LossKind.CONSTRAINT, f"constraint:{shown}", text, at, can_keep=can_keep)

    def _replaced(
        self, kind: LossKind, shown: str, live: Definition | None, made: Definition | None, at: int
    ) -> SchemaChange:
        """Another takes its place: the same only where nothing of its definition is gone."""
        lost = ("a definition that is not known",) if live is None else lost_by(live, made)
        if not lost:
            return SchemaChange(Effect.CHANGES, f"rebuild {kind} {shown}", at)
        return self._loses(kind, f"{kind}:{shown}", f"replace {kind} {shown}, which loses {', '.join(lost)}", at)

    def _goes_with_column(self, table: ObjectName, live: Definition) -> bool:
        """Whether it rests on a column that is dropped, so that leaving out its own drop would not keep it."""
        return any((*table, column) in self.columns_dropped for column in live.columns)

    def _gone_with_column(self, table: Name, column: str, at: int) -> list[SchemaChange]:
        """The indexes and constraints that the server drops with a column: no statement tells of them."""
        place, found = table.within(self.catalogue.schema), []
        for name, live in self.catalogue.resting_on(place, column):
            index = (place[0], name)
            if index in self.dropped or (*place, name) in self.dropped:
                continue
            self.dropped.add(index if isinstance(live, IndexDefinition) else (*place, name))
            if isinstance(live, IndexDefinition) and not live.constraint:
                change = self._drop_index(index, Name(*index).shown(self.catalogue.schema), at)
            else:
                change = self._drop_constraint(table, name, at, alone=False)
            found += [change] * (change.loss is not None)
        return found

    def _alter_type(self, words: SqlWords, at: int) -> list[SchemaChange]:
        name = words.name()
        if words.take("ADD", "VALUE"):
            value = words.rest().rstrip(" ;")
            return [SchemaChange(Effect.ADDS, f"add the value {value} to enum {name.shown(self.catalogue.schema)}", at)]
        place = name.within(self.catalogue.schema)
        if self._swapped(place) or (words.take("RENAME", "TO") and self._swapped((place[0], words.identifier()))):
            return []
        return [SchemaChange(Effect.CHANGES, " ".join(self.statements[at].split()), at)]

    def _alter_table(self, words: SqlWords, at: int) -> list[SchemaChange]:
        table = words.name()
        actions = words.split_by_comma()
        return [c for action in actions for c in self._table_action(table, action, at, alone=len(actions) == 1)]

    def _table_action(self, table: Name, action: SqlWords, at: int, *, alone: bool) -> list[SchemaChange]:
        shown = table.shown(self.catalogue.schema)
        if action.take("ADD", "COLUMN"):
            return [SchemaChange(Effect.ADDS, f"add column {shown}.{action.name().name}", at)]
        if action.take("DROP", "COLUMN"):
            name = action.identifier()
            column = f"{shown}.{name}"
            dropped = self._loses(LossKind.COLUMN, column, f"drop column {column}", at)
            return [dropped, *self._gone_with_column(table, name, at)]
        if action.take("ADD", "CONSTRAINT"):
            name = action.name().name
            return [
                SchemaChange(Effect.ADDS if shown in self.created else Effect.CHANGES, f"add constraint {name}", at)
            ]
        if action.take("DROP", "CONSTRAINT"):
            return [self._drop_constraint(table, action.identifier(), at, alone=alone)]
        if action.take("ALTER", "COLUMN"):
            return self._alter_column(table, action.name().name, action, at)
        text = f"alter table {shown}: {action.rest()}"
        if "DROP" in (token.upper() for token in action.tokens):
            return [self._loses(LossKind.OTHER, f"statement:{at + 1}", text, at)]
        return [SchemaChange(Effect.CHANGES, text, at)]

    def _alter_column(self, table: Name, column: str, action: SqlWords, at: int) -> list[SchemaChange]:
        shown = f"{table.shown(self.catalogue.schema)}.{column}"
        if not (action.take("SET", "DATA", "TYPE") or action.take("TYPE")):
            if action.take("SET", "DEFAULT"):
                return [SchemaChange(Effect.CHANGES, f"alter column {shown}: set default {action.rest()}", at)]
            return [SchemaChange(Effect.CHANGES, f"alter column {shown}: {_plain(action)}", at)]
        wanted = action.rest()
        if self._swapped(SqlWords(wanted).name().within(table.schema or self.catalogue.schema)) is not None:
            return []  # the enum's own line tells of it
        now = self.catalogue.columns.get((table.schema or self.catalogue.schema, table.name, column), "unknown")
        text = f"change the type of column {shown} from {now} to {_plain_type(wanted)}"
        if keeps_every_value(now, _plain_type(wanted)):
            return [SchemaChange(Effect.CHANGES, text, at)]
        return [self._loses(LossKind.COLUMN_TYPE, shown, text, at)]


def _plain_type(tokens: str) -> str:
    """`VARCHAR ( 20 ) USING …` as `varchar(20)`."""
    return re.sub(r"\s*([(),\[\]])\s*", r"\1", _plain(SqlWords(tokens.split(" USING ")[0].strip(" ;"))))


def _plain(words: SqlWords) -> str:
    """What is left as a person reads it: the language's own words in lower case, names and literals as they are."""
    own = re.compile(r"[A-Z][\w$]*")
    left = [(token.lower() if own.fullmatch(token) else token) for token in words.tokens[words.at :]]
    return SqlWords([token.strip('"') for token in left], words.spaced[words.at :]).rest()
