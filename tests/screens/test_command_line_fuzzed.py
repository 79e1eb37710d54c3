"""No words, in whatever order, break the command: each run ends with a cause, a next step and a documented code.

The words come from a seeded generator over the parser's own options and places, so that a new option is tried without
being added here. `SOUNDCHECK_SEEDS=1,2,3` plays others.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from soundcheck.screens.cli import COMMANDS, build_parser, main
from soundcheck.stores.exit_codes import ExitCode

SEEDS = [int(word) for word in os.environ.get("SOUNDCHECK_SEEDS", "1").split(",")]
RUNS_A_COMMAND = 12
CODES = {int(code) for code in ExitCode}

HOSTILE = (
    "", " ", "-", "--", "---", "-1", "0", "nan", "1e999", "9" * 30, "9" * 5000, "x" * 300, "\x00", "a\x00b", "\n",
    "a\nb", "\r\x1b[2J\x07", "\udcff\udc80", "\ud800", "\u202e", "=", "=x", "a=b=c", "@", "@nowhere", "@/dev/zero",
    "~", "~nobody-at-all/x", "env:NOT_THERE", "..", ".", "/", "/dev/null", "/proc/self/mem", "%s%n{0}", "[bold]",
    "'\"`$(id)", "id = 1", ",", "a,,b", "users", "default", "dev", "postgresql://u:sesame-open@127.0.0.1:1/x",
    "postgresql://[::1", "redis://x:sesame-open@y", "http://127.0.0.1:1",
)  # fmt: skip

CONSENTS = {
    "--yes", "--local", "--local-if-none", "--instant", "--fix", "--undo", "--trust", "--force", "--generate-outside",
    "--allow-plain", "--accept", "--replace", "--help", "--version",
}  # fmt: skip
"""What says yes to a write, and what prints help: never among the words. `up` and `reset` are not, either."""

BEGINS = {
    "doctor": ["--only", "machine.python"], "local": ["status"], "rows": ["users"], "row": ["users", "1"],
    "completion": ["tables"], "remove": ["--dry-run"],
}  # fmt: skip
"""So that most runs get past the parser, and none takes minutes."""

GARBAGE = {
    ".env": b'DATABASE_URL="postgresql://u:p@127.0.0.1:1/x"\nUPSTASH_REDIS_REST_URL=http://127.0.0.1:1\n'
    b"UPSTASH_REDIS_REST_TOKEN='x\n\xff\xfe=\x00\nexport\n====\n",
    "soundcheck.toml": b'[profiles.default]\nkind = "production"\n[profiles."\\u001b"]\nenv_file = "../../x"\n',
    "schema.prisma": b"model {{{ \x00 \xff",
    "package.json": b'{"scripts": [1, {"a": NaN}]',
    "pyproject.toml": b"\xff\xfe\x00[",
    "requirements.txt": b"\x00" * 100,
    ".gitignore": b"\xff\n!\n[",
}
STATE = {"session.json": b'{"steps": 7', "journal.json": b"[[[", "trust.json": b"\xff", "claims.json": b"{}[]"}

whole_parser = cache(lambda: build_parser(tuple(COMMANDS)))


def actions(command: str) -> list[argparse.Action]:
    commands = next(one for one in whole_parser()._actions if isinstance(one, argparse._SubParsersAction))
    return [one for one in commands.choices[command]._actions if not CONSENTS & set(one.option_strings)]


def some_words(command: str, dice: random.Random) -> list[str]:
    """A command line: options whole, shortened, joined with `=` and twice, hostile values, `--` anywhere."""
    options = [one for one in actions(command) if one.option_strings]
    words: list[str] = []
    for one in dice.choices(options, k=dice.randint(0, 4)):
        name = one.option_strings[-1]
        if dice.random() < 0.2:
            name = name[: dice.randint(3, len(name))]
            if any(consent.startswith(name) for consent in CONSENTS):
                name = one.option_strings[-1]
        choices = [str(choice) for choice in one.choices or ()]
        value = dice.choice(choices) if choices and dice.random() < 0.5 else dice.choice(HOSTILE)
        words += [name] if one.nargs == 0 else [f"{name}={value}"] if dice.random() < 0.5 else [name, value]
    for _ in range(dice.choice((0, 0, 1, 2))):
        words.insert(dice.randint(0, len(words)), dice.choice(HOSTILE))
    before = [] if dice.random() < 0.8 else [dice.choice(("--json", "--plain", "--no-color", dice.choice(HOSTILE)))]
    if command == "doctor":  # the last --only counts: nothing else is asked for
        return [*before, command, *words, *([] if "--" in words else BEGINS[command])]
    return [*before, command, *BEGINS.get(command, []), *words]


def everything(folder: Path) -> dict[str, object]:
    """Each file below, and what is in it."""
    return {str(one): one.read_bytes() if one.is_file() else one.is_dir() for one in folder.rglob("*")}


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], Path]:
    """A home with a neighbour's folder, and in it a project that is empty, or full of garbage."""

    def make(garbage: bool) -> Path:
        home = tmp_path / ("garbage" if garbage else "empty")
        project = home / "music-app"
        project.mkdir(parents=True)
        (home / "sc").mkdir(mode=0o700)
        (home / "neighbour").mkdir()
        (home / "neighbour" / ".env").write_text("DATABASE_URL=postgresql://n@127.0.0.1:1/n\n")
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
            monkeypatch.setenv(name, str(home))
        monkeypatch.setenv("SOUNDCHECK_HOME", str(home / "sc"))
        monkeypatch.chdir(project)
        if garbage:
            for name, content in GARBAGE.items():
                (project / name).write_bytes(content)
        return project

    return make


