"""Hints of checks as they read inside set-up, where the place they send people to is the one they are in."""

from __future__ import annotations

import re
from typing import Final

_SENT_HERE: Final = (
    (re.compile(r"Open Setup \(key 1, or `soundcheck setup`\) and (\w)"), lambda m: m[1].upper()),
    (
        re.compile(r"(database|cache) in the cloud run `soundcheck setup`"),
        lambda m: f"{m[1]} in the cloud paste its address",
    ),
    (
        re.compile(r"Run `soundcheck setup`: it goes on at the step Database"),
        lambda _: "Go back to the step Database; it shows what is missing",
    ),
    (re.compile(r", then run `soundcheck doctor` again\."), lambda _: ", then test again."),
)


def hint_in_setup(hint: str) -> str:
    """The hint without the way to set-up, and with set-up's own test in place of `doctor`."""
    for pattern, replacement in _SENT_HERE:
        hint = pattern.sub(replacement, hint)
    return hint
