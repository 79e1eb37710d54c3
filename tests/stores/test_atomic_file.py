"""A file is written whole or not at all."""

import errno
import os
import stat
from pathlib import Path

import pytest

from soundcheck.stores.atomic_file import write_atomically
from soundcheck.stores.errors import CouldNotRun


def test_the_content_is_there_with_its_mode_and_no_neighbour_is_left(tmp_path: Path) -> None:
    target = tmp_path / ".env"
    target.write_text("old")
    target.chmod(0o644)
    write_atomically(target, b"new")
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == [".env"]


def test_the_umask_does_not_decide_the_mode(tmp_path: Path) -> None:
    before = os.umask(0o777)
    try:
        write_atomically(tmp_path / "f", b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == 0o600


@pytest.mark.parametrize("step", ["fsync", "fchmod"])
def test_a_full_disk_leaves_the_old_file_and_no_neighbour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    target = tmp_path / ".env"
    target.write_text("old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(CouldNotRun, match="No space left"):
        write_atomically(target, b"new")
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == [".env"]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_text("old")
    (tmp_path / ".env").symlink_to(real)
    with pytest.raises(CouldNotRun, match="is a link"):
        write_atomically(tmp_path / ".env", b"new")
    assert real.read_text() == "old"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CouldNotRun) as problem:
        write_atomically(tmp_path / "nowhere" / ".env", b"x")
    assert problem.value.hint
