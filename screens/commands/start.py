"""`soundcheck` alone: the app on a terminal, a few plain lines without one."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from checks.known_secrets import known_secrets
from checks.services import Services
from screens.exit_codes import ExitCode
from screens.log_file import keep_log
from screens.opening import look_credentials, open_services
from screens.options import project_of
from screens.plain import PlainPrinter
from screens.terminal import can_run_app, this_terminal
from stores.credentials import Credentials
from stores.errors import UsageError
from stores.own_checkout import is_own_checkout
from wizard.discover import discover
from wizard.session import load_session

if TYPE_CHECKING:
    from screens.app.start import Start


def start(args: argparse.Namespace, environ: Mapping[str, str], look: str | None) -> int:
    """Open the app where there is a terminal for it, else say where things stand and what to type."""
    if getattr(args, "json", False):
        raise UsageError("--json goes with a command.", "For example: soundcheck doctor --json")
    terminal = this_terminal(environ)
    project = project_of(args, environ)
    credentials = look_credentials(look) if look is not None else None
    if credentials is not None and credentials.database_url is not None and credentials.database_url.password:
        PlainPrinter(terminal.stderr, color=terminal.color).line(
            "A password on the command line stays in the shell's history; put it in PGPASSFILE or use --env-file."
        )
    if getattr(args, "plain", False) or not can_run_app(terminal, environ):
        from screens.commands.standing import standing

        return asyncio.run(
            standing(project, environ, credentials, terminal, asked_file=getattr(args, "env_file", None))
        )
    from screens.app.start import Place, Start

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
    keep_log(None if begin.just_looking else project, known_secrets(services))
    return run_app(services, begin) or ExitCode.OK


def run_app(services: Services, begin: Start) -> int:
    """Run the app to its end; the code it ended with."""
    from screens.app.app import SoundcheckApp

    app = SoundcheckApp(services, begin)
    app.run()
    if app.removal is not None:
        from screens.commands.remove import remove_chosen

        return asyncio.run(remove_chosen(app.services.project, services.environ, app.removal))
    return app.return_code or 0
