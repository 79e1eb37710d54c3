"""Read the statements of a push, and say of each what it does to what is there: adds, changes, or loses.

Prisma's own warnings are not enough: it drops empty tables, enums and hand-made indexes without one. So every
statement that the engine would run is judged here, and one that is not understood never counts as harmless.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from soundcheck.stores.prisma.column_types import keeps_every_value

_TOKEN: Final = re.compile(
    r"""\s+|--[^\n]*|/\*.*?\*/"""
    r"""|(?P<token>"(?:[^"]|"")*"|[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$"""
    r"""|[A-Za-z_][\w$]*|\d[\w.]*|::|.)""",
    re.DOTALL,
)


class Effect(StrEnum):
    """What a statement does to what is there."""

    ADDS = "adds"
    CHANGES = "changes"
    LOSES = "loses"


class LossKind(StrEnum):
    """What would be gone."""

    TABLE = "table"
    COLUMN = "column"
    COLUMN_TYPE = "column type"
    INDEX = "index"
    ENUM = "enum"
    ENUM_VALUE = "enum value"
    CONSTRAINT = "constraint"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Loss:
    """One object that a push would drop, or whose values it would squeeze into a narrower type.

    `name` is what a person types to consent: `orders`, `users.age`, `index:users_age_idx`, `enum:Mood`,
    `enum:Mood.SAD`, `constraint:orders_user_fkey`; with the schema before it where that is not the URL's own.
    `can_keep` says that the push can do without it and leave the object where it is.
    """

    kind: LossKind
    name: str
    text: str
    can_keep: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a plan. `statement` is the number of the statement it came from."""

    effect: Effect
    text: str
    statement: int
    loss: Loss | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What stands in the database: types of columns by (schema, table, column), values of enums by (schema, name)."""

    schema: str = "public"
    columns: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    enums: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)


def judge(statements: Sequence[str], catalogue: Catalogue) -> tuple[Change, ...]:
    """What each statement does, in order. Pure; `statements` are exactly those that would be run."""
    judge_ = _Judge(statements, catalogue)
    return tuple(change for at in range(len(statements)) for change in judge_.statement(at))


def created_tables(statements: Sequence[str], schema: str) -> tuple[str, ...]:
    """The tables that would be created, in order, named as `Loss.name` names them."""
    found = []
    for statement in statements:
        words = _Words(statement)
        if words.take("CREATE", "TABLE"):
            found.append(words.name().shown(schema))
    return tuple(found)


class Subject(StrEnum):
    """What kind of object a statement is about."""

    TABLE = "table"
    INDEX = "index"
    ENUM = "enum"
    OTHER = "other"


def subject(statement: str, schema: str) -> tuple[Subject, str]:
    """What a statement is about, named as `Loss.name` names it; the index only where the statement names no table."""
    words = _Words(statement)
    if words.take("CREATE", "INDEX") or words.take("CREATE", "UNIQUE", "INDEX"):
        words.name()
        return (Subject.TABLE, words.name().shown(schema)) if words.take("ON") else (Subject.OTHER, "")
    kinds = {"TABLE": Subject.TABLE, "INDEX": Subject.INDEX, "TYPE": Subject.ENUM}
    for kind, found in kinds.items():
        if any(words.take(verb, kind) for verb in ("CREATE", "ALTER", "DROP")):
            words.take("IF", "EXISTS")
            return found, words.name().shown(schema)
    return Subject.OTHER, ""


@dataclass(frozen=True, slots=True)
class _Name:
    schema: str | None
    name: str

    def shown(self, default: str) -> str:
        return self.name if self.schema in {None, default} else f"{self.schema}.{self.name}"


class _Words:
    """A statement as tokens, read from the left."""

    def __init__(self, statement: str | Sequence[str]) -> None:
        if isinstance(statement, str):
            self.tokens = [m["token"] for m in _TOKEN.finditer(statement) if m["token"] is not None]
        else:
            self.tokens = list(statement)
        self.at = 0

    def take(self, *words: str) -> bool:
        """Step over these words if they come next."""
        following = self.tokens[self.at : self.at + len(words)]
        if [t.upper() for t in following] != list(words):
            return False
        self.at += len(words)
        return True

    def name(self) -> _Name:
        """Step over a name, quoted or not, with or without a schema before it."""
        first = self._identifier()
        if self.tokens[self.at : self.at + 1] == ["."]:
            self.at += 1
            return _Name(first, self._identifier())
        return _Name(None, first)

    def _identifier(self) -> str:
        token = self.tokens[self.at] if self.at < len(self.tokens) else ""
        self.at += 1
        return token[1:-1].replace('""', '"') if token.startswith('"') else token.lower()

    def rest(self) -> str:
        return " ".join(self.tokens[self.at :])

    def split_by_comma(self) -> list[_Words]:
        """What is left, cut at the commas outside parentheses."""
        parts: list[list[str]] = [[]]
        depth = 0
        for word in self.tokens[self.at :]:
            depth += (word in {"(", "["}) - (word in {")", "]"})
            if word == "," and depth == 0:
                parts.append([])
            elif word != ";":
                parts[-1].append(word)
        return [_Words(part) for part in parts if part]