def spoil_state(home: Path) -> None:
    for state in (home / "sc" / "projects").glob("*"):
        for name, content in STATE.items():
            (state / name).write_bytes(content)


def ran(words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    try:
        code = main(words)
    except SystemExit as done:
        code = done.code if isinstance(done.code, int) else 1
    said = capsys.readouterr()
    return int(code), said.out, said.err


def what_is_wrong(words: list[str], code: int, out: str, err: str) -> str:
    """Why this end is none that a person can do something with; "" where it is."""
    said = out + err
    if code not in CODES or "Traceback" in said or "failed where it should not" in said:
        return f"code {code}"
    if "sesame-open" in said:
        return "a pasted secret is repeated"
    if set(said) & set("\x1b\x07\x00\r"):
        return "control characters"
    if code in {ExitCode.USAGE, ExitCode.COULD_NOT_RUN}:
        causes = [line for line in err.splitlines() if line.startswith("✗ error: ")]
        if len(causes) != 1 or "  Next: " not in err:
            return "no cause with a next step"
    return ""


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("garbage", [False, True], ids=["empty project", "garbage files"])
def test_any_words_end_in_a_cause_a_next_step_and_a_documented_code(
    at_home: Callable[[bool], Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    garbage: bool,
    seed: int,
) -> None:
    project = at_home(garbage)
    dice, wrong = random.Random(f"{seed} {garbage}"), []
    before = everything(project.parent)
    for command in COMMANDS:
        for number in range(RUNS_A_COMMAND):
            if garbage and number == RUNS_A_COMMAND // 2:
                spoil_state(project.parent)
            words = some_words(command, dice)
            try:
                code, out, err = ran(words, capsys, monkeypatch)
            except BaseException as problem:  # noqa: BLE001 - whatever it is, with the words that led to it
                wrong.append(f"{words}: {problem!r}")
                continue
            if found := what_is_wrong(words, code, out, err):
                wrong.append(f"{words}: {found}: {err[-300:]}")
            after = everything(project.parent)
            bundles = [*words, *(word.partition("=")[2] for word in words)]
            named = {str(project / word) for word in bundles} if command == "doctor" else set()
            written = {
                one for one in before.keys() | after.keys()
                if before.get(one) != after.get(one) and not one.startswith(str(project.parent / "sc"))
            } - named  # fmt: skip
            if written and not (command == "profiles" and written <= {str(project / "soundcheck.toml")}):
                wrong.append(f"{words}: wrote {written}")
            before = after
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong)
    shutil.rmtree(project.parent)
