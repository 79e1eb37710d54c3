"""Copying from the rows: the cell, the row or the marked rows, in a form that fits where they go."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.clipboard import copy_text
from soundcheck.screens.app.parts.copy_screen import CopyChoice, CopyScreen
from soundcheck.stores.amounts import number_of
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.rows.record import Record, read_record
from soundcheck.stores.rows.spelled.many import RowsForm, has_cut, masked_columns, rows_as

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from textual.dom import DOMNode

    from soundcheck.screens.app.shell import Shell
    from soundcheck.stores.catalog.tables import Table

CELL: Final = "cell"
SQL: Final = "sql"
_KEYS: Final = {RowsForm.JSON: "j", RowsForm.INSERT: "i", RowsForm.CSV: "v", RowsForm.MARKDOWN: "m"}


def copy_choices(cell: str, marked: int, *, sql: bool) -> tuple[CopyChoice, ...]:
    """What there is to copy: of the row under the cursor, or of the marked ones."""
    rows = "Row" if not marked else number_of(marked, "marked row")
    forms = (CopyChoice(key, form.value, f"{rows} as {form}") for form, key in _KEYS.items())
    return (
        CopyChoice("c", CELL, f"Value of {cell}"),
        *forms,
        *((CopyChoice("s", SQL, "SELECT of these rows as SQL"),) if sql else ()),
    )


def masked_words(columns: Sequence[str]) -> str:
    """What becomes of masked columns, said before anything is copied."""
    if not columns:
        return ""
    return f"Masked: {', '.join(columns)}. They are copied as •••, and left out of an INSERT. R or r reveals them."


def offer_copies(
    node: DOMNode,
    cell: str,
    records: Sequence[Record],
    reveal: frozenset[str],
    *,
    marked: int = 0,
    copy_cell: Callable[[], Any],
    copy_sql: Callable[[], Any] | None = None,
) -> None:
    """Ask what to copy, then copy it."""

    def chosen(what: str | None) -> None:
        if what == CELL:
            copy_cell()
        elif what == SQL and copy_sql is not None:
            copy_sql()
        elif what is not None:
            work = partial(_copy_rows, node.app, RowsForm(what), tuple(records), reveal)  # type: ignore[arg-type]
            later.run(node, work, "Copying", group="copying", exclusive=True)

    choices = copy_choices(cell, marked, sql=copy_sql is not None)
    later.ask(node, CopyScreen(choices, masked_words(masked_columns(records, reveal))), chosen)


async def _copy_rows(app: Shell, form: RowsForm, records: tuple[Record, ...], reveal: frozenset[str]) -> None:
    try:
        whole = [await _whole(app, record) if has_cut([record]) else record for record in records]
        text = rows_as(form, whole, reveal)
    except SoundcheckError as problem:
        app.notify(spelled(f"{problem.message} {problem.hint}"), severity="warning", markup=False)
        return
    what = f"{number_of(len(whole), 'row')} as {form}"
    await copy_text(app, text, what, app.services.environ, otherwise="`soundcheck rows` writes them to a file")


async def _whole(app: Shell, record: Record) -> Record:
    """The row with its long values, where a key finds it again."""
    table: Table = record.table
    if app.services.database is None or not table.primary_key:
        return record
    return await read_record(app.services.database, table, record.key) or record