class _Judge:
    """Holds what has to be known across statements: what is created, recreated or renamed elsewhere in the plan."""

    def __init__(self, statements: Sequence[str], catalogue: Catalogue) -> None:
        self.statements = statements
        self.catalogue = catalogue
        self.created = set(created_tables(statements, catalogue.schema))
        self.indexes_made: set[str] = set()
        self.constraints_made: set[tuple[str, str]] = set()
        self.enums_made: dict[str, tuple[str, ...]] = {}
        self.renamed: dict[str, str] = {}
        for statement in statements:
            self._note(_Words(statement))

    def _note(self, words: _Words) -> None:
        if words.take("CREATE", "INDEX") or words.take("CREATE", "UNIQUE", "INDEX"):
            self.indexes_made.add(words.name().name)
        elif words.take("CREATE", "TYPE"):
            name = words.name().name
            values = [t[1:-1].replace("''", "'") for t in words.tokens[words.at :] if t.startswith("'")]
            self.enums_made[name] = tuple(values)
        elif words.take("ALTER", "TYPE"):
            old = words.name().name
            if words.take("RENAME", "TO"):
                self.renamed[old] = words.name().name
        elif words.take("ALTER", "TABLE"):
            table = words.name().shown(self.catalogue.schema)
            for action in words.split_by_comma():
                if action.take("ADD", "CONSTRAINT"):
                    self.constraints_made.add((table, action.name().name))

    def _swapped(self, name: str) -> str | None:
        """The enum that is rebuilt under this working name (`Mood_new`, `Mood_old`), None where it is none."""
        if name in self.enums_made and name in self.renamed:
            return self.renamed[name]
        return next((old for old, new in self.renamed.items() if new == name and old in self.renamed.values()), None)

    def statement(self, at: int) -> list[Change]:
        text = self.statements[at]
        words = _Words(text)
        schema = self.catalogue.schema
        if words.take("BEGIN") or words.take("COMMIT"):
            return []
        if words.take("CREATE", "TABLE"):
            return [Change(Effect.ADDS, f"create table {words.name().shown(schema)}", at)]
        if words.take("CREATE", "TYPE"):
            return self._create_type(words.name(), at)
        if words.take("CREATE", "INDEX"):
            return [Change(Effect.ADDS, f"create index {words.name().shown(schema)}", at)]
        if words.take("CREATE", "UNIQUE", "INDEX"):
            return self._create_unique(words, at)
        if words.take("CREATE", "SCHEMA") or words.take("CREATE", "EXTENSION"):
            words.take("IF", "NOT", "EXISTS")
            return [Change(Effect.ADDS, f"create {text.split()[1].lower()} {words.name().name}", at)]
        if words.take("DROP"):
            return self._drop(words, at)
        if words.take("ALTER", "TABLE"):
            return self._alter_table(words, at)
        if words.take("ALTER", "TYPE"):
            return self._alter_type(words, at)
        if words.take("ALTER", "INDEX") or words.take("ALTER", "SEQUENCE"):
            return [Change(Effect.CHANGES, " ".join(text.split()), at)]
        return [self._loses(LossKind.OTHER, f"statement:{at + 1}", f"run {' '.join(text.split())[:120]}", at)]

    def _loses(self, kind: LossKind, name: str, text: str, at: int, *, can_keep: bool = False) -> Change:
        return Change(Effect.LOSES, text, at, Loss(kind, name, text, can_keep))

    def _create_type(self, name: _Name, at: int) -> list[Change]:
        original = self._swapped(name.name)
        if original is None:
            return [Change(Effect.ADDS, f"create enum {name.shown(self.catalogue.schema)}", at)]
        shown = _Name(name.schema, original).shown(self.catalogue.schema)
        before = self.catalogue.enums.get((name.schema or self.catalogue.schema, original), ())
        gone = [value for value in before if value not in self.enums_made[name.name]]
        if not gone:
            return [Change(Effect.CHANGES, f"rebuild enum {shown}", at)]
        return [
            self._loses(LossKind.ENUM_VALUE, f"enum:{shown}.{value}", f"drop the value {value} of enum {shown}", at)
            for value in gone
        ]

    def _create_unique(self, words: _Words, at: int) -> list[Change]:
        index = words.name().shown(self.catalogue.schema)
        words.take("ON")
        on_new = words.name().shown(self.catalogue.schema) in self.created
        return [Change(Effect.ADDS if on_new else Effect.CHANGES, f"create unique index {index}", at)]

    def _drop(self, words: _Words, at: int) -> list[Change]:
        kind = words.tokens[words.at].upper() if words.at < len(words.tokens) else ""
        words.at += 1
        words.take("IF", "EXISTS")
        found = []
        for part in words.split_by_comma():
            name = part.name()
            shown = name.shown(self.catalogue.schema)
            if kind == "TABLE":
                found.append(self._loses(LossKind.TABLE, shown, f"drop table {shown}", at))
            elif kind == "INDEX" and name.name in self.indexes_made:
                found.append(Change(Effect.CHANGES, f"rebuild index {shown}", at))
            elif kind == "INDEX":
                found.append(self._loses(LossKind.INDEX, f"index:{shown}", f"drop index {shown}", at, can_keep=True))
            elif kind == "TYPE" and self._swapped(name.name) is not None:
                continue
            elif kind == "TYPE":
                found.append(self._loses(LossKind.ENUM, f"enum:{shown}", f"drop enum {shown}", at))
            else:
                word = kind.lower()
                found.append(self._loses(LossKind.OTHER, f"{word}:{shown}", f"drop {word} {shown}", at))
        return found

    def _alter_type(self, words: _Words, at: int) -> list[Change]:
        name = words.name()
        if words.take("ADD", "VALUE"):
            value = words.rest().rstrip(" ;")
            return [Change(Effect.ADDS, f"add the value {value} to enum {name.shown(self.catalogue.schema)}", at)]
        if self._swapped(name.name) or (words.take("RENAME", "TO") and self._swapped(words.name().name)):
            return []
        return [Change(Effect.CHANGES, " ".join(self.statements[at].split()), at)]

    def _alter_table(self, words: _Words, at: int) -> list[Change]:
        table = words.name()
        actions = words.split_by_comma()
        return [c for action in actions for c in self._table_action(table, action, at, alone=len(actions) == 1)]

    def _table_action(self, table: _Name, action: _Words, at: int, *, alone: bool) -> list[Change]:
        shown = table.shown(self.catalogue.schema)
        if action.take("ADD", "COLUMN"):
            return [Change(Effect.ADDS, f"add column {shown}.{action.name().name}", at)]
        if action.take("DROP", "COLUMN"):
            column = f"{shown}.{action.name().name}"
            return [self._loses(LossKind.COLUMN, column, f"drop column {column}", at)]
        if action.take("ADD", "CONSTRAINT"):
            name = action.name().name
            return [Change(Effect.ADDS if shown in self.created else Effect.CHANGES, f"add constraint {name}", at)]
        if action.take("DROP", "CONSTRAINT"):
            name = action.name().name
            if (shown, name) in self.constraints_made:
                return [Change(Effect.CHANGES, f"rebuild constraint {name}", at)]
            text = f"drop constraint {name} of {shown}"
            return [self._loses(LossKind.CONSTRAINT, f"constraint:{name}", text, at, can_keep=alone)]
        if action.take("ALTER", "COLUMN"):
            return self._alter_column(table, action.name().name, action, at)
        text = f"alter table {shown}: {action.rest()}"
        if "DROP" in (token.upper() for token in action.tokens):
            return [self._loses(LossKind.OTHER, f"statement:{at + 1}", text, at)]
        return [Change(Effect.CHANGES, text, at)]

    def _alter_column(self, table: _Name, column: str, action: _Words, at: int) -> list[Change]:
        shown = f"{table.shown(self.catalogue.schema)}.{column}"
        if not (action.take("SET", "DATA", "TYPE") or action.take("TYPE")):
            return [Change(Effect.CHANGES, f"alter column {shown}: {action.rest().lower()}", at)]
        wanted = action.rest()
        if self._swapped(_Words(wanted).name().name) is not None:
            return []  # the enum's own line tells of it
        now = self.catalogue.columns.get((table.schema or self.catalogue.schema, table.name, column), "unknown")
        text = f"change the type of column {shown} from {now} to {_plain_type(wanted)}"
        if keeps_every_value(now, _plain_type(wanted)):
            return [Change(Effect.CHANGES, text, at)]
        return [self._loses(LossKind.COLUMN_TYPE, shown, text, at)]


def _plain_type(tokens: str) -> str:
    """`VARCHAR ( 20 ) USING …` as `varchar(20)`."""
    return re.sub(r"\s*([(),\[\]])\s*", r"\1", tokens.split(" USING ")[0]).strip(" ;").lower().replace('"', "")
