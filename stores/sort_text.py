"""A sort order as people type it: `createdAt:desc,name`. Pure."""

from __future__ import annotations

import re
from typing import Final

from stores.catalog import Table
from stores.index_match import SortColumn

_PART: Final = re.compile(r'\s*("(?:[^"]|"")*"|[^",]*?)\s*(?:(?::|\s)\s*(asc|desc))?\s*(?:,|$)', re.IGNORECASE)


def parse_sort(text: str, table: Table) -> tuple[SortColumn, ...]:
    """Columns with `:desc` or ` desc` behind them; a name with a comma or a colon stands in double quotes.

    Raises `UsageError` for an unknown column.
    """
    names = {column.name for column in table.columns}
    if text.strip() in names:
        return (SortColumn(text.strip()),)
    found, place = [], 0
    while place < len(text):
        part = _PART.match(text, place)
        if part is None or part.end() == place:
            table.column(text[place:].strip())  # raises, with the known names
            break
        name = part[1]
        name = name[1:-1].replace('""', '"') if name.startswith('"') else name
        found.append(SortColumn(table.column(name).name, (part[2] or "").lower() == "desc"))
        place = part.end()
    return tuple(found)
