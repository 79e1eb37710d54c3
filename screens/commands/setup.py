"""`soundcheck setup`: the wizard without the screen, for a prompt, a script or CI.

The JSON document of a set-up run.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TextIO

from soundcheck.checks.finding import Json
from soundcheck.checks.report.known_secrets import known_secrets
from soundcheck.checks.report.redaction import Redactor
from soundcheck.screens.account_options import add_account_keys, given_keys
from soundcheck.screens.asking_plain import PlainAsker
from soundcheck.screens.commands.output import write_json
from soundcheck.screens.commands.running import printer_for, wants_json
from soundcheck.screens.commands.trusting import add_trust, agree_if_asked
from soundcheck.screens.options import add_secrets, given_credentials, path_word
from soundcheck.screens.terminal import this_terminal
from soundcheck.stores.clock import Clock
from soundcheck.stores.cloud.made import Half, made_secrets
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import SoundcheckError, UsageError
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import Asker, Question, Unattended
from soundcheck.wizard.cloud.account_keys import AccountKeys
from soundcheck.wizard.discover import FoundCredentials, discover, from_environment
from soundcheck.wizard.guard import Consent
from soundcheck.wizard.lock import WizardLock
from soundcheck.wizard.progress import Mark, PlanLine, Progress, Reporter
from soundcheck.wizard.setup.authority_step import trusting
from soundcheck.wizard.setup.cloud_step import keys_given
from soundcheck.wizard.setup.criteria import BOTH
from soundcheck.wizard.setup.database_step import OUTSIDE_OPTION
from soundcheck.wizard.setup.flow import run_setup
from soundcheck.wizard.setup.state import SetupOptions
from soundcheck.wizard.step import SetupPath

_STEP = re.compile(r"^(\d)/\d (.+)$")


class SetupLog:
    """Collects the events of a run, step by step."""

    def __init__(self, clock: Clock) -> None:
        self._started: datetime = clock.now()
        self._steps: list[dict[str, Json]] = []
        self._lines: list[Json] = []
        self._plan: list[Json] = []
        self._questions: list[Json] = []
        self._changed = False

    def add(self, event: Progress) -> None:
        """Take an event; what is still running is left out, its end follows."""
        self._changed = self._changed or event.changed
        self._plan += [_plan_line(line) for line in event.plan]
        heading = _STEP.match(event.text)
        if heading and event.mark is Mark.INFO:
            self._lines, self._plan, self._questions = [], [], []
            self._steps.append(
                {
                    "step": heading.group(2),
                    "plan": self._plan,
                    "questions": self._questions,
                    "lines": self._lines,
                }
            )
        elif event.mark is not Mark.RUNNING:
            line: dict[str, Json] = {"mark": str(event.mark), "text": event.text}
            if event.elapsed_ms is not None:
                line["elapsed_ms"] = round(event.elapsed_ms, 1)
            if event.hint:
                line["hint"] = event.hint
            self._lines.append(line)

    def answered(self, question: Question, answer: str | None) -> None:
        """Take a question with its answer; None where `--yes` gives none."""
        self._questions.append(
            {
                "id": question.id,
                "kind": str(question.kind),
                "text": question.text,
                "answer": answer,
                "given": bool(question.given),
                "remembered": question.remembered,
            }
        )

    def document(self, problem: SoundcheckError | None) -> Mapping[str, Json]:
        """`{"kind": "setup", "schema_version": 1, …}`; `error` is null where Done was reached."""
        return {
            "kind": "setup",
            "schema_version": 1,
            "started_at": self._started.isoformat(),
            "ok": problem is None,
            "changed": self._changed,
            "steps": list(self._steps),
            "error": None if problem is None else {"message": problem.message, "hint": problem.hint},
        }


def _plan_line(line: PlanLine) -> dict[str, Json]:
    told: dict[str, Json] = {"mark": line.mark, "head": line.head, "text": line.text, "changes": not line.quiet}
    return told | ({"hint": line.hint} if line.hint else {}) | ({"below": list(line.below)} if line.below else {})


class _Recorded(Unattended):
    """Answers as `--yes` does, and notes each question for the document."""

    def __init__(self, log: SetupLog) -> None:
        self._log = log

    async def ask(self, question: Question) -> str:
        """The answer, or `Refused`."""
        try:
            answer = await super().ask(question)
        except SoundcheckError:
            self._log.answered(question, None)
            raise
        self._log.answered(question, answer)
        return answer


EPILOG = """examples:
  soundcheck setup                                  one question at a time
  soundcheck setup --local --yes                    a database and a cache on this machine
  soundcheck setup --instant --yes                  temporary ones in the cloud, without an account
  soundcheck setup --instant database --local       that database, and the cache on this machine
  soundcheck setup --from-env --yes                 the four variables from the environment, as in CI
  pass show db | soundcheck setup --database-url -  one value from standard input
  soundcheck setup --undo                           put back the env file of before
  soundcheck setup --replace database               a password that was reset: tested, then written everywhere

