"""The command's words: what is not known is told with the next step, and never repeated where it may be a secret."""

from __future__ import annotations

import pytest

from screens.cli import COMMANDS, main
from screens.exit_codes import ExitCode
from stores.own_command import spelled


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


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_spelled_as_it_works_here(command: str) -> None:
    said = spelled(f"Type: soundcheck {command}", ".venv/bin/soundcheck")
    assert said == f"Type: .venv/bin/soundcheck {command}"
