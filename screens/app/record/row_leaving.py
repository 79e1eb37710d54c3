"""The open row as it leaves the screen: copied in some form, or spelled as code; masked as it is here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.row_copies import offer_copies
from soundcheck.screens.app.record.field_row import FieldRow
from soundcheck.screens.app.record.value_actions import act_on_value
from soundcheck.screens.app.sql.source import RecordSource

if TYPE_CHECKING:
    from textual.screen import Screen

    from soundcheck.screens.app.shell import Shell
    from soundcheck.stores.rows.record import Record


def revealed_fields(screen: Screen[None]) -> frozenset[str]:
    """The columns that are shown as they are."""
    return frozenset(row.field.column.name for row in screen.query(FieldRow) if row.revealed)


def copy_row(app: Shell, screen: Screen[None], record: Record, wanted: FieldRow.Wanted) -> None:
    """Offer the value of the column with the focus, and the whole row in every form."""
    copy = partial(act_on_value, app, record.table, record.key, wanted)
    offer_copies(
        screen,
        wanted.row.field.column.name,
        [record],
        revealed_fields(screen),
        copy_cell=lambda: later.run(screen, copy, "Copying", group="copying"),
    )


def spell_row(app: Shell, screen: Screen[None], record: Record) -> None:
    """Show the row as JSON, INSERT, a Prisma call and Redis commands."""
    from soundcheck.screens.app.sql.spelled_screen import SpelledScreen

    app.push_screen(SpelledScreen(RecordSource(record, revealed_fields(screen)), app.services))
