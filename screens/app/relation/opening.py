"""Where a relation leads: to one row's record where its primary key is known, else to the rows that fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundcheck.stores.rows.filters import RowFilter
from soundcheck.stores.rows.view import TableView

if TYPE_CHECKING:
    from soundcheck.screens.app.app import SoundcheckApp
    from soundcheck.screens.app.relation.known import Known
    from soundcheck.stores.catalog.tables import Table


def open_rows(
    app: SoundcheckApp, known: Known, table: Table, filters: tuple[RowFilter, ...], way: tuple[str, ...]
) -> None:
    """Put the screen of these rows on top; Esc leads back to the one below, which kept everything."""
    values = {one.column: one.value for one in filters}
    if table.primary_key and set(values) == set(table.primary_key):
        from soundcheck.screens.app.record.screen import RecordScreen

        app.push_screen(RecordScreen(table, [values[name] for name in table.primary_key], known=known, way=way))
    else:
        from soundcheck.screens.app.tables.related_screen import RelatedScreen

        app.push_screen(RelatedScreen(TableView(table, filters=filters), known, way))
