"""An error's own words without the names in it, so that no host, user or key decides what the error is taken for."""

from __future__ import annotations

import re
from typing import Final

_QUOTED: Final = re.compile(r"""("|`)[^"`\n]*\1|(?<!\w)'[^'\n]*'(?!\w)""")
"""An apostrophe within a word quotes nothing."""


def without_names(text: str, keep: str = "") -> str:
    """The text with whatever it quotes left out, but for what `keep` matches: that is the error's own."""
    own = re.compile(keep)
    return _QUOTED.sub(lambda found: found[0] if own.fullmatch(found[0][1:-1]) else found[0][0] * 2, text)
