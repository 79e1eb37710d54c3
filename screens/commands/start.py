"""`soundcheck` alone: the app on a terminal, a few plain lines without one.

`soundcheck` without a terminal: where things stand, and the command to type next. Touches nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from soundcheck.screens.log_file import keep_log
from soundcheck.screens.opening import look_credentials, open_services
from soundcheck.screens.options import project_of
from soundcheck.screens.parting import parting_lines
from soundcheck.screens.plain import PlainPrinter
from soundcheck.screens.terminal import Terminal, can_run_app, this_terminal
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import UsageError
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.project.own_command import work_on
from soundcheck.stores.project.plain_lines import guarded_lines
from soundcheck.stores.project.project import Project, is_own_checkout
from soundcheck.stores.services import Services
from soundcheck.wizard.discover import discover
from soundcheck.wizard.setup.session import load_session

if TYPE_CHECKING:
    from soundcheck.screens.app.start import Start


def start(args: argparse.Namespace, environ: Mapping[str, str], look: str | None) -> int:
    """Open the app where there is a terminal for it, else say where things stand and what to type."""
    if getattr(args, "json", False):
        raise UsageError("--json goes with a command.", "For example: soundcheck doctor --json")
    terminal = this_terminal(environ)
    project = project_of(args, environ)
    work_on(project.root, project.chosen)
    credentials = look_credentials(look) if look is not None else None
    if credentials is not None and credentials.database_url is not None and credentials.database_url.password:
        PlainPrinter(terminal.stderr, color=terminal.color).line(
            "A password on the command line stays in the shell's history; put it in PGPASSFILE or use --env-file."
        )
    if getattr(args, "plain", False) or not can_run_app(terminal, environ):
        asked_file, no_color = getattr(args, "env_file", None), getattr(args, "no_color", False)
        return asyncio.run(standing(project, environ, credentials, terminal, asked_file=asked_file, no_color=no_color))
    from soundcheck.screens.app.start import Place, Start

    found = None if credentials is not None else discover(project, environ)
    known = credentials if credentials is not None else found.credentials if found is not None else Credentials()
    services = replace(open_services(project, environ), credentials=known)
    if credentials is not None:
        begin = Start(Place.TABLES, just_looking=True)
    else:
        finished = load_session(project).finished
        looks = hasattr(args, "env_file") and not finished and known.has_database
        asks = not finished and not hasattr(args, "project") and is_own_checkout(project.root)
        begin = Start(Place.TABLES if finished or looks else Place.SETUP, ask_project=asks, just_looking=looks)
    if begin.place is not Place.SETUP and guarded_lines(services.credentials):  # set-up asks by itself
        from soundcheck.screens.asking_plain import plain_asker
        from soundcheck.wizard.plain_line import asked_before_http

        asked = asyncio.run(asked_before_http(services, plain_asker(environ)))
        services = replace(services, credentials=asked.credentials)
    _keep_log(services, begin)
    return run_app(services, begin) or ExitCode.OK


def _keep_log(services: Services, begin: Start) -> None:
    """Nothing is written where somebody just looks."""
    if begin.just_looking:
        keep_log(None, ())
        return
    from soundcheck.checks.report.known_secrets import known_secrets

    keep_log(services.project, known_secrets(services))


def run_app(services: Services, begin: Start) -> int:
    """Run the app to its end; the code it ended with."""
    gc.disable()  # until the app has begun
    from soundcheck.screens.app.app import SoundcheckApp
    from soundcheck.screens.app.ending import ended_in_order
    from soundcheck.screens.ending_signals import code_of, tell

    app = SoundcheckApp(services, begin)
    with ended_in_order(app) as ending:
        ending.run_app()
    if ending.number:
        tell(ending.number)
        return code_of(ending.number)
    answers = not app.troubles and not app.stack.is_down
    if not app.return_code and app.removal is None and answers:
        printer = PlainPrinter(sys.stderr, color=False)
        for line in parting_lines(app.services, app.unwritten):
            printer.line(line)
    if app.removal is not None:
        from soundcheck.screens.commands.remove import remove_chosen

        return asyncio.run(remove_chosen(app.services.project, services.environ, app.removal))
    return app.return_code or 0


async def standing(
    project: Project,
    environ: Mapping[str, str],
    look: Credentials | None,
    terminal: Terminal,
    *,
    asked_file: Path | None = None,
    no_color: bool = False,
) -> int:
    """A few lines on standard output. With a URL to look at, its tables. `asked_file` is what --env-file names."""
    if look is not None:
        from soundcheck.screens.commands import tables

        services = open_services(project, environ, look)
        try:
            parser = ArgumentParser()
            tables.configure(parser)
            args = parser.parse_args([], Namespace(no_color=no_color))
            return await tables.run(args, services, terminal.stdout, terminal.stderr)
        finally:
            await services.close()
    printer = PlainPrinter(terminal.stdout, color=False)
    if asked_file is not None and not project.env_file.exists():
        printer.line(f"There is no file {asked_file}. Next: soundcheck setup writes it,")
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
