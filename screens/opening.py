"""Build the one `Services` of a run: the project, the credentials found, and clients for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import DATABASE_URL, Credentials
from soundcheck.stores.errors import UsageError
from soundcheck.stores.project.authority import trust_here
from soundcheck.stores.project.own_command import work_on
from soundcheck.stores.project.project import Project, open_project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.wizard.discover import FoundCredentials, discover
from soundcheck.wizard.setup.session import load_session

_QUOTED: Final = "Put it in single quotes."


def open_services(project: Project, environ: Mapping[str, str], credentials: Credentials | None = None) -> Services:
    """Services over the project with the given credentials; clients are made, nothing is connected yet."""
    services = Services(
        project=project,
        clock=SystemClock(),
        resolver=SystemResolver(),
        environ=trust_here(project, environ),
    )
    return services.using(credentials) if credentials is not None else services


def open_found(project: Project, environ: Mapping[str, str]) -> tuple[Services, FoundCredentials]:
    """Services with what the env file and the environment hold, and where each value came from.

    A named profile beats exported variables; that is what the env file coming first means.
    """
    found = discover(project, environ)
    return open_services(project, environ, found.credentials), found


def start_services(root: Path, environ: Mapping[str, str]) -> tuple[Services, bool]:
    """Services for the app's start, without clients, and whether set-up was finished there; the log follows."""
    from soundcheck.checks.report.known_secrets import known_secrets
    from soundcheck.screens.log_file import keep_log

    project = open_project(root, environ=environ)
    work_on(project.root, project.chosen)
    services = replace(open_services(project, environ), credentials=discover(project, environ).credentials)
    keep_log(project, known_secrets(services))
    return services, load_session(project).finished


def look_credentials(url: str) -> Credentials:
    """Credentials for `soundcheck postgresql://…`: only to look. Raises `UsageError`."""
    from soundcheck.wizard.recognise.one_value import read_value

    read = read_value(DATABASE_URL, Secret(url))
    if read.problem is None:
        return read.credentials
    raise UsageError(f"That address cannot be used: {read.problem.message}", f"{read.problem.cure} {_QUOTED}")
