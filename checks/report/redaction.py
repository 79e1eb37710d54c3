"""Redaction of everything that leaves in a report: first the secrets that are known, then what looks like one.

Pattern lists alone miss secrets (a password repeated outside of its URL, a token in another encoding), so each known
value is searched letter by letter, where every letter may stand for itself, percent-encoded, or escaped as in JSON,
Python or HTML, and as base64 at any of its three alignments; each also where lines were broken inside of it. The
pattern net behind it catches what nobody told us. All of it takes time in proportion to the text.
"""

from __future__ import annotations

import base64
import re
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final
from urllib.parse import unquote, unquote_plus

from soundcheck.checks.finding import Json
from soundcheck.stores.secret import MASK, Secret

SHORTEST: Final = 4
"""Letters. A shorter value is a part of too many words to be searched; the pattern net still finds it in its place."""

_SHORTEST_CORE: Final = 6
"""Letters of base64 that belong to the secret alone, whatever stands before and after it."""

_NAMES: Final = (
    r"(?:TOKEN|SECRET|PASS(?:WORD|WD|PHRASE)?|PWD|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|DSN|URI|URL|CREDENTIALS?)"
)
_REFERENCE: Final = (
    r"(?!(?:env\([\"'](?-i:[A-Z][A-Z0-9_]{0,60})[\"']\)"
    r"|process\.env\.(?-i:[A-Z][A-Z0-9_]{0,60})\b(?![.\w])"
    r"|os\.(?:environ\[|getenv\(|environ\.get\()[\"'](?-i:[A-Z][A-Z0-9_]{0,60})[\"'][\])]"
    r"|\$\{(?-i:[A-Z][A-Z0-9_]{0,60})\})(?:[\s,;)]|$))"
)
"""Not a value: another variable's name, as `env("DATABASE_URL")` in a schema."""
_SECRET_KEY: Final = re.compile(r"(?i)(?:^|[_-])(?:pass(?:word|wd)?|pwd|secret|token|authorization|api_?key)s?$")

_FIELD: Final = re.compile(r"[a-z]{1,16}(?:_[a-z]{1,16}){0,4}")
"""How our own documents name their fields."""

_IN_AN_ADDRESS: Final = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,30}://[^\s:/@\"'<>]{0,200}):[^\s\"'<>]{1,2000}@")
"""`scheme://user:password@` up to the last @ before a blank or a quote, as the password may hold an @ itself."""

_NET: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (_IN_AN_ADDRESS, rf"\1:{MASK}@"),
    # NAME=value, NAME: value, "NAME": "value", where the name says that it is a secret; quoted values to their quote
    (
        re.compile(
            rf"(?i)\b([A-Z0-9_.-]{{0,60}}{_NAMES}[A-Z0-9_]{{0,60}}[\"']?[ \t]*=[ \t]*){_REFERENCE}"
            rf"(?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|`[^`]*`|[^\s,;&\"'`]+)"
        ),
        rf"\1{MASK}",
    ),
    (
        re.compile(
            rf"\b([A-Z0-9_]{{0,60}}{_NAMES}[A-Z0-9_]{{0,60}}[\"']?[ \t]*:[ \t]*){_REFERENCE}"
            rf"(?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^\s,;\"']+)"
        ),
        rf"\1{MASK}",
    ),
    (
        re.compile(
            r"(?i)([\"'](?:[a-z_-]{0,60}(?:password|passwd|pwd|secret|token|authorization|api_?key))[\"']\s*:\s*)"
            r"(?:\"(?:[^\"\\]|\\.)*\"|'[^']*')"
        ),
        rf'\1"{MASK}"',
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}"), rf"\1 {MASK}"),
    (re.compile(r"\bnpg_[A-Za-z0-9]{4,}"), MASK),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]*"), MASK),
    # An Upstash REST token: base64 that starts with A, with letters of both cases and digits
    (re.compile(r"\bA(?=[A-Za-z0-9_-]{0,200}?[a-z])(?=[A-Za-z0-9_-]{0,200}?[0-9])[A-Za-z0-9_-]{35,}={0,2}"), MASK),
)

_HTML: Final = {
    "&": "&amp;|&#38;",
    "<": "&lt;|&#60;",
    ">": "&gt;|&#62;",
    '"': "&quot;|&#34;",
    "'": "&apos;|&#39;|&#x27;",
}
_SHORT_ESCAPES: Final = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f", "/": "/", '"': '"', "'": "'"}


