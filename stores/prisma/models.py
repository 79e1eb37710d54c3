"""The models of a Prisma schema as a query needs them: tables, columns, and what finds one row. No Node.

The indexes that a Prisma schema asks for, by table and columns: read as text, no Node, no database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.errors import UsageError
from soundcheck.stores.prisma.schema_text import DEFAULT_SCHEMA, model_blocks, model_lines

SCALARS: Final = frozenset({"String", "Boolean", "Int", "BigInt", "Float", "Decimal", "DateTime", "Json", "Bytes"})


@dataclass(frozen=True, slots=True)
class PrismaField:
    """A field: its name in the schema, the column it is mapped to, and its type's name."""

    name: str
    column: str
    type: str
    is_list: bool
    optional: bool
    labels: tuple[tuple[str, str], ...] = ()
    """Of an enum: its values by the schema's name and the database's."""

    @property
    def is_scalar(self) -> bool:
        """Whether it is a column of its own, not a relation."""
        return bool(self.labels) or self.type in SCALARS


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
    enums = {name: _labels(lines) for name, lines in model_blocks(schema, "enum")}
    return tuple(_model(name, lines, enums) for name, lines in model_blocks(schema))


def model_of(table: Table, models: Sequence[PrismaModel]) -> PrismaModel:
    """The model of a table. Raises `UsageError` where the schema has none."""
    for model in models:
        if model.table == table.name and model.schema in {"", table.schema}:
            return model
    raise UsageError(f"The Prisma schema has no model for the table {table.name}.", "Name another with --schema FILE.")


def _labels(lines: Sequence[list[str]]) -> tuple[tuple[str, str], ...]:
    """An enum's values; `@map` gives one another name in the database."""
    named = [words for words in lines if words[0] != "@@"]
    return tuple((words[0], _text(words[3:]) if words[1:3] == ["@", "map"] else words[0]) for words in named)


def _model(name: str, lines: Sequence[list[str]], enums: Mapping[str, tuple[tuple[str, str], ...]]) -> PrismaModel:
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
            fields.append(replace(_field(words), labels=enums.get(words[1], ())))
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


@dataclass(frozen=True, slots=True)
class WantedIndex:
    """One index: its table, its columns in order, and whether it is unique."""

    table: str
    columns: tuple[str, ...]
    unique: bool

    def __str__(self) -> str:
        return f"{self.table} ({', '.join(self.columns)})"


def expected_indexes(schema: Path, default: str = DEFAULT_SCHEMA) -> tuple[WantedIndex, ...]:
    """All of `@unique`, `@@unique` and `@@index`, sorted; primary keys, which a table cannot be without, are left out.

    Indexes of another type than a B-tree are left out too. `default` is the schema that tables are named without.
    Raises `CouldNotRun` where the schema cannot be read.
    """
    found = [index for table, lines in model_lines(schema, default) for index in _of_model(table, lines)]
    return tuple(sorted(set(found), key=lambda index: (index.table, index.columns, index.unique)))


def _of_model(table: str, lines: tuple[tuple[str, ...], ...]) -> Iterator[WantedIndex]:
    columns = {tokens[0]: _mapped(tokens) or tokens[0] for tokens in lines if not tokens[0].startswith("@")}
    for tokens in lines:
        if tokens[0] != "@@":
            if "unique" in _attributes(tokens):
                yield WantedIndex(table, (columns[tokens[0]],), unique=True)
            continue
        kind = tokens[1]
        if kind not in {"index", "unique"} or "[" not in tokens or _method(tokens) not in {"", "BTree"}:
            continue
        _, names = _compound(tokens)
        if names and all(name in columns for name in names):
            yield WantedIndex(table, tuple(columns[name] for name in names), unique=kind == "unique")


def _method(tokens: tuple[str, ...]) -> str:
    """The value of `type:`, "" without one. A column may be called `type` too."""
    return next((tokens[at + 2] for at in range(len(tokens) - 2) if tokens[at : at + 2] == ("type", ":")), "")


def _attributes(tokens: tuple[str, ...]) -> set[str]:
    return {tokens[at + 1] for at in range(1, len(tokens) - 1) if tokens[at] == "@"}


def _mapped(tokens: tuple[str, ...]) -> str:
    for at in range(1, len(tokens) - 3):
        if tokens[at : at + 2] == ("@", "map"):
            return next((word[1:-1] for word in tokens[at + 2 :] if word.startswith('"')), "")
    return ""
