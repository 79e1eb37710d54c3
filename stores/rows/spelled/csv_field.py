"""One field of CSV, quoted as PostgreSQL's COPY quotes it. Pure."""

from __future__ import annotations

import re
from typing import Final

_QUOTED: Final = re.compile('[",\r\n]')


def csv_field(text: str | None, *, alone: bool = False) -> str:
    r"""Quoted: what would end the field, the empty text, and a lone `\.` that would end the data. None is NULL."""
    if text is None:
        return ""
    if text == "" or _QUOTED.search(text) or (alone and text == "\\."):
        return '"' + text.replace('"', '""') + '"'
    return text
