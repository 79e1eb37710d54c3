"""What every command's run has in common: services opened and closed, interruption, one stream for each purpose."""

from __future__ import annotations

import argparse
import asyncio
import signal
from collections.abc import Awaitable, Iterable, Mapping
from typing import Protocol, TextIO

from soundcheck.checks.report.known_secrets import known_secrets
from soundcheck.checks.report.redaction import Redactor
from soundcheck.screens.asking_plain import plain_asker
from soundcheck.screens.ending_signals import SIGNALS, code_of, tell
from soundcheck.screens.log_file import keep_log
from soundcheck.screens.opening import open_found
from soundcheck.screens.options import project_of
from soundcheck.screens.plain import PlainPrinter
from soundcheck.screens.terminal import this_terminal
from soundcheck.stores.errors import Refused
from soundcheck.stores.project.leftovers import sweep_leftovers
from soundcheck.stores.project.own_command import work_on
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.wizard.discover import FoundCredentials
from soundcheck.wizard.plain_line import asked_before_http
from soundcheck.wizard.progress import Mark, Progress
from soundcheck.wizard.setup.local_step import wake_local

READERS = frozenset({"tables", "rows", "row", "cache"})
WRITERS = frozenset({"seed", "move"})


class CommandModule(Protocol):
    """The shape of a module of `screens.commands`."""

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""
        ...

    def run(self, args: argparse.Namespace, services: Services, stdout: TextIO, stderr: TextIO) -> Awaitable[int]:
        """Do it; the exit code."""
        ...


async def run_command(command: CommandModule, args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Open the services, run, close. A signal that asks to end cancels what runs, as ctrl+c does.

    Commands that read or write rows start our own stack first where it is the one in use.
    """
    terminal = this_terminal(environ)
    project = project_of(args, environ)
    work_on(project.root, project.chosen)
    services, found = open_found(project, environ)
    keep_log(services.project, known_secrets(services))
    sweep_leftovers(services.project)
    notes = printer_for(args, services, terminal.stderr)
    if args.command in READERS | WRITERS:
        _settle_conflicts(found, services, notes, writes=args.command in WRITERS)
    heard = _cancelled_by_signals()
    try:
        if args.command in READERS | WRITERS:
            services = await wake_local(services, notes.progress)
            services = await asked_before_http(services, None if wants_json(args) else plain_asker(environ))
        return await command.run(args, services, terminal.stdout, terminal.stderr)
    except asyncio.CancelledError:
        if not heard:
            raise KeyboardInterrupt from None
        tell(heard[0])
        return code_of(heard[0])
    finally:
        await services.close()


def _cancelled_by_signals() -> list[int]:
    """Have signals cancel this task; those that came. ctrl+c does so already, by asyncio's own way."""
    heard: list[int] = []
    task = asyncio.current_task()

    def hear(number: int) -> None:
        heard.append(number)
        if task is not None and len(heard) == 1:  # a second one must not cut short what the first began to close
            task.cancel()

    for number in SIGNALS:
        if number != signal.SIGINT:
            asyncio.get_running_loop().add_signal_handler(number, hear, number)
    return heard


def _settle_conflicts(found: FoundCredentials, services: Services, notes: PlainPrinter, *, writes: bool) -> None:
    """An exported variable that differs from the env file: readers say which is used, writers refuse to guess."""
    if not found.conflicts or services.project.profile.named:
        return
    first = found.conflicts[0]
    said = f"{first.name} is {first.in_file} in the env file and {first.exported} in the environment."
    if writes:
        raise Refused(said, f"Unset {first.name}, or name a profile with --profile.")
    notes.progress(Progress(f"{said} The file's is used.", Mark.WARN))


def printer_for(
    args: argparse.Namespace, services: Services, stream: TextIO, secrets: Iterable[Secret] = (), *, color: bool = True
) -> PlainPrinter:
    """A printer that masks every secret known here, and `secrets` besides; `color` False leaves out all colours."""
    color = color and this_terminal(services.environ).color and not getattr(args, "no_color", False)
    redactor = Redactor([*known_secrets(services), *secrets])
    return PlainPrinter(stream, color=color, scrub=redactor.scrub_known)


def wants_json(args: argparse.Namespace) -> bool:
    """Whether `--json` was given, before or after the command's name."""
    return bool(getattr(args, "json", False))
