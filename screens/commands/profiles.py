"""`soundcheck profiles`: what is at stake behind each profile, which database and cache it means, and its kind."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TextIO

from soundcheck.screens.commands.output import aligned, write_json, write_lines
from soundcheck.screens.commands.running import printer_for, wants_json
from soundcheck.stores.errors import SoundcheckError, UsageError
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.project.project import ProfileKind, Project, open_project, profile_names
from soundcheck.stores.services import Services
from soundcheck.wizard.discover import discover
from soundcheck.wizard.profile_kind import plan_kind, write_kind
from soundcheck.wizard.progress import Mark, Progress

EPILOG = """examples:
  soundcheck profiles                      every profile with its kind, env file and endpoints
  soundcheck profiles --json               the same for scripts
  soundcheck profiles kind default dev     say once that this database is for development
  soundcheck --profile live profiles       which one --profile live means

kinds: dev writes without asking; production asks for the database's name before each write;
unknown counts as production, except for a push that only adds
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's own words."""
    parser.epilog = EPILOG
    parser.add_argument("act", nargs="?", choices=("list", "kind"), default="list", help="list (default), or kind")
    parser.add_argument("name", nargs="?", metavar="NAME", help="with kind: the profile")
    parser.add_argument("kind", nargs="?", choices=[str(k) for k in ProfileKind], help="with kind: what it is")


@dataclass(frozen=True, slots=True)
class ListedProfile:
    """One profile as it is shown; endpoints are host:port/database and a host, never a secret. `problem` in words."""

    name: str
    kind: ProfileKind
    env_file: str
    exists: bool
    database: str = ""
    cache: str = ""
    chosen: bool = False
    problem: str = ""


async def run(args: argparse.Namespace, services: Services, stdout: TextIO, stderr: TextIO) -> int:
    """List them, or write a kind. Raises `UsageError` for a profile that is not there."""
    if args.act == "kind":
        return _name_kind(args, services, stdout, stderr)
    if args.name is not None:
        raise UsageError("list takes no name.", "Type: soundcheck profiles")
    listed = list_profiles(services.project)
    if wants_json(args):
        write_json(stdout, profiles_document(listed))
        return ExitCode.OK
    write_lines(stdout, profile_lines(listed))
    unknown = next((one for one in listed if one.kind is ProfileKind.UNKNOWN), None)
    if unknown is not None:
        said = f"{unknown.name} is of unknown kind, which counts as production. To say once what it is:"
        command = f"soundcheck profiles kind {unknown.name} dev"
        printer_for(args, services, stderr).progress(Progress(f"{said} {command}", Mark.INFO))
    return ExitCode.OK


def list_profiles(project: Project) -> tuple[ListedProfile, ...]:
    """Each profile of `soundcheck.toml` with the endpoints of its own env file; without that file, the one there is."""
    names = profile_names(project.root)
    if project.profile.name not in names:
        names = (project.profile.name, *names)
    return tuple(_listed(project, name) for name in names)


def _listed(project: Project, name: str) -> ListedProfile:
    chosen = name == project.profile.name
    try:
        other = project if chosen else open_project(project.root, profile=name)
    except SoundcheckError as problem:
        return ListedProfile(name, ProfileKind.UNKNOWN, "", exists=False, problem=problem.message)
    found = discover(other, {})  # the file alone: exported variables belong to no profile
    database, cache = found.credentials.database_url, found.credentials.rest_url
    return ListedProfile(
        name,
        other.profile.kind,
        other.shown(other.env_file),
        exists=other.env_file.exists(),
        database=f"{database.endpoint}/{database.database}" if database else "",
        cache=cache.host if cache else "",
        chosen=chosen,
        problem="; ".join(f"{variable}: {what}" for variable, what in found.problems.items()),
    )


def profile_lines(listed: tuple[ListedProfile, ...]) -> list[str]:
    """One line a profile under a header; the one in use says so."""
    rows = [
        (
            visible(one.name) + (" (in use)" if one.chosen else ""),
            str(one.kind),
            visible(one.env_file) + ("" if one.exists else " (missing)"),
            visible(one.problem or one.database or "none"),
            one.cache or "none",
        )
        for one in listed
    ]
    return aligned(("profile", "kind", "env file", "database", "cache"), rows, (False,) * 5)


def profiles_document(listed: tuple[ListedProfile, ...]) -> dict[str, object]:
    """docs/json/profiles.schema.json."""
    return {
        "kind": "profiles",
        "schema_version": 1,
        "profiles": [
            {
                "name": one.name,
                "kind": str(one.kind),
                "chosen": one.chosen,
                "env_file": one.env_file,
                "env_file_exists": one.exists,
                "database": one.database or None,
                "cache": one.cache or None,
                "problem": one.problem or None,
            }
            for one in listed
        ],
    }


def _name_kind(args: argparse.Namespace, services: Services, stdout: TextIO, stderr: TextIO) -> int:
    if not args.name or not args.kind:
        raise UsageError(
            "kind takes a profile and one of dev, production, unknown.",
            "Type: soundcheck profiles kind default dev",
        )
    change = plan_kind(services.project, args.name, ProfileKind(args.kind))
    if change.changes:
        write_kind(change)
    if wants_json(args):
        write_json(stdout, profiles_document(list_profiles(open_project(services.project.root))))
        return ExitCode.OK
    shown = services.project.shown(change.path)
    said = f"{change.profile}: {change.before} → {change.after}, in {shown}" if change.changes else (
        f"{change.profile} is {change.after} already"
    )  # fmt: skip
    printer_for(args, services, stderr).progress(Progress(said, Mark.OK))
    return ExitCode.OK
