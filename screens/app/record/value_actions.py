"""What is done with one value of the open row: seen whole, copied, saved; masked as it is on screen."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.clipboard import copy_text
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.rows.cell_columns import Cut
from soundcheck.stores.rows.server_text import server_text

if TYPE_CHECKING:
    from soundcheck.screens.app.record.field_row import FieldRow
    from soundcheck.screens.app.shell import Shell
    from soundcheck.stores.catalog.tables import Table


async def act_on_value(app: Shell, table: Table, key: Sequence[str], wanted: FieldRow.Wanted) -> None:
    """Do what the person asked for. A masked value is neither copied nor saved: it has to be revealed first."""
    row = wanted.row
    name = row.field.column.name
    if wanted.what == "whole":
        _show_whole(app, row)
    elif row.is_masked:
        app.notify(f"{name} is masked; r reveals it first.", severity="warning", markup=False)
    else:
        if isinstance(row.field.value, Cut):
            reading = partial(_read_whole, app, table, key, name, wanted.what)
            later.run(row, reading, "Reading a value", group="value", exclusive=True)
        else:
            await copy_or_save(app, server_text(row.field.value) or "", table.name, name, wanted.what)


async def copy_or_save(app: Shell, text: str, table: str, name: str, how: str) -> None:
    """Copy the text of a column (`how` is `copy`), or ask where to save it."""
    if how == "copy":
        await copy_text(app, text, name, app.services.environ)
        return
    from soundcheck.screens.app.parts.save_screen import SaveScreen

    app.push_screen(SaveScreen(text, f"{table}-{name}"))


async def _read_whole(app: Shell, table: Table, key: Sequence[str], name: str, how: str) -> None:
    text = await whole_text(app, table, key, name)
    if text is not None:
        await copy_or_save(app, text, table.name, name, how)


async def whole_text(app: Shell, table: Table, key: Sequence[str], name: str) -> str | None:
    """A value of which only the beginning is here, by one query; None where it cannot be read, which is said."""
    from soundcheck.stores.rows.record import read_value

    try:
        assert app.services.database is not None  # noqa: S101 - the row came from it
        return server_text(await read_value(app.services.database, table, key, name)) or ""
    except SoundcheckError as problem:
        app.notify(f"{problem.message} {problem.hint}", severity="warning", markup=False)
        return None


def _show_whole(app: Shell, row: FieldRow) -> None:
    """A page of its own: a document part by part, anything else as text."""
    from soundcheck.screens.app.record.json_parts import read_json
    from soundcheck.screens.app.record.tree_screen import TreeScreen
    from soundcheck.screens.app.record.value_screen import ValueScreen

    column, value = row.field.column, row.field.value
    document = read_json(value) if row.is_document else None
    if document is not None:
        app.push_screen(TreeScreen(column.name, value, column.type_name, document))
    else:
        app.push_screen(ValueScreen(column.name, value, column.type_name))
