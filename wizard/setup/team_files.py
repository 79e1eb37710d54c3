"""The two files a team commits, `.env.example` and `soundcheck.toml`.

Neither holds a secret, and neither replaces what a person wrote.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.credentials import DATABASE_URL, DIRECT_URL, ENV_NAMES, REST_TOKEN, REST_URL
from soundcheck.stores.envfile.reading import EnvProblem, EnvReading, digest_of, read_env
from soundcheck.stores.errors import CouldNotRun, Refused, UsageError
from soundcheck.stores.held_file import hold_on
from soundcheck.stores.plain_file import read_plain
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.config import CONFIG_NAME
from soundcheck.stores.project.journal import Journal, Kind
from soundcheck.stores.project.project import ProfileKind, Project
from soundcheck.wizard.profile_kind import plan_kind
from soundcheck.wizard.recognise.placeholders import is_masked_copy, is_placeholder

EXAMPLE_NAME: Final = ".env.example"

_EXAMPLE: Final = {
    DATABASE_URL: (
        "Neon, pooled host (it has -pooler in it). Percent-encode special characters of the password.",
        "postgresql://USER:PASSWORD@ENDPOINT-pooler.REGION.aws.neon.tech/DATABASE?sslmode=require&connection_limit={limit}",
    ),
    DIRECT_URL: (
        "The same database without -pooler: for creating tables.",
        "postgresql://USER:PASSWORD@ENDPOINT.REGION.aws.neon.tech/DATABASE?sslmode=require",
    ),
    REST_URL: ("Upstash, REST part of the database's page.", "https://NAME.upstash.io"),
    REST_TOKEN: ("The standard token, not the read-only one.", "your-token"),
}


@dataclass(frozen=True, slots=True)
class TeamFile:
    """One file as it will be; `text` is the whole of it and holds no secret. `adds` names what is new in it."""

    path: Path
    shown: str
    text: str
    adds: tuple[str, ...]
    exists: bool
    digest: str = ""
    problems: tuple[EnvProblem, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.adds) and not self.problems


@dataclass(frozen=True, slots=True)
class TeamPlan:
    """What would be written for the team."""

    example: TeamFile
    config: TeamFile
    project: Project

    @property
    def files(self) -> tuple[TeamFile, ...]:
        """Both, in the order in which they are shown."""
        return self.example, self.config

    def saying(self, kind: ProfileKind) -> TeamPlan:
        """The plan with what the database is for, where a new file will hold it."""
        if self.config.exists or not self.config.changes:
            return self
        return replace(self, config=replace(self.config, text=_config_text(self.project, kind)))


def plan_team_files(
    project: Project, *, kind: ProfileKind = ProfileKind.UNKNOWN, connection_limit: int = 100
) -> TeamPlan:
    """Read what is there and decide what is missing. Blocking; writes nothing.

    A `kind` that is known goes into a file that is there only where that says none.
    """
    return TeamPlan(_plan_example(project, connection_limit), _plan_config(project, kind), project)


def write_team_files(plan: TeamPlan) -> tuple[Path, ...]:
    """Write the files of the plan that have something new, 0644, and return them. Calling it is the consent.

    Raises `Refused` where one of them is no longer as it was read; `CouldNotRun` where it cannot be written.
    """
    wanted = [file for file in plan.files if file.changes]
    for file in wanted:
        if _digest(file.path) != file.digest:
            raise Refused(f"{file.shown} has changed since it was shown.", "Look at it again, then write.")
    journal = Journal(plan.project)
    for file in wanted:
        before = read_plain(file.path) if file.exists else None
        journal.write_file(Kind.TEAM, file.path, before, file.text.encode(), mode=0o644)
    return tuple(file.path for file in wanted)


def _plan_example(project: Project, connection_limit: int) -> TeamFile:
    path = project.env_file.parent / EXAMPLE_NAME
    shown = project.shown(path)
    reading = read_env(path)
    problems = tuple(p for p in reading.problems if p.code != "missing") + _real_secrets(shown, reading)
    if (held := hold_on(path)) is not None and not problems and _lacks(reading):
        problems = (EnvProblem("held", held.words(shown), held.hint(path)),)
    if problems:
        return TeamFile(path, shown, "", (), reading.exists, reading.digest, problems)
    missing = _lacks(reading)
    text, newline = reading.document.render(), reading.document.newline
    lines = [] if reading.exists else [f"# Copy this file to {project.env_file.name} and fill it in.", ""]
    for name in missing:
        comment, value = _EXAMPLE[name]
        lines += [f"# {comment}", f'{name}="{value.format(limit=connection_limit)}"']
    gap = newline if text and not text.endswith(("\n", "\r")) else ""
    text += gap + "".join(line + newline for line in lines)
    return TeamFile(path, shown, text, missing, reading.exists, reading.digest)


def _lacks(reading: EnvReading) -> tuple[str, ...]:
    there = {a.name for a in reading.document.assignments()}
    return tuple(name for name in ENV_NAMES if name not in there)


def _real_secrets(shown: str, reading: EnvReading) -> tuple[EnvProblem, ...]:
    """A file meant to be committed that already holds what looks like a password."""
    for name in (DATABASE_URL, DIRECT_URL):
        found = reading.get(name)
        try:
            url = PostgresUrl.parse(found.reveal()) if found else None
        except UrlProblem:
            continue
        password = url.password.reveal() if url and url.password else ""
        is_real = password and not (is_placeholder(password) or is_masked_copy(password))
        if url and is_real and not url.is_loopback and password != url.user:
            message = f"{shown} seems to hold a real password (line {reading.values[name].line})."
            hint = "Replace it by PASSWORD, and change the password in the console if the file was ever committed."
            return (EnvProblem("real_secret", message, hint, reading.values[name].line),)
    return ()


def _plan_config(project: Project, kind: ProfileKind) -> TeamFile:
    path = project.root / CONFIG_NAME
    shown = project.shown(path)
    if path.exists() or path.is_symlink():
        return _with_kind(project, kind, TeamFile(path, shown, "", (), exists=True, digest=_digest(path)))
    return TeamFile(path, shown, _config_text(project, kind), (CONFIG_NAME,), exists=False)


def _with_kind(project: Project, kind: ProfileKind, file: TeamFile) -> TeamFile:
    if kind is ProfileKind.UNKNOWN or project.profile.kind is not ProfileKind.UNKNOWN:
        return file
    try:
        change = plan_kind(project, project.profile.name, kind)
    except (Refused, UsageError):
        return file  # written in a way that only its author edits
    return replace(file, text=change.text, adds=("kind",)) if change.changes else file


def _config_text(project: Project, kind: ProfileKind) -> str:
    lines = [
        "# Soundcheck: which env file and which schema belong to which profile. No secrets; commit it.",
        f"[profiles.{project.profile.name if project.profile.name.isidentifier() else 'default'}]",
        "# dev, production, or unknown, which counts as production wherever something is written",
        f"kind = {json.dumps(kind)}",
    ]
    if project.env_file.is_relative_to(project.root):
        lines.append(f"env_file = {_toml(project.shown(project.env_file))}")
    if project.schema is not None and project.schema.is_relative_to(project.root):
        lines.append(f"schema = {_toml(project.shown(project.schema))}")
    return "\n".join(lines) + "\n"


def _toml(text: str) -> str:
    """A basic string; JSON's escapes are TOML's for everything a path can hold but DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _digest(path: Path) -> str:
    try:
        return digest_of(read_plain(path))
    except FileNotFoundError:
        return ""
    except OSError as problem:
        raise CouldNotRun(f"{path} cannot be read: {problem.strerror}.", "Mend its rights.") from None
