"""What is done with one value of the open row: seen whole, copied, saved; masked as it is on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundcheck.screens.app.parts.clipboard import copy_text

if TYPE_CHECKING:
    from soundcheck.screens.app.record.field_row import FieldRow
    from soundcheck.screens.app.shell import Shell


async def serve(app: Shell, table: str, wanted: FieldRow.Wanted) -> None:
    """Do what the person asked for. A masked value is neither copied nor saved: it has to be revealed first."""
    row = wanted.row
    name = row.field.column.name
    if wanted.what == "whole":
        _show_whole(app, row)
    elif row.is_masked:
        app.notify(f"{name} is masked; r reveals it first.", severity="warning", markup=False)
    elif wanted.what == "copy":
        await copy_text(app, row.plain_text, name, app.services.environ)
    else:
        from soundcheck.screens.app.parts.save_screen import SaveScreen

        app.push_screen(SaveScreen(row.plain_text, f"{table}-{name}"))


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
