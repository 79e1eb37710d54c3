"""Characters that a terminal acts on, or that nobody sees. Pure."""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u070f\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f"
    "\U00013430-\U0001343f\U000110bd\U000110cd\ud800-\udfff]"
)
"""Controls, bidirectional marks and letters without a shape. The joiners of emoji and Indic scripts are not here."""


def visible(text: str) -> str:
    """Text with control, bidirectional and invisible characters shown instead of sent; a line break becomes `⏎`."""
    return HIDDEN.sub(_shown, text)


def _shown(found: re.Match[str]) -> str:
    mark = found[0]
    if mark in {"\n", "\u2028", "\u2029"}:
        return "⏎"
    if mark == "\t":
        return "⇥"
    code = ord(mark)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
