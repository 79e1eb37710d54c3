"""All columns of the open row, one below the other; a later look changes them in place and keeps the old values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from textual.containers import Vertical

from screens.app.record.field_row import FieldRow
from stores.follow import CellChange
from stores.record import Record


class Fields(Vertical):
    """The focus, and what was revealed, stay where they are when the row is read again."""

    @property
    def rows(self) -> Sequence[FieldRow]:
        """The lines."""
        return list(self.query(FieldRow))

    @property
    def revealed(self) -> frozenset[str]:
        """The columns that were revealed."""
        return frozenset(row.field.column.name for row in self.rows if row.revealed)

    async def show(self, record: Record, changes: Mapping[str, CellChange], now: datetime) -> None:
        """A row as it is now, and what became of its columns since it is followed."""
        rows = self.rows
        if [row.field.column for row in rows] == [field.column for field in record.fields]:
            for row, field in zip(rows, record.fields, strict=True):
                row.take(field, changes.get(field.column.name), now)
            return
        await self.remove_children()
        table = record.table
        made = [
            FieldRow(table.name, field, now, is_key=field.column.name in table.primary_key) for field in record.fields
        ]
        for row in made:
            row.change = changes.get(row.field.column.name)
        await self.mount_all(made)
        if made:
            made[0].focus()
