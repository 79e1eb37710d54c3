"""What is at stake behind a profile, written into `soundcheck.toml` without touching anything else in it."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from soundcheck.stores.errors import CouldNotRun, Refused, UsageError
from soundcheck.stores.plain_file import read_plain
from soundcheck.stores.project.config import CONFIG_NAME, parse_config
from soundcheck.stores.project.journal import Journal, Kind
from soundcheck.stores.project.project import ProfileKind, Project
from soundcheck.stores.services import Services

_KIND: Final = re.compile(r"^(?P<before>\s*kind\s*=\s*)(?:\"[^\"]*\"|'[^']*')(?P<after>.*)$")


@dataclass(frozen=True, slots=True)
class KindChange:
    """The file as it will be; `before` is the kind until now. Equal texts mean that there is nothing to write."""

    path: Path
    profile: str
    before: ProfileKind
    after: ProfileKind
    old_text: str
    text: str
    project: Project

    @property
    def changes(self) -> bool:
        """Whether the file would differ."""
        return self.text != self.old_text


def plan_kind(project: Project, profile: str, kind: ProfileKind) -> KindChange:
    """What naming the kind of a profile changes. Writes nothing.

    Raises `UsageError` where the file has other profiles and not this one, `Refused` where the file is written in a
    way that cannot be edited line by line.
    """
    path = project.root / CONFIG_NAME
    old_text = _text(path)
    config = _parsed(old_text)
    profiles = config.get("profiles", {})
    if profile not in profiles and profile != project.profile.name:
        known = ", ".join(sorted(profiles)) or "none"
        raise UsageError(f"There is no profile {profile!r} in {CONFIG_NAME} (there: {known}).", "Name one of these.")
    written = profiles.get(profile, {}).get("kind")
    before = _known_kind(written)
    text = old_text if written == kind else _with_kind(old_text, profile, kind)
    try:
        as_wanted = tomllib.loads(text) == _expected(config, profile, kind)
    except tomllib.TOMLDecodeError:
        as_wanted = False
    if not as_wanted:
        raise Refused(
            f"{CONFIG_NAME} is written in a way that is not edited for you.",
            f"Write kind = {json.dumps(kind)} into the profile {profile} by hand.",
        )
    return KindChange(path, profile, before, kind, old_text, text, project)


def write_kind(change: KindChange) -> None:
    """Write the file, 0644, as it is committed. Raises `Refused` where it changed since, `CouldNotRun` by the disk."""
    if _text(change.path) != change.old_text:
        raise Refused(f"{CONFIG_NAME} has changed since it was shown.", "Look at it again, then write.")
    before = read_plain(change.path) if change.path.exists() else None
    Journal(change.project).write_file(Kind.TEAM, change.path, before, change.text.encode(), mode=0o644)


def record_kind(services: Services, kind: ProfileKind) -> Services:
    """Say once for all what the profile in use is for: written, and in the services from now on. As the two above."""
    project = services.project
    change = plan_kind(project, project.profile.name, kind)
    if change.changes:
        write_kind(change)
    return replace(services, project=replace(project, profile=replace(project.profile, kind=kind)))


def _with_kind(text: str, profile: str, kind: ProfileKind) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.split(newline)
    wanted: dict[str, Any] = {"profiles": {profile: {}}}
    start = next((i for i, line in enumerate(lines) if _header(line) == wanted), None)
    said = f"kind = {json.dumps(kind)}"
    if start is None:
        name = profile if re.fullmatch(r"[A-Za-z0-9_-]+", profile) else json.dumps(profile, ensure_ascii=False)
        gap = [] if not text or text.endswith(newline * 2) else [""]
        return newline.join([*(lines if lines[-1] else lines[:-1]), *gap, f"[profiles.{name}]", said, ""])
    for at in range(start + 1, len(lines)):
        if _header(lines[at]) is not None:
            break
        if found := _KIND.match(lines[at]):
            lines[at] = f"{found['before']}{json.dumps(kind)}{found['after']}"
            return newline.join(lines)
    return newline.join([*lines[: start + 1], said, *lines[start + 1 :]])


def _header(line: str) -> dict[str, Any] | None:
    """The tables that a line opens, as they parse; None for any other line."""
    if not line.lstrip().startswith("["):
        return None
    try:
        return tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return None


def _expected(config: dict[str, Any], profile: str, kind: ProfileKind) -> dict[str, Any]:
    profiles = dict(config.get("profiles", {}))
    profiles[profile] = {**profiles.get(profile, {}), "kind": str(kind)}
    return {**config, "profiles": profiles}


def _parsed(text: str) -> dict[str, Any]:
    try:
        return parse_config(text)
    except UsageError as problem:
        raise Refused(problem.message, problem.hint) from None


def _known_kind(value: object) -> ProfileKind:
    """The kind that is written; what is none counts as unknown, and can be put right."""
    try:
        return ProfileKind(value) if isinstance(value, str) else ProfileKind.UNKNOWN
    except ValueError:
        return ProfileKind.UNKNOWN


def _text(path: Path) -> str:
    try:
        return read_plain(path).decode("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not UTF-8 text"
        raise CouldNotRun(f"{path.name} cannot be read: {reason}.", "Mend it, then try again.") from None
