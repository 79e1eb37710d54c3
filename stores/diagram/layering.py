"""Which table stands in which layer: one that names no other in the first, each after all that it names. Pure.

A key that closes a circle cannot be drawn from right to left; it is told in words instead, and so is one of a table
to itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from soundcheck.stores.catalog.tables import TableName
from soundcheck.stores.rows.relations import ForeignKey


@dataclass(frozen=True, slots=True)
class Layers:
    """`layers` from left to right, `alone` the tables that no key concerns; `drawn` keys run from right to left."""

    layers: tuple[tuple[TableName, ...], ...]
    alone: tuple[TableName, ...]
    drawn: tuple[ForeignKey, ...]
    in_words: tuple[ForeignKey, ...]


def layered(tables: Sequence[TableName], keys: Iterable[ForeignKey]) -> Layers:
    """Sort tables into layers. Keys whose table or target is not among `tables` are left out."""
    known = set(tables)
    keys = [key for key in keys if key.table in known and key.target in known]
    drawn, in_words = _without_circles(tables, keys)
    concerned = {name for key in keys for name in (key.table, key.target)}
    depth: dict[TableName, int] = {}
    targets: dict[TableName, list[TableName]] = {name: [] for name in tables}
    for key in drawn:
        targets[key.table].append(key.target)
    for name in tables:
        _settle(name, targets, depth)
    linked = [name for name in tables if name in concerned]
    number = max((depth[name] for name in linked), default=-1) + 1
    return Layers(
        tuple(tuple(name for name in linked if depth[name] == layer) for layer in range(number)),
        tuple(name for name in tables if name not in concerned),
        tuple(drawn),
        tuple(in_words),
    )


def _settle(start: TableName, targets: Mapping[TableName, list[TableName]], depth: dict[TableName, int]) -> None:
    """The longest way to a table that names no other; without recursion, for chains of any length."""
    waiting = [start]
    while waiting:
        name = waiting[-1]
        missing = [target for target in targets[name] if target not in depth]
        if missing and name not in depth:
            waiting += missing
        else:
            depth[name] = max((depth[target] + 1 for target in targets[name]), default=0)
            waiting.pop()


def _without_circles(
    tables: Sequence[TableName], keys: Sequence[ForeignKey]
) -> tuple[list[ForeignKey], list[ForeignKey]]:
    """The keys that can be drawn, and those that lead back to where a way began; a depth-first walk finds them.

    The walk begins at the tables that are named most, so that a circle is opened at its lesser end.
    """
    own: dict[TableName, list[ForeignKey]] = {name: [] for name in tables}
    named: dict[TableName, int] = dict.fromkeys(tables, 0)
    for key in keys:
        own[key.table].append(key)
        named[key.target] += 1
    done: set[TableName] = set()
    back: set[ForeignKey] = {key for key in keys if key.table == key.target}
    for start in sorted(tables, key=lambda name: len(own[name]) - named[name], reverse=True):
        if start in done:
            continue
        way = {start}
        walk = [(start, iter(own[start]))]
        while walk:
            name, rest = walk[-1]
            for key in rest:
                if key in back or key.target in done:
                    continue
                if key.target in way:
                    back.add(key)
                    continue
                way.add(key.target)
                walk.append((key.target, iter(own[key.target])))
                break
            else:
                walk.pop()
                way.remove(name)
                done.add(name)
    return [key for key in keys if key not in back], [key for key in keys if key in back]
