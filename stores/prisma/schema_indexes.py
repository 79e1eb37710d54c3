"""The indexes that a Prisma schema asks for, by table and columns: read as text, no Node, no database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stores.prisma.schema_text import model_lines

_LIST: Final = re.compile(r"\[(.*)\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class WantedIndex:
    """One index: its table, its columns in order, and whether it is unique."""

    table: str
    columns: tuple[str, ...]
    unique: bool

    def __str__(self) -> str:
        return f"{self.table} ({', '.join(self.columns)})"


def expected_indexes(schema: Path) -> tuple[WantedIndex, ...]:
    """All of `@unique`, `@@unique` and `@@index`, sorted; primary keys, which a table cannot be without, are left out.

    Indexes of another type than a B-tree are left out too. Raises `CouldNotRun` where the schema cannot be read.
    """
    found = [index for table, lines in model_lines(schema) for index in _of_model(table, lines)]
    return tuple(sorted(set(found), key=lambda index: (index.table, index.columns, index.unique)))


def _of_model(table: str, lines: tuple[tuple[str, ...], ...]) -> Iterator[WantedIndex]:
    columns = {tokens[0]: _mapped(tokens) or tokens[0] for tokens in lines if not tokens[0].startswith("@")}
    for tokens in lines:
        if tokens[0] != "@@":
            if "unique" in _attributes(tokens):
                yield WantedIndex(table, (columns[tokens[0]],), unique=True)
            continue
        kind = tokens[1]
        if kind not in {"index", "unique"} or "type" in tokens:
            continue
        inside = _LIST.search(" ".join(tokens))
        names = _names(inside[1]) if inside else ()
        if names and all(name in columns for name in names):
            yield WantedIndex(table, tuple(columns[name] for name in names), unique=kind == "unique")


def _names(listed: str) -> tuple[str, ...]:
    """`userId , createdAt ( sort : Desc )` to the two names."""
    bare = re.sub(r"\([^()]*\)", "", listed)
    return tuple(part.strip() for part in bare.split(",") if part.strip())


def _attributes(tokens: tuple[str, ...]) -> set[str]:
    return {tokens[at + 1] for at in range(1, len(tokens) - 1) if tokens[at] == "@"}


def _mapped(tokens: tuple[str, ...]) -> str:
    for at in range(1, len(tokens) - 3):
        if tokens[at : at + 2] == ("@", "map"):
            return next((word[1:-1] for word in tokens[at + 2 :] if word.startswith('"')), "")
    return ""
