"""Programs and libraries of ours come from where a PATH leads for good, and never from the folder that is looked at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from soundcheck.stores.programs.environment import allowed
from soundcheck.stores.programs.search_path import found_program, lasting_path

SEARCHED = ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with the home beside it and a program called `tool` in several places."""
    folder = tmp_path / "music-app"
    for place in (folder, folder / "bin", tmp_path / "machine"):
        place.mkdir(parents=True, exist_ok=True)
        (place / "tool").write_text("#!/bin/sh\n")
        (place / "tool").chmod(0o755)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return folder


@pytest.mark.parametrize(
    "entry", ["", ".", "bin", "./bin", "node_modules/.bin", "{here}", "{here}/bin", "{here}/x/../bin"]
)
def test_an_entry_that_leads_into_the_folder_is_passed_over(here: Path, entry: str) -> None:
    machine = str(here.parent / "machine")
    path = os.pathsep.join([entry.format(here=here), machine])
    assert lasting_path(path) == machine
    assert found_program("tool", {"PATH": path}) == here.parent / "machine" / "tool"
    for name in SEARCHED:
        assert allowed({name: path}).variables[name] == machine


def test_a_path_of_such_entries_alone_leads_nowhere(here: Path) -> None:
    for path in ("", ".", f"{here}/bin{os.pathsep}"):
        assert found_program("tool", {"PATH": path}) is None


def test_below_a_home_everything_stays(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever stands in their home has their own programs below it."""
    monkeypatch.setenv("HOME", str(here))
    assert lasting_path(f"{here}/bin") == f"{here}/bin"


def test_in_a_folder_that_is_gone_nothing_is_raised(here: Path) -> None:
    gone = here / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    assert lasting_path("/usr/bin") == "/usr/bin"
