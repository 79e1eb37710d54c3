"""The command's words: what is not known is told with the next step, and never repeated where it may be a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from soundcheck.screens.cli import COMMANDS, main
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.project.own_command import OwnCommand


@pytest.mark.parametrize("words", [["--help"], ["tables", "--help"]])
def test_help_is_the_same_on_every_python_and_never_coloured(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From 3.14 on argparse colours its help, and its usage lines, by itself."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    with pytest.raises(SystemExit):
        main(words)
    done = capsys.readouterr()
    assert "usage: soundcheck" in done.out + done.err
    assert "\x1b" not in done.out + done.err


@pytest.mark.parametrize("command", COMMANDS)
def test_an_option_that_a_command_does_not_have_is_named_with_the_way_to_its_help(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = {"rows": ["users"], "row": ["users", "1"], "local": ["status"], "completion": ["bash"]}.get(command, [])
    assert main([command, *words, "--no-such-option=sesame-open"]) == ExitCode.USAGE
    said = capsys.readouterr()
    assert f"{command} does not know --no-such-option" in said.err
    assert f"{command} --help" in said.err
    assert "sesame-open" not in said.err
    assert said.out == ""


def test_a_word_too_many_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "AbCd-a-token-that-was-pasted"]) == ExitCode.USAGE
    assert "AbCd" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["tabels"], "`soundcheck tables`"),
        (["docter", "--json"], "`soundcheck doctor`"),
        (["--project", "/", "Seed1"], "`soundcheck seed`"),
        (["rosw", "users", "--limit", "3"], "`soundcheck row` or `soundcheck rows`"),
    ],
)
def test_a_slip_in_a_command_is_answered_with_the_nearest_one(
    words: list[str], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == ExitCode.USAGE
    said = capsys.readouterr()
    assert f"Did you mean {meant}? All commands: soundcheck --help" in said.err
    assert said.out == ""


def test_a_word_that_is_near_to_nothing_leads_to_the_help_and_is_not_repeated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["npg_AbCdEfGh1234"]) == ExitCode.USAGE
    said = capsys.readouterr().err
    assert "no such command" in said
    assert "soundcheck --help" in said
    assert "Did you mean" not in said
    assert "AbCd" not in said


def test_an_option_that_lacks_its_value_is_still_what_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--project"]) == ExitCode.USAGE
    assert "--project: expected one argument" in capsys.readouterr().err


def test_an_env_file_that_is_not_there_is_said_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOUNDCHECK_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    assert main(["--plain", "--env-file", "no file"]) == ExitCode.OK
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "There is no file no file. Next: soundcheck setup writes it,"
    (tmp_path / "no file").write_text("A=1\n")
    assert main(["--plain", "--env-file", "no file"]) == ExitCode.OK
    assert "There is no file" not in capsys.readouterr().out
    assert main(["--plain"]) == ExitCode.OK
    assert "There is no file" not in capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_spelled_as_it_works_here(command: str) -> None:
    said = OwnCommand("/opt/soundcheck").spelled(f"Type: soundcheck {command}")
    assert said == f"Type: /opt/soundcheck {command}"


@pytest.mark.parametrize(
    ("words", "said", "hint"),
    [
        (["rows", "users", "--limit", "sesame-open"], "--limit takes a whole number.", "rows --help"),
        (["tables", "--format=sesame-open"], "--format takes table, record, csv or json.", "tables --help"),
        (["tables", "--json=sesame-open"], "--json takes no value.", "tables --help"),
        (["--pro=sesame-open"], "--pro may be --project or --profile.", "--help"),
        (["rows"], "Missing: TABLE.", "rows --help"),
        (["doctor", "--list", "--history"], "--history and --list exclude each other.", "doctor --help"),
        (["setup", "--redis-token"], "--redis-token: expected one argument.", "setup --help"),
        (
            ["tables", "--project", "x://u:sesame-open@h"],
            "--project: that is an address, and a path is wanted.",
            "--help",
        ),
        (["run", "--env-file=--", "x"], "--env-file: expected one argument.", "run --help"),
        (
            ["tables", "--profile", "x://u:sesame-open@h"],
            "There is no profile 'x://u:•••••@h' in soundcheck.toml (there: none). (masked)",
            "there",
        ),
        (["cache", "sesame-open"], "what takes keys.", "cache --help"),
        (["rows", "users", "--where", "a\0b"], "One of the words holds a NUL character.", "without"),
    ],
)
def test_words_that_the_parser_refuses_have_one_line_of_cause_and_a_next_step(
    words: list[str], said: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == ExitCode.USAGE
    cause, step = capsys.readouterr().err.splitlines()
    assert cause == f"✗ error: {said}"
    assert step.startswith("  Next: ")
    assert step.endswith(hint) or hint in step
    assert "sesame-open" not in cause + step
