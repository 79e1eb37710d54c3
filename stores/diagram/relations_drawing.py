"""A database's relations as a drawing: one table between its neighbours, or the whole schema in layers. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from soundcheck.stores.catalog.tables import Catalog, Table, TableName
from soundcheck.stores.diagram.layering import layered
from soundcheck.stores.diagram.layout import DiagramTable, Drawing, drawn
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.rows.relations import ForeignKey, Relations

_ITSELF = "↻"
_IN_WORDS = "⇢"


def whole_drawing(catalog: Catalog, relations: Relations, *, room: int) -> Drawing:
    """All tables in layers: what others name stands on the left. Partitions are left out, their table is there."""
    tables = [table for table in catalog if not table.partition_of]
    found = layered([_name(table) for table in tables], relations.keys)
    by_name = {_name(table): table for table in tables}
    order = [name for layer in found.layers for name in layer] + list(found.alone)
    number = {name: at for at, name in enumerate(order)}
    lines_drawn = set(found.drawn)
    nodes = [
        _node(
            by_name[name],
            catalog,
            [key for key in relations.keys if key.table == name and key.target in number],
            {key: number[key.target] for key in lines_drawn if key.table == name},
        )
        for name in order
    ]
    return drawn(
        nodes,
        [[number[name] for name in layer] for layer in found.layers],
        room=room,
        alone=[number[name] for name in found.alone],
        heading="Without relations" if found.layers else "No table names another.",
    )


def neighbours_drawing(catalog: Catalog, relations: Relations, table: Table, *, room: int) -> Drawing:
    """One table in the middle, those that it names on the left, those that name it on the right.

    A table that does both stands on both sides.
    """
    by_name = {_name(one): one for one in catalog}
    own = _name(table)
    outgoing = [key for key in relations.keys if key.table == own and key.target in by_name]
    incoming = [key for key in relations.keys if key.target == own and key.table in by_name and key.table != own]
    parents = list(dict.fromkeys(key.target for key in outgoing if key.target != own))
    children = list(dict.fromkeys(key.table for key in incoming))
    middle = len(parents)
    nodes = [_node(by_name[name], catalog, [], {}) for name in parents]
    lead = {key: parents.index(key.target) for key in outgoing if key.target != own}
    nodes.append(_node(table, catalog, outgoing, lead, said=True))
    for name in children:
        mine = [key for key in incoming if key.table == name]
        nodes.append(_node(by_name[name], catalog, mine, dict.fromkeys(mine, middle), said=True))
    columns = [list(range(middle)), [middle], list(range(middle + 1, len(nodes)))]
    return drawn(nodes, [column for column in columns if column], room=room, centred=True)


def neighbours_of(catalog: Catalog, relations: Relations, table: Table) -> tuple[Table, ...]:
    """The tables that `neighbours_drawing` shows, each once."""
    own = _name(table)
    names = {own} | {key.target for key in relations.keys if key.table == own}
    names |= {key.table for key in relations.keys if key.target == own}
    return tuple(one for one in catalog if _name(one) in names)


def _node(
    table: Table, catalog: Catalog, keys: Sequence[ForeignKey], lead: dict[ForeignKey, int], *, said: bool = False
) -> DiagramTable:
    lines, links = [], []
    for at, key in enumerate(keys):
        words = visible(", ".join(key.columns))
        if key.table == key.target:
            words = f"{words} {_ITSELF} itself"
        elif key not in lead:
            words = f"{words} {_IN_WORDS} {visible(catalog.label_of(key.target))}"
        elif said and key.on_delete != "NO ACTION":
            words = f"{words} · {key.on_delete.lower()}"
        lines.append(words)
        if key in lead:
            links.append((at, lead[key]))
    if not lines:
        lines.append(visible(", ".join(table.primary_key)) or "no key")
    return DiagramTable(_name(table), visible(catalog.label(table)), tuple(lines), tuple(links))


def _name(table: Table) -> TableName:
    return table.schema, table.name
