"""The machine: Python, the local stack, disk space."""

from __future__ import annotations

import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import soundcheck
from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.database.layers import uses_local_cache, uses_local_database
from soundcheck.checks.explanation import Judgement, said
from soundcheck.checks.judging import Judging
from soundcheck.checks.machine import findings
from soundcheck.checks.machine.environment import environment_check
from soundcheck.checks.machine.findings import NEWEST, OLDEST
from soundcheck.checks.machine.terminal import terminal_checks

_ENOUGH: Final = 200_000_000
_LITTLE: Final = 1_000_000_000


def machine_checks() -> tuple[Check, ...]:
    """All of the machine, in order."""
    group = Group.MACHINE
    return (
        PYTHON.check("machine.python", group, "this Python fits", _collect_python),
        LOCAL.check("machine.local", group, "the local stack runs, where it is used", _collect_local),
        DISK.check("machine.disk", group, "there is disk space left", _collect_disk),
        environment_check(),
        *terminal_checks(),
    )


@dataclass(frozen=True, slots=True)
class PythonEvidence:
    """The Python that runs Soundcheck, and what it runs on."""

    major: int = 0
    minor: int = 0
    python: str = ""
    soundcheck: str = ""
    system: str = ""
    machine: str = ""


async def _collect_python(_: Context) -> PythonEvidence:
    return PythonEvidence(
        major=sys.version_info.major,
        minor=sys.version_info.minor,
        python=platform.python_version(),
        soundcheck=soundcheck.__version__,
        system=f"{platform.system()} {platform.release()}",
        machine=platform.machine(),
    )


def judge_python(evidence: PythonEvidence) -> Judgement:
    """`machine.python`."""
    version = (evidence.major, evidence.minor)
    code = "too_old" if version < OLDEST else "too_new" if version > NEWEST else "fits"
    return said(code, python=evidence.python, system=evidence.system)


PYTHON: Final = Judging(PythonEvidence, judge_python, findings.PYTHON)


@dataclass(frozen=True, slots=True)
class LocalEvidence:
    """Which stores in use are the local stack's, and the state of its three servers."""

    database_in_use: bool = False
    cache_in_use: bool = False
    postgres: str = ""
    redis: str = ""
    rest: str = ""


async def _collect_local(context: Context) -> LocalEvidence:
    from soundcheck.stores.local.stack import LocalStack

    status = await LocalStack(context.services.project.local).status()
    return LocalEvidence(
        database_in_use=uses_local_database(context),
        cache_in_use=uses_local_cache(context),
        postgres=str(status.postgres.state),
        redis=str(status.redis.state),
        rest=str(status.rest.state),
    )


def judge_local(evidence: LocalEvidence) -> Judgement:
    """`machine.local`: only what is in use has to run."""
    needed = {"postgres": evidence.postgres} if evidence.database_in_use else {}
    needed |= {"redis": evidence.redis, "rest": evidence.rest} if evidence.cache_in_use else {}
    if not needed:
        return said("not_in_use")
    down = tuple(said(name) for name, state in needed.items() if state != "up")
    return said("down", servers=down) if down else said("up")


LOCAL: Final = Judging(LocalEvidence, judge_local, findings.LOCAL)


@dataclass(frozen=True, slots=True)
class DiskEvidence:
    """Bytes of the disk that holds Soundcheck's data."""

    free_bytes: int = 0
    total_bytes: int = 0


async def _collect_disk(context: Context) -> DiskEvidence:
    home = context.services.project.home
    folder = next((p for p in (home, *home.parents) if p.exists()), Path("/"))
    usage = shutil.disk_usage(folder)
    return DiskEvidence(usage.free, usage.total)


def judge_disk(evidence: DiskEvidence) -> Judgement:
    """`machine.disk`: under 200 MB the local servers refuse to start, under 1 GB is a warning."""
    free = evidence.free_bytes
    in_words = said("gigabytes", amount=free / 1e9) if free >= _LITTLE else said("megabytes", amount=free / 1e6)
    return said("full" if free < _ENOUGH else "nearly_full" if free < _LITTLE else "enough", free=in_words)


DISK: Final = Judging(DiskEvidence, judge_disk, findings.DISK)
