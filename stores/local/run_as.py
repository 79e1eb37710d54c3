"""As whom PostgreSQL runs: it refuses to start as root.

A normal user runs it as itself. For root there are two ways, tried in this order: a user namespace in which root is
mapped to an ordinary uid (files stay root's, no capabilities, no operating-system user; a container's seccomp profile
may forbid it), and the user `nobody`, with the data in a place that it can reach.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

NOBODY_DATA: Final = Path("/var/lib/soundcheck")


@dataclass(frozen=True, slots=True)
class RunAs:
    """One way. `prefix` stands before the command; `uid` is None where the child keeps ours.

    `description` is what `status` says; empty for a normal user, where there is nothing to say.
    """

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None
    description: str = ""

    def data_folder(self, usual: Path) -> Path:
        """Where the cluster lies: the usual place, else one that `nobody` can reach, one for each stack."""
        if self.uid is None:
            return usual
        return NOBODY_DATA / hashlib.sha256(os.fsencode(usual)).hexdigest()[:16] / usual.name


NORMAL_USER: Final = RunAs()


def ways(euid: int | None = None) -> list[RunAs]:
    """The ways open to this user, best first. Whether one works is found out by running something."""
    if (os.geteuid() if euid is None else euid) != 0:
        return [NORMAL_USER]
    found = []
    if unshare := shutil.which("unshare"):
        found.append(
            RunAs(
                (unshare, "-U", "--map-user=1000", "--map-group=1000"),
                description="as root: PostgreSQL in a user namespace, as uid 1000",
            )
        )
    if nobody := _nobody():
        found.append(RunAs((), nobody[0], nobody[1], "as root: PostgreSQL as the user nobody"))
    return found


def _nobody() -> tuple[int, int] | None:
    import pwd

    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return None
    return entry.pw_uid, entry.pw_gid
