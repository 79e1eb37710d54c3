"""A cell as a JSON value that loses nothing. Pure."""

from __future__ import annotations

import json
import math
from datetime import date, time
from decimal import Decimal
from typing import Any

from stores.cell_columns import Cut
from stores.cells import cell_text, time_text


def json_value(value: Any, type_name: str = "") -> object:
    """A cell as JSON: numeric, times and bytes as text, so that nothing is rounded; JSON columns as they are.

    A value over a million characters is `{"head": …, "size": bytes}`.
    """
    match value:
        case Cut():
            head = value.head if isinstance(value.head, str) else cell_text(value.head).text
            return {"head": head, "size": value.size}
        case str() if type_name in {"json", "jsonb"}:
            return _document(value)
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else cell_text(value).text
        case Decimal() | bytes():
            return "\\x" + value.hex() if isinstance(value, bytes) else cell_text(value).text
        case date() | time():
            return time_text(value)
        case list() | tuple():
            return [json_value(item) for item in value]
        case _:
            return str(value)


def _document(text: str) -> object:
    """Parsed where that loses nothing that JSON can say; the text itself otherwise."""

    def refuse(_: str) -> object:
        raise ValueError

    def number(digits: str) -> float:
        found = float(digits)
        if not math.isfinite(found):
            raise ValueError
        return found

    try:
        return json.loads(text, parse_float=number, parse_constant=refuse)
    except (ValueError, RecursionError):
        return text
