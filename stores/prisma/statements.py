"""What a push consists of: its statements, what each of them is about, and the words for what it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from soundcheck.stores.prisma.sql_words import SqlWords


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
    DEFAULT = "default"
    NOT_NULL = "NOT NULL"
    SEQUENCE = "sequence"
    STATISTICS = "statistics"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Loss:
    """One object that a push would drop or make weaker, or whose values it would squeeze into a narrower type.

    `name` is what a person types to consent: `orders`, `users.age`, `index:users_age_idx`, `enum:Mood`,
    `enum:Mood.SAD`, `constraint:orders_user_fkey`, `default:users.age`, `not-null:users.age`; with the schema before
    it where that is not the URL's own. `can_keep` says that the push can do without it and leave the object where it
    is. `parts` are what goes with a table because it stands on that table alone; `text` tells of them too.
    """

    kind: LossKind
    name: str
    text: str
    can_keep: bool = False
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """One line of a plan. `statement` is the number of the statement it came from."""

    effect: Effect
    text: str
    statement: int
    loss: Loss | None = None


def created_tables(statements: Sequence[str], schema: str) -> tuple[str, ...]:
    """The tables that would be created, in order, named as `Loss.name` names them."""
    found = []
    for statement in statements:
        words = SqlWords(statement)
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
    words = SqlWords(statement)
    if words.take("CREATE", "INDEX") or words.take("CREATE", "UNIQUE", "INDEX"):
        words.name()
        return (Subject.TABLE, words.name().shown(schema)) if words.take("ON") else (Subject.OTHER, "")
    kinds = {"TABLE": Subject.TABLE, "INDEX": Subject.INDEX, "TYPE": Subject.ENUM}
    for kind, found in kinds.items():
        if any(words.take(verb, kind) for verb in ("CREATE", "ALTER", "DROP")):
            words.take("IF", "EXISTS")
            return found, words.name().shown(schema)
    return Subject.OTHER, ""
