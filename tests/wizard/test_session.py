"""Where set-up stands, kept without any secret; one wizard at a time."""

import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Project
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.lock import WizardLock
from soundcheck.wizard.setup.session import Session, load_session, save_session
from soundcheck.wizard.step import SetupPath, StepId

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PASSWORD, TOKEN = "pg-s3cret-value", "AXfr0mUpstash-token"
CREDENTIALS = Credentials(
    PostgresUrl.parse(f"postgresql://app:{PASSWORD}@db.example.org/music"),
    None,
    RestUrl.parse("https://fit-mole-1.upstash.io"),
    Secret(TOKEN),
)


def test_what_is_saved_is_read_back(project: Project) -> None:
    session = Session(path=SetupPath.LOCAL).completed(StepId.WELCOME).answered(gitignore="yes").verified(CREDENTIALS)
    save_session(project, session, NOW)
    again = load_session(project)
    assert again.path is SetupPath.LOCAL
    assert again.done == {StepId.WELCOME}
    assert (again.answers, again.fingerprints) == (session.answers, session.fingerprints)


def test_the_file_is_private_and_holds_no_secret(project: Project) -> None:
    save_session(project, Session(path=SetupPath.CREDENTIALS).verified(CREDENTIALS), NOW)
    assert stat.S_IMODE(project.session_file.stat().st_mode) == 0o600
    written = project.session_file.read_text()
    assert "fingerprints" in written
    for secret in (PASSWORD, TOKEN, "postgresql://"):
        assert secret not in written


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"version": 99}', '{"version": 1, "done": 3}', "\x00\xff"])
def test_a_damaged_file_counts_as_none_and_says_so(project: Project, text: str) -> None:
    project.prepare_state()
    project.session_file.write_text(text)
    session = load_session(project)
    assert session.done == frozenset()
    assert session.note


def test_no_file_is_a_new_session_without_a_word(project: Project) -> None:
    assert load_session(project) == Session()


def test_reopening_a_step_reopens_all_after_it() -> None:
    session = Session()
    for step in StepId:
        session = session.completed(step)
    assert session.finished
    assert session.reopened(StepId.ENV).done == {StepId.WELCOME, StepId.ACCOUNTS, StepId.CREDENTIALS}
    assert session.reopened(StepId.ENV).finished, "once finished, start opens the tables for ever"


def test_a_second_wizard_is_told_who_holds_the_first(project: Project) -> None:
    with WizardLock(project):
        with pytest.raises(CouldNotRun) as refusal:
            WizardLock(project).__enter__()
    assert str(os.getpid()) in refusal.value.message
    with WizardLock(project):
        pass


def test_the_lock_of_a_killed_wizard_is_free(project: Project) -> None:
    code = (
        "import sys, pathlib\n"
        "from soundcheck.stores.project.project import open_project\n"
        "from soundcheck.wizard.lock import WizardLock\n"
        "lock = WizardLock(open_project(pathlib.Path(sys.argv[1]))); lock.__enter__(); print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(project.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as holder:  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(CouldNotRun):
            WizardLock(project).__enter__()
        holder.kill()
        holder.wait()
        with WizardLock(project):
            pass
