"""The models of a Prisma schema, as a query needs them: names of tables and columns, ids, relations. No Node."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PrismaField:
    """A scalar field: its name in the schema, the column it is mapped to, and its type's name."""

    name: str
    column: str
    type: str
    is_list: bool
    optional: bool


@dataclass(frozen=True, slots=True)
class PrismaModel:
    """A model. `ids` are the sets of field names that find one row: `@id`, `@@id`, `@unique`, `@@unique`.

    A compound one has the name that the client's `where` uses, `sessionId_userId` or the one given in the schema.
    """

    name: str
    table: str
    schema: str
    """The namespace of `@@schema`, "" for none."""
    fields: tuple[PrismaField, ...]
    ids: tuple[tuple[str, tuple[str, ...]], ...]


def load_models(schema: Path) -> tuple[PrismaModel, ...]:
    """The models of a schema file or folder. Raises `CouldNotRun` where it cannot be read."""
    raise NotImplementedError
