"""As whom PostgreSQL runs: it refuses to start as root.

A normal user runs it as itself. For root there are two ways, tried in this order: a user namespace in which root is
mapped to an ordinary user (files stay root's, no capabilities, no user is created; a container's seccomp profile may
forbid it), and the user `nobody`, with the data in a place that it can reach. A user without an entry in the password
file, as containers have them, gets the namespace too: initdb wants a name.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from soundcheck.stores.programs.search_path import found_program

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
    euid = os.geteuid() if euid is None else euid
    somebody = _somebody()
    found = []
    if (euid == 0 or not _has_name(euid)) and somebody and (unshare := found_program("unshare")):
        uid, gid, name = somebody
        who = "as root" if euid == 0 else f"as user {euid}, who has no name here"
        found.append(
            RunAs(
                (str(unshare), "-U", f"--map-user={uid}", f"--map-group={gid}"),
                description=f"{who}: PostgreSQL in a user namespace, as {name}",
            )
        )
    if euid != 0:
        found.append(NORMAL_USER)
    elif somebody:
        uid, gid, name = somebody
        found.append(RunAs((), uid, gid, f"as root: PostgreSQL as the user {name}"))
    return found


def _has_name(uid: int) -> bool:
    """Whether it has an entry: initdb refuses a uid without an entry, as containers give them."""
    import pwd

    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _somebody() -> tuple[int, int, str] | None:
    """A user with a name that is not root: nobody, else any."""
    import pwd

    entries = sorted((entry for entry in pwd.getpwall() if entry.pw_uid != 0), key=lambda e: e.pw_name != "nobody")
    return (entries[0].pw_uid, entries[0].pw_gid, entries[0].pw_name) if entries else None
