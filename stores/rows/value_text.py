r"""A value as SQL writes it, read and written: `'it''s'`, `E'a\nb'`, `$$it's$$`, `"it's"`, and bare words. Pure.

Quoted, a value is exactly what stands between the quotes, as PostgreSQL reads it (standard_conforming_strings on;
section 4.1.2 of its manual). Double quotes do the same here, for shells in which single ones are taken. A bare value
is what was typed, without the space around it; a quote within it is a character like any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from soundcheck.stores.errors import UsageError
from soundcheck.stores.hidden_characters import HIDDEN

NO_NULL: Final = "Write COLUMN is null for rows without a value, or 'NULL' for the text."
_DOUBLED: Final = "Write a quote within quotes twice, as 'it''s'."

_PLAIN: Final = re.compile(r"'((?:[^']|'')*)'")
_CONTINUED: Final = re.compile(r"\s*\n\s*'((?:[^']|'')*)'")
_ESCAPES_CONTINUED: Final = re.compile(r"\s*\n\s*'((?:[^'\\]|''|\\.)*)'", re.DOTALL)
_DOUBLE: Final = re.compile(r'"((?:[^"]|"")*)"')
_ESCAPED: Final = re.compile(r"[eE]'((?:[^'\\]|''|\\.)*)'", re.DOTALL)
_UNICODE: Final = re.compile(r"[uU]&'((?:[^']|'')*)'")
_DOLLAR: Final = re.compile(r"\$((?:[^\W\d]\w*)?)\$(.*?)\$\1\$", re.DOTALL)
_PREFIXED: Final = re.compile(r"(?:[eE]|[uU]&)'.*'", re.DOTALL)

_ESCAPE: Final = re.compile(
    r"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|''|([^\\']+)", re.DOTALL
)
_LETTERS: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_POINTS: Final = re.compile(r"\\(?:([0-9a-fA-F]{4})|\+([0-9a-fA-F]{6})|(\\))")

_BARE: Final = re.compile(r"[+-]?[\w•…](?:[\w.:+@/•… -]*[\w.•…])?")
_OPENING, _CLOSING = "([{", ")]}"


def read_quoted(text: str, at: int = 0) -> tuple[str, int] | None:
    """The quoted value that begins at `at`, and where it ends; None where none does, or its quote never closes.

    Raises `UsageError` for an escape that stands for no character.
    """
    for form, continued, read in _FORMS:
        found = form.match(text, at)
        if found is None:
            continue
        inside, end = found[found.lastindex or 1], found.end()
        while continued is not None and (more := continued.match(text, end)):  # on the next line, as SQL has it
            inside, end = inside + more[1], more.end()
        return read(inside), end
    return None


def read_value(text: str) -> str:
    """The one value that `text` is. Raises `UsageError` for a quote that closes too soon or never, and for NULL."""
    text = text.strip()
    found = read_quoted(text)
    if found is not None and found[1] == len(text):
        return found[0]
    if text[:1] in {"'", '"'} or (found and not text.startswith("$")) or _PREFIXED.fullmatch(text):
        raise UsageError(f"The quotes of {text!r} do not end where the value ends.", _DOUBLED)
    return _bare(text)


def read_list(text: str) -> tuple[str, ...]:
    """The values between commas, in round brackets or not; a comma within brackets of a value's own divides nothing.

    Raises `UsageError` as `read_value`, and for a value that is missing.
    """
    text = text.strip()
    if text == "()":
        return ()
    if text.startswith("(") and text.endswith(")"):
        try:
            return _items(text[1:-1])
        except UsageError:
            if _end_of_brackets(text, 0) == len(text):
                raise
    return _items(text)


def read_pair(text: str) -> tuple[str, str] | None:
    """The values on both sides of `and`; None where there are not two. Raises `UsageError` as `read_value`."""
    quoted = read_quoted(text := text.strip())
    joint = re.compile(r"\s*\band\b\s*", re.IGNORECASE) if quoted else re.compile(r"\s+and\s+", re.IGNORECASE)
    found = joint.match(text, quoted[1]) if quoted else joint.search(text)
    if found is None:
        return None
    low, high = text[: found.start()], text[found.end() :]
    if not high or (read_quoted(high) is None and re.search(r"\sand\s", high, re.IGNORECASE)):
        return None
    return read_value(low), read_value(high)


def write_value(value: str) -> str:
    """The value as it can be read again: bare where it is plain, else quoted, controls as escapes."""
    if (
        _BARE.fullmatch(value)
        and value.lower() != "null"
        and not re.search(r"\band\b|\bescape\b", value, re.IGNORECASE)
    ):
        return value
    if HIDDEN.search(value):
        plain = value.replace("\\", "\\\\").replace("'", "''")
        return "E'" + HIDDEN.sub(lambda found: "".join(map(_escaped, found[0])), plain) + "'"
    return "'" + value.replace("'", "''") + "'"


def _bare(text: str) -> str:
    if text.lower() == "null":
        raise UsageError("A comparison with NULL finds nothing.", NO_NULL)
    return text


def _items(text: str) -> tuple[str, ...]:
    found, at = [], 0
    while True:
        at += len(text[at:]) - len(text[at:].lstrip())
        quoted = read_quoted(text, at)
        if quoted is not None:
            value, end = quoted
            end += len(text[end:]) - len(text[end:].lstrip())
        else:
            inside = _end_of_brackets(text, at) if text[at : at + 1] in {*_OPENING} else at
            end = text.find(",", max(inside, at))
            end = len(text) if end < 0 else end
            value = read_value(text[at:end])
            if not value or inside < 0:
                raise UsageError(f"The list of values {text!r} cannot be read.", "Write COLUMN in one, 'two, three'.")
        if end < len(text) and text[end] != ",":
            raise UsageError(f"The quotes of {text[at:]!r} do not end where the value ends.", _DOUBLED)
        found.append(value)
        if end >= len(text):
            return tuple(found)
        at = end + 1


def _end_of_brackets(text: str, at: int) -> int:
    """Where the bracket that opens at `at` is closed again, -1 for nowhere. What is in quotes does not count.

    A range closes with another kind of bracket than it opens with, so the kinds are not told apart.
    """
    depth = 0
    while at < len(text):
        if (skipped := _DOUBLE.match(text, at)) or (skipped := _PLAIN.match(text, at)):
            at = skipped.end()
            continue
        depth += (text[at] in _OPENING) - (text[at] in _CLOSING)
        at += 1
        if depth == 0:
            return at
    return -1


def _read_escaped(inside: str) -> str:
    """Bytes given one by one are UTF-8 together, as in a database of that encoding."""
    sent = bytearray()
    for one in _ESCAPE.finditer(inside):
        octal, hexadecimal, short, long, letter, plain = one.groups()
        if octal or hexadecimal:
            sent.append(int(octal, 8) & 0xFF if octal else int(hexadecimal, 16))
            continue
        point = int(short or long or "0", 16)
        if point > 0x10FFFF or letter in {"u", "U"}:  # too few digits follow
            raise _no_character(inside)
        character = chr(point) if short or long else _LETTERS.get(letter, letter) if letter else plain or "'"
        sent += character.encode("utf-8", "surrogatepass")
    try:
        return _text(sent.decode("utf-8", "surrogatepass"), inside)
    except UnicodeDecodeError:
        raise _no_character(inside) from None


def _read_unicode(inside: str) -> str:
    def point(one: re.Match[str]) -> str:
        code = one[1] or one[2]
        return "\\" if code is None else chr(int(code, 16)) if int(code, 16) <= 0x10FFFF else "\x00"

    plain = inside.replace("''", "'")
    if "\\" in _POINTS.sub("", plain):
        raise _no_character(inside)
    return _text(_POINTS.sub(point, plain), inside)


def _text(value: str, written: str) -> str:
    """The value with its surrogates joined to characters. Raises `UsageError` where that is no text."""
    try:
        joined = value.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise _no_character(written) from None
    if "\x00" in joined:
        raise _no_character(written)
    return joined


def _no_character(written: str) -> UsageError:
    return UsageError(f"An escape in {written} stands for no character.", "Write a backslash twice in an E'…' text.")


def _escaped(character: str) -> str:
    code = ord(character)
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character)
    return short or (f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")


_FORMS: Final[tuple[tuple[re.Pattern[str], re.Pattern[str] | None, Callable[[str], str]], ...]] = (
    (_PLAIN, _CONTINUED, lambda inside: inside.replace("''", "'")),
    (_DOUBLE, None, lambda inside: inside.replace('""', '"')),
    (_ESCAPED, _ESCAPES_CONTINUED, _read_escaped),
    (_UNICODE, _CONTINUED, _read_unicode),
    (_DOLLAR, None, lambda inside: inside),
)
