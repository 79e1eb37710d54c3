"""The DDL of a relation that runs in an empty database: what it needs first, then the relation and its partitions.

What cannot be made there stands at the end as comments.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final

from soundcheck.stores.catalog.ddl import foreign_keys, late_statements, left_out, relation_statements
from soundcheck.stores.catalog.ddl_definition import RelationDefinition
from soundcheck.stores.catalog.ddl_parts import DefinedSequence, commented, part_statements, sequence_sql
from soundcheck.stores.catalog.ddl_queries import DDL_FACTS
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble
from soundcheck.stores.postgres.sql_text import quoted_name

DDL_SETTINGS: Final = {"search_path": "", "lock_timeout": "2000", "jit": "off"}
"""Without a search path the server writes every name with its schema."""


@dataclass(frozen=True, slots=True)
class Needed:
    """An object of the catalogue `kind` (pg_type, pg_class, …), with the keys of what it needs itself."""

    key: str
    kind: str
    oid: int
    called: str
    of_extension: bool
    needs: tuple[str, ...]
    facts: Mapping[str, Any]


async def load_ddl(database: Database, schema: str, name: str) -> str:
    """Read it in one round trip. Raises `DatabaseProblem`."""
    found = await database.fetch(f"SELECT ({DDL_FACTS})::text", [schema, name], settings=DDL_SETTINGS)
    return ddl_of(json.loads(found.rows[0][0]), name)


def ddl_of(facts: Mapping[str, Any], name: str) -> str:
    """From the document of `DDL_FACTS`. Raises `DatabaseProblem` where the relation is not there."""
    definitions = {made.oid: made for made in map(RelationDefinition.of, facts["definitions"])}
    made = [definitions[oid] for oid in facts["made"] if oid in definitions]
    if not made:
        raise DatabaseProblem(Trouble.MISSING, f"{name} is not there any more.", "Load the tables again.")
    return script(in_order([_needed(node) for node in facts["nodes"]]), definitions, made)


def in_order(needed: list[Needed]) -> list[Needed]:
    """Each behind what it needs; as they came where they need each other."""
    known = {one.key: one for one in needed}
    graph = {one.key: [key for key in one.needs if key in known] for one in needed}
    try:
        return [known[key] for key in TopologicalSorter(graph).static_order()]
    except CycleError:
        return needed


def script(needed: list[Needed], definitions: Mapping[int, RelationDefinition], made: list[RelationDefinition]) -> str:
    """All statements, each ended by a semicolon and a line break, then the foreign keys and the comments."""
    own = {one.oid for one in made}
    above = _partitioned_above(definitions, made)
    lines = [f"{statement};\n" for statement in _statements(needed, definitions, made, own)]
    lines += [f"{line}\n" for relation in above for line in foreign_keys(relation, whole=False)]
    lines += [f"{line}\n" for relation in made for line in foreign_keys(relation, whole=True)]
    lines += [f"{comment}\n" for comment in _comments(needed, definitions, made, own)]
    return "".join(lines)


def _statements(
    needed: list[Needed], definitions: Mapping[int, RelationDefinition], made: list[RelationDefinition], own: set[int]
) -> Iterator[str]:
    has_functions = any(one.kind == "pg_proc" and one.facts.get("function") and not one.of_extension for one in needed)
    if has_functions:
        yield "SET check_function_bodies = off"
    for one in needed:
        if one.of_extension or one.oid in own:
            continue
        if one.kind == "pg_class" and one.facts:
            yield sequence_sql(DefinedSequence(**one.facts["sequence"]), only_if_missing=_owner(one) not in own)
        elif one.kind == "pg_class" and one.oid in definitions:
            yield from relation_statements(definitions[one.oid], whole=False)
            yield from _owned(needed, definitions[one.oid])
        else:
            yield from part_statements(one.kind, one.facts) or ()
    if has_functions:
        yield "RESET check_function_bodies"
    for relation in made:
        yield from relation_statements(relation, whole=True)
        yield from _owned(needed, relation)
    for relation in made:
        yield from late_statements(relation)


def _partitioned_above(
    definitions: Mapping[int, RelationDefinition], made: list[RelationDefinition]
) -> list[RelationDefinition]:
    """The tables that a partition is one of: their foreign keys are its own."""
    named = {(one.schema, one.name): one for one in definitions.values()}
    found: list[RelationDefinition] = []
    at = made[0]
    while at.is_partition and (parent := named.get((at.parents[0][0], at.parents[0][1]))):
        found.insert(0, parent)
        at = parent
    return found


def _owner(one: Needed) -> int | None:
    owned = one.facts["owned_by"]
    return owned[0] if owned else None


def _owned(needed: list[Needed], relation: RelationDefinition) -> Iterator[str]:
    for one in needed:
        if one.kind == "pg_class" and one.facts and _owner(one) == relation.oid:
            sequence = DefinedSequence(**one.facts["sequence"])
            yield f"ALTER SEQUENCE {sequence.sql} OWNED BY {relation.sql}.{quoted_name(one.facts['owned_by'][1])}"


def _comments(
    needed: list[Needed], definitions: Mapping[int, RelationDefinition], made: list[RelationDefinition], own: set[int]
) -> Iterator[str]:
    for one in needed:
        if one.of_extension or one.oid in own:
            continue
        if one.kind == "pg_class" and one.oid in definitions:
            yield commented(
                f"Made because it is needed: {definitions[one.oid].sql}, without its triggers, policies, comments, "
                "rights and, unless this is a partition of it, foreign keys."
            )
        elif one.kind == "pg_foreign_server" and one.facts["has_options"]:
            yield commented(f"Left out: the options of the server {one.facts['server']}, and its user mappings.")
        elif one.kind != "pg_class" and part_statements(one.kind, one.facts) is None:
            yield commented(f"Left out, but needed: {one.called}.")
    for relation in made:
        yield from left_out(relation)


def _needed(node: Mapping[str, Any]) -> Needed:
    kind = node["class"].rpartition(".")[2]
    return Needed(
        key=f"{node['class']} {node['oid']}",
        kind=kind,
        oid=node["oid"],
        called=node["called"] or kind,
        of_extension=node["of_extension"],
        needs=tuple(node["needs"]),
        facts=node["facts"] or {},
    )
