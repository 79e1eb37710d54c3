"""A text as a literal of SQL, Python or JSON that is exact and holds no character that could drive a terminal. Pure.

A database in SQL_ASCII may hold bytes that are no UTF-8, in names as in values. Python has each as a lone surrogate
(`surrogateescape`), which the driver's own quoting refuses.
"""

from __future__ import annotations

import json
import re

from soundcheck.stores.hidden_characters import HIDDEN


def quoted_name(*parts: str) -> str:
    """A name, with what it belongs to in front of it: `"public"."users"`."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def sql_literal(value: str | None) -> str:
    """Quoted for SQL; an escape string (`E` before it) where controls or invisible characters stand in it."""
    from psycopg import sql

    if value is None:
        return "NULL"
    if not HIDDEN.search(value):
        return sql.Literal(value).as_string(None).strip()
    plain = value.replace("\\", "\\\\").replace("'", "''")
    return "E'" + HIDDEN.sub(_as_sql, plain) + "'"


def python_literal(value: str) -> str:
    """A string in double quotes; JSON's escapes are Python's as well."""
    return HIDDEN.sub(_as_python, json.dumps(value, ensure_ascii=False))


def escaped_json(document: str) -> str:
    """A JSON document with its invisible characters escaped; line breaks between its tokens stay."""
    return "\n".join(HIDDEN.sub(_as_json, line) for line in document.split("\n"))


def _as_sql(found: re.Match[str]) -> str:
    return "".join({"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(c, _byte_or_character(c)) for c in found[0])


def _byte_or_character(character: str) -> str:
    return f"\\x{ord(character) - 0xDC00:02x}" if "\udc80" <= character <= "\udcff" else _as_python_one(character)


def _as_python(found: re.Match[str]) -> str:
    return "".join(map(_as_python_one, found[0]))


def _as_python_one(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _as_json(found: re.Match[str]) -> str:
    return "".join(json.dumps(c)[1:-1] if ord(c) != 0x7F else "\\u007f" for c in found[0])
