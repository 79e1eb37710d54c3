"""Warnings that a person looked at and accepted, for a profile: they stay quiet until they say something else."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from typing import Any, Final

from soundcheck.stores.project.kept_file import KeptFile, NotReadable
from soundcheck.stores.project.project import Project
from soundcheck.stores.secret import Secret

NAME: Final = "accepted_warnings.json"

Accepted = Mapping[str, Mapping[str, str]]
"""By profile and check: the fingerprint of what it said."""

_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")


def accepted_warnings(project: Project) -> Mapping[str, str]:
    """Those of the profile in use; none where that cannot be read. Blocking."""
    return _kept(project).get(project.profile.name, {})


def accept_warning(project: Project, check: str, summary: str) -> None:
    """Remember that this warning is known. Blocking. Raises `CouldNotRun`."""
    _write(project, {**accepted_warnings(project), check: mark_of(summary)})


def warn_again(project: Project, check: str) -> bool:
    """Forget it; whether it was known. Blocking. Raises `CouldNotRun`."""
    known = dict(accepted_warnings(project))
    was_known = known.pop(check, None) is not None
    if was_known:
        _write(project, known)
    return was_known


def mark_of(summary: str) -> str:
    """What tells a warning from another of the same check: its words, whatever it measured."""
    return Secret(_NUMBER.sub("#", summary)).fingerprint()


def _write(project: Project, known: Mapping[str, str]) -> None:
    project.prepare_state()
    _file(project).write({**_kept(project), project.profile.name: known})


def _kept(project: Project) -> Accepted:
    with contextlib.suppress(NotReadable):
        return _file(project).read() or {}
    return {}


def _file(project: Project) -> KeptFile[Accepted]:
    return KeptFile(project.state / NAME, _to_json, _from_json)


def _to_json(known: Accepted) -> dict[str, Any]:
    return {"profiles": {name: dict(sorted(of.items())) for name, of in sorted(known.items())}}


def _from_json(document: Mapping[str, Any]) -> Accepted:
    return {
        str(name): {str(check): str(mark) for check, mark in of.items()} for name, of in document["profiles"].items()
    }
