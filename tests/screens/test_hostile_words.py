"""Whatever is typed after an option: a message and a documented exit code, never a traceback, and no crash.

The options are read off the parser itself, so that a new one is tried without being added here.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator, Sequence
from functools import cache

import pytest
from eleven_tables import eleven_template, eleven_url  # noqa: F401
from engine_fixture import engine_folder  # noqa: F401

from soundcheck.screens.cli import COMMANDS, build_parser, main
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Project

CODES = {int(code) for code in ExitCode}

HOSTILE = {
    "nothing": "",
    "a blank": " ",
    "a dash": "-",
    "a minus": "-1",
    "a long number": "9" * 30,
    "a number past int's digits": "9" * 5000,
    "a long word": "x" * 5000,
    "an exponent": "1e999",
    "not a number": "nan",
    "a home nobody has": "~nobody-of-that-name/x",
    "a file that is not there": "@nowhere",
    "a home nobody has, as a file": "@~nobody-of-that-name/x",
    "a folder as a file": "@.",
    "a file that never ends": "@/dev/zero",
    "a variable that is not there": "env:NOBODY_EXPORTS_THIS",
    "no UTF-8": "\udcff\udc80",
    "control characters": "\x1b[31m\r\n\x07",
    "a format": "%s %(x)s {0} {x}",
    "brackets": "[bold]{'\"`$(",
    "an address": "postgresql://u:p@[::1/x?%zz",
    "a port too large": "postgresql://u:p@127.0.0.1:99999/x",
    "a REST address": "https://p@:x",
    "a comparison": "id=",
    "an operator": "~~~",
    "a wrong byte": "email=\x01",
}

BASE = {
    "rows": ["rows", "users"], "row": ["row", "users", "1"], "local": ["local", "status"], "run": ["run"],
    "completion": ["completion", "tables"], "doctor": ["doctor", "--only", "machine.python"],
    "remove": ["remove", "--dry-run"], "setup": ["setup", "--yes"], "move": ["move"],
}  # fmt: skip
POSITIONAL = {
    "rows": [["rows", "{}"], ["rows", "{}", "--count"]],
    "row": [["row", "{}", "1"], ["row", "users", "{}"]],
    "profiles": [["profiles", "kind", "{}", "dev"], ["profiles", "kind", "default", "{}"], ["profiles", "{}"]],
    "completion": [["completion", "columns", "{}"], ["completion", "{}"]],
    "cache": [["cache", "keys", "{}"], ["cache", "{}"]],
    "run": [["run", "--", "{}"], ["run", "{}"]],
    "local": [["local", "{}"]],
    "tables": [["tables", "{}"]],
    "claims": [["claims", "{}"]],
}


READS = {"rows", "row", "tables", "cache", "seed"}


whole_parser = cache(lambda: build_parser(tuple(COMMANDS)))


def value_options(command: str) -> Iterator[str]:
    """The options of a command that take a value, those that all commands take included."""
    parser = whole_parser()
    commands = next(one for one in parser._actions if isinstance(one, argparse._SubParsersAction))
    for action in commands.choices[command]._actions:
        if action.option_strings and action.nargs != 0:
            yield action.option_strings[-1]


def cases() -> Iterator[tuple[str, ...]]:
    for command in COMMANDS:
        for option in value_options(command):
            yield (*BASE.get(command, [command]), option)
        for words in POSITIONAL.get(command, []):
            yield tuple(words)


def filled(words: Sequence[str], value: str) -> list[str]:
    if "{}" in words:
        return [value if word == "{}" else word for word in words]
    if words[-1] == "--compare":
        return [*words, value, "last"]
    return [*words[:-1], f"{words[-1]}={value}"]


def run(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    try:
        code = main(words)
    except SystemExit as done:
        code = done.code if isinstance(done.code, int) else 1
    said = capsys.readouterr()
    return code, said.out + said.err


@pytest.fixture
def guarded(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project of a kind that is never written to; the program stands in its folder."""
    (project.root / "soundcheck.toml").write_text('[profiles.default]\nkind = "production"\n')
    monkeypatch.chdir(project.root)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    return project


def check(words: Sequence[str], capsys: pytest.CaptureFixture[str]) -> None:
    wrong = []
    for name, value in HOSTILE.items():
        code, said = run(filled(words, value), capsys)
        if code not in CODES or (code and not said.strip()) or "Traceback" in said:
            wrong.append(f"{name}: {code} {said[-300:]}")
        if "\x1b[31m\r" in said:
            wrong.append(f"{name}: control characters were sent to the terminal")
    assert wrong == []


@pytest.mark.parametrize("words", cases(), ids=" ".join)
def test_without_a_database(guarded: Project, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    check(words, capsys)


@pytest.mark.parametrize(
    "words", [case for case in cases() if case[0] in READS and case[-1] not in set(value_options("run"))], ids=" ".join
)
def test_with_a_database(
    guarded: Project,
    eleven_url: PostgresUrl,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
) -> None:
    guarded.env_file.write_text(f'DATABASE_URL="{eleven_url.reveal()}"\n')
    guarded.env_file.chmod(0o600)
    check(words, capsys)
