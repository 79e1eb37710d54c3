"""Where a secret still occurs: names, paths and line numbers within bounds, never the value."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from soundcheck.stores.project import occurrences as looking
from soundcheck.stores.project.occurrences import Occurrence, OccurrenceKind, occurrences
from soundcheck.stores.project.secret_spellings import lines_with, spellings, without
from soundcheck.stores.secret import MASK, Secret

SECRET = Secret("pa/ss wörd+1")


@pytest.mark.parametrize(
    "text",
    ["pa/ss wörd+1", "pa%2Fss%20w%C3%B6rd%2B1", "pa%2fss%20w%c3%b6rd%2b1", "pa%2Fss+w%C3%B6rd%2B1",
     '"pa/ss w\\u00f6rd+1"', base64.b64encode("pa/ss wörd+1".encode()).decode()],
)  # fmt: skip
def test_every_spelling_is_found_by_its_line_and_masked(text: str) -> None:
    data = f"one\nx={text}\r\nthree\n{text}".encode()
    assert lines_with(data, SECRET) == (2, 4)
    assert without(data, SECRET).decode().count(MASK) == 2


def test_a_short_value_is_not_searched_for() -> None:
    assert spellings(Secret("abc")) == ()
    assert lines_with(b"abc", Secret("abc")) == ()


def test_files_variables_and_shell_files_are_named(tmp_path: Path) -> None:
    root, home = tmp_path / "app", tmp_path / "home"
    for folder in (root / "src", root / "node_modules" / "x", root / ".git", home / ".local" / "share" / "fish"):
        folder.mkdir(parents=True)
    line = f"url = {SECRET.reveal()}\n"
    for path in (root / "src" / "a.yml", root / ".env.old", root / "node_modules" / "x" / "a.js", root / ".git" / "c"):
        path.write_text(line)
    (root / "link.yml").symlink_to(root / "src" / "a.yml")
    (root / "image.bin").write_bytes(b"\0\n" + SECRET.reveal().encode())
    (home / ".bashrc").write_text("\n\n" + line)
    (home / ".local" / "share" / "fish" / "fish_history").write_text(line)
    environ = {"HOME": str(home), "PGPASSWORD": SECRET.reveal(), "PATH": "/bin"}
    found = occurrences(SECRET, root, environ)
    assert set(found) == {
        Occurrence(OccurrenceKind.VARIABLE, "PGPASSWORD"),
        Occurrence(OccurrenceKind.FILE, ".env.old", (1,)),
        Occurrence(OccurrenceKind.FILE, "src/a.yml", (1,)),
        Occurrence(OccurrenceKind.FILE, "image.bin", (2,)),
        Occurrence(OccurrenceKind.STARTUP, str(home / ".bashrc"), (3,)),
        Occurrence(OccurrenceKind.HISTORY, str(home / ".local/share/fish/fish_history"), (1,)),
    }
    assert SECRET.reveal() not in repr(found)


def test_a_long_history_is_read_from_its_end_with_its_line_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "_MOST_HISTORY", 1000)
    history = tmp_path / "elsewhere"
    history.write_text("ls\n" * 5000 + SECRET.reveal() + "\n")
    found = occurrences(SECRET, tmp_path / "none", {"HOME": str(tmp_path), "HISTFILE": str(history)})
    assert found == (Occurrence(OccurrenceKind.HISTORY, str(history), (5001,)),)


def test_large_files_and_a_walk_without_end_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.log").write_text("x" * (1 << 20) + SECRET.reveal())
    os.mkfifo(tmp_path / "b.pipe")
    for number in range(4):
        (tmp_path / f"c{number}").write_text(SECRET.reveal())
    monkeypatch.setattr(looking, "MOST_FILES", 4)
    found = occurrences(SECRET, tmp_path, {"HOME": str(tmp_path)})
    assert [one.where for one in found] == ["c0", "c1"]
