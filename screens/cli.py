"""The `soundcheck` command: read the words, hand them to one command, turn its end into an exit code.

The first word that is no option: a command, or a slip of the keyboard with the nearest commands named.
"""

from __future__ import annotations

import argparse
import asyncio
import difflib
import gc
import importlib
import logging
import os
import re
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn, cast

import soundcheck
from soundcheck.screens.command_streams import output_problem, take_streams
from soundcheck.screens.just_run import running
from soundcheck.screens.options import add_common
from soundcheck.screens.spelled_help import SpelledParser
from soundcheck.stores.errors import CouldNotRun, SoundcheckError, UsageError
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.import_path import keep_projects_out, own_root
from soundcheck.stores.project.own_command import here


class _Unreadable(Exception):
    """No error of ours: the whole parser says it better."""


class _Options(argparse.ArgumentParser):
    """Reads the options before the first word; what is wrong with them is left to the whole parser."""

    def error(self, message: str) -> NoReturn:
        raise _Unreadable(message)


def refuse_unknown_command(words: Sequence[str], commands: Collection[str]) -> None:
    """Raise `UsageError` where a word stands in a command's place and is none.

    The word itself is not repeated: it may be a pasted secret.
    """
    options = _Options(add_help=False)
    add_common(options)
    options.add_argument("rest", nargs=argparse.REMAINDER)
    try:
        known, others = options.parse_known_args(words)
    except _Unreadable:
        return
    if not known.rest or known.rest[0] in commands or others or known.rest[0].startswith("-"):
        return
    near = difflib.get_close_matches(known.rest[0][:40].lower(), commands, 2, 0.7)
    meant = " or ".join(f"`soundcheck {name}`" for name in near)
    hint = f"Did you mean {meant}? " if near else ""
    raise UsageError("soundcheck has no such command.", f"{hint}All commands: soundcheck --help")


_POSTGRES: Final = re.compile(r"[\"'`]?(?:jdbc:)?postgres(?:ql)?(?:\+\w+)?://", re.IGNORECASE)

ONLY_SHOW: Final = frozenset({None, "doctor", "claims", "tables", "rows", "row", "cache", "profiles", "completion"})
"""Commands of which nothing is lost when nobody reads on."""

COMMANDS: Final = {
    "setup": "the wizard without the screen: credentials, .env, tables, both tests",
    "doctor": "every check, one verdict, an exit code",
    "claims": "temporary stores in the cloud: when they end, and the links that keep them",
    "local": "PostgreSQL and Valkey on this machine: up, down, status, reset",
    "run": "start the local stack if it is in use, then run your backend",
    "tables": "the tables with their sizes",
    "rows": "rows of a table",
    "row": "one row, and the state of its cached copy",
    "seed": "sample data in all eleven tables",
    "cache": "live cache statistics",
    "move": "the database with its rows, and the cache, to the cloud, to this machine, or back",
    "remove": "undo what Soundcheck created here: listed first, chosen, then undone",
    "profiles": "the profiles of soundcheck.toml: what is at stake behind each",
    "completion": "a script that completes these words in bash, zsh or fish",
}

DESCRIPTION: Final = """Soundcheck takes the backend of a music-streaming app from nothing to a verified PostgreSQL
and Redis, and is its admin console afterwards. Without a command it opens the app."""

EPILOG: Final = """examples:
  soundcheck                                   the app: set-up if it was never finished, else the tables
  soundcheck setup --local                     a database and a cache on this machine, no account needed
  soundcheck setup --yes --from-env            set up from exported variables, as in CI
  soundcheck doctor                            what is wrong, whose move it is, what to do
  soundcheck 'postgresql://user@host/db'       just look at a database; nothing is written

exit codes: 0 fine, 1 warnings with --strict, 2 wrong usage, 3 a check or step failed, 4 could not run, 130 interrupted,
            128 + n ended by signal n
"""


NEW_OBJECTS: Final = 50_000
"""After so many more objects garbage is looked for. After 700, Python's default, it was looked for 250 times while the
tables opened, which was 60 to 100 of 750 ms, and nothing was found: what a start makes stays."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit code; never shows a traceback for an expected failure.

    Without `argv` this is the program itself, which shows none at all.
    """
    return _program(sys.argv[1:]) if argv is None else _run(argv)


def _program(words: Sequence[str]) -> int:
    """The same with the process's own import path and streams, which are put in order first."""
    gc.set_threshold(NEW_OBJECTS)
    keep_projects_out()
    try:
        take_streams()
    except SoundcheckError as problem:
        return _show(problem)
    try:
        code = _run(words)
    except SystemExit as done:  # argparse, after its help
        code = done.code if isinstance(done.code, int) else ExitCode.USAGE
    except Exception as problem:  # noqa: BLE001 - the last boundary
        if output_problem() is None:
            return _show_unforeseen(problem)
        code = ExitCode.COULD_NOT_RUN
    unwritten = output_problem()
    return code if unwritten is None else _show_unwritten(unwritten, words)


def _run(words: Sequence[str]) -> int:
    with running(words):
        try:
            return _dispatch(list(words), os.environ)
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)  # noqa: T201
            return ExitCode.INTERRUPTED
        except SoundcheckError as problem:
            return _show(problem)


