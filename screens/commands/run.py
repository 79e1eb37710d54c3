"""`soundcheck run -- COMMAND`: bring the local stack up where it is in use, then become the backend's command."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
from typing import TextIO

from soundcheck.screens.commands.running import printer_for
from soundcheck.stores.errors import CouldNotRun, UsageError
from soundcheck.stores.local.ownership import refuse_strangers
from soundcheck.stores.programs.ending import asked_to_end_with_us
from soundcheck.stores.programs.environment import whole
from soundcheck.stores.programs.starting import start_watched
from soundcheck.stores.services import Services
from soundcheck.stores.stranger import Stranger
from soundcheck.wizard.setup.local_step import wake_local

EPILOG = """examples:
  soundcheck run -- uvicorn app:api --reload
  soundcheck run -- npm run dev
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's own options."""
    parser.epilog = EPILOG
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="-- COMMAND", help="the command and its words")


async def run(args: argparse.Namespace, services: Services, stdout: TextIO, stderr: TextIO) -> int:
    """Start it with the four variables exported; its exit code is ours, and it gets our signals."""
    words = [word for at, word in enumerate(args.words) if at or word != "--"]
    if not words:
        raise UsageError("There is no command to run.", "For example: soundcheck run -- npm run dev")
    program = shutil.which(words[0])
    if program is None:
        raise CouldNotRun(f"{words[0]} was not found on the PATH.", "Check its name, or give its whole path.")
    printer = printer_for(args, services, stderr)
    woken = await wake_local(services, printer.progress)
    environment = whole(os.environ, **{name: value.reveal() for name, value in woken.credentials.as_env().items()})
    try:
        refuse_strangers(environment.variables.values())
    except Stranger as stranger:
        raise CouldNotRun(f"{stranger}.", stranger.hint) from None
    if woken is not services:
        await woken.close()
    child = await start_watched(
        [program, *words[1:]], environment,
        cwd=services.project.root, stdin=None, stdout=None, stderr=None, own_session=False,
    )  # fmt: skip
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        loop.add_signal_handler(number, child.send_signal, number)
    loop.add_signal_handler(signal.SIGINT, lambda: None)  # the terminal sends ctrl+c to the child as well
    with asked_to_end_with_us(child.pid):
        code = await child.wait()
    return 128 - code if code < 0 else code
