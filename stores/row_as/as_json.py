"""A row as a JSON object. Pure."""

from __future__ import annotations

import json

from stores.record import Record
from stores.row_as.fields import shown_fields
from stores.row_as.json_value import json_value
from stores.sql_literal import escaped_json


def row_as_json(record: Record, reveal: frozenset[str] = frozenset()) -> str:
    """An object of column names and values, indented; numeric and times as text, so that nothing is rounded."""
    document = {
        field.column.name: json_value(field.value, "" if field.masked else field.column.type_name)
        for field in shown_fields(record, reveal)
    }
    return escaped_json(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
