"""A row as an INSERT statement. Pure."""

from __future__ import annotations

from typing import Any

from stores.cell_columns import Cut
from stores.cells import size_text
from stores.errors import UsageError
from stores.record import Record
from stores.row_as.fields import shown_fields
from stores.server_text import server_text
from stores.sql_literal import sql_literal


def row_as_insert(record: Record, reveal: frozenset[str] = frozenset()) -> str:
    """One statement with quoted names and literals; a masked value is its mask, and a comment says so.

    Columns that the server computes are left out. Raises `UsageError` where a value was too long to be read whole.
    """
    from psycopg import sql

    fields = [field for field in shown_fields(record, reveal) if not field.column.generated]
    masked = [field.column.name for field in fields if field.masked]
    names = ", ".join(sql.Identifier(field.column.name).as_string(None) for field in fields)
    values = ", ".join(_literal(field.column.name, field.value) for field in fields)
    table = sql.Identifier(record.table.schema, record.table.name).as_string(None)
    if not fields:
        return f"INSERT INTO {table} DEFAULT VALUES;"
    overriding = "OVERRIDING SYSTEM VALUE\n" if any(field.column.always_identity for field in fields) else ""
    # A name may hold a line break, which would end the comment.
    said = f"-- masked: {', '.join(' '.join(name.split()) for name in masked)}\n" if masked else ""
    return f"{said}INSERT INTO {table} ({names})\n{overriding}VALUES ({values});"


def _literal(name: str, value: Any) -> str:
    if isinstance(value, Cut):
        raise UsageError(
            f"{name} is too long for a statement: {size_text(value.size)}.", "Copy the other columns one by one."
        )
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return sql_literal(server_text(value))
