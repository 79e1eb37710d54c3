"""What you can do with the row under the cursor: open it, follow its foreign key, copy a cell, spell it as SQL."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.clipboard import copy_text
from soundcheck.screens.app.record.value_actions import whole_text
from soundcheck.screens.app.relation.crumbs import crumbs
from soundcheck.screens.app.relation.known import Known
from soundcheck.screens.app.routes import OpenRecord, OpenRows
from soundcheck.screens.app.sql.source import ViewSource
from soundcheck.screens.app.tables.pane_state import PaneState
from soundcheck.screens.app.tables.row_names import by_name
from soundcheck.screens.app.tables.rows_pane import RowsPane
from soundcheck.screens.app.tables.view_words import shown_view
from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.postgres.session_settings import UTC
from soundcheck.stores.rows.follow import SeenRow
from soundcheck.stores.rows.paging import Cut
from soundcheck.stores.rows.personal import mask
from soundcheck.stores.rows.record import Record, RecordField
from soundcheck.stores.rows.relations import ForeignKey
from soundcheck.stores.rows.server_text import server_text
from soundcheck.stores.rows.spelled.sql import view_sql


def key_of_row(table: Table, row: SeenRow) -> tuple[str, ...]:
    """A row's primary key as text, whatever the rows are sorted by."""
    named = by_name(table, row.values)
    return tuple(server_text(named[name]) or "" for name in table.primary_key)


def way_of(state: PaneState) -> tuple[str, ...]:
    """The breadcrumbs up to the open table."""
    return crumbs(*state.trail, state.table.label if state.table else "")


def open_record(pane: RowsPane, row: SeenRow, *, closed: Callable[[], None]) -> None:
    """Open the row with all its columns; `closed` is called on return."""
    state, table = pane.state, pane.table
    if table is None or pane.database is None:
        return
    if not table.primary_key:
        pane.notify("This table has no primary key, so one row cannot be read by itself.", markup=False)
        return
    if row.key is not None:
        cells = row.mark.cells if row.mark else {}
        changes = {table.columns[place].name: change for place, change in cells.items()}
        back = later.while_open(pane, closed)
        route = OpenRecord(table, key_of_row(table, row), state.known, way_of(state), changes, back)
        pane.app.post_message(route)


def follow_key(pane: RowsPane) -> None:
    """Open the row that the cell under the cursor refers to."""
    state, key, row = pane.state, pane.state.foreign_key, pane.grid.row
    if key is None or row is None or state.table is None:
        return
    values = by_name(state.table, row.values)
    table = state.known.table(key.target) if state.known else None
    filters = key.target_filters(values)
    if table is None or state.known is None or filters is None:
        pane.notify(_nowhere(key, values, state.known), markup=False)
        return
    pane.app.post_message(OpenRows(state.known, table, filters, way_of(state)))


def _nowhere(key: ForeignKey, row: dict[str, object], known: Known | None) -> str:
    columns = ", ".join(key.columns)
    if any(row.get(column) is None for column in key.columns):
        return f"{columns} is NULL here: this row points nowhere."
    name = known.catalog.label_of(key.target) if known else key.target[1]
    return f"The table {visible(name)} cannot be opened by this role."


def spell(pane: RowsPane) -> None:
    """Show the view as SQL, and the row as a Prisma call and Redis commands."""
    from soundcheck.screens.app.sql.spelled_screen import SpelledScreen

    state, view, row, record = pane.state, pane.view, pane.grid.row, None
    if view is None:
        return
    if row is not None:
        record = record_of(view.table, row)
    source = ViewSource(shown_view(view, state.followed), record, pane.grid.revealed)
    pane.app.push_screen(SpelledScreen(source, pane.app.services))


def record_of(table: Table, row: SeenRow) -> Record:
    """A row of the grid as a record, long values cut as they are there."""
    named = by_name(table, row.values)
    fields = tuple(RecordField(column, named[column.name]) for column in table.columns)
    return Record(table, key_of_row(table, row), fields, 0, "")


def copy(pane: RowsPane) -> None:
    """Offer the cell, and the row or the marked rows, in every form."""
    from soundcheck.screens.app.parts.row_copies import offer_copies

    here, table, view, grid = pane.grid.here, pane.table, pane.view, pane.grid
    if here.row is None or here.column is None or table is None or view is None:
        return
    rows = tuple(grid.picked.values()) or (here.row,)
    offer_copies(
        pane,
        here.column.name,
        [record_of(table, row) for row in rows],
        grid.revealed,
        marked=len(grid.picked),
        copy_cell=partial(copy_cell, pane),
        copy_sql=partial(_copy_sql, pane),
    )


def _copy_sql(pane: RowsPane) -> None:
    view, database = pane.view, pane.database
    if view is not None:
        zone = database.zone if database is not None else UTC
        text = view_sql(shown_view(view, pane.state.followed), reveal=pane.grid.revealed, zone=zone)
        later.run(pane, partial(_copy, pane, text, "The SELECT of these rows"), "Copying")


def copy_cell(pane: RowsPane) -> None:
    """Copy the cell as psql would print it, masked if it is masked; a long value is read in full first."""
    here, table = pane.grid.here, pane.table
    if here.row is None or here.column is None or table is None:
        return
    name, value = here.column.name, here.row.values[here.column.index]
    if here.masked:
        value = mask(value, here.column.sensitivity)
    if not isinstance(value, Cut):
        later.run(pane, partial(_copy, pane, server_text(value) or "", name), "Copying")
    elif not table.primary_key:
        pane.notify(f"Only the beginning of {name} is here, and no key finds its row.", markup=False)
    else:
        key = key_of_row(table, here.row)
        later.run(pane, partial(_copy_whole, pane, table, key, name), "Reading a value", group="value", exclusive=True)


async def _copy(pane: RowsPane, text: str, name: str) -> None:
    await copy_text(pane.app, text, name, pane.app.services.environ)


async def _copy_whole(pane: RowsPane, table: Table, key: tuple[str, ...], name: str) -> None:
    text = await whole_text(pane.app, table, key, name)
    if text is not None:
        await _copy(pane, text, name)
