"""What a push would do, in words: for one table, and for the whole database. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from textual.content import Content

from soundcheck.checks.backend.schema_gap import SchemaGap
from soundcheck.stores.amounts import number_of
from soundcheck.stores.catalog.structure import Structure
from soundcheck.stores.catalog.tables import RelationKind
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.prisma.plan import PushPlan
from soundcheck.stores.prisma.statements import Effect, SchemaChange
from soundcheck.stores.prisma.table_drift import TableDrift, drift_of_table, pushed

Sections = list[tuple[str, Content]]

_MARKS: Final = {Effect.ADDS: ("+", "$success"), Effect.CHANGES: ("~", "$warning"), Effect.LOSES: ("-", "bold $error")}
_NOT_PUSHED: Final = {RelationKind.VIEW, RelationKind.MATERIALIZED, RelationKind.FOREIGN}


def table_sections(gap: SchemaGap, structure: Structure) -> Sections:
    """The verdict on one table, and the statements that would run for it."""
    table = structure.table
    if table.kind in _NOT_PUSHED:
        return [(_title(gap), Content(f"– A push does not touch a {table.kind}."))]
    drift = drift_of_table(
        gap.plan,
        (table.schema, table.name),
        gap.default_schema,
        indexes=[index.name for index in structure.indexes],
        enums=[column.type_name for column in structure.columns if column.labels],
    )
    reasons = [reason for reason in gap.plan.blocked if f"`{table.name}`" in reason]
    lines = [*_first_words(gap), _table_verdict(gap, drift), *_changes(drift.changes), *_blocked(reasons)]
    lines += [_line("·", f"{loss.name} stays: the schema does not name it", "$muted") for loss in drift.kept]
    found = [(_title(gap), Content("\n").join(lines))]
    if drift.statements:
        found.append((_statements_title(gap), _sql(drift.statements)))
    return found


def whole_sections(gap: SchemaGap) -> Sections:
    """The verdict on the whole database: all lines of the plan, what would be lost, what stays, the statements."""
    plan = pushed(gap.plan)
    lines = [*_first_words(gap), _whole_verdict(gap, plan), *_changes(plan.changes), *_blocked(plan.blocked)]
    found = [(_title(gap), Content("\n").join(lines))]
    if plan.losses:
        named = [_line("-", f"{visible(loss.name)}   {visible(loss.text)}", "bold $error") for loss in plan.losses]
        found.append(("Would be lost, each asked for by its name", Content("\n").join(named)))
    if plan.kept:
        stays = [_line("·", visible(name), "$muted") for name in plan.kept]
        found.append(("Stays as it is: the schema does not name it", Content("\n").join(stays)))
    if plan.statements:
        found.append((_statements_title(gap), _sql(plan.statements)))
    return found


def as_text(sections: Sections) -> str:
    """The same to be copied."""
    return "\n\n".join(f"{title}\n{body.plain}" for title, body in sections) + "\n"


def _title(gap: SchemaGap) -> str:
    return f"Against {visible(gap.shown)}, compared {gap.at.astimezone():%H:%M:%S}"


def _statements_title(gap: SchemaGap) -> str:
    return "What would close the gap" if gap.plan.has_migrations else "What push would run"


def _first_words(gap: SchemaGap) -> list[Content]:
    """What makes the rest mean something else: no schema of its own, or a history that push must not bypass."""
    found = []
    if not gap.own:
        found.append(
            _line("!", "This project has no Prisma schema; press 1 for Setup, which offers this one.", "$warning")
        )
    if gap.plan.has_migrations:
        words = f"There is a migrations folder: push does nothing here. Run: {gap.plan.migrate_line}"
        found.append(_line("!", words, "$warning"))
    return found


def _table_verdict(gap: SchemaGap, drift: TableDrift) -> Content:
    if drift.in_sync and not drift.in_schema:
        return _line("–", "The schema does not name this table; a push leaves it as it is.", "$muted")
    if drift.in_sync:
        return _line("✓", "As the schema says.", "$success")
    number = len(drift.changes)
    lost = f"{len(drift.lost)} would be lost." if drift.lost else "Nothing would be lost."
    if not number:
        return _line("!", "Touched by a change of an enum; see D. Nothing of this table would be lost.", "$warning")
    differs = f"{number_of(number, 'difference')}. {lost}"
    return _line("✗" if drift.lost else "!", differs, "bold $error" if drift.lost else "$warning")


def _whole_verdict(gap: SchemaGap, plan: PushPlan) -> Content:
    if plan.in_sync:
        return _line("✓", "The database is as the schema says.", "$success")
    number = len(plan.changes)
    lost = f"{len(plan.losses)} would be lost." if plan.losses else "Nothing would be lost."
    does = "" if gap.plan.has_migrations else " Setup shows and pushes them: press 1."
    differs = f"{number_of(number, 'difference')}. {lost}{does}"
    return _line("✗" if plan.losses else "!", differs, "bold $error" if plan.losses else "$warning")


def _changes(changes: Iterable[SchemaChange]) -> list[Content]:
    found = []
    for change in changes:
        mark, style = _MARKS[change.effect]
        words = _line(mark, visible(change.text), style)
        if change.loss is not None:
            words = Content.assemble(words, (f"   lost; asked for as {visible(change.loss.name)}", "$muted"))
        found.append(words)
    return found


def _blocked(reasons: Iterable[str]) -> list[Content]:
    return [_line("✗", f"Cannot be done: {visible(reason)}", "bold $error") for reason in reasons]


def _sql(statements: Sequence[str]) -> Content:
    return Content("\n").join(
        Content(visible(line)) for one in statements for line in (one.strip().rstrip(";") + ";").split("\n")
    )


def _line(mark: str, words: str, style: str) -> Content:
    return Content.assemble((f"{mark} ", style), words)
