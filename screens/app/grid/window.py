"""A contiguous run of rows somewhere in a table of any length, bounded in memory, grown at either end page by page."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

RowT = TypeVar("RowT")
CursorT = TypeVar("CursorT")

MOST_ROWS: Final = 2000
"""Rows kept at once; what lies further away is read again when somebody goes back."""


@dataclass(frozen=True, slots=True)
class Chunk(Generic[RowT, CursorT]):
    """One page as it came: its rows in order, and the keys of the first and the last of them."""

    rows: Sequence[RowT]
    first: CursorT
    last: CursorT


class Window(Generic[RowT, CursorT]):
    """Which rows are at hand, and at which index of the whole table they stand.

    `base` is the index of the first row at hand: exact when the run was reached from the table's start, an estimate
    when it was reached from its end. `at_start` and `at_end` say whether the table ends there.
    """

    def __init__(self, most_rows: int = MOST_ROWS) -> None:
        self._most = most_rows
        self._chunks: deque[Chunk[RowT, CursorT]] = deque()
        self._rows: list[RowT] = []
        self.base = 0
        self.base_is_exact = True
        self.at_start = True
        self.at_end = True
        self.estimate = 0

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def end(self) -> int:
        """One past the index of the last row at hand."""
        return self.base + len(self._rows)

    @property
    def total(self) -> int:
        """Rows of the whole table as far as known: exact at its end, else the estimate, never less than is seen."""
        return self.end if self.at_end else max(self.estimate, self.end + 1)

    @property
    def first(self) -> CursorT | None:
        """The key before which the previous page ends."""
        return self._chunks[0].first if self._chunks else None

    @property
    def last(self) -> CursorT | None:
        """The key after which the next page begins."""
        return self._chunks[-1].last if self._chunks else None

    def row(self, index: int) -> RowT | None:
        """The row at an index of the whole table, None where it is not at hand."""
        at = index - self.base
        return self._rows[at] if 0 <= at < len(self._rows) else None

    def start_with(self, chunk: Chunk[RowT, CursorT] | None, *, more: bool) -> None:
        """The first page of the table; None for an empty table."""
        self._chunks = deque([chunk] if chunk else [])
        self.base, self.base_is_exact = 0, True
        self.at_start, self.at_end = True, not more
        self._flatten()

    def end_with(self, chunk: Chunk[RowT, CursorT] | None, *, more: bool) -> None:
        """The last page of the table; `more` says that rows stand before it."""
        self._chunks = deque([chunk] if chunk else [])
        self.at_start, self.at_end = not more, True
        self._flatten()
        self.base = max(self.estimate - len(self._rows), 1) if more else 0
        self.base_is_exact = not more

    def begin_at(
        self, chunk: Chunk[RowT, CursorT] | None, fraction: float | None, *, before: bool, after: bool
    ) -> None:
        """A page somewhere in the table, about `fraction` (0 to 1) of the way; in the middle where that is unknown."""
        self._chunks = deque([chunk] if chunk else [])
        self.at_start, self.at_end = not before, not after
        self._flatten()
        share = 0.5 if fraction is None else fraction
        self.base = max(round(self.estimate * share), 1) if before else 0
        self.base_is_exact = not before

    def append(self, chunk: Chunk[RowT, CursorT] | None, *, more: bool) -> None:
        """The page after the last one; rows far before it are let go."""
        if chunk:
            self._chunks.append(chunk)
        self.at_end = not more
        kept = len(self._rows) + (len(chunk.rows) if chunk else 0)
        while len(self._chunks) > 1 and kept > self._most:
            gone = len(self._chunks.popleft().rows)
            kept -= gone
            self.base += gone
            self.at_start = False
        self._flatten()

    def prepend(self, chunk: Chunk[RowT, CursorT] | None, *, more: bool) -> int:
        """The page before the first one; rows far after it are let go.

        Returns by how much every index moved, which is not 0 only where the estimate proved wrong: scroll position and
        cursor move along with it.
        """
        added = len(chunk.rows) if chunk else 0
        if chunk:
            self._chunks.appendleft(chunk)
        kept = len(self._rows) + added
        while len(self._chunks) > 1 and kept > self._most:
            kept -= len(self._chunks.pop().rows)
            self.at_end = False
        self.at_start = not more
        counted = self.base - added
        self.base = max(counted, 1) if more else 0
        self.base_is_exact = self.base_is_exact or not more
        if more and self.base_is_exact:
            self.base = counted
        self._flatten()
        return self.base - counted

    def rows_from(self, start: int) -> Sequence[RowT]:
        """The rows at hand from an index on."""
        return self._rows[max(start - self.base, 0) :]

    def replace_from(self, start: int, chunk: Chunk[RowT, CursorT], *, more: bool) -> None:
        """Other rows from an index on, up to the end of what is at hand; `more` says that the table goes on there."""
        kept: list[Chunk[RowT, CursorT]] = []
        rows, at = list(chunk.rows), self.base
        first = chunk.first
        for one in self._chunks:
            if at + len(one.rows) <= start:
                kept.append(one)
            elif at < start:
                rows, first = [*one.rows[: start - at], *rows], one.first
            at += len(one.rows)
        self._chunks = deque([*kept, Chunk(rows, first, chunk.last)] if rows else kept)
        self.at_end = not more
        self._flatten()

    def _flatten(self) -> None:
        self._rows = [row for chunk in self._chunks for row in chunk.rows]
