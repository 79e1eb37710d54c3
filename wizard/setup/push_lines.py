"""What a push would do, as lines: new tables in one, many other additions counted, everything else said in full."""

from __future__ import annotations

from typing import Final

from soundcheck.stores.prisma.plan import PushPlan
from soundcheck.wizard.progress import PlanLine

MOST_ADDITIONS: Final = 3
"""With more additions than this beside new tables they are counted instead of listed."""

IN_SYNC: Final = "The database is as the schema says; nothing to push."


def push_lines(push: PushPlan) -> tuple[PlanLine, ...]:
    """The plan of a push. Past a project's own migrations there is none, and that is all that is said."""
    if push.has_migrations:
        hint = f"Apply them with your own tool: {push.migrate_line}"
        return (PlanLine("!", "", "The project has migrations: nothing is pushed past them.", hint=hint),)
    lines = []
    if push.created_tables:
        count = len(push.created_tables)
        lines.append(PlanLine("+", f"{count} table{'s' * (count > 1)}", f"  {', '.join(push.created_tables)}"))
    told = [line for line in push.lines if not line.startswith("+ create table ")]
    added = [line for line in told if line.startswith("+")]
    if counted := len(added) > MOST_ADDITIONS:
        lines.append(PlanLine("+", f"{len(added)} more", "  their indexes, keys and defaults"))
    lines += [PlanLine(line[0], "", line[2:]) for line in told if not (counted and line.startswith("+"))]
    if push.in_sync:
        lines.append(PlanLine("✓", "", IN_SYNC))
    if push.kept:
        lines.append(PlanLine(" ", "", f"left alone: {', '.join(push.kept)}"))
    lines += [PlanLine("!", "", warning) for warning in push.warnings]
    if not push.losses and not push.warnings and not any(line.startswith("-") for line in push.lines):
        lines.append(PlanLine(" ", "", "Nothing that is there is lost."))
    return tuple(lines)
