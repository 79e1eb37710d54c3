"""Filters and a search as the `where` of Prisma Client Python: the same rows as the SQL, or a refusal. Pure.

A view of the grid as the Prisma Client Python call that finds its rows. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from soundcheck.stores.catalog.families import Family, family
from soundcheck.stores.catalog.tables import Column
from soundcheck.stores.postgres.session_settings import UTC
from soundcheck.stores.prisma.models import PrismaModel, model_of
from soundcheck.stores.rows.filter_sql import pattern
from soundcheck.stores.rows.filters import Operator, RowFilter
from soundcheck.stores.rows.order import row_order
from soundcheck.stores.rows.search import ColumnSearch, look_at, plan_search
from soundcheck.stores.rows.spelled.prisma_values import Compared, cannot, text_literal
from soundcheck.stores.rows.typed_value import parse_value
from soundcheck.stores.rows.view import TableView

_WORDS: Final = {
    Operator.LESS: "lt",
    Operator.LESS_OR_EQUAL: "lte",
    Operator.GREATER: "gt",
    Operator.GREATER_OR_EQUAL: "gte",
}
Pair = tuple[str, str]
"""A key and its value, as they are written."""


def where_of(view: TableView, model: PrismaModel, zone: str = UTC) -> str:
    """`{"name": {"contains": "x"}}`, "" for no condition. Raises `UsageError` for what the client cannot say."""
    conditions = [_condition(one, view.table.column(one.column), model, zone) for one in view.filters]
    if view.search.strip():
        conditions.append(_search(view, model, zone))
    if not conditions:
        return ""
    keys = [key for key, _ in conditions]
    if len(set(keys)) == len(keys):
        return _dict(conditions)
    return _dict([("AND", f"[{', '.join(_dict([one]) for one in conditions)}]")])


def compared(model: PrismaModel, column: Column, zone: str = UTC) -> Compared:
    """The column with its field. Raises `UsageError` where the schema has none for it."""
    field = next((f for f in model.fields if f.column == column.name and f.is_scalar), None)
    if field is None:
        raise cannot(f"the model {model.name} has no field for {column.name}")
    return Compared(column, field, zone)


def _search(view: TableView, model: PrismaModel, zone: str) -> Pair:
    found = plan_search(view.table, view.search, view.reveal, everywhere=view.everywhere)
    either = []
    for name in found.columns:
        column = view.table.column(name)
        match look_at(column, found.term):
            case ColumnSearch.EQUAL:
                one = RowFilter(name, Operator.EQUAL, parse_value(column, found.term))
            case ColumnSearch.LABELS:
                labels = tuple(label for label in column.labels if found.term.lower() in label.lower())
                one = RowFilter(name, Operator.IN, values=labels)
            case _ if family(column) in {Family.TEXT, Family.JSON, Family.ARRAY}:
                one = RowFilter(name, Operator.CONTAINS, found.term)
            case _:
                raise cannot(f"a part of {name}, which is {column.type}")
        either.append(_dict([_condition(one, column, model, zone)]))
    return "OR", f"[{', '.join(either)}]"


def _condition(one: RowFilter, column: Column, model: PrismaModel, zone: str) -> Pair:
    subject = compared(model, column, zone)
    name, field = subject.field.name, subject.field
    if one.operator in {Operator.IS_NULL, Operator.IS_NOT_NULL}:
        if not field.optional or field.is_list or field.type == "Json":
            raise cannot(f"the schema's {model.name}.{name} cannot be asked for NULL")
        return (name, "None") if one.operator is Operator.IS_NULL else ("NOT", f"[{_dict([(name, 'None')])}]")
    if field.is_list:
        return _of_list(one, subject)
    if column.nullable and not field.optional and one.operator is Operator.NOT_EQUAL:
        raise cannot(f"{column.name} may be NULL, and the schema says that it never is")
    return _of_scalar(one, subject)


def _of_list(one: RowFilter, subject: Compared) -> Pair:
    if one.operator is not Operator.CONTAINS or subject.type_name not in {"text", "varchar", "int4", "int8", "bool"}:
        raise cannot(f"{one.operator} on the list {subject.column.name}")
    return subject.field.name, _dict([("has", subject.literal(one.value))])


def _of_scalar(one: RowFilter, subject: Compared) -> Pair:
    name = subject.field.name
    match one.operator:
        case Operator.EQUAL:
            return name, _equal(subject, one.value)
        case Operator.NOT_EQUAL:
            return _not_equal(subject, one.value)
        case Operator.IN:
            return _in(subject, one.values)
        case Operator.BETWEEN:
            low = _bound(subject, Operator.GREATER_OR_EQUAL, one.values[0])
            return name, _dict([low, _bound(subject, Operator.LESS_OR_EQUAL, one.values[1])])
        case Operator.CONTAINS | Operator.STARTS_WITH:
            if subject.field.type != "String" or subject.type_name not in {"text", "varchar"}:
                raise cannot(f"{one.operator} on {subject.column.name}, which is {subject.column.type}")
            part = text_literal(pattern(one.value))  # the client hands it to LIKE as it is
            if one.operator is Operator.STARTS_WITH:
                return name, _dict([("startswith", part)])
            return name, _dict([("contains", part), ("mode", '"insensitive"')])
        case Operator.JSON_PATH:
            raise cannot("it has no JSON paths")
        case _ if one.operator not in _WORDS:
            raise cannot(f"{one.operator} on {subject.column.name}")
        case _:
            return name, _dict([_bound(subject, one.operator, one.value)])


def _equal(subject: Compared, value: str) -> str:
    if (day := subject.day(value)) is not None:
        return _dict([("gte", day[0]), ("lt", day[1])])
    return subject.literal(value)


def _not_equal(subject: Compared, value: str) -> Pair:
    """With the rows that hold NULL, as IS DISTINCT FROM has them."""
    name = subject.field.name
    either: list[str] = [_dict([(name, "None")])] if subject.field.optional else []
    if (day := subject.day(value)) is not None:
        parts = [_dict([(name, _dict([("lt", day[0])]))]), _dict([(name, _dict([("gte", day[1])]))])]
        return "OR", f"[{', '.join([*parts, *either])}]"
    other = _dict([("not", subject.literal(value))])
    return ("OR", f"[{', '.join([_dict([(name, other)]), *either])}]") if either else (name, other)


def _in(subject: Compared, values: Sequence[str]) -> Pair:
    name = subject.field.name
    if subject.field.type in {"Boolean", "Bytes"} or any(subject.day(value) for value in values):
        return "OR", f"[{', '.join(_dict([(name, _equal(subject, value))]) for value in values)}]"
    return name, _dict([("in", f"[{', '.join(subject.literal(value) for value in values)}]")])


def _bound(subject: Compared, operator: Operator, value: str) -> Pair:
    if subject.field.labels or subject.field.type in {"Boolean", "Bytes"} or subject.type_name == "uuid":
        raise cannot(f"{operator} on {subject.column.name}, which is {subject.column.type}")
    if (day := subject.day(value)) is None:
        return _WORDS[operator], subject.literal(value)
    begin, end = day
    if operator in {Operator.LESS_OR_EQUAL, Operator.GREATER}:
        return ("lt" if operator is Operator.LESS_OR_EQUAL else "gte"), end
    return _WORDS[operator], begin


def _dict(pairs: Sequence[Pair]) -> str:
    return "{" + ", ".join(f'"{key}": {value}' for key, value in pairs) + "}"


def view_as_prisma(view: TableView, models: Sequence[PrismaModel], *, limit: int = 50, zone: str = UTC) -> str:
    """`await db.user.find_many(where={…}, order=[…], take=50)`: the rows of `view_sql`, in its order.

    `db` stands for the connected client, and times without a zone are those of `zone`. Raises `UsageError` where the
    schema has no such table, or the client cannot say a filter, the search or the order exactly as the SQL does.
    """
    model = model_of(view.table, models)
    where, order = where_of(view, model, zone), order_of(view, model)
    arguments = [*([f"where={where}"] if where else []), *([f"order={order}"] if order else []), f"take={limit}"]
    name = model.name.lower()
    lines = "".join(f"    {one},\n" for one in arguments)
    short = f"await db.{name}.find_many({', '.join(arguments)})"
    return short if len(short) <= 88 else f"await db.{name}.find_many(\n{lines})"


def count_as_prisma(view: TableView, models: Sequence[PrismaModel], *, zone: str = UTC) -> str:
    """`await db.user.count(where={…})`. Raises as `view_as_prisma`."""
    model = model_of(view.table, models)
    where = where_of(view, model, zone)
    return f"await db.{model.name.lower()}.count({f'where={where}' if where else ''})"


def order_of(view: TableView, model: PrismaModel) -> str:
    """`[{"createdAt": "desc"}, {"id": "desc"}]`, "" where the view has no order. Raises `UsageError`."""
    found = []
    order = row_order(view).order
    if order.whole:
        raise cannot(f"this {view.table.kind} has no key, so its order is that of the whole row as text")
    for key in order.keys:
        if key.name == "ctid":
            raise cannot("this table has no key, so its order is that on disk")
        if key.nulls_first is not None and key.nulls_first != key.descending:
            raise cannot(f"it has no word for where NULLs stand, and the index has them elsewhere in {key.name}")
        field = compared(model, view.table.column(key.name)).field
        found.append(f'{{"{field.name}": "{"desc" if key.descending else "asc"}"}}')
    return f"[{', '.join(found)}]" if found else ""
