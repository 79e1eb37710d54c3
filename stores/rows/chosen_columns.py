"""Column names as people type them in one word: `id,name`, a name with a comma in double quotes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from soundcheck.stores.catalog.tables import Table
from soundcheck.stores.errors import UsageError

_PART: Final = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^,]*?))\s*(?:,|\Z)')


def parse_columns(texts: Iterable[str], table: Table) -> tuple[str, ...]:
    """The columns in the order given, each once. Raises `UsageError` for an unknown or missing one."""
    names = {column.name for column in table.columns}
    found: dict[str, None] = {}
    for text in texts:
        if text.strip() in names:  # a name may hold commas
            found[text.strip()] = None
            continue
        for name in _parts(text):
            found[table.column(name).name] = None
    return tuple(found)


def _parts(text: str) -> Iterable[str]:
    place = 0
    while place <= len(text):
        part = _PART.match(text, place)
        assert part is not None  # noqa: S101 - it matches whatever stands there
        name = part[1].replace('""', '"') if part[1] is not None else part[2]
        if not name:
            raise UsageError("--columns has an empty place.", "Give names with commas between them: --columns id,name")
        yield name
        if not part[0].endswith(",") or part.end() == place:
            return
        place = part.end()
