"""The models of a Prisma schema as a query needs them: tables, columns, and what finds one row. No Node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stores.prisma.schema_text import model_blocks


@dataclass(frozen=True, slots=True)
class PrismaField:
    """A field: its name in the schema, the column it is mapped to, and its type's name."""

    name: str
    column: str
    type: str
    is_list: bool
    optional: bool


@dataclass(frozen=True, slots=True)
class PrismaModel:
    """A model. `ids` are what finds one row, the primary key first: `@id`, `@@id`, `@unique`, `@@unique`.

    Each is a name and its fields; a compound one has the name that the client's `where` uses. `schema` is that of
    `@@schema`, "" for none.
    """

    name: str
    table: str
    schema: str
    fields: tuple[PrismaField, ...]
    ids: tuple[tuple[str, tuple[str, ...]], ...]


def load_models(schema: Path) -> tuple[PrismaModel, ...]:
    """The models of a schema file or folder. Raises `CouldNotRun` where it cannot be read."""
    return tuple(_model(name, lines) for name, lines in model_blocks(schema))


def _model(name: str, lines: Sequence[list[str]]) -> PrismaModel:
    table, namespace = name, ""
    fields: list[PrismaField] = []
    keys: list[tuple[str, tuple[str, ...]]] = []
    unique: list[tuple[str, tuple[str, ...]]] = []
    for words in lines:
        if words[0] == "@@":
            kind, rest = words[1], words[2:]
            if kind == "map":
                table = _text(rest) or table
            elif kind == "schema":
                namespace = _text(rest)
            elif kind in {"id", "unique"}:
                (keys if kind == "id" else unique).append(_compound(rest))
        elif len(words) >= 2:
            fields.append(_field(words))
            attributes = {words[at + 1] for at in range(2, len(words) - 1) if words[at] == "@"}
            if attributes & {"id", "unique"}:
                (keys if "id" in attributes else unique).append((words[0], (words[0],)))
    return PrismaModel(name, table, namespace, tuple(fields), (*keys, *unique))


def _field(words: list[str]) -> PrismaField:
    column = words[0]
    for at in range(2, len(words) - 1):
        if words[at] == "@" and words[at + 1] == "map":
            column = _text(words[at + 2 :]) or column
    return PrismaField(words[0], column, words[1], "[]" in words[2:3], "?" in words[2:3])


def _text(words: Sequence[str]) -> str:
    """The first quoted text of an argument list."""
    return next((word[1:-1].replace('\\"', '"') for word in words if word.startswith('"')), "")


def _compound(words: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The name and the fields of `([a, b], name: "x")`; without a name it is `a_b`, as the client calls it."""
    start, end = words.index("["), words.index("]")
    # A field may be followed by arguments of its own, as `a(sort: Desc)`.
    fields, depth = [], 0
    for word in words[start + 1 : end]:
        depth += (word == "(") - (word == ")")
        if depth == 0 and word.isidentifier():
            fields.append(word)
    for at, word in enumerate(words[:-2]):
        if word == "name" and words[at + 1] == ":" and words[at + 2].startswith('"'):
            return words[at + 2][1:-1], tuple(fields)
    return "_".join(fields), tuple(fields)
