"""Take one line apart into names and values, whatever it is written in."""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from soundcheck.stores.secret import Secret
from soundcheck.wizard.recognise.commands import command_pieces
from soundcheck.wizard.recognise.conninfo import address_of
from soundcheck.wizard.recognise.lines import MOST, PastedLine, addresses_in
from soundcheck.wizard.recognise.names import meaning_of
from soundcheck.wizard.recognise.recognition import Piece, Written

_NAME: Final = r"[A-Za-z_][A-Za-z0-9_.-]{0,63}"
_WHOLE: Final = re.compile(
    rf"(?:[-*]\s+)?(?:(?:export|set|setx|env|ENV|ARG|-e|declare -x|const|let|var)\s+|\$env:)?"
    rf"(?P<key>[\"'`]?)(?P<name>{_NAME})(?P=key)\s{{0,16}}(?P<sign>=|:(?!//))\s{{0,16}}(?P<rest>.*)",
)
_INLINE: Final = re.compile(
    rf"(?P<key>[\"'`]?)(?<![A-Za-z0-9_.-])(?P<name>{_NAME})(?P=key)\s{{0,16}}(?P<sign>=>|[:=])\s{{0,16}}"
    r"(?P<quote>[\"'`])(?P<value>(?:\\.|(?!(?P=quote))[^\\])*)(?P=quote)"
)
_BEARER: Final = re.compile(r"\bBearer\s{1,8}([^\s\"'`,;)}\]]{1,4096})", re.IGNORECASE)
_HOST: Final = re.compile(
    r"(?<![\w./@-])([a-z0-9-]{1,63}\.(?:[a-z0-9-]{1,63}\.){0,4}upstash\.io)(?::\d{1,5})?(?![\w-])", re.I
)
_TOKEN: Final = re.compile(r"[A-Za-z0-9_+/-]{20,512}={0,2}")
_BULLET: Final = re.compile(r"^(?:[-*•]|\d{1,2}[.)])\s+")
_LONGEST_LABEL: Final = 40
_LONG_VALUE: Final = 16
"""Characters of a value that may follow a label with no sign between them."""
_COMMENT: Final = re.compile(r"(?:#|//|--\s|;)")
_JSON_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([\"'`/\\]))")


def is_comment(line: PastedLine) -> bool:
    """Whether a line is a comment in any of the languages that are pasted."""
    return _COMMENT.match(line.text) is not None


def pieces_of(line: PastedLine) -> list[Piece]:
    """Every name and value on a line; none where it is prose. Values are as written, quotes and escapes undone."""
    text = line.text
    if found := command_pieces(line):
        return found
    if (row := _table_row(line)) is not None:
        return row
    if address_of(text):
        return [Piece("CONNECTION_STRING", Secret(text), line.number, Written.PARTS)]
    if (whole := _whole_line(line)) is not None:
        return whole
    if (labelled := _labelled(line)) is not None:
        return [labelled]
    found = [
        Piece(m["name"], Secret(_unescape(m["value"])), line.number, _kind(m, text))
        for m in islice(_INLINE.finditer(text), MOST)
    ]
    known = [p for p in found if meaning_of(p.name) or "://" in p.value.reveal()]
    taken = {p.value.reveal() for p in known}
    for address in addresses_in(text):
        if not any(address in value or _unescape(address) in value for value in taken):
            known.append(Piece("", Secret(address), line.number, Written.ADDRESS))
    for bearer in islice(_BEARER.finditer(text), MOST):
        known.append(Piece("TOKEN", Secret(bearer.group(1)), line.number, Written.SNIPPET))
    if known:
        return known
    if unquoted := _WHOLE.fullmatch(text):
        value = _unquoted(unquoted["rest"])
        how = Written.ENV_LINE if unquoted["sign"] == "=" else Written.SNIPPET
        return [Piece(unquoted["name"], Secret(value), line.number, how)]
    if host := _HOST.search(text):
        return [Piece("HOST", Secret(host.group(1)), line.number, Written.ADDRESS)]
    return found


def bare_token(line: PastedLine) -> Secret | None:
    """The line as a token, where it can be one: no spaces, long, of letters and digits."""
    text = line.text.strip("\"'`,; ")
    if _TOKEN.fullmatch(text) and any(c.isdigit() for c in text) and any(c.isalpha() for c in text):
        return Secret(text)
    return None


def _whole_line(line: PastedLine) -> list[Piece] | None:
    """`NAME=value` where the name is known and the value fills the line, so that quotes inside it do no harm."""
    match = _WHOLE.fullmatch(line.text)
    if match is None or meaning_of(match["name"]) is None:
        return None
    rest = match["rest"].rstrip().rstrip(",;").rstrip()
    quote = rest[:1]
    is_json = match["key"] == '"'
    how = Written.JSON if is_json else Written.ENV_LINE if match["sign"] == "=" else Written.SNIPPET
    if quote in {'"', "'", "`"}:
        inner = rest[1:]
        if quote not in inner:  # the closing one was lost on the way
            return [Piece(match["name"], Secret(_unquoted(inner)), line.number, how)]
        if inner.endswith(quote) and not _INLINE.search(inner):
            return [Piece(match["name"], Secret(_unescape(inner[:-1])), line.number, how)]
        closed = re.match(rf"((?:\\.|[^\\{quote}])*){quote}\s*(?:(?:#|//).*)?$", inner)
        return [Piece(match["name"], Secret(_unescape(closed.group(1))), line.number, how)] if closed else None
    if _INLINE.search(rest):
        return None
    return [Piece(match["name"], Secret(_unquoted(match["rest"])), line.number, how)]


def _labelled(line: PastedLine) -> Piece | None:
    """`Read-only token: value`, as a page or a colleague writes it: a label of several words, then one word."""
    before, _, value = line.text.rpartition(" ")
    label = _BULLET.sub("", before).rstrip()
    name = label.rstrip(":=>→–—-* ")
    value = value.strip("`\"'*,;")
    if not value or len(name) > _LONGEST_LABEL or " " not in name.strip() or meaning_of(name) is None:
        return None
    is_told = name != label or "://" in value or len(value) >= _LONG_VALUE
    return Piece(name, Secret(value), line.number, Written.LABEL) if is_told else None


def _table_row(line: PastedLine) -> list[Piece] | None:
    """`| NAME | value |`, or name and value with a tab between them."""
    text = line.text
    if text.startswith("|"):
        cells = [c.strip().strip("`*\"'").strip() for c in text.strip("|").split("|")]
    elif "\t" in text:
        cells = [c.strip().strip("`\"'") for c in text.split("\t")]
    else:
        return None
    cells = [c for c in cells if c]
    if len(cells) < 2 or meaning_of(cells[0]) is None:
        return None
    return [Piece(cells[0], Secret(cells[1]), line.number, Written.TABLE)]


def _unquoted(rest: str) -> str:
    """A value without quotes: up to a comment that white space sets off."""
    value = re.sub(r"(?:^|\s)#.*", "", rest).strip()
    if "://" not in value:
        value = value.rstrip(",;")
    for quote in ('"', "'", "`"):  # one quote lost on the way
        value = value.removeprefix(quote).removesuffix(quote)
    return value.strip()


def _kind(match: re.Match[str], text: str) -> Written:
    if match["key"] == '"' and match["sign"] == ":":
        return Written.JSON
    return Written.ENV_LINE if match.start() == 0 and match.end() == len(text) else Written.SNIPPET


def _unescape(value: str) -> str:
    def decoded(match: re.Match[str]) -> str:
        return chr(int(match.group(1), 16)) if match.group(1) else match.group(2)

    text = _JSON_ESCAPE.sub(decoded, value).strip()
    # JSON writes characters beyond the basic plane as two escapes; half of such a pair stands for nothing.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
