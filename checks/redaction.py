"""Redaction of everything that leaves in a report: first the secrets that are known, then what looks like one.

Pattern lists alone miss secrets (a password repeated outside of its URL, a token in another encoding), so each known
value is searched letter by letter, where every letter may stand for itself, percent-encoded, or escaped as in JSON,
Python or HTML, and as base64 at any of its three alignments. The pattern net behind it catches what nobody told us.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from urllib.parse import unquote, unquote_plus

from checks.finding import Json
from stores.secret import MASK, Secret

SHORTEST: Final = 4
"""Letters. A shorter value is a part of too many words to be searched; the pattern net still finds it in its place."""

_SHORTEST_CORE: Final = 6
"""Letters of base64 that belong to the secret alone, whatever stands before and after it."""

_NAMES: Final = (
    r"(?:TOKEN|SECRET|PASS(?:WORD|WD|PHRASE)?|PWD|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|DSN|URI|URL|CREDENTIALS?)"
)
_SECRET_KEY: Final = re.compile(r"(?i)(?:^|[_-])(?:pass(?:word|wd)?|pwd|secret|token|authorization|api_?key)s?$")

_NET: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    # scheme://user:password@ up to the last @ before a blank or a quote, as the password may hold an @ itself
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://[^\s:/@\"'<>]*):[^\s\"'<>]+@"), rf"\1:{MASK}@"),
    # NAME=value, NAME: value, "NAME": "value", where the name says that it is a secret; quoted values to their quote
    (
        re.compile(
            rf"(?i)\b([A-Z0-9_.-]*{_NAMES}[A-Z0-9_]*[\"']?[ \t]*=[ \t]*)"
            rf"(?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|`[^`]*`|[^\s,;&\"'`]+)"
        ),
        rf"\1{MASK}",
    ),
    (
        re.compile(rf"\b([A-Z0-9_]*{_NAMES}[A-Z0-9_]*[\"']?[ \t]*:[ \t]*)(?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^\s,;\"']+)"),
        rf"\1{MASK}",
    ),
    (
        re.compile(
            r"(?i)([\"'](?:[a-z_-]*(?:password|passwd|pwd|secret|token|authorization|api_?key))[\"']\s*:\s*)"
            r"(?:\"(?:[^\"\\]|\\.)*\"|'[^']*')"
        ),
        rf'\1"{MASK}"',
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}"), rf"\1 {MASK}"),
    (re.compile(r"\bnpg_[A-Za-z0-9]{4,}"), MASK),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]*"), MASK),
    # An Upstash REST token: base64 that starts with A, with letters of both cases and digits
    (re.compile(r"\bA(?=[A-Za-z0-9_-]*[a-z])(?=[A-Za-z0-9_-]*[0-9])[A-Za-z0-9_-]{35,}={0,2}"), MASK),
)

_HTML: Final = {
    "&": "&amp;|&#38;",
    "<": "&lt;|&#60;",
    ">": "&gt;|&#62;",
    '"': "&quot;|&#34;",
    "'": "&apos;|&#39;|&#x27;",
}
_SHORT_ESCAPES: Final = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f", "/": "/", '"': '"', "'": "'"}


class Redactor:
    """Scrubs texts and JSON of the given secrets, in whatever form, and of what looks like one."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        values = {form for secret in secrets for form in _forms(secret.reveal())}
        patterns = [_any_base64(value) for value in values] + [_any_spelling(value) for value in values]
        longest_first = sorted((pattern for pattern in patterns if pattern), key=len, reverse=True)
        self._known = re.compile("|".join(longest_first)) if longest_first else None

    def scrub(self, text: str) -> str:
        """The text with `MASK` in place of each secret. Scrubbing twice changes nothing more."""
        text = self.scrub_known(text)
        for pattern, replacement in _NET:
            text = pattern.sub(replacement, text)
        return text

    def scrub_known(self, text: str) -> str:
        """The text without the known secrets alone: for our own lines on the person's own screen.

        Those are masked by type already, so that `DATABASE_URL="postgresql://app:•••••@host/db"` can be read there.
        """
        return self._known.sub(MASK, text) if self._known is not None else text

    def scrub_json(self, value: Json) -> Json:
        """The same through lists and mappings, names included; a text under a name such as `password` is masked."""
        if isinstance(value, str):
            return self.scrub(value)
        if isinstance(value, Mapping):
            return {
                self.scrub(name): MASK if isinstance(item, str) and _SECRET_KEY.search(name) else self.scrub_json(item)
                for name, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.scrub_json(item) for item in value]
        return value

    def finds(self, text: str) -> bool:
        """Whether a known secret stands in the text: the gate for what is about to leave."""
        return self._known is not None and self._known.search(text) is not None


def _forms(value: str) -> Iterator[str]:
    """The value, what it is decoded, and the password in it where it is a URL; each long enough to be searched."""
    candidates = [value, unquote(value), unquote_plus(value), value.strip()]
    if found := re.match(r"(?i)[a-z][a-z0-9+.-]*://[^:/@]*:(.+)@", value, re.DOTALL):
        candidates += [found[1], unquote(found[1])]
    for candidate in candidates:
        if len(candidate) >= SHORTEST:
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


def _any_base64(value: str) -> str:
    """A pattern for base64 words that hold the value, "" where too little of such a word would be the value's own."""
    raw = value.encode("utf-8", "surrogatepass")
    cores = []
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + raw).decode()
        core = encoded[-(-shift * 8 // 6) : (shift + len(raw)) * 8 // 6]
        if len(core) >= _SHORTEST_CORE:
            cores.append("".join({"+": "[+-]", "/": r"(?:\\?/|_)"}.get(letter, letter) for letter in core))
    whole = r"[A-Za-z0-9+/_-]*"
    return f"{whole}(?:{'|'.join(cores)}){whole}={{0,2}}" if cores else ""
