"""What somebody wants to go to: a percentage of the way, or a value of the column that gives the order. Pure."""

from __future__ import annotations

import re
from typing import Final

from stores.errors import UsageError
from stores.place import Place
from stores.row_order import row_order
from stores.table_view import TableView
from stores.typed_value import expected, parse_value

_PERCENT: Final = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*%")


def target_words(view: TableView) -> str:
    """What can be typed, as `createdAt: a date … · or 50 %`."""
    order = row_order(view)
    if order.physical or not order.keys:
        return "50 %"
    name = order.keys[0].name
    return f"50 % · or for {name}: {expected(view.table.column(name))}"


def read_target(view: TableView, text: str) -> float | Place:
    """A fraction of the rows (0 to 1), or the place where a value begins. Raises `UsageError`."""
    order = row_order(view)
    if not order.total:
        raise UsageError(order.note, "Sort or filter it instead.")
    text = text.strip()
    if percent := _PERCENT.fullmatch(text):
        share = float(percent[1].replace(",", "."))
        if share > 100:
            raise UsageError(f"{text} is past the last row.", "0 % is the first row, 100 % the last one.")
        return share / 100
    if order.physical:
        raise UsageError("Rows in their order on disk have no value to go to.", "Sort by a column first, or type 50 %.")
    if not text:
        raise UsageError("There is nothing to go to.", target_words(view))
    return Place.at(parse_value(view.table.column(order.keys[0].name), text))
