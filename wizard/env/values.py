"""A few values of the env file changed, all else as it is: as a plan that `write_env` takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from soundcheck.stores.envfile import EnvReading, merge, read_env
from soundcheck.stores.errors import Refused
from soundcheck.stores.held_file import refuse_held
from soundcheck.stores.project.project import Project
from soundcheck.stores.secret import Secret
from soundcheck.wizard.env.plan import EnvPlan, LineKind, difference

SETUP_HINT: Final = "Run `soundcheck setup`, which shows it and asks."


def plan_values(project: Project, values: Mapping[str, Secret]) -> EnvPlan:
    """The env file with these values set, in place where a name stands, at the end where it does not.

    Raises `Refused` in words for a file that is not there, is a link, or cannot be changed safely.
    """
    shown = project.shown(project.env_file)
    reading = read_env(project.env_file)
    refuse_unfit(reading, shown)
    merged = merge(reading.document, values)
    if merged.problems:
        raise Refused(f"{shown} cannot be changed safely: {merged.problems[0].reason}.", SETUP_HINT)
    text = merged.document.render()
    return EnvPlan(
        path=reading.path,
        shown=shown,
        lines=difference(reading.document, merged.changes),
        exists=True,
        mode=reading.mode,
        digest=reading.digest,
        content=Secret(text),
        content_differs=text != reading.document.render(),
    )


def changed_lines(plan: EnvPlan) -> tuple[str, ...]:
    """The lines that differ, masked, as they are shown: `-` as it stands, `+` as it will."""
    told = []
    for line in plan.lines:
        if line.kind is not LineKind.KEEP:
            told += [f"- {line.before}"] * bool(line.before) + [f"+ {line.text}"]
    return tuple(told)


def refuse_unfit(reading: EnvReading, shown: str) -> None:
    """Raises `Refused` where the file is not one to be changed unasked."""
    if reading.problems:
        raise Refused(reading.problems[0].message, reading.problems[0].hint)
    if reading.link_target is not None:
        raise Refused(f"{shown} is a link to {reading.link_target}.", SETUP_HINT)
    refuse_held(reading.path, shown=shown)
