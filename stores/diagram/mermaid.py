"""Relations as a Mermaid `erDiagram`, for a README or a wiki. Pure.

Grammar: https://mermaid.js.org/syntax/entityRelationshipDiagram.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from soundcheck.stores.catalog.tables import Catalog, Table
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.rows.relations import ForeignKey, Relations

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_RESERVED: Final = frozenset(
    {"erdiagram", "direction", "style", "classdef", "class", "title", "one", "many", "to", "only"}
)


def mermaid(catalog: Catalog, relations: Relations, tables: Sequence[Table]) -> str:
    """An `erDiagram` of these tables with their columns, and of the keys between them.

    Names that Mermaid's grammar does not take stand as labels (tables) or comments (columns).
    """
    ids = {(table.schema, table.name): _id(catalog.label(table), at) for at, table in enumerate(tables)}
    by_name = {(table.schema, table.name): table for table in tables}
    keys = [key for key in relations.keys if key.table in ids and key.target in ids]
    lines = ["erDiagram"]
    for name, table in by_name.items():
        lines += _entity(ids[name], table, [key for key in keys if key.table == name])
    for key in keys:
        by = _quoted(", ".join(key.columns))
        lines.append(f"    {_bare(ids[key.target])} {_ends(by_name[key.table], key)} {_bare(ids[key.table])} : {by}")
    return "\n".join(lines) + "\n"


def _entity(name: str, table: Table, keys: Sequence[ForeignKey]) -> list[str]:
    if not table.all_columns:
        return [f"    {name}"]
    lines = [f"    {name} {{"]
    named = {column for key in keys for column in key.columns}
    for column in table.all_columns:
        is_key, refers = column.name in (*table.primary_key, *table.withheld_key), column.name in named
        alone = any(one.unique and [c.name for c in one.columns] == [column.name] for one in table.indexes)
        marks = [word for word, on in (("PK", is_key), ("FK", refers), ("UK", alone and not is_key)) if on]
        plain = _PLAIN.fullmatch(column.name) is not None
        shown = column.name if plain else _word(column.name)
        comment = "" if plain else f" {_quoted(column.name)}"
        lines.append(f"        {_word(column.type)} {shown}{' ' + ', '.join(marks) if marks else ''}{comment}")
    return [*lines, "    }"]


def _ends(table: Table, key: ForeignKey) -> str:
    """A row names exactly one, or at most one where a column may be NULL; many name it, or one where that is unique."""
    optional = any(column.nullable for column in table.all_columns if column.name in key.columns)
    sets = [set(table.primary_key), *({c.name for c in one.columns} for one in table.indexes if one.unique)]
    single = set(key.columns) in sets
    return f"{'|o' if optional else '||'}--{'o|' if single else 'o{'}"


def _id(label: str, at: int) -> str:
    if _PLAIN.fullmatch(label) and label.lower() not in _RESERVED:
        return label
    return f"t{at}[{_quoted(label)}]"


def _bare(name: str) -> str:
    return name.split("[", 1)[0]


def _word(text: str) -> str:
    """A word of Mermaid's grammar: `character varying(255)` as `character_varying(255)`."""
    word = re.sub(r"[^A-Za-z0-9_()\[\]-]+", "_", text).strip("_")
    return word if word[:1].isalpha() else f"c_{word}"


def _quoted(text: str) -> str:
    return '"' + visible(text).replace('"', "'") + '"'
