"""Which comparisons a column offers, by its type. Pure."""

from __future__ import annotations

from typing import Final

from stores.catalog import Column
from stores.column_family import Family, family
from stores.row_filter import Operator

_ORDERED: Final = (
    Operator.EQUAL, Operator.NOT_EQUAL, Operator.LESS, Operator.LESS_OR_EQUAL, Operator.GREATER,
    Operator.GREATER_OR_EQUAL, Operator.BETWEEN, Operator.IN,
)  # fmt: skip
_EQUALITY: Final = (Operator.EQUAL, Operator.NOT_EQUAL, Operator.IN)
_NULLS: Final = (Operator.IS_NULL, Operator.IS_NOT_NULL)

_BY_FAMILY: Final = {
    Family.TEXT: (
        Operator.CONTAINS, Operator.EQUAL, Operator.STARTS_WITH, Operator.NOT_EQUAL, Operator.IN, Operator.LESS,
        Operator.LESS_OR_EQUAL, Operator.GREATER, Operator.GREATER_OR_EQUAL, Operator.BETWEEN,
    ),
    Family.NUMBER: _ORDERED,
    Family.TIME: (
        Operator.GREATER_OR_EQUAL, Operator.LESS, Operator.BETWEEN, Operator.EQUAL, Operator.NOT_EQUAL,
        Operator.LESS_OR_EQUAL, Operator.GREATER, Operator.IN,
    ),
    Family.BOOLEAN: (Operator.EQUAL, Operator.NOT_EQUAL),
    Family.UUID: (*_EQUALITY, Operator.STARTS_WITH),
    Family.ENUM: _EQUALITY,
    Family.JSON: (Operator.CONTAINS, Operator.JSON_PATH),
    Family.ARRAY: (Operator.CONTAINS, Operator.EQUAL, Operator.NOT_EQUAL),
    Family.BYTES: (Operator.EQUAL, Operator.NOT_EQUAL),
    Family.OTHER: (*_ORDERED, Operator.CONTAINS),
    Family.OPAQUE: (Operator.CONTAINS,),
}  # fmt: skip


def operators_for(column: Column) -> tuple[Operator, ...]:
    """The operators to offer, the likeliest first; those on NULL only where the column may hold one."""
    return (*_BY_FAMILY[family(column)], *(_NULLS if column.nullable else ()))
