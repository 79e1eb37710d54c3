"""One comment of ours above a variable that says when the store behind it ends. Pure.

`claim_note.py` reads it again, as any other tool's; only ours is ever moved or taken away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from soundcheck.stores.envfile.document import Assignment, Document, Trivia, parse

MARK: Final = "# Temporary "
"""How the line starts; another word than that of the header, which stands once in a file."""

_OURS: Final = re.compile(rf"^[^\S\r\n]*{re.escape(MARK)}(?:database|cache) \([^\r\n]*(?:\r\n|\n|\r|\Z)", re.MULTILINE)


def with_notes(document: Document, notes: Mapping[str, str]) -> Document:
    """The document with the note of each name directly above its line; "" takes it away.

    A name that the mapping does not hold keeps the note that it has.
    """
    statements = list(document.statements)
    for name, note in notes.items():
        _take_away(statements, name)
        at = next((i for i, s in reversed(list(enumerate(statements))) if _is(s, name)), None)
        if at is not None and note:
            line = statements[at]
            assert isinstance(line, Assignment)  # noqa: S101 - found as one
            blank, body = _split_lead(line.lead)
            text = f"{blank}{MARK}{note}{document.newline}"
            statements[at : at + 1] = [Trivia(line.line, text), replace(line, lead=body)]
    return parse(replace(document, statements=tuple(statements)).render())


def _take_away(statements: list[Trivia | Assignment], name: str) -> None:
    """The note that belongs to a name: the last of ours before its line, with no other variable between."""
    for at, statement in enumerate(statements):
        if not _is(statement, name) or at == 0:
            continue
        above = statements[at - 1]
        if isinstance(above, Trivia) and (found := list(_OURS.finditer(above.text))):
            text = above.text[: found[-1].start()] + above.text[found[-1].end() :]
            statements[at - 1] = replace(above, text=text)


def _is(statement: Trivia | Assignment, name: str) -> bool:
    return isinstance(statement, Assignment) and statement.name == name


def _split_lead(lead: str) -> tuple[str, str]:
    """Blank lines, and the blanks in front of the name itself."""
    end = max(lead.rfind("\n"), lead.rfind("\r")) + 1
    return lead[:end], lead[end:]
