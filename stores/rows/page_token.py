"""Where the next page begins, as one word that can be typed: `rows TABLE --after WORD`.

The word holds the key of the last row shown, and not the values it is sorted by: those may be long, or masked. They
are read again from that row, so a row that is gone has no next page. Where a table has no key, the word holds the place
itself. Either way it fits one view only: a table with its filters, search and order.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.rows.filters import Operator, RowFilter
from soundcheck.stores.rows.order import RowOrder, row_order
from soundcheck.stores.rows.paging import Page, read_view
from soundcheck.stores.rows.view import Cursor, PagePlace, TableView
from soundcheck.stores.sensitivity import Sensitivity, sensitivity

MOST: Final = 2000
"""Characters of a word that is offered or read."""

_CHECK: Final = 8
_AGAIN: Final = "Begin at the first page: the same command without --after."


@dataclass(frozen=True, slots=True)
class NextPage:
    """The word for the page after this one, or why there is none; both are "" where no page follows."""

    word: str = ""
    lacks: str = ""


def next_page(database: Database, view: TableView, page: Page) -> NextPage:
    """How to go on after a page of this view."""
    if not page.has_more_after:
        return NextPage()
    order, names = row_order(view), _key_names(view)
    if page.cursor_last is None or order.order.whole:
        return NextPage(lacks="The table has no key, so the next page cannot be named: raise --limit.")
    at = {key.name: value for key, value in zip(order.keys, page.cursor_last.values, strict=True)}
    kept = {name: at[name] for name in names} if names else at
    hidden = [one for one in kept if one not in view.reveal and _is_masked(view, one)]
    if hidden:
        return NextPage(lacks=f"The next page would be named by {', '.join(hidden)}, which is masked: add --reveal.")
    word = _word([_fits(database, view, order), list(kept.values())])
    if len(word) > MOST:
        return NextPage(lacks="The next page would take too long a word to name: raise --limit.")
    return NextPage(word)


async def place_after(database: Database, view: TableView, word: str) -> PagePlace:
    """The place of the page that the word names.

    Raises `UsageError` for a word of another view, one that was never offered, and one whose row is gone;
    `DatabaseProblem`.
    """
    fits, values = _read(word)
    order, names = row_order(view), _key_names(view)
    if not order.total or order.order.whole or len(values) != len(names or order.keys):
        raise _foreign()
    if fits != _fits(database, view, order):
        raise _foreign()
    if not names:
        return PagePlace.after(Cursor(tuple(values)))
    row = TableView(view.table, view.sort, tuple(map(_is, names, values)), chosen=names)
    found = await read_view(database, row, limit=1)
    if found.cursor_last is None:
        raise UsageError("--after names a row that is gone by now.", _AGAIN)
    return PagePlace.after(found.cursor_last)


def _key_names(view: TableView) -> tuple[str, ...]:
    """The columns that tell the table's rows apart; none where only their place or their whole text does."""
    alone = row_order(TableView(view.table, as_it_comes=view.as_it_comes))
    if alone.physical or alone.order.whole or not alone.total:
        return ()
    return tuple(key.name for key in alone.keys)


def _is_masked(view: TableView, name: str) -> bool:
    return sensitivity(view.table.name, name) is not Sensitivity.OPEN


def _is(name: str, value: str | None) -> RowFilter:
    return RowFilter(name, Operator.IS_NULL) if value is None else RowFilter(name, Operator.EQUAL, value)


def _fits(database: Database, view: TableView, order: RowOrder) -> str:
    """A fingerprint of all that decides which row follows which."""
    narrowed: Mapping[str, object] = {}
    if view.narrowed:
        search = [view.search.strip(), view.everywhere, bool(view.reveal)] if view.search.strip() else []
        narrowed = {"filters": sorted(map(str, view.filters)), "search": search, "zone": database.zone}
    keys = [(key.name, key.cast, key.descending) for key in order.keys]
    said = [database.url.database, view.table.schema, view.table.name, keys, narrowed]
    return _digest(json.dumps(said).encode())


def _word(content: Sequence[object]) -> str:
    packed = base64.urlsafe_b64encode(json.dumps(content, separators=(",", ":")).encode()).decode().rstrip("=")
    return _digest(packed.encode()) + packed


def _read(word: str) -> tuple[str, list[str | None]]:
    """The fingerprint and the values in a word. Raises `UsageError` where it is none of ours."""
    check, packed = word[:_CHECK], word[_CHECK:]
    try:
        if len(word) > MOST or check != _digest(packed.encode()):
            raise ValueError
        content: Any = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
        fits, values = content
        if not isinstance(fits, str) or not all(isinstance(one, str | None) for one in values):
            raise TypeError
    except (ValueError, TypeError, binascii.Error):
        raise UsageError(
            "--after takes the word that the last line of a page names; this is none, or not all of it.", _AGAIN
        ) from None
    return fits, list(values)


def _foreign() -> UsageError:
    return UsageError(
        "--after names a page of another table, other conditions or another order.",
        "Repeat TABLE, --where, --search, --sort and --zone as they were, or leave --after out.",
    )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_CHECK]
