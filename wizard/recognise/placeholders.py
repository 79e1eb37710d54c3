"""Values that stand for a value: left over from a template, or copied while the console still masked them."""

from __future__ import annotations

import re
from typing import Final

_MASKED: Final = re.compile(r"[*•●∙·…]{3,}|…|\.{3,}|(?<![A-Za-z0-9])[xX]{4,}(?![A-Za-z0-9])")
_ANGLED: Final = re.compile(r"<[^<>]*>|\[[A-Z][A-Z _-]*\]|\{\{[^{}]*\}\}")
_WORDS: Final = re.compile(
    r"(?:your|my|the|enter|insert|put|replace|change|paste|some|example)[-_ ]?"
    r"(?:new|own|database|db|redis|rest|upstash|neon|actual|real)?[-_ ]?"
    r"(?:password|passwd|pass|secret|token|key|user(?:name)?|host(?:name)?|endpoint|url|id|me|here)"
    r"(?:[-_ ]?(?:here|goes[-_ ]?here))?",
    re.IGNORECASE,
)
_EXACT: Final = frozenset(
    {"password", "passwd", "pass", "pw", "secret", "token", "changeme", "change_me", "todo", "tbd", "none", "null",
     "undefined", "placeholder", "example", "user", "username", "host", "hostname", "xxx", "dbname", "rest_token"}
)  # fmt: skip
_REFERENCE: Final = re.compile(
    r"\$\{?[A-Za-z_][A-Za-z0-9_]*\}?|%[A-Za-z_]+%|(?:process\.env|os\.environ|os\.getenv)\b.*"
)


def is_masked_copy(value: str) -> bool:
    """Whether it holds the dots or stars with which a console hides a value."""
    return _MASKED.search(value) is not None


def is_placeholder(value: str) -> bool:
    """Whether a whole value is a stand-in: `<password>`, `your-token`, `PASSWORD`."""
    text = value.strip()
    return (
        text.lower() in _EXACT
        or _ANGLED.fullmatch(text) is not None
        or _WORDS.fullmatch(text) is not None
        or (_WORDS.match(text) is not None and text.lower().endswith("here"))
    )


def is_marked(value: str) -> bool:
    """Whether it says by its form that it stands for something: brackets around it, or your-… before it."""
    text = value.strip()
    return _ANGLED.fullmatch(text) is not None or (is_placeholder(text) and text.lower().startswith("your"))


def is_reference(value: str) -> bool:
    """Whether it names another variable instead of holding a value."""
    return _REFERENCE.fullmatch(value.strip()) is not None
