"""The ring of earlier states."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

from soundcheck.stores.project.backups import KEPT, BackupKind, backups_of, discard, keep, newest


class StandingClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0


def test_at_most_ten_are_kept_and_the_oldest_go(tmp_path: Path) -> None:
    for n in range(KEPT + 3):
        keep(tmp_path, Path("/p/.env"), str(n).encode(), b"after", clock=StandingClock())
    assert [b.content() for b in backups_of(tmp_path, Path("/p/.env"))] == [
        str(n).encode() for n in reversed(range(3, KEPT + 3))
    ]
    assert len(list(tmp_path.iterdir())) == KEPT


def test_each_file_has_its_own_ring_and_only_the_owner_can_read_it(tmp_path: Path) -> None:
    keep(tmp_path, Path("/p/.env"), b"one", b"x")
    other = keep(tmp_path, Path("/q/.env"), b"two", b"x")
    assert [b.content() for b in backups_of(tmp_path, Path("/p/.env"))] == [b"one"]
    assert stat.S_IMODE(other.file.stat().st_mode) == 0o600


def test_it_is_known_that_there_was_no_file_and_what_came_after(tmp_path: Path) -> None:
    backup = keep(tmp_path, Path("/p/.env"), None, b"written")
    assert backup.kind is BackupKind.ABSENT
    assert backup.content() is None
    assert backup.was_followed_by(b"written")
    assert not backup.was_followed_by(b"edited")


def test_what_an_undo_took_away_is_kept_and_not_offered_again(tmp_path: Path) -> None:
    first = keep(tmp_path, Path("/p/.env"), b"one", b"two")
    keep(tmp_path, Path("/p/.env"), b"two", b"one", undone=True)
    assert newest(tmp_path, Path("/p/.env")) == first
    discard(first)
    discard(first)
    assert newest(tmp_path, Path("/p/.env")) is None


def test_a_folder_that_is_not_there_and_files_of_others_are_no_backups(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert backups_of(tmp_path, Path("/p/.env")) == []
    assert backups_of(tmp_path / "none", Path("/p/.env")) == []
