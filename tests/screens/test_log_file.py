"""Our own log: private, bounded, scrubbed, and not there until there is something to say."""

import logging
import stat
from collections.abc import Iterator

import pytest

from soundcheck.screens.log_file import keep_log
from soundcheck.stores.project.project import Project
from soundcheck.stores.secret import Secret

SECRET = "hunter2-very-secret"


@pytest.fixture
def log(project: Project) -> Iterator[Project]:
    root = logging.getLogger()
    level = root.level
    keep_log(project, [Secret(SECRET)])
    yield project
    keep_log(None, [])
    root.setLevel(level)


def test_nothing_is_made_before_something_is_said(log: Project) -> None:
    assert not log.state.exists()


def test_an_entry_is_scrubbed_message_arguments_and_traceback(log: Project) -> None:
    try:
        raise ValueError(f"postgresql://app:{SECRET}@db.example.org/music")
    except ValueError:
        logging.getLogger("soundcheck.checks.run").exception("with %s", SECRET)
    written = (log.logs / "soundcheck.log").read_text()
    assert "Traceback" in written
    assert "db.example.org" in written
    assert SECRET not in written


def test_the_file_is_for_its_owner_alone(log: Project) -> None:
    logging.getLogger("stores").info("hello")
    assert stat.S_IMODE((log.logs / "soundcheck.log").stat().st_mode) == 0o600


def test_other_libraries_are_heard_from_warnings_on(log: Project) -> None:
    logging.getLogger("httpx").info("GET https://example.org")
    logging.getLogger("psycopg.pool").warning("lost a connection")
    assert "GET" not in (text := (log.logs / "soundcheck.log").read_text())
    assert "lost a connection" in text


def test_it_is_bounded(log: Project) -> None:
    for number in range(80):
        logging.getLogger("stores").info("%s %s", number, "a line of some length " * 1000)
    sizes = [path.stat().st_size for path in log.logs.iterdir()]
    assert len(sizes) == 3
    assert sum(sizes) < 4 * 512 * 1024


def test_just_looking_keeps_no_log(project: Project) -> None:
    keep_log(None, [])
    logging.getLogger("stores").error("something")
    assert not project.state.exists()


def test_a_folder_that_cannot_be_made_is_no_crash(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.home.rmdir()
    project.home.write_text("a file where the folder should be")
    keep_log(project, [])
    logging.getLogger("stores").error("something")
    keep_log(None, [])
    assert capsys.readouterr().err == ""
