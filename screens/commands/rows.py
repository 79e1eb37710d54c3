"""`soundcheck rows TABLE`: a page of a table, in plain lines, JSON or CSV; personal columns masked."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Final, TextIO

from soundcheck.screens.commands.browsing import (
    add_format,
    add_zone,
    levels_of,
    open_database,
    use_zone,
    wants_csv,
    wants_records,
)
from soundcheck.screens.commands.csv_output import write_csv
from soundcheck.screens.commands.following import add_follow, follow
from soundcheck.screens.commands.next_page import next_page_line
from soundcheck.screens.commands.output import write_json, write_lines
from soundcheck.screens.commands.rows_document import cached_document, rows_document, search_document
from soundcheck.screens.commands.rows_lines import csv_rows, page_records, rows_lines
from soundcheck.screens.commands.running import printer_for, wants_json
from soundcheck.screens.plain import PlainPrinter
from soundcheck.stores.amounts import milliseconds, number_of
from soundcheck.stores.catalog.tables import Certainty, Table, load_catalog
from soundcheck.stores.copies.cached_copy import PageCopies, read_page_copies
from soundcheck.stores.errors import UsageError
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.keys import key_plan
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.time_zone import zone_words
from soundcheck.stores.rows.chosen_columns import parse_columns
from soundcheck.stores.rows.cost import MANY_ROWS, page_cost
from soundcheck.stores.rows.filters import parse_filter, parse_sort
from soundcheck.stores.rows.order import row_order
from soundcheck.stores.rows.page_token import NextPage, next_page, place_after
from soundcheck.stores.rows.paging import FIRST, GRID, LAST, UNCUT, WHOLE, Page, TableView, read_view
from soundcheck.stores.rows.search import plan_search, search_words
from soundcheck.stores.rows.typed_value import checked
from soundcheck.stores.sensitivity import Sensitivity
from soundcheck.stores.services import Services
from soundcheck.wizard.no_store import no_store

MOST_ROWS: Final = 10_000

EPILOG = """examples:
  soundcheck rows users                                     the first 50, by primary key
  soundcheck rows users --where "email contains ana"        those that fit; repeat --where to narrow it down
  soundcheck rows recently_played --sort playedAt:desc      newest first; several as --sort userId,playedAt:desc
  soundcheck rows users --where "createdAt between 2026-03-01 and 2026-03-31"
  soundcheck rows songs --where "title in ('it''s', 'one, two')"
  soundcheck rows chat_messages --where 'reactions json path $[*].emoji == "x"'
  soundcheck rows users --search ana                        in every column that can hold it
  soundcheck rows users --columns id,name --format record   one "name: value" a line, as a screen reader likes it
  soundcheck rows users --cached --limit 20                 with the state of each row's cached copy
  soundcheck rows users --follow                            every change from now on, until ctrl+c (exit code 130)
  soundcheck rows users --zone local --where "createdAt = 2026-03-01"   a day of this machine's own time zone
  soundcheck rows playlists --limit 500 --json              for scripts; --csv as psql writes it
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's own options."""
    parser.epilog = EPILOG
    parser.add_argument("table", metavar="TABLE", help="a name as `soundcheck tables` shows it")
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="CONDITION",
        help="COLUMN = VALUE; also !=, <, <=, >, >=, contains, starts with, [not] like, ilike, in (A, B), "
        "between A and B, json path, is [not] null; quotes as in SQL; repeat it to narrow the rows down",
    )
    parser.add_argument(
        "--sort", action="append", default=[], metavar="COLUMN[:desc],…", help="columns to sort by, ascending or :desc"
    )
    parser.add_argument("--search", default="", metavar="TERM", help="rows in which any column holds it")
    parser.add_argument(
        "--search-all", action="store_true", help="search every column, also those that --search says it left out"
    )
    parser.add_argument("--limit", type=int, default=50, metavar="N", help=f"rows at most, 1 to {MOST_ROWS} (50)")
    parser.add_argument(
        "--columns",
        action="append",
        default=[],
        metavar="COLUMN,…",
        help="these columns alone, in this order; with --follow, only their changes",
    )
    parser.add_argument(
        "--after", default="", metavar="WORD", help="the page that follows; the last line of a page names its WORD"
    )
    parser.add_argument("--last", action="store_true", help="the last rows instead of the first")
    parser.add_argument(
        "--in-order", action="store_true", help="put the rows of a view without a key in order, whatever that costs"
    )
    parser.add_argument("--reveal", action="store_true", help="show masked columns as they are")
    parser.add_argument(
        "--cached", action="store_true", help="whether each row's cached copy is fresh; 2 commands a key"
    )
    add_zone(parser)
    add_follow(parser)
    add_format(parser)