def _show_unwritten(problem: OSError, words: Sequence[str]) -> int:
    """Where nobody reads on, as behind `| head`, that is fine for a command that only shows something."""
    if not isinstance(problem, BrokenPipeError):
        reason = problem.strerror or type(problem).__name__
        return _show(CouldNotRun(f"Standard output could not be written: {reason}.", "Send it elsewhere, and repeat."))
    if next((word for word in words if word in COMMANDS), None) in ONLY_SHOW:
        return ExitCode.OK
    hint = "Repeat it without the pipe, or with its output in a file."
    return _show(CouldNotRun("Nobody reads the output any more, so the command stopped where it was.", hint))


def _show_unforeseen(problem: Exception) -> int:
    """What nobody foresaw, in a line without any value in it; all of it goes to the log where there is one."""
    import traceback

    if logging.getLogger().handlers:  # without one it would be printed
        logging.getLogger(__name__).error("unforeseen", exc_info=problem)
    frames = [
        frame
        for frame in traceback.extract_tb(problem.__traceback__)
        if Path(frame.filename).is_relative_to(own_root()) and "site-packages" not in Path(frame.filename).parts
    ]
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return _show(
        CouldNotRun(
            f"Soundcheck failed where it should not: {type(problem).__name__}{where}.",
            "Try again; if it stays so, report that line together with: soundcheck doctor --bundle report.zip",
        )
    )


def exit_code_of(problem: SoundcheckError) -> ExitCode:
    """The code of each branch of the exception family."""
    if isinstance(problem, UsageError):
        return ExitCode.USAGE
    if isinstance(problem, CouldNotRun):
        return ExitCode.COULD_NOT_RUN
    return ExitCode.FAILED


def _show(problem: SoundcheckError) -> ExitCode:
    from soundcheck.checks.report.redaction import without_passwords
    from soundcheck.screens.plain import PlainPrinter
    from soundcheck.screens.terminal import this_terminal

    color = this_terminal(os.environ).color
    PlainPrinter(sys.stderr, color=color, scrub=without_passwords).error(problem)  # what was typed may be an address
    return exit_code_of(problem)


def _dispatch(words: list[str], environ: Mapping[str, str]) -> int:
    if any("\0" in word for word in words):
        raise UsageError("One of the words holds a NUL character.", "Type it without that character.")
    look, words = _take_url(words)
    refuse_unknown_command(words, COMMANDS)
    parser = build_parser(words)
    args, unknown = parser.parse_known_args(words)
    if unknown:
        raise _not_known(unknown, args.command)
    if args.version:
        print(f"soundcheck {soundcheck.__version__}")  # noqa: T201
        return ExitCode.OK
    if look is not None and args.command is not None:
        raise UsageError("An address goes without a command.", "`soundcheck 'postgresql://…'` opens the tables.")
    if args.command is None:
        from soundcheck.screens.commands.start import start

        return start(args, environ, look)
    if args.command == "completion":
        from soundcheck.screens.commands.completion import complete

        return complete(args, lambda: build_parser(tuple(COMMANDS)), environ, sys.stdout)
    from soundcheck.screens.commands.running import run_command

    module = importlib.import_module(f"soundcheck.screens.commands.{args.command}")
    return asyncio.run(run_command(module, args, environ))


def _not_known(words: Sequence[str], command: str | None) -> UsageError:
    """What a command does not take. A word that is no option may be a pasted secret and is not repeated."""
    options = [word.partition("=")[0] for word in words if word.startswith("-")]
    name = f"soundcheck {command}" if command else "soundcheck"
    what = " and ".join(options) or "one of the words"
    return UsageError(f"{name} does not know {what}.", f"{name} --help")


def _take_url(words: list[str]) -> tuple[str | None, list[str]]:
    """Pull out a bare connection URL, which stands where a command would."""
    for word in words:
        if word in COMMANDS or word == "--":
            break
        if _POSTGRES.match(word):
            return word, [other for other in words if other is not word]
        scheme, is_address, _ = word.partition("://")
        if is_address and scheme.replace("+", "").isalnum():
            # The parser would print the whole word, password and all.
            raise UsageError(
                f"{scheme}:// is no address of a PostgreSQL database.",
                "To look at one: soundcheck 'postgresql://…'. For anything else that you copied: soundcheck setup",
            )
    return None, words


def build_parser(words: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The whole parser. Only commands that occur in `words` are imported and get their options: starting stays fast."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = SpelledParser(here().prefix, description=DESCRIPTION, epilog=EPILOG, formatter_class=formatter)
    vars(parser)["color"] = False  # Python 3.14 colours help of its own accord, whatever --no-color says
    parser.add_argument("--version", action="store_true", help="the version, and nothing else")
    add_common(parser)
    listed = SpelledParser(add_help=False)

    def parser_of(*, is_called: bool = False, **options: Any) -> SpelledParser:
        """One for all commands that are only listed: argparse looks for translations at each that it makes."""
        return SpelledParser(**options) if is_called else listed

    kind = cast("type[SpelledParser]", parser_of)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands", parser_class=kind)
    for name, text in COMMANDS.items():
        what = f"{name}: {text}."
        sub = commands.add_parser(name, help=text, formatter_class=formatter, description=what, is_called=name in words)
        if name in words:
            add_common(sub)
            importlib.import_module(f"soundcheck.screens.commands.{name}").configure(sub)
    return parser
