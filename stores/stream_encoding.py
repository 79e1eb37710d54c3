"""The encoding in which a stream's text is shown."""

from __future__ import annotations

import codecs
import locale
import os
from typing import TextIO


def encoding_of(stream: TextIO | None) -> str:
    """The encoding in lower case; empty for a stream that has none.

    From Python 3.15 on every stream is UTF-8, whatever the locale says (PEP 686). A terminal still shows the locale's
    encoding, so the locale is asked there, unless PYTHONIOENCODING decides. ASCII means the C locale, which is mostly a
    locale that nobody has set and says nothing about the terminal.
    """
    encoding = (getattr(stream, "encoding", None) or "").lower()
    if stream is None or "utf" not in encoding or os.environ.get("PYTHONIOENCODING") or not stream.isatty():
        return encoding
    shown = locale.getencoding().lower()
    return encoding if codecs.lookup(shown).name in {"ascii", "utf-8"} else shown
