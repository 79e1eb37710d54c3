"""What is kept between runs: private, whole, of a version, bounded; and what every reader does with an odd file."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from soundcheck.checks.report.history import KEPT as KEPT_RUNS
from soundcheck.screens.app.preferences import Preferences, load_preferences, save_preferences
from soundcheck.screens.app.tables.remembered import Remembered, load_remembered, save_remembered
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.cloud.made import FILE, known_stores, made_stores
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.project.kept_file import KeptFile, NotReadable, Reason, end_of, keep_newest, make_private
from soundcheck.stores.project.project import Project
from soundcheck.wizard.fix_journal import KEPT, note_fix, read_journal
from soundcheck.wizard.move.state import MoveState, load_state, save_state, state_file


def names(path: Path, version: int = 1) -> KeptFile[tuple[str, ...]]:
    return KeptFile(path, lambda kept: {"names": kept}, lambda raw: tuple(raw["names"]), version)


def test_what_is_written_is_read_and_is_private(tmp_path: Path) -> None:
    kept = names(tmp_path / "new" / "newer" / "names.json")
    assert kept.read() is None
    kept.write(("Ada", "Мара"))
    assert kept.read() == ("Ada", "Мара")
    modes = [kept.path, kept.path.parent, kept.path.parent.parent]
    assert [stat.S_IMODE(one.stat().st_mode) for one in modes] == [0o600, 0o700, 0o700]
    assert json.loads(kept.path.read_text("utf-8")) == {"version": 1, "names": ["Ada", "Мара"]}
    kept.forget()
    kept.forget()
    assert kept.read() is None


ODD: Mapping[str, tuple[bytes, Reason]] = {
    "empty": (b"", Reason.ODD),
    "cut": (b'{"version": 1, "names": ["Ad', Reason.ODD),
    "no text": (b"\xff\xfe\x00", Reason.ODD),
    "a list": (b"[]", Reason.ODD),
    "without its names": (b'{"version": 1}', Reason.ODD),
    "of another form": (b'{"version": 1, "names": 5}', Reason.ODD),
    "too deep": (b'{"names": ' + b"[" * 100_000, Reason.ODD),
    "newer": (b'{"version": 2, "names": []}', Reason.NEWER),
    "newer, as published": (b'{"schema_version": 2, "names": []}', Reason.NEWER),
    "of no version we know": (b'{"version": "one", "names": []}', Reason.ODD),
    "older": (b'{"version": 0, "names": []}', Reason.ODD),
}


@pytest.mark.parametrize(("data", "reason"), ODD.values(), ids=ODD)
def test_what_is_not_as_we_write_it_has_a_reason(tmp_path: Path, data: bytes, reason: Reason) -> None:
    kept = names(tmp_path / "names.json")
    kept.path.write_bytes(data)
    with pytest.raises(NotReadable) as refused:
        kept.read()
    assert refused.value.reason is reason
    assert kept.path.read_bytes() == data, "it is left as it is"


def test_a_document_without_a_version_is_of_the_first(tmp_path: Path) -> None:
    kept = names(tmp_path / "names.json")
    kept.path.write_text('{"names": ["Ada"]}')
    assert kept.read() == ("Ada",)


def test_one_larger_than_it_can_be_is_not_read(tmp_path: Path) -> None:
    kept = KeptFile(tmp_path / "names.json", dict, dict, largest=10)
    kept.path.write_text('{"names": "long"}')
    with pytest.raises(NotReadable, match="more than 10 bytes"):
        kept.read()


def test_a_folder_in_its_place_and_a_file_above_it_are_words(tmp_path: Path) -> None:
    (tmp_path / "names.json").mkdir()
    with pytest.raises(NotReadable) as refused:
        names(tmp_path / "names.json").read()
    assert refused.value.reason is Reason.DENIED
    (tmp_path / "file").write_text("")
    with pytest.raises(CouldNotRun, match="cannot be made"):
        make_private(tmp_path / "file" / "folder")


def test_the_newest_stay(tmp_path: Path) -> None:
    assert end_of(range(5), 2) == (3, 4)
    for day in range(1, 6):
        (tmp_path / f"2026010{day}.json").touch()
    keep_newest(tmp_path.iterdir(), 2)
    assert sorted(os.listdir(tmp_path)) == ["20260104.json", "20260105.json"]
    assert KEPT_RUNS >= 10


LOOKS: Mapping[str, tuple[str, Callable[[Project], Any], Any]] = {
    "the browser's": ("browser.json", load_remembered, Remembered()),
    "the fixes": ("fixes.json", read_journal, ()),
    "a move": ("", load_state, None),
    "cloud stores": (FILE, known_stores, {}),
    "preferences": ("app.json", lambda project: load_preferences(project.state), Preferences()),
}


@pytest.mark.parametrize(("name", "look", "nothing"), LOOKS.values(), ids=LOOKS)
@pytest.mark.parametrize("data", [data for data, _ in ODD.values()], ids=ODD)
def test_who_only_looks_takes_an_odd_file_for_none(
    project: Project, name: str, look: Callable[[Project], Any], nothing: Any, data: bytes
) -> None:
    path = state_file(project) if look is load_state else project.state / name
    make_private(path.parent)
    path.write_bytes(data)
    assert look(project) == nothing


def test_where_a_second_store_would_be_asked_for_an_odd_note_is_refused(project: Project) -> None:
    make_private(project.state)
    (project.state / FILE).write_text("[]")
    with pytest.raises(CouldNotRun, match="is not as Soundcheck writes it"):
        made_stores(project)


def test_fixes_noted_by_the_version_before_can_be_undone(project: Project) -> None:
    make_private(project.state)
    fix = {"fix": "env.add", "check": "files.env", "at": "2026-01-01T00:00:00+00:00", "data": {"a": "b"}}
    (project.state / "fixes.json").write_text(json.dumps({"kind": "fixes", "schema_version": 1, "fixes": [fix]}))
    (entry,) = read_journal(project)
    assert (entry.fix, entry.data) == ("env.add", {"a": "b"})


def test_fixes_end_after_the_newest(project: Project) -> None:
    for number in range(KEPT + 3):
        note_fix(project, f"fix.{number}", "files.env", {}, SystemClock())
    kept = read_journal(project)
    assert len(kept) == KEPT
    assert kept[-1].fix == f"fix.{KEPT + 2}"


def test_what_each_keeps_comes_back(project: Project, tmp_path: Path) -> None:
    state = MoveState("a@b:1/c", "d@e:2/f", started_at="now")
    save_state(project, state)
    assert load_state(project) == state
    save_preferences(tmp_path / "home", Preferences(vim_keys=True, theme="nord", zone="Europe/Vienna"))
    assert load_preferences(tmp_path / "home") == Preferences(vim_keys=True, theme="nord", zone="Europe/Vienna")
    save_remembered(project, Remembered())
    assert load_remembered(project) == Remembered()


def test_a_disk_that_refuses_costs_the_memory_alone(project: Project, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    save_preferences(tmp_path / "home", Preferences(theme="nord"))
    assert (tmp_path / "home").read_text() == "a file"
