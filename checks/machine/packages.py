"""The machine: Python, the local stack, disk space."""

from __future__ import annotations

import platform
import shutil
import sys
from pathlib import Path
from typing import Final

import soundcheck
from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.database.layers import uses_local_cache, uses_local_database
from soundcheck.checks.finding import Blame, Evidence, Finding, fail, flag, number, ok, skip, text, warn
from soundcheck.checks.fixes import LOCAL_UP
from soundcheck.checks.machine.environment import environment_check
from soundcheck.checks.machine.terminal import terminal_checks

OLDEST: Final = (3, 11)
NEWEST: Final = (3, 15)
_ENOUGH: Final = 200_000_000
_LITTLE: Final = 1_000_000_000


def machine_checks() -> tuple[Check, ...]:
    """All of the machine, in order."""
    return (
        Check("machine.python", Group.MACHINE, "this Python fits", _collect_python, judge_python),
        Check("machine.local", Group.MACHINE, "the local stack runs, where it is used", _collect_local, judge_local),
        Check("machine.disk", Group.MACHINE, "there is disk space left", _collect_disk, judge_disk),
        environment_check(),
        *terminal_checks(),
    )


async def _collect_python(_: Context) -> Evidence:
    return {
        "major": sys.version_info.major,
        "minor": sys.version_info.minor,
        "python": platform.python_version(),
        "soundcheck": soundcheck.__version__,
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
    }


def judge_python(evidence: Evidence) -> Finding:
    """`machine.python`."""
    found = (int(number(evidence, "major") or 0), int(number(evidence, "minor") or 0))
    said = f"Python {text(evidence, 'python')} on {text(evidence, 'system')}"
    if found < OLDEST:
        return fail(
            f"{said} is too old.",
            cause=f"Soundcheck needs Python {_words(OLDEST)} or newer.",
            blame=Blame.YOU,
            hint=f"Install Python {_words(NEWEST)} from python.org, then type: make run",
        )
    if found > NEWEST:
        return warn(
            f"{said} is newer than what was tried.",
            cause=f"Prisma Client Python was tried up to Python {_words(NEWEST)}.",
            blame=Blame.YOU,
            hint=f"If `prisma generate` fails, use Python {_words(NEWEST)}.",
        )
    return ok(f"{said}.")


def _words(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


async def _collect_local(context: Context) -> Evidence:
    from soundcheck.stores.local.stack import LocalStack

    status = await LocalStack(context.services.project.local).status()
    return {
        "database_in_use": uses_local_database(context),
        "cache_in_use": uses_local_cache(context),
        "postgres": str(status.postgres.state),
        "redis": str(status.redis.state),
        "rest": str(status.rest.state),
    }


def judge_local(evidence: Evidence) -> Finding:
    """`machine.local`: only what is in use has to run."""
    needed = ["postgres"] if flag(evidence, "database_in_use") else []
    needed += ["redis", "rest"] if flag(evidence, "cache_in_use") else []
    if not needed:
        return skip("Not needed here.", "the local stack is not in use")
    down = [name for name in needed if text(evidence, name) != "up"]
    if not down:
        return ok("The local stack runs.")
    names = {"postgres": "PostgreSQL", "redis": "Valkey", "rest": "the REST gateway"}
    return fail(
        f"The local stack is down: {', '.join(names[name] for name in down)}.",
        cause="The machine was restarted, or it was stopped. No data is lost by that.",
        blame=Blame.YOU,
        hint="Type: soundcheck local up",
        fixes=(LOCAL_UP,),
    )


async def _collect_disk(context: Context) -> Evidence:
    home = context.services.project.home
    folder = next((p for p in (home, *home.parents) if p.exists()), Path("/"))
    usage = shutil.disk_usage(folder)
    return {"free_bytes": usage.free, "total_bytes": usage.total}


def judge_disk(evidence: Evidence) -> Finding:
    """`machine.disk`: under 200 MB the local servers refuse to start, under 1 GB is a warning."""
    free = number(evidence, "free_bytes") or 0
    room = f"{free / 1e9:,.1f} GB" if free >= _LITTLE else f"{free / 1e6:,.0f} MB"
    said = f"{room} are free where Soundcheck keeps its data."
    hint = "Make room on that disk, or move the data with the variable SOUNDCHECK_HOME."
    if free < _ENOUGH:
        return fail(said, cause="The local servers need 200 MB to start.", blame=Blame.YOU, hint=hint)
    if free < _LITTLE:
        return warn(said, cause="Sample data and backups soon fill that.", blame=Blame.YOU, hint=hint)
    return ok(said)
