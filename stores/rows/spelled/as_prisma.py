"""A row as the Prisma Client Python call that finds it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.sql_text import python_literal
from soundcheck.stores.prisma.models import PrismaModel, model_of
from soundcheck.stores.rows.cell_columns import Cut
from soundcheck.stores.rows.record import Record
from soundcheck.stores.rows.spelled.row import ShownField, shown_fields


def row_as_prisma(record: Record, models: Sequence[PrismaModel], reveal: frozenset[str] = frozenset()) -> str:
    """`await db.user.find_unique(where={"id": "…"})`, with the model's and the fields' names of the schema.

    `db` stands for the connected client. A masked value is its mask, and a comment says so. Raises `UsageError` where
    the schema has no such table, or its model nothing that finds this row.
    """
    model = model_of(record.table, models)
    columns = {field.name: field.column for field in model.fields}
    shown = {field.column.name: field for field in shown_fields(record, reveal)}
    for name, fields in model.ids:
        found = [shown.get(columns.get(field, "")) for field in fields]
        known = [one for one in found if one is not None and one.value is not None]
        if len(known) == len(fields) and not any(isinstance(one.value, Cut) for one in known):
            inner = ", ".join(f'"{field}": {_literal(one)}' for field, one in zip(fields, known, strict=True))
            where = f"{{{inner}}}" if len(fields) == 1 else f'{{"{name}": {{{inner}}}}}'
            masked = [one.column.name for one in known if one.masked]
            said = f"# masked: {', '.join(' '.join(one.split()) for one in masked)}\n" if masked else ""
            return f"{said}await db.{model.name.lower()}.find_unique(where={where})"
    raise UsageError(
        f"The model {model.name} has no id or unique field that finds this row.", "Use find_first with a filter."
    )


def _literal(field: ShownField) -> str:
    """A Python expression of the type that the client takes."""
    value: Any = field.value
    match value:
        case datetime():
            return f"datetime.fromisoformat({python_literal(value.isoformat())})"
        case date():
            return f"datetime.fromisoformat({python_literal(value.isoformat())})"
        case Decimal():
            return f"Decimal({python_literal(str(value))})"
        case bytes():
            return f"Base64.encode({value!r})"
        case bool() | int() | float():
            return repr(value)
        case Mapping():
            return f"Json({value!r})"
        case _:
            return python_literal(str(value))
