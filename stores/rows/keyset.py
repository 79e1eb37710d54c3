"""A total order over rows, and the conditions that begin a page behind a row of it. Pure.

Measured (reference in the tests): written as `a < x OR (a = x AND id > y)` PostgreSQL discards every row before the
page; written as `a <= x AND (a < x OR id > y)`, or as a comparison of rows, it starts in the index. NULLs must stand
where the index has them, or the order costs a sort of the whole table. Where the index does not hold the whole order
and half a million rows share a value, each page would still put them all in order (65 ms); as ranges that follow each
other, `a = x AND id > y` and then `a < x`, the first one is a range of the primary key (0.1 ms).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from soundcheck.stores.catalog.families import is_sortable
from soundcheck.stores.catalog.index_match import IndexMatch, SortColumn, best_match
from soundcheck.stores.catalog.tables import Column, Table
from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.sql_text import quoted_name
from soundcheck.stores.rows.filters import Bind

__all__ = [
    "CTID",
    "Arm",
    "KeyColumn",
    "Order",
    "SortColumn",
    "arms",
    "arms_at",
    "arms_whole",
    "binder",
    "order_by",
    "ordered_keys",
]


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """One column of the order. `nulls_first` is None where the column holds no NULL."""

    name: str
    cast: str
    descending: bool = False
    nulls_first: bool | None = None
    doubted: bool = False
    """Whether it is declared NOT NULL and may hold NULL all the same, on another server."""

    @property
    def sql(self) -> str:
        """The quoted name."""
        return quoted_name(self.name)

    @property
    def is_null(self) -> str:
        """The condition for a NULL, which the planner must not decide by a declaration that does not hold."""
        return f"num_nulls({self.sql}) = 1" if self.doubted else f"{self.sql} IS NULL"

    @property
    def is_not_null(self) -> str:
        """The condition for a value."""
        return f"num_nulls({self.sql}) = 0" if self.doubted else f"{self.sql} IS NOT NULL"

    @property
    def order(self) -> str:
        """Its part of ORDER BY; the default place of NULLs is not spelled out."""
        direction = " DESC" if self.descending else ""
        if self.nulls_first is None or self.nulls_first == self.descending:
            return self.sql + direction
        return f"{self.sql}{direction} NULLS {'FIRST' if self.nulls_first else 'LAST'}"

    def reversed(self) -> KeyColumn:
        """The same column the other way round."""
        first = None if self.nulls_first is None else not self.nulls_first
        return replace(self, descending=not self.descending, nulls_first=first)


CTID = KeyColumn("ctid", "tid")
"""Where a row lies: unique in a table at one moment, and moved by every update."""


@dataclass(frozen=True, slots=True)
class Order:
    """The key columns; `indexed` says that an index gives the first of them in order, `covered` that it gives all."""

    keys: tuple[KeyColumn, ...]
    indexed: bool = False
    covered: bool = False
    whole: bool = False
    """Whether its last columns are the whole row as text (`stores.rows.whole_row`), which no index holds."""

    def reversed(self) -> Order:
        """The same rows from the other end."""
        return replace(self, keys=tuple(key.reversed() for key in self.keys))


@dataclass(frozen=True, slots=True)
class Arm:
    """One range of rows: its condition ("" for none), and the keys that still differ within it."""

    condition: str
    keys: tuple[KeyColumn, ...]


def ordered_keys(
    table: Table, sort: Sequence[SortColumn], tie_break: Sequence[KeyColumn], equal: frozenset[str] = frozenset()
) -> Order:
    """The sort columns, then the tie-break, each column once; directions and NULLs as the fitting index has them.

    The tie-break follows the index where that goes on with it, else the last sort column's direction. Columns in
    `equal` hold one value only. Raises `UsageError` for an unknown column, and for one that has no order.
    """
    first: dict[str, SortColumn] = {}
    for one in sort:
        first.setdefault(one.name, one)
    sort = list(first.values())
    for one in sort:
        if not is_sortable(table.column(one.name)):
            raise UsageError(
                f"{table.label} cannot be sorted by {one.name}: the type {table.column(one.name).type} has no order.",
                "Sort by another column.",
            )
    named = {column.name for column in sort}
    last = sort[-1].descending if sort else False
    plain = [SortColumn(key.name, last) for key in tie_break if key.name not in named]
    match = best_match(table, [*sort, *plain], equal)
    if match is None or match.matched < len(sort) + len(plain):
        # An index whose own direction differs only in the tie-break gives the whole order as well.
        for turned in _turned(table, sort, plain, equal):
            match, plain = turned
    casts = {key.name: key.cast for key in tie_break}
    columns = {column.name: column for column in table.columns}
    keys = [_key(table.column(c.name), c.descending, match, place) for place, c in enumerate(sort)]
    for place, one in enumerate(plain, len(sort)):
        # None of these holds a NULL but a key that takes NULLs for alike, and so holds one.
        free = one.name in columns and columns[one.name].may_be_null
        key = KeyColumn(one.name, casts[one.name], one.descending)
        keys.append(_key(columns[one.name], one.descending, match, place) if free else key)
    return Order(tuple(keys), match is not None, match is not None and match.matched >= len(keys))


def _turned(
    table: Table, sort: Sequence[SortColumn], plain: Sequence[SortColumn], equal: frozenset[str]
) -> list[tuple[IndexMatch, list[SortColumn]]]:
    if not sort or not plain:
        return []
    other = [SortColumn(column.name, not column.descending) for column in plain]
    match = best_match(table, [*sort, *other], equal)
    return [(match, other)] if match is not None and match.matched == len(sort) + len(other) else []


def _key(column: Column, descending: bool, match: IndexMatch | None, place: int) -> KeyColumn:
    """NULLs stand where the index has them, where PostgreSQL puts them without one; left out for NOT NULL."""
    if not column.may_be_null:
        return KeyColumn(column.name, column.cast, descending)
    doubted = not column.nullable
    by_index = match is not None and place < match.matched
    first = match.nulls_first(column.name) if match is not None and by_index else descending
    return KeyColumn(column.name, column.cast, descending, first, doubted)


def order_by(keys: Sequence[KeyColumn]) -> str:
    """The whole ORDER BY list."""
    return ", ".join(key.order for key in keys)


def arms(order: Order, values: Sequence[str | None], bind: Bind) -> tuple[Arm, ...]:
    """The rows after `values`, as ranges that follow each other; each begins in the index, where there is one."""
    keys = order.keys
    placed = [bind(value) if value is not None else "" for value in values]
    plain = all(k.nulls_first is None and k.descending == keys[0].descending for k in keys)
    if len(keys) > 1 and plain and not order.whole and (order.covered or not order.indexed):
        names = ", ".join(key.sql for key in keys)
        bound = ", ".join(f"{place}::{key.cast}" for key, place in zip(keys, placed, strict=True))
        return (Arm(f"({names}) {'<' if keys[0].descending else '>'} ({bound})", keys),)
    pairs = list(zip(keys, placed, strict=True))
    if not order.indexed:
        return (Arm(_after(pairs), keys),)
    found: list[Arm] = []
    for number in reversed(range(len(keys))):
        same = " AND ".join(_same(key, place) for key, place in pairs[:number])
        found += [
            Arm(_both(same, one.condition) if same else one.condition, one.keys)
            for one in _behind(keys[number:], placed[number])
        ]
    return tuple(found) or (Arm("false", keys),)


def arms_whole(order: Order) -> tuple[Arm, ...]:
    """All rows. NULLs are a range of their own where they would otherwise be put in order all at once."""
    key, rest = order.keys[0] if order.keys else None, order.keys[1:]
    if key is None or key.nulls_first is None or not _groups(order):
        return (Arm("", order.keys),)
    values, nulls = Arm(key.is_not_null, order.keys), Arm(key.is_null, rest)
    return (nulls, values) if key.nulls_first else (values, nulls)


def arms_at(order: Order, value: str | None, bind: Bind) -> tuple[Arm, ...]:
    """The rows from `value` of the first key on, those that have it included; they are a range of their own.

    The planner knows how common a given value is. As a part of `a >= x` it would be put in order as a whole.
    """
    if value is None or not _groups(order):
        return _at(order, value, bind)
    key, rest, place = order.keys[0], order.keys[1:], bind(value)
    return (Arm(_same(key, place), rest), *_behind(order.keys, place))


def _groups(order: Order) -> bool:
    """Whether rows come in the order of an index, and those that share a value in none."""
    return order.indexed and not order.covered and len(order.keys) > 1


def _at(order: Order, value: str | None, bind: Bind) -> tuple[Arm, ...]:
    key, rest = order.keys[0], order.keys[1:]
    if value is None:
        nulls = Arm(key.is_null, rest or order.keys)
        return (nulls, Arm(key.is_not_null, order.keys)) if key.nulls_first else (nulls,)
    here = Arm(_compare(key, bind(value), "="), order.keys)
    return (here, Arm(key.is_null, rest or order.keys)) if key.nulls_first is False else (here,)


def after(order: Order, values: Sequence[str | None], bind: Bind) -> str:
    """The rows after `values` as one condition, for people to read; `arms` is the same for the server."""
    return _after(
        [(key, bind(value) if value is not None else "") for key, value in zip(order.keys, values, strict=True)]
    )


def starting_at(order: Order, value: str | None, bind: Bind) -> str:
    """The rows from `value` of the first key on, as one condition."""
    found = [arm.condition for arm in _at(order, value, bind)]
    return found[0] if len(found) == 1 else f"({' OR '.join(found)})"


def _behind(keys: tuple[KeyColumn, ...], place: str) -> list[Arm]:
    """Rows strictly after in the first of these columns alone."""
    key = keys[0]
    if not place:
        return [Arm(key.is_not_null, keys)] if key.nulls_first else []
    found = [Arm(_compare(key, place), keys)]
    if key.nulls_first is False:
        found.append(Arm(key.is_null, keys[1:] or keys))
    return found


def _same(key: KeyColumn, place: str) -> str:
    return f"{key.sql} = {place}::{key.cast}" if place else key.is_null


def _after(keys: Sequence[tuple[KeyColumn, str]]) -> str:
    """Rows strictly after in these columns, those before them being equal; "" for none."""
    if not keys:
        return ""
    key, place = keys[0]
    rest = _after(keys[1:])
    if not place:
        same = _both(key.is_null, rest) if rest else "false"
        return f"({key.is_not_null} OR {same})" if key.nulls_first else same
    strictly = _compare(key, place)
    if key.nulls_first is False:
        null = key.is_null
        strictly = f"{strictly} OR {null}"
        return (
            _both(f"({_compare(key, place, '=')} OR {null})", f"({strictly} OR ({rest}))") if rest else f"({strictly})"
        )
    return _both(_compare(key, place, "="), _either(strictly, rest)) if rest else strictly


def _compare(key: KeyColumn, place: str, or_equal: str = "") -> str:
    return f"{key.sql} {'<' if key.descending else '>'}{or_equal} {place}::{key.cast}"


def _both(left: str, right: str) -> str:
    return f"{left} AND {right}" if right else left


def _either(left: str, right: str) -> str:
    return f"({left} OR ({right}))" if right else left


def binder(params: list[str | None]) -> Callable[[str | None], str]:
    """Collects parameters and numbers them in the server's own way, `$1`."""

    def bind(value: str | None) -> str:
        params.append(value)
        return f"${len(params)}"

    return bind
