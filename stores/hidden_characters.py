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