_BREAK: Final = re.compile(r"[ \t]{0,80}(?:\r?\n|(?:\\{1,8}r)?\\{1,8}n)[ \t]{0,80}[>|]?[ \t]{0,80}")
"""A line break inside of a value, as it is or written out, with what mail and logs put before the next line."""

_BLANK: Final = re.compile(r"(?:\s|\\{1,8}[nrt]){1,80}")
"""The same once someone has made one line of the lines."""

_MASKED: Final = "•*. "
"""Letters of masks: a value of nothing else is a masked copy that somebody pasted, and no secret."""

_ROUNDS: Final = 5
"""A mask may make the words around it look like a secret once more; that ends after two or three rounds."""

_LONG: Final = 8
"""Letters. With all blanks taken out, shorter values would be found across ordinary words."""

_WORD: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-")
"""The letters of base64."""


def without_passwords(text: str) -> str:
    """The text with the password of every address in it masked: for what a person typed and a message repeats."""
    return _IN_AN_ADDRESS.sub(rf"\1:{MASK}@", text)


class Redactor:
    """Scrubs texts and JSON of the given secrets, in whatever form, and of what looks like one."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        """Cheap: the search is made ready when there is first something to scrub."""
        self._values = {form for secret in secrets for form in _forms(secret.reveal())}

    @cached_property
    def _spelled(self) -> re.Pattern[str] | None:
        return _any_of(_any_spelling(value) for value in self._values)

    @cached_property
    def _encoded(self) -> re.Pattern[str] | None:
        return _any_of(core for value in self._values for core in _cores(value))

    @cached_property
    def _in_pieces(self) -> re.Pattern[str] | None:
        long = {value for value in self._values if len(value) >= _LONG}
        in_one = {_any_spelling("".join(value.split())) for value in long}
        return _any_of({*in_one, *(core for value in long for core in _cores(value))})

    def scrub(self, text: str) -> str:
        """The text with `MASK` in place of each secret. Scrubbing twice changes nothing more."""
        for _ in range(_ROUNDS):
            before, text = text, self.scrub_known(text)
            for pattern, replacement in _NET:
                text = pattern.sub(replacement, text)
            if text == before:
                break
        return text

    def scrub_known(self, text: str) -> str:
        """The text without the known secrets alone: for our own lines on the person's own screen.

        Those are masked by type already, so that `DATABASE_URL="postgresql://app:•••••@host/db"` can be read there.
        """
        for start, end in reversed(self._known_spans(text)):
            text = text[:start] + MASK + text[end:]
        return text

    def scrub_json(self, value: Json) -> Json:
        """The same through lists and mappings; a text under a name such as `password` is masked.

        Names are scrubbed too, but for those that a field of ours may have: a password that is an ordinary word must
        not take the document apart.
        """
        if isinstance(value, str):
            return self.scrub(value)
        if isinstance(value, Mapping):
            return {
                name if _FIELD.fullmatch(name) else self.scrub(name): MASK
                if isinstance(item, str) and _SECRET_KEY.search(name)
                else self.scrub_json(item)
                for name, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.scrub_json(item) for item in value]
        return value

    def finds(self, text: str) -> bool:
        """Whether a known secret stands in the text: the gate for what is about to leave."""
        return bool(self._known_spans(text))

    def remains_in_json(self, value: Json, own_words: frozenset[str] = frozenset()) -> list[str]:
        """The same through lists and mappings; a text that is one of our `own_words` as a whole reveals nothing."""
        if isinstance(value, str):
            return [] if value in own_words else self.remains(value)
        if isinstance(value, Mapping):
            names = [hit for name in value if not _FIELD.fullmatch(name) for hit in self.remains(name)]
            return names + [hit for item in value.values() for hit in self.remains_in_json(item, own_words)]
        if isinstance(value, list | tuple):
            return [hit for item in value for hit in self.remains_in_json(item, own_words)]
        return []

    def remains(self, text: str) -> list[str]:
        """What a scrubbed text may not hold: known secrets, and what the net would still mask. For the gate alone."""
        found = [text[start:end] for start, end in self._known_spans(text)]
        for pattern, replacement in _NET:
            found += [hit[0] for hit in pattern.finditer(text) if hit.expand(replacement) != hit[0]]
        return found

    def _known_spans(self, text: str) -> list[tuple[int, int]]:
        """Where known secrets stand, in order and apart: as they are, and with line breaks and blanks taken out."""
        if self._spelled is None:
            return []
        spans = [hit.span() for hit in self._spelled.finditer(text)]
        if self._encoded is not None:
            spans += [_whole_word(text, *hit.span()) for hit in self._encoded.finditer(text)]
        spans += _broken_spans(text, _BREAK, self._spelled)
        spans += _broken_spans(text, _BLANK, self._in_pieces)
        return _apart(spans)


def _broken_spans(text: str, gap: re.Pattern[str], pattern: re.Pattern[str] | None) -> list[tuple[int, int]]:
    """Where the pattern stands once the gaps are taken out, as places of the text itself."""
    joined, pieces = _without(gap, text)
    if pattern is None or len(pieces) == 1:
        return []
    hits = (hit.span() for hit in pattern.finditer(joined))
    return [(_place(pieces, start), _place(pieces, end - 1) + 1) for start, end in hits]


def _any_of(patterns: Iterable[str]) -> re.Pattern[str] | None:
    longest_first = sorted({pattern for pattern in patterns if pattern}, key=lambda p: (-len(p), p))
    return re.compile("|".join(longest_first)) if longest_first else None


def _whole_word(text: str, start: int, end: int) -> tuple[int, int]:
    """The base64 word around a hit, with its padding."""
    while start > 0 and text[start - 1] in _WORD:
        start -= 1
    while end < len(text) and text[end] in _WORD:
        end += 1
    while end < len(text) and text[end] == "=":
        end += 1
    return start, end


def _without(gap: re.Pattern[str], text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without its gaps, and where its pieces begin: in that, and in the text."""
    parts: list[str] = []
    pieces: list[tuple[int, int]] = []
    at = length = 0
    for hit in gap.finditer(text):
        pieces.append((length, at))
        parts.append(text[at : hit.start()])
        length += hit.start() - at
        at = hit.end()
    pieces.append((length, at))
    parts.append(text[at:])
    return "".join(parts), pieces


