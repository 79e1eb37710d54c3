"""Which table is opened unasked, and in which order: the one that was asked for, the last one, people; or why none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from soundcheck.screens.app.tables.remembered import LastPlace
from soundcheck.stores.catalog.tables import Catalog, Table
from soundcheck.stores.errors import UsageError
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.rows.order import row_order
from soundcheck.stores.rows.view import TableView

if TYPE_CHECKING:
    from soundcheck.stores.postgres.database import Database
    from soundcheck.stores.services import Services


def named_table(catalog: Catalog, wanted: str) -> Table | None:
    """The table that was asked for at the start, None where none was or it is not there."""
    return next((table for table in catalog if wanted in {table.name, catalog.label(table)}), None)


def table_to_open(catalog: Catalog, last: LastPlace | None) -> Table | None:
    """The one that this profile had open last, if it may still be read; else people, else one that has rows."""
    readable = [table for table in catalog if table.readable]
    opened_last = (one for one in readable if last is not None and (one.schema, one.name) == last.table)
    return next(opened_last, None) or min(readable, key=_interest, default=None)


def view_to_open(table: Table, last: LastPlace | None) -> TableView:
    """In the order that it had last, if the columns are still there and an index gives it."""
    view = TableView(table)
    if last is None or last.table != (table.schema, table.name) or not last.sort:
        return view
    sorted_view = replace(view, sort=last.sort)
    try:
        return sorted_view if row_order(sorted_view).order.indexed else view
    except UsageError:
        return view


def _interest(table: Table) -> int:
    return 0 if table.name == "users" and table.rows.number else 1 if table.rows.number else 2


def moved(before: Database | None, now: Database) -> bool:
    """Whether this may be the same database at another address: a new port, a pooled host."""
    return before is not None and (before.url.database, before.url.user) == (now.url.database, now.url.user)


def why_none(services: Services) -> str:
    """What stands in the list's place: that nothing is set up, or that what is there cannot be read."""
    from soundcheck.wizard.no_store import no_store

    lacking = no_store(services, "database", "Press 1 for Setup.")
    return f"{lacking.message}\n\n{spelled(lacking.hint)}"