async def run(args: argparse.Namespace, services: Services, stdout: TextIO, stderr: TextIO) -> int:
    """Print them. Raises `UsageError` for unknown names and values, `DatabaseProblem` where the server refuses."""
    if not 1 <= args.limit <= MOST_ROWS:
        raise UsageError(f"--limit is between 1 and {MOST_ROWS}.", "Narrow the rows down with --where.")
    as_csv, records = wants_csv(args), wants_records(args)
    if args.after and (args.last or args.follow):
        raise UsageError("--after goes with neither --last nor --follow.", "Give one of them.")
    opened = await open_database(args, services, stderr)
    try:
        await use_zone(args, opened)
        catalog = await load_catalog(opened.database)
        table = catalog.find(args.table)
        chosen = parse_columns(args.columns, table)
        view = _view(args, table)
        if args.follow:
            if args.last or args.cached or args.format in {"csv", "record"} or as_csv:
                other = "--follow goes with neither --csv nor --format record nor --last nor --cached."
                raise UsageError(other, "Use --sort COLUMN:desc.")
            limit = args.limit
            await follow(args, opened.services, opened.database, catalog, view, limit, stdout, stderr, only=chosen)
        printer = printer_for(args, services, stderr)
        view = await _affordable(opened.database, view, args, printer)
        if not wants_json(args):
            await _say_the_cost(opened.database, view, printer)
        place = await place_after(opened.database, view, args.after) if args.after else LAST if args.last else FIRST
        page = await read_view(
            opened.database,
            view if args.cached else replace(view, chosen=chosen),  # a copy is held against the whole row
            place=place,
            limit=args.limit,
            cells=UNCUT if as_csv else WHOLE if records or wants_json(args) else GRID,
        )
        copies = await _copies(opened.services, page) if args.cached else None
        page = page.only(chosen) if chosen and args.cached else page
        after = NextPage() if args.last else next_page(opened.database, view, page)
    finally:
        await opened.close()
    if wants_json(args):
        plan = key_plan(services.project.profile.key_patterns)
        write_json(
            stdout,
            rows_document(catalog, page, reveal=args.reveal, zone=opened.database.zone, after=after.word)
            | search_document(view)
            | cached_document(copies, plan, args.reveal),
        )
        return ExitCode.OK
    if as_csv:
        header, found = [column.name for column in page.columns], csv_rows(page, reveal=args.reveal)
        write_csv(stdout, header, found, for_spreadsheet=args.spreadsheet)
    else:
        lines = page_records if records else rows_lines
        write_lines(stdout, lines(page, reveal=args.reveal, copies=copies))
    if copies is not None:
        printer_for(args, services, stderr).line(f"{copies.commands} Redis commands used.")
    _say_the_rest(view, page, args, services, stderr, opened.database.zone)
    if line := next_page_line(args, after):
        printer.line(line)
    return ExitCode.OK


def _view(args: argparse.Namespace, table: Table) -> TableView:
    if args.search_all and not args.search.strip():
        raise UsageError("--search-all needs a term.", "Add --search TERM.")
    filters = [parse_filter(text, table.all_columns) for text in args.where]
    return TableView(
        table,
        tuple(column for text in args.sort for column in parse_sort(text, table)),
        tuple(checked(one, table.column(one.column)) for one in filters),
        args.search,
        frozenset(column.name for column in table.columns) if args.reveal else frozenset(),
        everywhere=args.search_all,
    )


async def _affordable(
    database: Database, view: TableView, args: argparse.Namespace, printer: PlainPrinter
) -> TableView:
    """The view, or its first rows as they come where putting them in order is dear and nobody asked for that.

    Raises `UsageError` for the last rows of such a view.
    """
    known = view.table.rows.certainty in {Certainty.EXACT, Certainty.ESTIMATE}
    if args.in_order or not row_order(view).order.whole or (known and view.table.rows.number < MANY_ROWS):
        return view
    cost = await page_cost(database, view)
    if not cost.is_heavy:
        return view
    if args.last:
        raise UsageError(str(cost), "Add --in-order to read the last rows all the same.")
    if not wants_json(args):
        printer.line(f"{cost} These are the first rows as they come; --in-order puts them in order.")
    return replace(view, as_it_comes=True)


async def _say_the_cost(database: Database, view: TableView, printer: PlainPrinter) -> None:
    """A word before a page that reads a lot; asked only where that may be."""
    if view.as_it_comes or not (view.sort or view.narrowed) or view.table.rows.number < MANY_ROWS:
        return
    cost = await page_cost(database, view)
    if cost.is_heavy:
        printer.line(str(cost))
        if cost.neighbour is not None:
            printer.line(cost.neighbour.text)


def _say_the_rest(
    view: TableView, page: Page, args: argparse.Namespace, services: Services, stderr: TextIO, zone: str
) -> None:
    printer = printer_for(args, services, stderr)
    more = ", and there are more" if page.has_more_after or page.has_more_before else ""
    printer.line(f"{number_of(len(page.rows), 'row')}{more}, in {milliseconds(page.elapsed_ms)}")
    if words := zone_words(zone, [page.table.column(column.name) for column in page.columns]):
        printer.line(words)
    if page.note:
        printer.line(page.note)
    if view.search.strip():
        found = plan_search(view.table, view.search, view.reveal, everywhere=view.everywhere)
        if said := search_words(view.table, found, "--search-all searches all."):
            printer.line(said)
    if not args.reveal and (
        masked := [name for name, level in levels_of(page).items() if level is not Sensitivity.OPEN]
    ):
        printer.line(f"Masked: {', '.join(masked)}. --reveal shows them.")


async def _copies(services: Services, page: Page) -> PageCopies:
    if services.cache is None:
        lacking = no_store(services, "cache", "Run `soundcheck setup` to set one up.")
        raise UsageError(f"--cached needs a cache. {lacking.message}", lacking.hint)
    names = [column.name for column in page.columns]
    rows = [dict(zip(names, row, strict=True)) for row in page.rows]
    plan = key_plan(services.project.profile.key_patterns)
    return await read_page_copies(services.cache, page.table, rows, plan)
