"""Which index can give the rows in a wanted order, and what that order looks like then. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from soundcheck.stores.catalog.tables import Index, Table


@dataclass(frozen=True, slots=True)
class SortColumn:
    """A column to order by."""

    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class IndexMatch:
    """An index that gives the first `matched` of the wanted columns in order, read from its end if `reversed`."""

    index: Index
    matched: int
    reversed: bool
    rest: int
    """The position in the index behind the last matched column."""

    def nulls_first(self, name: str) -> bool:
        """Where this index, read in this direction, has the NULLs of one of its columns."""
        column = next(one for one in self.index.columns if one.name == name)
        return column.nulls_first != self.reversed

    def descending(self, name: str) -> bool:
        """The direction in which one of its columns comes."""
        column = next(one for one in self.index.columns if one.name == name)
        return column.descending != self.reversed


def best_match(table: Table, wanted: Sequence[SortColumn], equal: frozenset[str] = frozenset()) -> IndexMatch | None:
    """The index that gives most of the wanted order, None where none gives even its first column.

    Columns in `equal` have one value only, so that they may stand anywhere in the index. Among equals the index that
    goes on with the primary key wins, then the shortest.
    """
    usable = [index for index in table.indexes if index.in_order]
    found = [match for index in usable if (match := _match(index, wanted, equal)) is not None]

    def rank(match: IndexMatch) -> tuple[int, bool, int]:
        following = tuple(column.name for column in match.index.columns[match.rest :])
        goes_on = bool(table.primary_key) and following[: len(table.primary_key)] == table.primary_key
        return match.matched, goes_on, -len(match.index.columns)

    return max(found, key=rank, default=None)


def _match(index: Index, wanted: Sequence[SortColumn], equal: frozenset[str]) -> IndexMatch | None:
    backwards: bool | None = None
    matched = place = 0
    for place, column in enumerate(index.columns):  # noqa: B007 - the place where it ends is wanted
        if matched < len(wanted) and column.name == wanted[matched].name:
            turned = column.descending != wanted[matched].descending
            if backwards is None:
                backwards = turned
            if turned == backwards:
                matched += 1
                continue
        if column.name in equal:
            continue
        break
    else:
        place = len(index.columns)
    if backwards is None or not matched:
        return None
    return IndexMatch(index, matched, backwards, place)
