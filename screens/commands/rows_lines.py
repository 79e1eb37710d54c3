"""A page in plain lines: a table, or records of one `name: value` a line. CSV's rows. Pure."""

from __future__ import annotations

from typing import Any

from soundcheck.screens.commands.browsing import MOST_WIDE, heading, levels_of, plain_cell, shown
from soundcheck.screens.commands.output import aligned, record_lines
from soundcheck.stores.copies.cached_copy import PageCopies, badge
from soundcheck.stores.rows.cells import CellKind, cell_text
from soundcheck.stores.rows.paging import Page


def rows_lines(page: Page, *, reveal: bool, copies: PageCopies | None = None) -> list[str]:
    """A header and a line a row; cells cut to a width that keeps a table readable."""
    header, rows = _texts(page, MOST_WIDE, reveal=reveal, copies=copies)
    right = [_kind(page, position) is CellKind.NUMBER for position in range(len(page.columns))]
    return aligned(header, rows, [*right, False])


def page_records(page: Page, *, reveal: bool, copies: PageCopies | None = None) -> list[str]:
    """A line a value, whole, behind its column's name; a blank line between rows."""
    return record_lines(*_texts(page, None, reveal=reveal, copies=copies))


def _texts(
    page: Page, width: int | None, *, reveal: bool, copies: PageCopies | None
) -> tuple[list[str], list[list[str]]]:
    """The columns' names and each row's cells, as they may be shown."""
    levels = levels_of(page)
    header = [heading(column.name, levels[column.name], reveal=reveal) for column in page.columns]
    rows = [
        [
            plain_cell(shown(value, levels[column.name], reveal=reveal), column.type_name, width=width)
            for column, value in zip(page.columns, row, strict=True)
        ]
        for row in page.rows
    ]
    if copies is not None:
        header = [*header, "cache"]
        rows = [
            [*row, "no key" if copy is None else badge(copy)] for row, copy in zip(rows, copies.copies, strict=True)
        ]
    return header, rows


def csv_rows(page: Page, *, reveal: bool) -> list[list[object]]:
    """Whole values, masked as everywhere."""
    levels = levels_of(page)
    names = [column.name for column in page.columns]
    return [
        [shown(value, levels[name], reveal=reveal) for name, value in zip(names, row, strict=True)] for row in page.rows
    ]


def _kind(page: Page, position: int) -> CellKind:
    """The kind of a column's first value that is not NULL."""
    type_name = page.columns[position].type_name
    values = (row[position] for row in page.rows)
    first: Any = next((value for value in values if value is not None), None)
    return cell_text(first, type_name, width=1).kind
