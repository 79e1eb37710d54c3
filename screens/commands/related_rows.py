"""What a row refers to and what refers to it, each with the command that shows it: lines for people, and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from soundcheck.screens.commands.ready_commands import in_a_line, row_command, rows_command, valued
from soundcheck.stores.amounts import number_of
from soundcheck.stores.catalog.tables import Catalog, Certainty, RowCount
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.problem import DatabaseProblem
from soundcheck.stores.rows.leads import Lead, leads_of
from soundcheck.stores.rows.record import Record
from soundcheck.stores.rows.relations import ForeignKey, count_children, load_relations
from soundcheck.stores.sensitivity import Sensitivity, sensitivity


@dataclass(frozen=True, slots=True)
class RelatedRows:
    """The relations of one row; what could not be counted is missing in `counts`, and `problem` says why."""

    leads: tuple[Lead, ...] = ()
    counts: Mapping[ForeignKey, RowCount] = field(default_factory=dict)
    problem: str = ""


async def related_rows(database: Database, catalog: Catalog, record: Record) -> RelatedRows:
    """All of them in two queries. A row is shown whatever becomes of these, so a failure is part of the answer."""
    leads: tuple[Lead, ...] = ()
    try:
        leads = leads_of(catalog, await load_relations(database), record.table, record.by_name)
        keys = [lead.key for lead in leads if lead.incoming]
        return RelatedRows(leads, await count_children(database, keys, record.by_name))
    except DatabaseProblem as problem:
        return RelatedRows(leads, problem=problem.message)


def related_lines(found: RelatedRows, record: Record, catalog: Catalog, *, reveal: bool) -> list[str]:
    """Two short lists under their headings."""
    lines = []
    for incoming, title in ((False, "Refers to"), (True, "Referred to by")):
        leads = [lead for lead in found.leads if lead.incoming is incoming]
        if not leads:
            lines.append(f"{title}: nothing")
            continue
        lines.append(f"{title}:")
        for lead in leads:
            number = f", {_number(found.counts.get(lead.key))}" if incoming else ""
            by = ", ".join(map(visible, lead.key.columns))
            lines.append(f"  {visible(catalog.label(lead.table))} by {by}{number}: {_how(lead, record, reveal)}")
    if found.problem:
        lines.append(f"Relations were not all read: {found.problem}")
    return lines


def related_document(found: RelatedRows, record: Record, catalog: Catalog, *, reveal: bool) -> dict[str, Any]:
    """The member `relations` of the JSON document `row`."""
    documents: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
    for lead in found.leads:
        one: dict[str, Any] = {
            "table": catalog.label(lead.table),
            "constraint": lead.key.name,
            "columns": list(lead.key.columns),
            "command": None if _is_masked(lead, record, reveal) else _command(lead),
        }
        if lead.incoming:
            count = found.counts.get(lead.key)
            number = None if count is None else {"number": count.number, "certainty": str(count.certainty)}
            one |= {"rows": number}
        documents[lead.incoming].append(one)
    return {
        "refers_to": documents[False],
        "referred_to_by": documents[True],
        "problem": found.problem or None,
    }


def _number(count: RowCount | None) -> str:
    if count is None:
        return "not counted"
    return number_of(count.number, "row") if count.certainty is Certainty.EXACT else f"{count.words} rows"


def _how(lead: Lead, record: Record, reveal: bool) -> str:
    if _is_masked(lead, record, reveal):
        return "its key is masked, --reveal shows the command"
    if command := in_a_line(_command(lead)):
        return command
    return f"use --json, its {'rows have' if lead.incoming else 'row has'} a key that is no single line"


def _command(lead: Lead) -> str:
    at = {one.column: one.value for one in lead.filters}
    if not lead.incoming and at.keys() == set(lead.table.primary_key):
        return row_command(lead.table.label, [at[name] for name in lead.table.primary_key])
    return rows_command(lead.table.label, [word for one in lead.filters for word in valued("--where", str(one))])


def _is_masked(lead: Lead, record: Record, reveal: bool) -> bool:
    """Whether the command would tell a value that is masked in this row, or in the rows that it leads to."""
    mine = lead.key.target_columns if lead.incoming else lead.key.columns
    named = [(record.table.name, name) for name in mine] + [(lead.table.name, one.column) for one in lead.filters]
    return not reveal and any(sensitivity(*one) is not Sensitivity.OPEN for one in named)
