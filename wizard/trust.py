"""Asking whether a folder is trusted: one question, put where something of the folder would run, and nowhere else."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping

from soundcheck.stores.backend.folder_programs import everything_that_runs
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.project.project import Project
from soundcheck.stores.project.trust import (
    TRUST_OPTION,
    FolderProgram,
    Trusted,
    keep_trust,
    program_line,
    trust_given,
)
from soundcheck.wizard.asking import NO, YES, Question, QuestionKind
from soundcheck.wizard.progress import Mark, Progress, Reporter

TITLE = "Trust this folder"
TRUST = "trust"
"""The question's id."""


def trust_lines(programs: tuple[FolderProgram, ...], project: Project) -> tuple[str, ...]:
    """What a person agrees to, line by line, with whose folder it is where it is not theirs."""
    lines = [f"This would run what {project.root} brings along:"]
    lines += [f"  {program_line(one, project)}" for one in programs]
    try:
        owner = project.root.stat().st_uid
    except OSError:
        return tuple(lines)
    if owner != os.geteuid():
        lines.append(f"The folder belongs to another user (uid {owner}).")
    return tuple(lines)


def trust_question(about: tuple[str, ...] = (), *, given: bool = False) -> Question:
    """The question by itself. Nobody but a person says yes: `--yes` does not, `--trust` does."""
    return Question(
        TITLE, (YES, NO), NO.key, TRUST_OPTION,
        id=TRUST, kind=QuestionKind.TRUST, with_yes=NO.key, given=YES.key if given else "", about=about,
    )  # fmt: skip


async def agreed_trust(project: Project, programs: tuple[FolderProgram, ...], report: Reporter) -> Trusted:
    """Keep what was agreed to, for later runs too; where that cannot be kept, it holds for this one."""
    try:
        return await asyncio.to_thread(keep_trust, project, programs)
    except CouldNotRun as problem:
        report(Progress(f"{problem.message} So it holds for this run.", Mark.WARN, hint=problem.hint))
        return trust_given(programs)


def trust_all(project: Project, environ: Mapping[str, str]) -> tuple[FolderProgram, ...]:
    """`--trust`: agree to all that would run of the folder, from now on. Blocking. Raises `CouldNotRun`."""
    programs = everything_that_runs(project, environ)
    keep_trust(project, programs)
    return programs
