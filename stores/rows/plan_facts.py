"""What an EXPLAIN says about the rows that a statement will look at. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from soundcheck.stores.catalog.tables import TableName
from soundcheck.stores.rows.whole_row import NUMBERED

Plan = Mapping[str, Any]
"""A node of EXPLAIN (FORMAT JSON, VERBOSE)."""

_BLOCKING = frozenset({"Sort", "Aggregate", "Hash", "SetOp", "WindowAgg"})
_SMALL_SORT = 1000
_LUCK = 0.01
"""A walk that is hoped to end within this part of a table does; the estimate of a rarer find is a guess (a text that
contains another), and a wrong one goes through all of it."""


@dataclass(slots=True)
class PlanFacts:
    """Rows looked at, at least; the indexes in the order of the plan; whether many rows are sorted, and how many."""

    reads_rows: float = 0.0
    indexes: list[str] = field(default_factory=list)
    sorts: bool = False
    sorted_rows: float = 0.0


def relations_of(plan: Plan) -> set[TableName]:
    """(schema, name) of every relation that is scanned."""
    return {(node.get("Schema", ""), node["Relation Name"]) for node in _nodes(plan) if "Relation Name" in node}


def read_plan(plan: Plan, rows_of: Mapping[TableName, float]) -> PlanFacts:
    """Add up what is read; `rows_of` has the rows of whole relations, for scans that look at all of them."""
    facts = PlanFacts()
    _walk(plan, 1.0, rows_of, facts)
    return facts


def _nodes(plan: Plan) -> Iterator[Plan]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _walk(
    node: Plan,
    fraction: float,
    rows_of: Mapping[TableName, float],
    facts: PlanFacts,
    *,
    numbers: bool = False,
) -> None:
    """`fraction` is the part of the node's output that is asked for: a LIMIT stops the nodes below it early.

    `numbers` says that the node is the window that numbers equal rows.
    """
    if "Index Name" in node:
        facts.indexes.append(node["Index Name"])
    if "Relation Name" in node:
        if _walks_an_index(node) and fraction > _LUCK:
            fraction = 1.0
        facts.reads_rows += fraction * _looked_at(node, rows_of)
        # Below a bitmap scan are the indexes that it asks; their rows are the same ones.
        facts.indexes += [
            child["Index Name"] for below in node.get("Plans", ()) for child in _nodes(below) if "Index Name" in child
        ]
        return
    if node["Node Type"] == "Function Scan":
        facts.reads_rows += fraction * node["Plan Rows"]
    for child in node.get("Plans", ()):
        part = fraction
        if child.get("Parent Relationship") in {"InitPlan", "SubPlan"}:
            part = 1.0
        elif node["Node Type"] == "WindowAgg" and numbers:
            part = fraction  # it numbers rows as they come
        elif node["Node Type"] in _BLOCKING:
            part = 1.0
            if node["Node Type"] == "Sort":
                facts.sorts |= child["Plan Rows"] > _SMALL_SORT
                facts.sorted_rows = max(facts.sorted_rows, child["Plan Rows"])
        elif node["Node Type"] == "Limit":
            part = fraction * _share(node["Total Cost"], child)
        elif node["Node Type"] == "Incremental Sort":
            part = max(fraction, _share(node["Startup Cost"], child))
        _walk(child, part, rows_of, facts, numbers=node.get("Alias") == NUMBERED)


def _share(cost: float, child: Plan) -> float:
    """The part of the child that runs until `cost` is reached, as the planner reckons a LIMIT."""
    whole = child["Total Cost"] - child["Startup Cost"]
    return min(1.0, max(0.0, (cost - child["Startup Cost"]) / whole)) if whole > 0 else 1.0


def _walks_an_index(node: Plan) -> bool:
    """Whether rows come in an index's order and are looked through for those that a filter lets pass."""
    return node["Node Type"].startswith("Index") and "Filter" in node and "Index Cond" not in node


def _looked_at(node: Plan, rows_of: Mapping[TableName, float]) -> float:
    """Rows that a scan goes through; with an index condition and a filter besides, those that pass both."""
    whole = rows_of.get((node.get("Schema", ""), node["Relation Name"]), 0.0)
    shown = float(node["Plan Rows"])
    kind = node["Node Type"]
    if kind == "Seq Scan" or _walks_an_index(node):
        return max(whole, shown)
    if kind == "Bitmap Heap Scan":
        return max([shown, *(float(child["Plan Rows"]) for child in node.get("Plans", ()))])
    return shown
