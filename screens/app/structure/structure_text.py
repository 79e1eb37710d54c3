"""A table's structure in words: each section is a title and its lines. Pure."""

from __future__ import annotations

from textual.content import Content

from soundcheck.stores import amounts
from soundcheck.stores.catalog.structure import IndexFact, Structure
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.rows.cells import display_width, fit

_WIDEST = 40


def sections(structure: Structure) -> list[tuple[str, Content]]:
    """Columns, indexes, constraints, what is worth knowing, and the DDL."""
    found = [(f"Columns, {len(structure.columns)}", _columns(structure))]
    if structure.indexes:
        found.append((f"Indexes, {len(structure.indexes)}", Content("\n").join(map(_index, structure.indexes))))
    if structure.constraints:
        found.append(("Constraints", _constraints(structure)))
    if facts := _facts(structure):
        found.append(("Upkeep", Content("\n".join(facts))))
    found.append(("DDL", Content("\n".join(visible(line) for line in structure.ddl.split("\n")))))
    return found


def _columns(structure: Structure) -> Content:
    keys = structure.table.primary_key
    rows = []
    for column in structure.columns:
        default = f"= {column.default}" if column.default else "computed" if column.generated else ""
        kind = f"one of {', '.join(column.labels)}" if column.labels else column.type
        rows.append((column.name, kind, "" if column.nullable else "required", default, column.name in keys))
    name_width = min(_WIDEST, max((display_width(visible(row[0])) for row in rows), default=0))
    type_width = min(_WIDEST, max((display_width(visible(row[1])) for row in rows), default=0))
    lines = [
        Content.assemble(
            (_padded(name, name_width), "bold $secondary" if key else "bold"),
            "  ",
            _padded(kind, type_width),
            ("  " + _padded(required, 8), "$muted"),
            (f"  {visible(default)}" if default else "", "$faint"),
        )
        for name, kind, required, default, key in rows
    ]
    return Content("\n").join(lines)


def _index(index: IndexFact) -> Content:
    kind = "primary key" if index.primary else "unique" if index.unique else index.method
    used = "use not counted" if index.scans is None else f"used {index.scans:,}×" if index.scans else "! never used"
    size = "" if index.bytes is None else f"{amounts.size(index.bytes)} · "
    return Content.assemble(
        (visible(index.name), "bold"),
        f"  {visible(', '.join(index.columns))}",
        (f"  {kind} · {size}", "$muted"),
        (used, "$warning" if index.scans == 0 and not (index.unique or index.primary) else "$muted"),
        ("" if index.valid else " · ✗ not valid", "$error"),
    )


def _constraints(structure: Structure) -> Content:
    lines = [
        Content.assemble(
            (visible(one.name), "bold"),
            f"  {visible(one.definition)}",
            ("" if one.validated else "  ! not validated", "$warning"),
        )
        for one in structure.constraints
        if one.kind != "NOT NULL"
    ]
    return Content("\n").join(lines)


def _facts(structure: Structure) -> list[str]:
    facts = list(structure.notes)
    if structure.partition_key:
        facts.append(f"Partitioned by {structure.partition_key}.")
    if structure.dead_rows is not None:
        facts.append(f"Dead rows {structure.dead_rows:,}, cleared by VACUUM: {structure.last_vacuum or 'never yet'}.")
        facts.append(f"Statistics by ANALYZE: {structure.last_analyze or 'never yet'}.")
    return [visible(fact) for fact in facts]


def _padded(text: str, width: int) -> str:
    shown = fit(visible(text), width)
    return shown + " " * (width - display_width(shown))
