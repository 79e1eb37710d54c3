"""Printed commands work where they are read."""

from pathlib import Path

import pytest

from soundcheck.stores.project.own_command import own_command, spelled


def program(folder: Path) -> Path:
    path = folder / ".venv" / "bin" / "soundcheck"
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_it_is_the_bare_name_where_the_path_leads_to_it(tmp_path: Path) -> None:
    there = program(tmp_path)
    assert own_command(str(there), tmp_path, str(there.parent)) == "soundcheck"


def test_inside_the_checkout_it_is_the_short_path(tmp_path: Path) -> None:
    assert own_command(str(program(tmp_path)), tmp_path, "") == ".venv/bin/soundcheck"


def test_elsewhere_it_is_the_whole_path_quoted_for_the_shell(tmp_path: Path) -> None:
    there = program(tmp_path / "a folder")
    assert own_command(str(there), tmp_path / "other", "") == f"'{there}'"


def test_another_soundcheck_on_the_path_is_not_this_one(tmp_path: Path) -> None:
    there, other = program(tmp_path / "one"), program(tmp_path / "two")
    assert own_command(str(there), tmp_path / "one", str(other.parent)) == ".venv/bin/soundcheck"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Run `soundcheck doctor` again.", "Run `./sc doctor` again."),
        ("soundcheck setup --local --yes", "./sc setup --local --yes"),
        ("soundcheck 'postgresql://u@h/d'", "./sc 'postgresql://u@h/d'"),
        ("soundcheck", "./sc"),
        ("A soundcheck before the show.", "A soundcheck before the show."),
        ("docs/soundcheck setup", "docs/soundcheck setup"),
    ],
)
def test_only_commands_are_respelled(text: str, shown: str) -> None:
    assert spelled(text, "./sc") == shown
