"""The journal: noted before it is done, 0600, without a secret, and readable after any kill."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.project.journal import Cloud, Journal, Kind, MadeFolder, Write
from soundcheck.stores.project.project import Project


def test_a_write_is_noted_before_the_file_is_there_and_holds_no_value(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(project)
    path = project.root / ".env"

    def killed(*_: object, **__: object) -> None:
        assert any(isinstance(record, Write) for record in journal.records())
        raise KeyboardInterrupt

    monkeypatch.setattr("soundcheck.stores.project.journal.write_over", killed)
    with pytest.raises(KeyboardInterrupt):
        journal.write_file(Kind.ENV, path, None, b"DATABASE_URL=a-secret\n", mode=0o600)
    assert not path.exists()
    assert b"a-secret" not in journal.file.read_bytes()
    assert stat.S_IMODE(journal.file.stat().st_mode) == 0o600


def test_what_stood_there_before_is_kept_for_its_owner_alone(project: Project) -> None:
    journal = Journal(project)
    path = project.root / ".env"
    path.write_bytes(b"A=before\n")
    path.chmod(0o644)
    journal.write_file(Kind.ENV, path, b"A=before\n", b"A=before\nB=2\n", mode=0o600)
    (write,) = journal.records()
    assert isinstance(write, Write)
    assert (write.mode, write.mode_after) == (0o644, 0o600)
    assert journal.original(write) == b"A=before\n"
    assert stat.S_IMODE((journal.originals / write.original).stat().st_mode) == 0o600
    (journal.originals / write.original).unlink()
    with pytest.raises(CouldNotRun, match="before cannot be read"):
        journal.original(write)


def test_a_note_that_a_kill_cut_short_takes_no_other_with_it(project: Project) -> None:
    journal = Journal(project)
    journal.note_cloud("Neon", "music-streaming-app", link="https://console.neon.tech")
    with journal.file.open("ab") as file:
        file.write(b'{"act": "made", "kind": "cli')
    journal.note_tree(Kind.CLIENT, project.root / "prisma_client")
    with journal.file.open("ab") as file:
        file.write(b'{"act": "of a later version"}\n')
    assert [type(record) for record in journal.records()] == [Cloud, MadeFolder]


def test_a_folder_that_was_there_is_not_noted(project: Project) -> None:
    journal = Journal(project)
    (project.root / "prisma").mkdir()
    journal.note_tree(Kind.CLIENT, project.root / "prisma")
    journal.note_folders(Kind.SCHEMA, project.root / "prisma" / "a" / "b")
    made = [record.path for record in journal.records() if isinstance(record, MadeFolder)]
    assert made == [project.root / "prisma" / "a", project.root / "prisma" / "a" / "b"]


def test_names_of_any_bytes_are_kept(project: Project) -> None:
    journal = Journal(project)
    odd = Path(str(project.root) + "/caf\udce9\u2028\nx")
    journal.note_tree(Kind.CLIENT, odd)
    assert [record.path for record in journal.records() if isinstance(record, MadeFolder)] == [odd]


def test_a_journal_that_cannot_be_written_stops_the_act(project: Project) -> None:
    project.home.chmod(0o700)
    (project.home / "projects").write_text("a file in the way")
    with pytest.raises(CouldNotRun, match="cannot be written"):
        Journal(project).write_file(Kind.TEAM, project.root / "soundcheck.toml", None, b"x", mode=0o644)
    assert not (project.root / "soundcheck.toml").exists()
