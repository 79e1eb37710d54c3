"""A total order over rows, and the conditions that begin a page behind a row of it. Pure.

Measured (reference in the tests): written as `a < x OR (a = x AND id > y)` PostgreSQL discards every row before the
page; written as `a <= x AND (a < x OR id > y)`, or as a comparison of rows, it starts in the index. NULLs must stand
where the index has them, or the order costs a sort of the whole table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from stores.catalog import Column, Table
from stores.row_filter import Bind


@dataclass(frozen=True, slots=True)
class SortColumn:
    """A column to order by."""

    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """One column of the order. `nulls_first` is None where the column holds no NULL."""

    name: str
    cast: str
    descending: bool = False
    nulls_first: bool | None = None

    @property
    def sql(self) -> str:
        """The quoted name."""
        from psycopg import sql

        return sql.Identifier(self.name).as_string(None)

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


def key_columns(table: Table, sort: Sequence[SortColumn], tie_break: Sequence[KeyColumn]) -> tuple[KeyColumn, ...]:
    """The sort columns, then the tie-break in the last one's direction, each column once.

    Raises `UsageError` for an unknown column.
    """
    keys = [_key(table, table.column(column.name), column.descending) for column in sort]
    last = sort[-1].descending if sort else False
    keys += [replace(key, descending=last) for key in tie_break]  # none of these holds a NULL
    unique = {key.name: key for key in reversed(keys)}
    return tuple(unique[name] for name in dict.fromkeys(key.name for key in keys))


def _key(table: Table, column: Column, descending: bool) -> KeyColumn:
    return KeyColumn(column.name, column.cast, descending, _nulls_first(table, column, descending))


def _nulls_first(table: Table, column: Column, descending: bool) -> bool | None:
    """Where the NULLs stand in the index that can give this order, PostgreSQL's default without one."""
    if not column.nullable:
        return None
    for index in table.indexes:
        leading = index.columns[0]
        if leading.name == column.name:
            return leading.nulls_first if leading.descending == descending else not leading.nulls_first
    return descending


def order_by(keys: Sequence[KeyColumn]) -> str:
    """The whole ORDER BY list."""
    return ", ".join(key.order for key in keys)


def arms(keys: Sequence[KeyColumn], values: Sequence[str | None], bind: Bind) -> tuple[str, ...]:
    """The conditions for the rows after `values`, as one or two ranges that follow each other.

    There are two where the first column may be NULL: the range with values and the range with NULLs are each a range
    of the index, while an OR of both is not.
    """
    placed = [bind(value) if value is not None else "" for value in values]
    if len(keys) > 1 and all(k.nulls_first is None and k.descending == keys[0].descending for k in keys):
        names = ", ".join(key.sql for key in keys)
        bound = ", ".join(f"{place}::{key.cast}" for key, place in zip(keys, placed, strict=True))
        return (f"({names}) {'<' if keys[0].descending else '>'} ({bound})",)
    first, *rest = zip(keys, placed, strict=True)
    key, place = first
    behind = _after(rest)
    if not place:
        here = _both(f"{key.sql} IS NULL", behind)
        return (here, f"{key.sql} IS NOT NULL") if key.nulls_first else (here,)
    here = _both(_compare(key, place, "="), _either(_compare(key, place), behind)) if rest else _compare(key, place)
    return (here, f"{key.sql} IS NULL") if key.nulls_first is False else (here,)


def _after(keys: Sequence[tuple[KeyColumn, str]]) -> str:
    """Rows strictly after in these columns, those before them being equal; "" for none."""
    if not keys:
        return ""
    key, place = keys[0]
    rest = _after(keys[1:])
    if not place:
        same = _both(f"{key.sql} IS NULL", rest) if rest else "false"
        return f"({key.sql} IS NOT NULL OR {same})" if key.nulls_first else same
    strictly = _compare(key, place)
    if key.nulls_first is False:
        strictly = f"({strictly} OR {key.sql} IS NULL)"
        same = _both(f"{key.sql} = {place}::{key.cast}", rest) if rest else ""
        return _either(strictly, same)
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
