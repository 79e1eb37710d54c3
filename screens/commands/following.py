"""`rows TABLE --follow` and `row TABLE ID --follow`: the rows once, then every change as a line, until interrupted."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

from soundcheck.screens.commands.browsing import MOST_WIDE, heading, plain_cell, shown
from soundcheck.screens.commands.output import write_lines
from soundcheck.screens.commands.running import printer_for, wants_json
from soundcheck.stores.catalog.changes import is_the_same
from soundcheck.stores.catalog.tables import Catalog, load_catalog
from soundcheck.stores.errors import SoundcheckError, UsageError
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.json_document import json_document
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.problem import DatabaseProblem
from soundcheck.stores.postgres.time_zone import in_zone
from soundcheck.stores.rows.carried import CarriedView, carry
from soundcheck.stores.rows.follow import RowState, SeenRow, follow_rows, key_places, pace_of, what_it_costs
from soundcheck.stores.rows.paging import GRID, WHOLE, Page, TableView, read_view
from soundcheck.stores.rows.server_text import server_text
from soundcheck.stores.rows.spelled.row import json_value, stands_as_text
from soundcheck.stores.sensitivity import Sensitivity, sensitivity
from soundcheck.stores.services import Services


@dataclass(frozen=True, slots=True)
class RowChange:
    """What became of one row at one look; `cells` are the places of the columns to tell."""

    state: RowState
    row: SeenRow
    cells: tuple[int, ...]


def add_follow(parser: argparse.ArgumentParser) -> None:
    """The option `--follow`."""
    text = "print every row that is new, changed or gone from now on, until ctrl+c, which exits with 130"
    parser.add_argument("--follow", action="store_true", help=text)


async def follow(
    args: argparse.Namespace,
    services: Services,
    database: Database,
    catalog: Catalog,
    view: TableView,
    limit: int,
    stdout: TextIO,
    stderr: TextIO,
    *,
    only: Sequence[str] = (),
) -> None:
    """Never returns. The first look is only remembered; a database that is away is asked again, ever less often.

    With `only`, these columns alone are told, in this order, and a row changes where one of them does.

    Raises `UsageError` for a table without a primary key, `DatabaseProblem` where the server refuses.
    """
    if not view.table.primary_key:
        raise UsageError(
            f"{catalog.label(view.table)} has no primary key, so its rows cannot be told apart.",
            "Follow another table.",
        )
    as_json, printer, pace = wants_json(args), printer_for(args, services, stderr), pace_of(database.url)
    label, quiet, away = catalog.label(view.table), 0, False
    seen: tuple[SeenRow, ...] | None = None
    whole = True
    if not as_json:
        costs = f" {what_it_costs(database.url)}" if what_it_costs(database.url) else ""
        printer.line(
            f"Following {label} every {pace.every:g} s, less often while nothing changes, at least every "
            f"{pace.most:g} s, times in {database.zone}. Ctrl+c ends it.{costs}"
        )
    while True:
        try:
            page = await read_view(database, view, limit=limit, cells=WHOLE if as_json else GRID)
        except SoundcheckError as problem:
            is_away = isinstance(problem, DatabaseProblem) and problem.is_away
            if not is_away and (carried := await _carried(database, view)) is not None:
                view, seen, whole = carried.view, None, True
                if carried.words and not as_json:
                    printer.line(carried.words)
                continue
            if not is_away or seen is None:
                raise
            if not away and not as_json:
                printer.line(f"{problem.message} Asking again.")
            away = True
            quiet += 1
        else:
            if away and not as_json:
                printer.line("The database answers again.")
            away = False
            now = services.clock.now()
            if seen is None:
                found_rows, changes = tuple(map(SeenRow, page.rows, page.keys)), []
                whole = not page.has_more_after
            else:
                found = follow_rows(seen, page, whole=whole, at=now)
                changes, found_rows, whole = (
                    list(_changes(found.rows, _told_cells(page, only))),
                    found.rows,
                    found.whole,
                )
            write = _json_writer(stdout, label) if as_json else _line_writer(stdout, database.zone)
            for change in changes:
                write(change, page, now, args.reveal)
            stdout.flush()
            kept = tuple(row._replace(mark=None) for row in found_rows if not row.is_gone)
            whole = whole and len(kept) <= 2 * limit
            seen = kept[: 2 * limit]
            quiet = 0 if changes else quiet + 1
        await asyncio.sleep(pace.wait(quiet))


async def _carried(database: Database, view: TableView) -> CarriedView | None:
    """The view of the table as it is now; None where the table is the same, or gone, or has no key any more."""
    now = (await load_catalog(database)).now(view.table)
    if now is None or is_the_same(view.table, now) or not now.primary_key:
        return None
    return carry(view, now)


def _told_cells(page: Page, only: Sequence[str]) -> tuple[int, ...]:
    names = [column.name for column in page.columns]
    return tuple(map(names.index, only or names))


def _changes(rows: tuple[SeenRow, ...], told: tuple[int, ...]) -> Iterator[RowChange]:
    for row in rows:
        if row.mark is None:
            continue
        changed = row.mark.state is RowState.CHANGED
        cells = tuple(cell for cell in told if not changed or cell in row.mark.cells)
        if cells or not changed:
            yield RowChange(row.mark.state, row, () if row.mark.state is RowState.GONE else cells)


Writer = Callable[[RowChange, Page, datetime, bool], None]


def _line_writer(stdout: TextIO, zone: str) -> Writer:
    def write(change: RowChange, page: Page, now: datetime, reveal: bool) -> None:
        key = " ".join(visible(text or "") for text in _key(change, page, reveal=reveal).values())
        told = "  ".join(_told(change, page, place, reveal) for place in change.cells)
        write_lines(stdout, [f"{in_zone(now, zone):%H:%M:%S} {change.state} {key}  {told}"])

    return write


def _told(change: RowChange, page: Page, place: int, reveal: bool) -> str:
    """`plays from 7 to 8`, `name Ana`."""
    column = page.columns[place]
    level = sensitivity(page.table.name, column.name)

    def said(value: object) -> str:
        return plain_cell(shown(value, level, reveal=reveal), column.type_name, width=MOST_WIDE)

    now = said(change.row.values[place])
    mark = change.row.mark
    before = f"from {said(mark.cells[place].before)} to " if mark and place in mark.cells else ""
    return f"{heading(column.name, level, reveal=reveal)} {before}{now}"


def _json_writer(stdout: TextIO, label: str) -> Writer:
    def write(change: RowChange, page: Page, now: datetime, reveal: bool) -> None:
        document = change_document(label, change, page, now, reveal=reveal)
        stdout.write(json_document(document, ascii_only=True) + "\n")

    return write


def change_document(label: str, change: RowChange, page: Page, now: datetime, *, reveal: bool) -> dict[str, object]:
    """The JSON document `change`, one a line. `before` stands only where there was a value before."""
    columns: dict[str, object] = {}
    for place in change.cells:
        column, mark = page.columns[place], change.row.mark
        level = sensitivity(page.table.name, column.name)
        told: dict[str, object] = {}
        if mark is not None and place in mark.cells:
            told["before"] = json_value(shown(mark.cells[place].before, level, reveal=reveal), column.type_name)
        told["now"] = json_value(shown(change.row.values[place], level, reveal=reveal), column.type_name)
        masked = told["masked"] = not reveal and level is not Sensitivity.OPEN
        values = {"now": change.row.values[place]}
        if mark is not None and place in mark.cells:
            values = {"before": mark.cells[place].before, **values}
        as_text = [name for name, value in values.items() if not masked and stands_as_text(value, column.type_name)]
        told |= {"as_text": as_text} if as_text else {}
        columns[column.name] = told
    return {
        "kind": "change",
        "schema_version": 1,
        "at": now.isoformat(),
        "table": label,
        "change": str(change.state),
        "key": _key(change, page, reveal=reveal),
        "columns": columns,
    }


def _key(change: RowChange, page: Page, *, reveal: bool) -> dict[str, str | None]:
    """The primary key as text; a personal one is masked like any other value."""
    told: dict[str, str | None] = {}
    for place in key_places(page):
        name = page.columns[place].name
        told[name] = server_text(shown(change.row.values[place], sensitivity(page.table.name, name), reveal=reveal))
    return told
