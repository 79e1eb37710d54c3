"""What kind of values a column holds, as far as filters, searches and sorting care. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from soundcheck.stores.catalog.tables import Column


class Family(StrEnum):
    """Types that are compared, typed in and searched alike."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"
    BOOLEAN = "boolean"
    UUID = "uuid"
    ENUM = "enum"
    JSON = "json"
    ARRAY = "array"
    BYTES = "bytes"
    OTHER = "other"  # has an order and an equality: ranges, addresses, intervals, composites, …
    OPAQUE = "opaque"  # has neither: xml, points, …


_FAMILIES: Final = {
    **dict.fromkeys(("text", "varchar", "bpchar", "citext", "name", "char"), Family.TEXT),
    **dict.fromkeys(("int2", "int4", "int8", "numeric", "float4", "float8", "oid", "money"), Family.NUMBER),
    **dict.fromkeys(("date", "timestamp", "timestamptz", "time", "timetz", "interval"), Family.TIME),
    **dict.fromkeys(("json", "jsonb"), Family.JSON),
    "bool": Family.BOOLEAN,
    "uuid": Family.UUID,
    "bytea": Family.BYTES,
}
_UNORDERED: Final = frozenset(
    {"json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle", "xid", "cid", "jsonpath", "aclitem",
     "refcursor", "pg_snapshot", "txid_snapshot", "pg_node_tree"}
)  # fmt: skip
"""Types without a btree operator class (PostgreSQL 18, pg_opclass)."""


def family(column: Column) -> Family:
    """The family of a column, by its bare type name."""
    if column.labels:
        return Family.ENUM
    if column.type_name.endswith("[]"):
        return Family.ARRAY
    if column.type_name in _FAMILIES:
        return _FAMILIES[column.type_name]
    return Family.OTHER if is_sortable(column) else Family.OPAQUE


def is_sortable(column: Column) -> bool:
    """Whether rows can be ordered by it."""
    return column.ordered and column.type_name.removesuffix("[]") not in _UNORDERED
