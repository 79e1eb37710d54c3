"""What a push would do to one table: its part of the whole plan, with the very statements. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from soundcheck.stores.catalog.tables import TableName
from soundcheck.stores.prisma.plan import PushPlan
from soundcheck.stores.prisma.statements import Loss, SchemaChange, Subject, subject


@dataclass(frozen=True, slots=True)
class TableDrift:
    """A table's part of a plan, named as the plan names it.

    `in_schema` says whether the schema names the table at all. `lost` would be gone; `kept` are losses that set-up
    leaves where they are unless somebody names them (a hand-made index). `statements` stand in the order in which
    they would run, those of `kept` left out.
    """

    name: str
    in_schema: bool = True
    changes: tuple[SchemaChange, ...] = ()
    statements: tuple[str, ...] = ()
    kept: tuple[Loss, ...] = ()

    @property
    def in_sync(self) -> bool:
        """Whether a push leaves the table as it is."""
        return not self.statements

    @property
    def lost(self) -> tuple[Loss, ...]:
        """What would be gone."""
        return tuple(change.loss for change in self.changes if change.loss is not None)


def drift_of_table(
    plan: PushPlan,
    table: TableName,
    default: str,
    *,
    indexes: Collection[str] = (),
    enums: Collection[str] = (),
) -> TableDrift:
    """The part of `plan` that is about one table. Pure.

    `table` is (schema, name), `default` the schema that the plan leaves out of names. `indexes` are those that the
    table has now (a statement that drops one names no table), `enums` the types of its columns.
    """
    prefix = "" if table[0] == default else f"{table[0]}."
    name = prefix + table[1]
    subjects = {
        (Subject.TABLE, name),
        *((Subject.INDEX, prefix + index) for index in indexes),
        *((Subject.ENUM, prefix + enum + working) for enum in enums for working in ("", "_new", "_old")),
    }
    mine = {at for at, one in enumerate(plan.statements) if subject(one, default) in subjects}
    left = pushed(plan)
    changes = tuple(change for change in left.changes if change.statement in mine)
    stays = {change.statement: change.loss for change in plan.changes if change.loss and change.loss.can_keep}
    return TableDrift(
        name,
        in_schema=name not in plan.extra_tables,
        changes=changes,
        statements=tuple(plan.statements[at] for at in sorted(mine - stays.keys())),
        kept=tuple(stays[at] for at in sorted(mine & stays.keys())),
    )


def pushed(plan: PushPlan) -> PushPlan:
    """The plan as set-up would carry it out: what can stay where it is stays, and counts among `kept`.

    For showing only: the numbers of the changes' statements are still those of `plan`.
    """
    stays = {change.statement: change.loss.name for change in plan.changes if change.loss and change.loss.can_keep}
    changes = tuple(change for change in plan.changes if change.statement not in stays)
    return replace(
        plan,
        changes=changes,
        losses=tuple(change.loss for change in changes if change.loss is not None),
        statements=tuple(one for at, one in enumerate(plan.statements) if at not in stays),
        kept=(*plan.kept, *sorted(stays.values())),
    )
