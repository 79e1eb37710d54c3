"""A value as the text that the server reads it back from. Pure."""

from __future__ import annotations

import json
from datetime import date, time
from decimal import Decimal
from typing import Any

from soundcheck.stores.rows.cell_columns import Cut
from soundcheck.stores.rows.cells import array_text


def server_text(value: Any) -> str | None:
    """The text of a value that came from the driver, exact; None for NULL, and for a value that came cut."""
    match value:
        case None | Cut():
            return None
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float() | int():
            return repr(value)
        case Decimal():
            return format(value, "f") if value.is_finite() else str(value)
        case bytes() | bytearray() | memoryview():
            return "\\x" + bytes(value).hex()
        case date() | time():
            return value.isoformat()
        case list() | tuple():
            return array_text(value)
        case dict():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)
