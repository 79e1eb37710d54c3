"""Some rows as one text to paste: JSON, INSERT, CSV or Markdown; what is masked stays masked or is left out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from soundcheck.stores.rows.cell_columns import Cut
from soundcheck.stores.rows.record import Record
from soundcheck.stores.rows.server_text import server_text
from soundcheck.stores.rows.spelled.csv_field import csv_field
from soundcheck.stores.rows.spelled.row import ShownField, row_as_insert, row_as_json, shown_fields


class RowsForm(StrEnum):
    """What rows can be copied as."""

    JSON = "JSON"
    INSERT = "INSERT"
    CSV = "CSV"
    MARKDOWN = "Markdown"


def rows_as(form: RowsForm, records: Sequence[Record], reveal: frozenset[str] = frozenset()) -> str:
    """The rows in this form, in their order. Raises `UsageError` where a value is too long for it."""
    return _FORMS[form](records, reveal)


def masked_columns(records: Sequence[Record], reveal: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The columns whose values are not shown as they are in any of the rows."""
    found = (field.column.name for record in records for field in shown_fields(record, reveal) if field.masked)
    return tuple(dict.fromkeys(found))


def has_cut(records: Sequence[Record]) -> bool:
    """Whether of some value only the beginning is here."""
    return any(isinstance(field.value, Cut) for record in records for field in record.fields)


def _json(records: Sequence[Record], reveal: frozenset[str]) -> str:
    """One object for one row, a list for several."""
    if len(records) == 1:
        return row_as_json(records[0], reveal)
    rows = [row_as_json(record, reveal).replace("\n", "\n  ") for record in records]
    return "[\n  " + ",\n  ".join(rows) + "\n]"


def _insert(records: Sequence[Record], reveal: frozenset[str]) -> str:
    return "\n".join(row_as_insert(record, reveal) for record in records)


def _csv(records: Sequence[Record], reveal: frozenset[str]) -> str:
    """As psql writes it: NULL is nothing, the empty text is quoted."""
    lines = _lines(records, reveal)
    return "".join(",".join(csv_field(text, alone=len(line) == 1) for text in line) + "\n" for line in lines)


def _markdown(records: Sequence[Record], reveal: frozenset[str]) -> str:
    names, *rows = _lines(records, reveal)
    lines: list[list[str | None]] = [names, ["---"] * len(names), *rows]
    return "".join("| " + " | ".join(map(_in_a_cell, line)) + " |\n" for line in lines)


def _lines(records: Sequence[Record], reveal: frozenset[str]) -> list[list[str | None]]:
    """The names, then the values as the server writes them."""
    names: list[str | None] = [field.column.name for field in records[0].fields] if records else []
    return [names, *([_text(field) for field in shown_fields(record, reveal)] for record in records)]


def _text(field: ShownField) -> str | None:
    value: Any = field.value
    return f"{server_text(value.head) or ''}…" if isinstance(value, Cut) else server_text(value)


def _in_a_cell(text: str | None) -> str:
    """A bar would end the cell, a line break the row."""
    return (
        "" if text is None else text.replace("\\", "\\\\").replace("|", "\\|").replace("\r", "").replace("\n", "<br>")
    )


_FORMS: Final[Mapping[RowsForm, Callable[[Sequence[Record], frozenset[str]], str]]] = MappingProxyType(
    {RowsForm.JSON: _json, RowsForm.INSERT: _insert, RowsForm.CSV: _csv, RowsForm.MARKDOWN: _markdown}
)
