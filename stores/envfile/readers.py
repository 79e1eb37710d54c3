"""What the two readers of a `.env` make of one text: python-dotenv, and Node's dotenv with Prisma's expansion.

They differ: python-dotenv expands `${X}` inside single quotes and decodes backslash escapes inside double ones, Node
cuts an unquoted value at any `#` and knows backticks. Sources: python-dotenv 1.2.4 `parser.py`; dotenv 16
`lib/main.js`; prisma `packages/internals` dotenvExpand, which expands `${X}` and nothing else.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Final

_JS_SPACE: Final = r"[\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]"
_JS_LINE_START: Final = r"(?:(?<![^\n\r\u2028\u2029]))"
_JS_LINE_END: Final = r"(?:(?![^\n\r\u2028\u2029]))"
_JS_NOT_BREAK: Final = r"[^\n\r\u2028\u2029]"

_NODE_LINE: Final = re.compile(
    rf"{_JS_LINE_START}{_JS_SPACE}*(?:export{_JS_SPACE}+)?([A-Za-z0-9_.-]+)(?:{_JS_SPACE}*={_JS_SPACE}*?|:{_JS_SPACE}+?)"
    rf"({_JS_SPACE}*'(?:\\'|[^'])*'|{_JS_SPACE}*\"(?:\\\"|[^\"])*\"|{_JS_SPACE}*`(?:\\`|[^`])*`|[^#\r\n]+)?"
    rf"{_JS_SPACE}*(?:#{_JS_NOT_BREAK}*)?{_JS_LINE_END}"
)
_NODE_QUOTES: Final = re.compile(rf"{_JS_LINE_START}(['\"`])([\s\S]*)\1{_JS_LINE_END}")
_NODE_REFERENCE: Final = re.compile(rf"({_JS_NOT_BREAK}?)\$\{{([a-zA-Z0-9_]+)?\}}")
_JS_STRIP: Final = "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_DEPTH: Final = 16
"""How deep a value may refer to another; Prisma's own expansion has no end for a value that refers to itself."""


def python_values(text: str, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """What python-dotenv reads, `${}` expanded with earlier lines first, then `environ`; names without `=` left out."""
    from dotenv.variables import parse_variables

    resolved: dict[str, str | None] = {}
    for name, value in _python_raw(text):
        known: dict[str, str | None] = {**(environ or {}), **resolved}
        resolved[name] = None if value is None else "".join(atom.resolve(known) for atom in parse_variables(value))
    return {name: value for name, value in resolved.items() if value is not None}


def python_raw_values(text: str) -> dict[str, str]:
    """What python-dotenv reads before it expands `${}`."""
    values = dict(_python_raw(text))
    return {name: value for name, value in values.items() if value is not None}


def node_raw_values(text: str) -> dict[str, str]:
    """What Node's dotenv reads; the last of a name counts."""
    values: dict[str, str] = {}
    for match in _NODE_LINE.finditer(re.sub(r"\r\n?", "\n", text)):
        value = (match.group(2) or "").strip(_JS_STRIP)
        opening = value[:1]
        value = _NODE_QUOTES.sub(lambda m: m.group(2), value)
        if opening == '"':
            value = value.replace("\\n", "\n").replace("\\r", "\r")
        values[match.group(1)] = value
    return values


def node_values(text: str, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """What Prisma's tools see: Node's reading, `${}` expanded, where a name that is exported wins."""
    exported = environ or {}
    values = node_raw_values(text)
    for name in values:
        values[name] = _expand(exported.get(name, values[name]), values, exported, _DEPTH)
    return values


def _python_raw(text: str) -> list[tuple[str, str | None]]:
    from dotenv.parser import parse_stream

    return [(b.key, b.value) for b in parse_stream(io.StringIO(text, newline="")) if b.key is not None]


def _expand(value: str, values: Mapping[str, str], exported: Mapping[str, str], depth: int) -> str:
    if depth == 0:
        return value
    expanded = value
    for match in _NODE_REFERENCE.finditer(value):
        before, name = match.group(1), match.group(2) or ""
        if before == "\\":
            expanded = expanded.replace(match.group(0), match.group(0)[1:], 1)
            continue
        found = exported.get(name, values.get(name, ""))
        expanded = expanded.replace(match.group(0)[len(before) :], _expand(found, values, exported, depth - 1), 1)
    return expanded
