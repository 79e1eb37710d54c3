"""The `.env` step loses nothing: it can be taken back, and it stops before a file that is not what was shown."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from soundcheck.stores import atomic_file
from soundcheck.stores.errors import CouldNotRun, Refused
from soundcheck.stores.project.project import Project
from soundcheck.wizard.env.step import EnvConsent, plan_env, undo_env, write_env
from tests.wizard.env.conftest import ALL, LOCAL, REMOTE


def test_undo_goes_back_step_by_step_and_at_last_removes_the_file(here: Project) -> None:
    write_env(here, plan_env(here, LOCAL, local=True), ALL)
    first = here.env_file.read_bytes()
    write_env(here, plan_env(here, REMOTE, local=False), ALL)
    undone = undo_env(here)
    assert (undone.removed, undone.left) == (False, 1)
    assert here.env_file.read_bytes() == first
    assert stat.S_IMODE(here.env_file.stat().st_mode) == 0o600
    undone = undo_env(here)
    assert (undone.removed, undone.left) == (True, 0)
    assert not here.env_file.exists()
    with pytest.raises(Refused):
        undo_env(here)


def test_undo_does_not_throw_away_what_was_edited_since(here: Project) -> None:
    here.env_file.write_bytes(b"A=1\r\n")
    write_env(here, plan_env(here, REMOTE, local=False), ALL)
    edited = here.env_file.read_bytes() + b"B=2\r\n"
    here.env_file.write_bytes(edited)
    with pytest.raises(Refused):
        undo_env(here)
    assert here.env_file.read_bytes() == edited
    undo_env(here, force=True)
    assert here.env_file.read_bytes() == b"A=1\r\n"
    assert edited in [p.read_bytes() for p in here.backups.iterdir()]


def test_a_file_that_changed_after_it_was_shown_is_not_written(here: Project) -> None:
    here.env_file.write_text("A=1\n")
    plan = plan_env(here, REMOTE, local=False)
    here.env_file.write_text("A=2\n")
    with pytest.raises(Refused):
        write_env(here, plan, ALL)
    assert here.env_file.read_text() == "A=2\n"
    here.env_file.unlink()
    with pytest.raises(Refused):
        write_env(here, plan, ALL)


def test_a_file_that_appeared_after_it_was_shown_is_not_written(here: Project) -> None:
    plan = plan_env(here, REMOTE, local=False)
    here.env_file.write_text("")
    with pytest.raises(Refused):
        write_env(here, plan, ALL)


def test_a_full_disk_leaves_the_old_file_and_no_backup_to_undo(here: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    here.env_file.write_text("A=1\n")
    plan = plan_env(here, REMOTE, local=False)
    real = os.fsync
    folder = here.env_file.parent

    def full(descriptor: int) -> None:
        if folder in Path(os.readlink(f"/proc/self/fd/{descriptor}")).parents:
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(atomic_file.os, "fsync", full)
    with pytest.raises(CouldNotRun) as stopped:
        write_env(here, plan, EnvConsent())
    assert "No space left" in stopped.value.message
    assert here.env_file.read_text() == "A=1\n"
    assert [p.name for p in here.env_file.parent.iterdir()] == [".env"]
    assert list(here.backups.iterdir()) == []


def test_without_room_for_the_backup_nothing_is_written(here: Project, tmp_path: Path) -> None:
    here.env_file.write_text("A=1\n")
    plan = plan_env(here, REMOTE, local=False)
    (tmp_path / "home").write_text("in the way")
    with pytest.raises(CouldNotRun):
        write_env(here, plan, EnvConsent())
    assert here.env_file.read_text() == "A=1\n"


def test_a_link_is_not_followed_unless_its_target_is_named(here: Project, tmp_path: Path) -> None:
    real = tmp_path / "shared.env"
    real.write_text("A=1\n")
    here.env_file.symlink_to(real)
    plan = plan_env(here, REMOTE, local=False)
    assert plan.link_target == real
    assert "link" in [w.code for w in plan.warnings]
    for consent in (ALL, replace(ALL, link_target=tmp_path / "elsewhere")):
        with pytest.raises(Refused):
            write_env(here, plan, consent)
    assert real.read_text() == "A=1\n"
    written = write_env(here, plan, replace(ALL, link_target=real))
    assert written.path == real
    assert here.env_file.is_symlink()
    assert "DATABASE_URL" in real.read_text()
    undo_env(here)
    assert real.read_text() == "A=1\n"


def test_a_link_that_was_turned_elsewhere_meanwhile_is_refused(here: Project, tmp_path: Path) -> None:
    one, two = tmp_path / "one.env", tmp_path / "two.env"
    one.write_text("A=1\n")
    two.write_text("A=1\n")
    here.env_file.symlink_to(one)
    plan = plan_env(here, REMOTE, local=False)
    here.env_file.unlink()
    here.env_file.symlink_to(two)
    with pytest.raises(Refused):
        write_env(here, plan, replace(ALL, link_target=one))
    assert one.read_text() == two.read_text() == "A=1\n"


def test_links_in_a_circle_are_a_problem_in_words(here: Project) -> None:
    here.env_file.symlink_to(here.env_file.with_name("b"))
    here.env_file.with_name("b").symlink_to(here.env_file)
    assert [p.code for p in plan_env(here, REMOTE, local=False).problems] == ["unreadable"]


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b'A=1\nB="open\n', "unparseable", 2),
        (b"A=1\nB=\xff\n", "not_utf8", 2),
        (b"\xff\xfeA\0=\x001\0", "not_utf8", None),
        (b"A=1\n" + b"#" * 300_000, "too_large", None),
        (b"A=1\n" + b"\n" * 2000 + b"B=2", "unparseable", 1),
        (b"DATABASE_URL=`open\nB=1`\n", "unmergeable", None),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(
    here: Project, data: bytes, code: str, line: int | None
) -> None:
    here.env_file.write_bytes(data)
    plan = plan_env(here, REMOTE, local=False)
    assert plan.problems[0].code == code
    assert plan.problems[0].hint
    if line is not None:
        assert plan.problems[0].line == line
    with pytest.raises(Refused):
        write_env(here, plan, ALL)
    assert here.env_file.read_bytes() == data
    assert not here.backups.exists()


def test_a_folder_or_a_pipe_in_its_place_is_said_and_does_not_hang(here: Project) -> None:
    here.env_file.mkdir()
    assert [p.code for p in plan_env(here, REMOTE, local=False).problems] == ["not_a_file"]
    here.env_file.rmdir()
    os.mkfifo(here.env_file)
    assert [p.code for p in plan_env(here, REMOTE, local=False).problems] == ["not_a_file"]


def test_a_folder_that_does_not_exist_is_not_made(here: Project) -> None:
    gone = replace(here, env_file=here.root / "server" / ".env")
    assert [p.code for p in plan_env(gone, REMOTE, local=False).problems] == ["no_folder"]


def test_rights_of_others_are_taken_away_even_where_no_line_changes(here: Project) -> None:
    write_env(here, plan_env(here, REMOTE, local=False), ALL)
    here.env_file.chmod(0o644)
    plan = plan_env(here, REMOTE, local=False)
    assert plan.tightens
    assert plan.changes
    write_env(here, plan, EnvConsent())
    assert stat.S_IMODE(here.env_file.stat().st_mode) == 0o600
