"""`soundcheck` without a terminal: where things stand, and the command to type next. Touches nothing."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from screens.exit_codes import ExitCode
from screens.plain import PlainPrinter
from screens.terminal import Terminal
from stores.credentials import Credentials
from stores.project import Project
from wizard.discover import discover
from wizard.session import load_session


async def standing(
    project: Project,
    environ: Mapping[str, str],
    look: Credentials | None,
    terminal: Terminal,
    *,
    asked_file: Path | None = None,
) -> int:
    """A few lines on standard output. With a URL to look at, its tables. `asked_file` is what --env-file names."""
    if look is not None:
        from argparse import Namespace

        from screens.commands import tables
        from screens.opening import open_services

        services = open_services(project, environ, look)
        try:
            return await tables.run(Namespace(), services, terminal.stdout, terminal.stderr)
        finally:
            await services.close()
    printer = PlainPrinter(terminal.stdout, color=False)
    if asked_file is not None and not project.env_file.exists():
        named = shlex.quote(str(asked_file))
        printer.line(f"There is no file {asked_file}. Next: soundcheck setup --env-file {named} writes it,")
        printer.line("or name one that is there. Without that file:")
    session, found = load_session(project), discover(project, environ)
    printer.line(f"Soundcheck · {project.name} · profile {project.profile.name} ({project.profile.kind})")
    if found.credentials.database_url is not None:
        printer.line(f"Database: {found.credentials.database_url.endpoint}")
    if found.credentials.rest_url is not None:
        printer.line(f"Cache: {found.credentials.rest_url}")
    if session.finished:
        printer.line("Set-up is finished. Next: soundcheck tables --plain, or soundcheck doctor")
    elif found.anything:
        printer.line("Set-up is not finished. Next: soundcheck setup --yes")
    else:
        printer.line("Nothing is set up yet. Next: soundcheck setup --local --yes, or soundcheck setup --help")
    return ExitCode.OK