Where a Python backend would miss it, set-up offers a query engine for its client (7 MB in Soundcheck's own data
folder, named in the env file): --yes takes it, --engine native leaves it out, `soundcheck doctor --undo client.engine`
takes the line away again.

--instant creates what is missing: a PostgreSQL at Neon (100 MB) and a Redis at Upstash, both gone after 72 hours unless
you claim them (soundcheck claims). With your own keys (--neon-api-key, --upstash-email and --upstash-api-key) it makes
the project music-streaming-app and the database music-app-cache in your accounts instead, and those stay.

--yes accepts defaults and nothing else: not creating anything in the cloud (--instant), not replacing a working value
(--replace), not losing data (--accept-data-loss NAME), not writing to production (--production NAME), not running
what the folder brings along (--trust), not writing a client outside the project (--generate-outside).
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's own options."""
    parser.epilog = EPILOG
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--local", action="store_true", help="PostgreSQL and Redis on this machine, no account needed")
    way.add_argument("--local-if-none", action="store_true", help="the same, only where no credentials are found")
    way.add_argument("--from-env", action="store_true", help="DATABASE_URL and the others from the environment")
    parser.add_argument(
        "--instant", nargs="?", const="both", choices=["both", "database", "cache"],
        help="create what is missing in the cloud, for 72 hours; database or cache: only that one",
    )  # fmt: skip
    parser.add_argument(
        "--again", action="store_true", help="with --instant: ask Neon once more though its answer was lost"
    )
    parser.add_argument("--yes", action="store_true", help="accept every default; ask nothing")
    parser.add_argument(
        "--replace", nargs="?", const="values", default="", choices=["values", "database", "cache"],
        help="allow working values in the env file to be replaced; database or cache: put a new password or token"
        " everywhere the old one stands, and nothing else",
    )  # fmt: skip
    parser.add_argument(
        "--accept-data-loss", nargs="+", default=[], metavar="NAME", help="what a push may drop, each by its name"
    )
    parser.add_argument(
        "--production", default="", metavar="NAME", help="the name of the production database to write to"
    )
    parser.add_argument(
        "--engine", choices=["wasm", "native"], default="wasm", help="native: stock Prisma, which downloads its engines"
    )
    add_trust(parser)
    parser.add_argument(
        OUTSIDE_OPTION,
        action="store_true",
        help="let the client be written outside the project, where the schema says so",
    )
    parser.add_argument(
        "--ca", type=path_word, metavar="FILE", help="trust this certificate authority too, as a company's; kept"
    )
    parser.add_argument("--no-write", action="store_true", help="write nothing into the project")
    parser.add_argument("--undo", action="store_true", help="put back the env file of before, and do nothing else")
    parser.add_argument("--force", action="store_true", help="with --undo: even if the file was edited since")
    add_secrets(parser)
    add_account_keys(parser)


