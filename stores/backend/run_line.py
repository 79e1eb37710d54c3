"""Run one command line of the person's own tools in the backend's folder, with its output shown as it comes."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from soundcheck.stores.errors import CouldNotRun, StepFailed
from soundcheck.stores.prisma.native import SecretMasks
from soundcheck.stores.programs.conversation import follow
from soundcheck.stores.programs.environment import whole
from soundcheck.stores.project.trust import Trusted

RUN_DEADLINE: Final = 600.0
"""Seconds. An installer may have to build something."""


async def run_line(
    command: Sequence[str],
    folder: Path,
    *,
    trusted: Trusted,
    environ: Mapping[str, str],
    secrets: Iterable[str],
    report: Callable[[str], None],
    deadline: float = RUN_DEADLINE,
) -> None:
    """Run it to its end. `secrets` are masked in what is shown; `trusted` is a person's consent.

    Raises `CouldNotRun` where the program is missing or does not end in time, `StepFailed` with its last line
    otherwise.
    """
    shown, masks, last = shlex.join(command), SecretMasks(*secrets), [""]

    def pass_on(line: str) -> None:
        if said := masks.scrub(line).strip():
            last[0] = said
            report(said)

    try:
        code = await follow(command, environment=whole(environ), deadline=deadline, cwd=folder, on_line=pass_on)
    except TimeoutError:
        raise CouldNotRun(f"{command[0]} did not finish within {deadline:g} s.", f"Type it yourself: {shown}") from None
    except OSError as problem:
        message = f"{command[0]} could not be started: {problem.strerror}."
        raise CouldNotRun(message, "Install it, or put it on the PATH.") from None
    if code != 0:
        raise StepFailed(f"{command[0]} ended with code {code}: {last[0][:300]}", f"Type it yourself: {shown}")
