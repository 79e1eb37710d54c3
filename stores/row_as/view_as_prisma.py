"""A view of the grid as the Prisma Client Python call that finds its rows. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from stores.prisma.models import PrismaModel, model_of
from stores.row_as.prisma_values import cannot
from stores.row_as.prisma_where import compared, where_of
from stores.row_order import row_order
from stores.table_view import TableView


def view_as_prisma(view: TableView, models: Sequence[PrismaModel], *, limit: int = 50) -> str:
    """`await db.user.find_many(where={…}, order=[…], take=50)`: the rows of `view_sql`, in its order.

    `db` stands for the connected client. Raises `UsageError` where the schema has no such table, or the client cannot
    say a filter, the search or the order exactly as the SQL does.
    """
    model = model_of(view.table, models)
    where, order = where_of(view, model), order_of(view, model)
    arguments = [*([f"where={where}"] if where else []), *([f"order={order}"] if order else []), f"take={limit}"]
    name = model.name.lower()
    lines = "".join(f"    {one},\n" for one in arguments)
    short = f"await db.{name}.find_many({', '.join(arguments)})"
    return short if len(short) <= 88 else f"await db.{name}.find_many(\n{lines})"


def count_as_prisma(view: TableView, models: Sequence[PrismaModel]) -> str:
    """`await db.user.count(where={…})`. Raises as `view_as_prisma`."""
    model = model_of(view.table, models)
    where = where_of(view, model)
    return f"await db.{model.name.lower()}.count({f'where={where}' if where else ''})"


def order_of(view: TableView, model: PrismaModel) -> str:
    """`[{"createdAt": "desc"}, {"id": "desc"}]`, "" where the view has no order. Raises `UsageError`."""
    found = []
    for key in row_order(view).order.keys:
        if key.name == "ctid":
            raise cannot("this table has no key, so its order is that on disk")
        if key.nulls_first is not None and key.nulls_first != key.descending:
            raise cannot(f"it has no word for where NULLs stand, and the index has them elsewhere in {key.name}")
        field = compared(model, view.table.column(key.name)).field
        found.append(f'{{"{field.name}": "{"desc" if key.descending else "asc"}"}}')
    return f"[{', '.join(found)}]" if found else ""
