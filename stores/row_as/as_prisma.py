"""A row as the Prisma Client Python call that finds it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from stores.prisma.models import PrismaModel
from stores.record import Record


def row_as_prisma(record: Record, models: Sequence[PrismaModel], reveal: frozenset[str] = frozenset()) -> str:
    """`await db.user.find_unique(where={"id": "…"})`, with the model's and the fields' names of the schema.

    Raises `UsageError` where the schema has no such table, or its model no such key.
    """
    raise NotImplementedError