async def run(args: argparse.Namespace, services: Services, stdout: TextIO, stderr: TextIO) -> int:
    """Run the steps. Every expected failure ends in its message, its hint and its exit code."""
    if args.undo:
        return _undo(args, services, stdout)
    if args.no_write:
        services = replace(services, project=replace(services.project, read_only=True, writes_env_file=False))
    if args.ca is not None:
        services = trusting(services, args.ca)
    terminal = this_terminal(services.environ)
    given = given_credentials(args, services.environ, sys.stdin)
    keys = given_keys(args, services.environ, sys.stdin)
    found = _found(args, services)
    asker = _asker(args, interactive=terminal.interactive)
    if args.replace in {"database", "cache"}:
        from soundcheck.screens.commands.setup_replace import run_replace

        return await run_replace(args, services, found.credentials if args.from_env else given, asker, stdout, stderr)
    log = SetupLog(services.clock)
    secrets = [*known_secrets(services), *given.secrets(), *found.credentials.secrets(), *keys.secrets()]
    printer = printer_for(args, services, stderr if wants_json(args) else stdout, secrets)
    report = _reporter(args, log, printer.progress)
    problem: SoundcheckError | None = None
    try:
        agree_if_asked(args, services, printer)
        with WizardLock(services.project):
            asking = _Recorded(log) if wants_json(args) else asker
            state = await run_setup(services, found, _options(args, given, keys), asking, report)
        await state.services.close()
    except SoundcheckError as error:
        problem = error
    if wants_json(args):
        secrets += made_secrets(services.project)  # some were made in this run
        document = log.document(problem)
        write_json(stdout, Redactor(secrets).scrub_json(document))
    if problem is not None:
        raise problem
    return ExitCode.OK


def _reporter(args: argparse.Namespace, log: SetupLog, show: Reporter) -> Reporter:
    """Everything goes into the log; what people read leaves out what is still running, which a line cannot replace."""

    def report(event: Progress) -> None:
        log.add(event)
        if not wants_json(args):
            show(event)

    return report


def _found(args: argparse.Namespace, services: Services) -> FoundCredentials:
    if not args.from_env:
        return discover(services.project, services.environ)
    found = from_environment(services.environ)
    if not found.anything:
        names = "DATABASE_URL, UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN"
        raise UsageError("--from-env: none of the variables is set.", f"Export {names} first.")
    return found


def _options(args: argparse.Namespace, given: Credentials, keys: AccountKeys) -> SetupOptions:
    chosen = BOTH if args.instant == "both" else frozenset({Half(args.instant)} if args.instant else ())
    return SetupOptions(
        path=SetupPath.INSTANT
        if chosen
        else SetupPath.LOCAL
        if args.local
        else SetupPath.CREDENTIALS
        if args.from_env
        else None,
        instant=chosen,
        instant_again=args.again,
        local_rest=args.local,
        keys=keys_given(keys),
        local_if_none=args.local_if_none,
        replace=args.replace == "values",
        native=args.engine == "native",
        trusts=args.trust,
        outside=args.generate_outside,
        given=given,
        consent=Consent(frozenset(args.accept_data_loss), args.production),
    )


def _asker(args: argparse.Namespace, *, interactive: bool) -> Asker:
    if args.yes or wants_json(args):
        return Unattended()
    if not interactive:
        raise UsageError("There is no terminal to ask questions on.", "Add --yes to accept the defaults.")
    return PlainAsker()


def _undo(args: argparse.Namespace, services: Services, stdout: TextIO) -> int:
    from soundcheck.wizard.env.step import undo_env

    undone = undo_env(services.project, force=args.force, clock=services.clock)
    shown = services.project.shown(undone.path)
    what = f"{shown} is removed: there was none before" if undone.removed else f"{shown} is as it was before"
    left = f"; {undone.left} earlier states are kept" if undone.left else ""
    printer_for(args, services, stdout).progress(Progress(what + left, Mark.OK))
    return ExitCode.OK
