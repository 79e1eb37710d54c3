"""A device, a pipe, a socket or a folder is neither replaced nor read as if it were a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from soundcheck.stores.atomic_file import write_atomically
from soundcheck.stores.cache.measured.recording import Recorder
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.plain_file import read_plain, read_plain_text, refuse_special, special_kind
from soundcheck.stores.project.journal import Journal, Kind
from soundcheck.stores.project.project import Project
from tests.special_files import KINDS, put


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_refused_in_words_and_stays(tmp_path: Path, project: Project, kind: str) -> None:
    path = tmp_path / "target"
    is_same = put(kind, path)
    beside = sorted(tmp_path.iterdir())
    words = f"is (a {kind}|a link to .*)"
    with pytest.raises(CouldNotRun, match=words) as problem:
        write_atomically(path, b"x")
    assert problem.value.hint
    with pytest.raises(CouldNotRun, match=words):
        Journal(project).write_file(Kind.ENV, path, None, b"x", mode=0o600)
    with pytest.raises(CouldNotRun, match=f"is {special_kind(path)}, not a file"):
        refuse_special(path)
    with pytest.raises(CouldNotRun):
        Recorder(path)
    with pytest.raises(OSError, match=f"it is {special_kind(path)}, not a file"):
        read_plain(path)
    assert special_kind(path).split()[-1] == kind.split()[-1]
    assert is_same()
    assert sorted(tmp_path.iterdir()) == beside


def test_a_file_and_an_empty_place_are_ordinary(tmp_path: Path) -> None:
    path = tmp_path / "f"
    refuse_special(path)
    with pytest.raises(FileNotFoundError):
        read_plain(path)
    path.write_bytes("é\r\nb\r".encode())
    refuse_special(path)
    assert read_plain(path) == "é\r\nb\r".encode()
    assert read_plain_text(path) == "é\nb\n"


def test_a_file_of_terabytes_that_takes_no_room_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "package.json"
    with path.open("wb") as file:
        file.truncate(1 << 41)
    with pytest.raises(OSError, match="larger than 64 MB"):
        read_plain_text(path)


@pytest.mark.parametrize("name", ["x" * 300, "file/below", "/", "..", ""])
def test_a_path_that_can_hold_no_file_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CouldNotRun) as problem:
        write_atomically(tmp_path / name if name else Path(), b"x")
    assert problem.value.hint
