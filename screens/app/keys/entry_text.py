"""A key as text: its facts, how it stands against the database, and its content, bounded and masked by field. Pure."""

from __future__ import annotations

import json
from typing import Any, Final

from textual.content import Content

from soundcheck.screens.app.record.copy_row import drawn
from soundcheck.stores import amounts
from soundcheck.stores.copies.cached_copy import CachedCopy, Freshness
from soundcheck.stores.copies.key_entry import KeyEntry
from soundcheck.stores.copies.masked_value import key_is_secret, masked_value, text_is_secret
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.rows.cells import fit
from soundcheck.stores.secret import MASK
from soundcheck.stores.sensitivity import Sensitivity, sensitivity

MOST_LINES: Final = 400
_LONGEST: Final = 2_000
_DEEPEST: Final = 100_000
"""Characters of a document that are indented; a longer one is shown as it is."""


def entry_text(entry: KeyEntry, copy: CachedCopy | None, table: str, *, reveal: bool, width: int) -> Content:
    """All of it, below one another."""
    if not entry.is_there:
        said = entry.problem or "It is not there any more: it expired, or somebody dropped it."
        return Content.assemble(visible(entry.key), ("\n\n! ", "bold $warning"), visible(said))
    lines = [Content.styled(visible(entry.key), "bold"), _facts(entry)]
    if entry.problem:
        lines.append(Content.assemble(("! ", "bold $warning"), visible(entry.problem)))
    if copy is not None and copy.freshness is not Freshness.CACHED:
        lines += [Content(""), *_verdict(copy, reveal=reveal, width=width)]
    lines += [Content(""), *_content(entry, table, reveal=reveal, width=width)]
    return Content("\n").join(lines)


def is_masked(entry: KeyEntry, table: str) -> bool:
    """Whether anything of its content is hidden until somebody reveals it."""
    if key_is_secret(entry.key):
        return True
    if _hides_fields(entry):
        return True
    if entry.content is not None:
        return bool(masked_value(entry.content.data, table) != masked_value(entry.content.data, reveal=True))
    return entry.kind in {"hash", "stream"} and any(
        _shown(entry, table, one, reveal=False) != one for one in entry.pairs
    )


def _hides_fields(entry: KeyEntry) -> bool:
    return entry.kind == "string" and entry.content is None and text_is_secret(entry.text[:_DEEPEST])


def _facts(entry: KeyEntry) -> Content:
    unit = amounts.size(entry.length) if entry.kind == "string" else f"{entry.length:,} items"
    lives = ("never expires", "$warning") if entry.ttl is None else (f"expires in {amounts.span(entry.ttl)}", "$muted")
    parts: list[Any] = [(entry.kind, "$muted"), "  ", unit, "  ", lives]
    if entry.memory is not None:
        parts += ["  ", (f"{amounts.size(entry.memory)} of memory", "$muted")]
    return Content.assemble(*parts)


def _verdict(copy: CachedCopy, *, reveal: bool, width: int) -> list[Content]:
    every = frozenset(one.field for one in copy.differences) if reveal else frozenset()
    return list(drawn(copy, every, width).split("\n"))[1:]


def _content(entry: KeyEntry, table: str, *, reveal: bool, width: int) -> list[Content]:
    if entry.kind == "string":
        if key_is_secret(entry.key) and not reveal:
            return [Content.assemble(MASK, ("   r reveals", "$faint"))]
        return _string(entry, table, reveal=reveal, width=width)
    hidden = key_is_secret(entry.key) and not reveal
    lines = []
    for pair in entry.pairs:
        name, value = (pair[0], MASK) if hidden else _shown(entry, table, pair, reveal=reveal)
        said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        label = f"{fit(visible(name), 24)}  " if name else ""
        lines.append(Content.assemble((label, "$muted"), fit(visible(said[:_LONGEST]), max(width - len(label), 8))))
    if entry.is_cut:
        lines.append(Content.styled(f"… {entry.length - len(entry.pairs):,} more", "$muted"))
    return lines


def _string(entry: KeyEntry, table: str, *, reveal: bool, width: int) -> list[Content]:
    text = entry.text
    if _hides_fields(entry) and not reveal:
        said = "It is no whole JSON that could be masked field by field, and names such fields."
        return [Content.assemble((said, "$muted"), ("   r reveals", "$faint"))]
    if entry.content is not None:
        try:
            whole = json.loads(text)
        except RecursionError:  # read in a shallower place; unmasked it must not be shown
            return [Content.styled("It is nested too deeply to be shown.", "$warning")]
        text = json.dumps(masked_value(whole, table, reveal=reveal), ensure_ascii=False, indent=2)
        if len(text) > _DEEPEST:
            text = text[:_DEEPEST]
    rows = [fit(visible(line[:_LONGEST]), max(width, 8)) for line in text[:_DEEPEST].split("\n")[:MOST_LINES]]
    lines = [Content(row) for row in rows]
    if entry.is_cut or len(text) >= _DEEPEST or text.count("\n") >= MOST_LINES:
        lines.append(Content.styled(f"… of {amounts.size(entry.length)}", "$muted"))
    return lines


def _shown(entry: KeyEntry, table: str, pair: tuple[str, Any], *, reveal: bool) -> tuple[str, Any]:
    name, value = pair
    if reveal:
        return pair
    if entry.kind == "stream":
        return name, masked_value(value, table)
    if entry.kind == "hash" and sensitivity(table, name) is not Sensitivity.OPEN:
        return name, masked_value({name: value}, table)[name]
    return pair
