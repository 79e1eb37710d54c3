"""`--trust`: a person says that what the folder brings along may be run, where nobody can be asked, as in CI."""

from __future__ import annotations

import argparse

from soundcheck.screens.plain import PlainPrinter
from soundcheck.stores.project.trust import TRUST_OPTION
from soundcheck.stores.services import Services
from soundcheck.wizard.progress import Mark, Progress
from soundcheck.wizard.trust import trust_all, trust_lines


def add_trust(parser: argparse.ArgumentParser) -> None:
    """The option itself."""
    parser.add_argument(
        TRUST_OPTION, action="store_true",
        help="this folder is trusted: its own Python, client and scripts may be run; remembered for this folder",
    )  # fmt: skip


def agree_if_asked(args: argparse.Namespace, services: Services, notes: PlainPrinter) -> None:
    """Keep the trust, and say what it covers. Blocking. Raises `CouldNotRun` where it cannot be kept."""
    if not args.trust:
        return
    programs = trust_all(services.project, services.environ)
    for line in trust_lines(programs, services.project) if programs else ():
        notes.progress(Progress(line))
    text = (
        "This folder is trusted from now on" if programs else "This folder is trusted; nothing of it would run so far"
    )
    notes.progress(Progress(text, Mark.OK))
