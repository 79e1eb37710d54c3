"""Whether a folder of ours is ours alone: what others may write there, they could make us run, or read.

Its owner is this user or root, and nobody else may write into it or exchange it: each folder above belongs to this user
or to root, and is written by nobody else, or is sticky as /tmp is. A group counts as nobody else where it is the user's
own, as many systems give each user one; access lists beyond the mode are not looked at.
"""

from __future__ import annotations

import errno
import os
import shlex
import stat
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from soundcheck.stores.errors import CouldNotRun

_ROOT: Final = 0
_MOST_LINKS: Final = 40


def refuse_shared(folder: Path, variable: str = "SOUNDCHECK_HOME") -> None:
    """Raise `CouldNotRun` where others may write into the folder, or put another in its place.

    What is not there yet is judged by what is above it. Every folder and link on the way there is looked at. `variable`
    is the one that names another folder.
    """
    if not hasattr(os, "geteuid"):
        return
    itself = Path(os.path.realpath(folder))  # which leaves a link without end as it is
    try:
        for place, facts in _way(folder.absolute()):
            if said := _objection(place, facts, is_ours=place == itself):
                raise CouldNotRun(
                    f"{place} {said}, so Soundcheck keeps nothing there and runs nothing from there.",
                    f"{_cure(place, facts)}et {variable} to a folder of your own.",
                )
    except OSError as problem:
        raise CouldNotRun(f"{folder} cannot be looked at: {problem.strerror}.", f"Set {variable}.") from None


def _way(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Each place that is passed, links followed, down to the last one that is there."""
    here = Path(folder.anchor)
    yield here, here.lstat()
    rest, links = list(reversed(folder.parts[1:])), 0
    while rest:
        part = rest.pop()
        if part == "..":
            here = here.parent
            continue
        place = here / part
        try:
            facts = place.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return
        yield place, facts
        if not stat.S_ISLNK(facts.st_mode):
            here = place
            continue
        links += 1
        if links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        target = place.readlink()
        here = Path(target.anchor) if target.is_absolute() else here
        rest += reversed(target.parts[1:] if target.is_absolute() else target.parts)


def _objection(place: Path, facts: os.stat_result, *, is_ours: bool) -> str:
    """What is wrong with a place on the way, `is_ours` for the folder itself; "" for nothing."""
    owner, mode = facts.st_uid, facts.st_mode
    if owner not in {os.geteuid(), _ROOT} and (is_ours or owner not in _trusted()):
        return f"belongs to {_user(owner)}"
    is_sticky = bool(mode & stat.S_ISVTX) and not is_ours
    if stat.S_ISLNK(mode) or is_sticky or not (writers := _writers(facts)):
        return ""
    who = "everybody" if "o" in writers else f"the group {_group(facts.st_gid)}"
    return f"may be written by {who} (mode {stat.S_IMODE(mode):04o})"


def _writers(facts: os.stat_result) -> str:
    """Who else may write there, as chmod names them."""
    group = bool(facts.st_mode & stat.S_IWGRP) and not _is_own_group(facts.st_gid)
    return "g" * group + "o" * bool(facts.st_mode & stat.S_IWOTH)


def _cure(place: Path, facts: os.stat_result) -> str:
    if facts.st_uid != os.geteuid():
        return "S"
    return f"Type: chmod {_writers(facts)}-w {shlex.quote(str(place))}   Or s"


@cache
def _trusted() -> frozenset[int]:
    """Root; and within a user namespace the id that stands for everybody outside, root among them."""
    try:
        mapped = Path("/proc/self/uid_map").read_text("ascii").split()
        if mapped[:3] != ["0", "0", "4294967295"]:
            return frozenset({_ROOT, int(Path("/proc/sys/kernel/overflowuid").read_text("ascii"))})
    except (OSError, ValueError):
        pass
    return frozenset({_ROOT})


def _is_own_group(gid: int) -> bool:
    """Whether a group is root's, or one that this user has for themselves: of their name, with no other member."""
    if gid == _ROOT:
        return True
    try:
        import grp
        import pwd

        user, group = pwd.getpwuid(os.geteuid()), grp.getgrgid(gid)
    except (ImportError, KeyError):
        return False
    return user.pw_gid == gid and group.gr_name == user.pw_name and set(group.gr_mem) <= {user.pw_name}


def _user(uid: int) -> str:
    try:
        import pwd

        return pwd.getpwuid(uid).pw_name
    except (ImportError, KeyError):
        return f"the user {uid}"


def _group(gid: int) -> str:
    try:
        import grp

        return grp.getgrgid(gid).gr_name
    except (ImportError, KeyError):
        return str(gid)