def _place(pieces: list[tuple[int, int]], at: int) -> int:
    """Where a letter of the joined line stands in the text."""
    joined, original = pieces[bisect_right(pieces, (at, sys.maxsize)) - 1]
    return original + at - joined


def _apart(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans in order, those that touch made one."""
    apart: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if apart and start <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart


def _forms(value: str) -> Iterator[str]:
    """The value, what it is decoded, and the password in it where it is a URL; each long enough to be searched."""
    candidates = [value, unquote(value), unquote_plus(value), value.strip()]
    if found := re.match(r"(?i)[a-z][a-z0-9+.-]*://[^:/@]*:(.+)@", value, re.DOTALL):
        candidates += [found[1], unquote(found[1])]
    for candidate in candidates:
        if len(candidate) >= SHORTEST and candidate.strip(_MASKED):
            yield candidate


def _any_spelling(value: str) -> str:
    """A pattern for the value with each letter spelled in any way."""
    return "".join(_letter(letter) for letter in value)


def _letter(letter: str) -> str:
    if letter == "%":
        return "(?:%(?:25)*)"
    utf8 = letter.encode("utf-8", "surrogatepass")
    ways = ["".join(f"(?i:%(?:25)*{byte:02x})" for byte in utf8)]
    utf16 = letter.encode("utf-16-be", "surrogatepass")
    units = [utf16[at : at + 2].hex() for at in range(0, len(utf16), 2)]
    ways.append("".join(rf"(?i:\\+u{unit})" for unit in units))
    ways.append("".join(rf"(?i:\\+x{byte:02x})" for byte in utf8))
    ways.append(rf"(?i:\\+x{ord(letter):02x}|\\+U{ord(letter):08x})")
    if letter in _SHORT_ESCAPES:
        ways.append(rf"\\+{re.escape(_SHORT_ESCAPES[letter])}")
    if letter in _HTML:
        ways.append(_HTML[letter])
    ways.append(r"\\{1,8}" if letter == "\\" else re.escape(letter))
    if letter == " ":
        ways.append(r"\+")
    return f"(?:{'|'.join(ways)})"


def _cores(value: str) -> Iterator[str]:
    """Patterns for the letters of base64 that are the value's own, where there are enough of them."""
    raw = value.encode("utf-8", "surrogatepass")
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + raw).decode()
        core = encoded[-(-shift * 8 // 6) : (shift + len(raw)) * 8 // 6]
        if len(core) >= _SHORTEST_CORE:
            yield "".join({"+": "[+-]", "/": r"(?:\\?/|_)"}.get(letter, letter) for letter in core)
