"""A file with another name, or without the right to write, is replaced only where that was agreed to.

The kernel stops nobody here: a rename asks the folder alone, and these tests run as root as well.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from soundcheck.checks.fixes import IGNORE
from soundcheck.checks.report.bundle import Bundle, write_bundle
from soundcheck.stores.atomic_file import write_atomically, write_over
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import Refused, StepFailed
from soundcheck.stores.held_file import Hold, hold_on
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.config import CONFIG_NAME
from soundcheck.stores.project.journal import Journal, Kind
from soundcheck.stores.project.project import ProfileKind, Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.asking import NO, YES, Question, Unattended
from soundcheck.wizard.env.step import EnvConsent, plan_env, undo_env, write_env
from soundcheck.wizard.env.values import plan_values
from soundcheck.wizard.fixes.apply import EXECUTORS
from soundcheck.wizard.guard import Consent
from soundcheck.wizard.profile_kind import plan_kind, write_kind
from soundcheck.wizard.progress import Progress, silent
from soundcheck.wizard.remove.flow import choose, remove
from soundcheck.wizard.remove.plan import plan_removal
from soundcheck.wizard.replace.plan import plan_files
from soundcheck.wizard.replace.write import write_changes
from soundcheck.wizard.setup import last_steps
from soundcheck.wizard.setup.session import Session
from soundcheck.wizard.setup.state import SetupState
from soundcheck.wizard.setup.team_files import plan_team_files, write_team_files
from tests.own_git import git

CREDENTIALS = Credentials(
    PostgresUrl("app", Secret("sesame"), "db.example.com", None, "music"),
    None,
    RestUrl.parse("https://fit-mole-123.upstash.io"),
    Secret("AXtoken=="),
)
CONSENT = EnvConsent(replace=True, ignore_files=True)


def _hard_link(path: Path) -> None:
    os.link(path, path.with_name(f"{path.name}.other"))


KINDS: Mapping[str, tuple[Callable[[Path], None], str]] = {
    "hard link": (_hard_link, "another name"),
    "read-only": (lambda path: path.chmod(0o400), r"read-only \(mode 0400\)"),
    "read-only for all": (lambda path: path.chmod(0o444), r"read-only \(mode 0444\)"),
    "written to by others alone": (lambda path: path.chmod(0o466), r"read-only \(mode 0466\)"),
}


@dataclass(frozen=True)
class Held:
    """A file of the kind that is tested; `same` tells whether nothing happened to it."""

    words: str
    hold: Callable[[Path], None]

    def put(self, path: Path, text: str | None = None) -> Callable[[], bool]:
        if text is not None:
            path.write_text(text)
        self.hold(path)

        def facts() -> tuple[Any, ...]:
            found = path.stat()
            return found.st_ino, found.st_mode, found.st_nlink, path.read_bytes()

        before = facts()
        return lambda: facts() == before


@pytest.fixture(params=KINDS)
def held(request: pytest.FixtureRequest) -> Held:
    hold, words = KINDS[request.param]
    return Held(words, hold)


def services_of(project: Project) -> Services:
    return Services(project, SystemClock(), SystemResolver())


class Person:
    """Gives one answer to everything."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.asked: list[Question] = []

    async def ask(self, question: Question) -> str:
        self.asked.append(question)
        if question.id == "held":
            return self.answer
        return YES.key if YES in question.answers else question.with_default()

    async def ask_secret(self, question: Question) -> Secret:
        raise AssertionError(question.text)


def test_an_ordinary_file_is_not_held(tmp_path: Path) -> None:
    ordinary, link, folder = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    ordinary.write_text("x")
    ordinary.chmod(0o200)
    link.symlink_to(ordinary)
    folder.mkdir(mode=0o500)
    assert [hold_on(path) for path in (ordinary, link, folder, tmp_path / "none")] == [None] * 4


def test_where_it_cannot_be_written_whatever_its_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of somebody else, or on a disk that is mounted to be read."""
    path = tmp_path / "a"
    path.write_text("x")
    path.chmod(0o644)
    monkeypatch.setattr(os, "access", lambda _path, mode: not mode & os.W_OK)
    assert hold_on(path) == Hold(mode=0o644)


def test_the_one_place_refuses_unless_just_this_was_agreed_to(project: Project, held: Held) -> None:
    path = project.root / "file"
    is_same = held.put(path, "old")
    journal = Journal(project)
    for agreed in (None, Hold(names=7)):
        with pytest.raises(Refused, match=held.words):
            write_over(path, b"new", agreed=agreed)
        with pytest.raises(Refused, match=held.words):
            journal.write_file(Kind.ENV, path, b"old", b"new", mode=0o600, agreed=agreed)
    with pytest.raises(Refused, match=held.words):
        journal.swap_file(path, b"old", b"new", mode=0o600)
    assert is_same()
    assert journal.records() == (), "nothing is noted that is not done"
    write_over(path, b"new", agreed=hold_on(path))
    assert path.read_text() == "new"


def test_state_of_ours_is_replaced_whatever_a_copy_made_of_it(tmp_path: Path, held: Held) -> None:
    held.put(tmp_path / "state.json", "old")
    write_atomically(tmp_path / "state.json", b"new")
    assert (tmp_path / "state.json").read_text() == "new"


def test_the_hint_lifts_it(tmp_path: Path, held: Held) -> None:
    path = tmp_path / "it is mine.env"
    held.put(path, "old")
    found = hold_on(path)
    assert found is not None
    command = found.hint(path).partition("type: ")[2]
    subprocess.run(["sh", "-c", command], check=True)
    assert hold_on(path) is None
    assert path.read_text() == "old"


async def set_up(project: Project, asker: Any, said: list[Progress]) -> None:
    services = replace(services_of(project), credentials=CREDENTIALS)
    await last_steps.env(SetupState(services, Session()), asker, said.append)


async def test_set_up_asks_before_the_env_file_is_replaced(project: Project, held: Held) -> None:
    is_same = held.put(project.env_file, "MINE=1\n")
    said: list[Progress] = []
    with pytest.raises(Refused, match=held.words):
        await set_up(project, Unattended(), said)
    with pytest.raises(StepFailed, match=held.words):
        await set_up(project, Person(NO.key), said)
    assert is_same()
    before = project.env_file.stat().st_mode & 0o777
    await set_up(project, person := Person(YES.key), said)
    assert [one.text for one in person.asked if one.id == "held"] == ["Replace .env all the same"]
    assert "MINE=1" in project.env_file.read_text()
    assert "UPSTASH_REDIS_REST_URL" in project.env_file.read_text()
    assert project.env_file.stat().st_mode & 0o777 == before & 0o600, "no right that was not there"
    assert said[-1].text.endswith((f"mode {before & 0o600:04o}", "team"))


async def test_set_up_asks_nothing_where_nothing_is_to_be_written(project: Project, held: Held) -> None:
    await set_up(project, Unattended(), [])
    project.env_file.chmod(0o600)
    held.hold(project.env_file)
    project.env_file.chmod(project.env_file.stat().st_mode & 0o700)  # else others may read it, which is mended
    await set_up(project, person := Person(YES.key), [])
    assert "held" not in [one.id for one in person.asked]


def test_what_became_so_after_it_was_shown(project: Project, held: Held) -> None:
    project.env_file.write_text("A=1\n")
    plan = plan_env(project, CREDENTIALS, local=False)
    is_same = held.put(project.env_file)
    with pytest.raises(Refused, match=held.words):
        write_env(project, plan, CONSENT)
    assert is_same()
    assert not list(project.backups.iterdir()) if project.backups.exists() else True


def test_the_file_behind_a_link(project: Project, held: Held) -> None:
    shared = project.root / "shared.env"
    is_same = held.put(shared, "A=1\n")
    project.env_file.symlink_to(shared)
    plan = plan_env(project, CREDENTIALS, local=False)
    consent = replace(CONSENT, link_target=plan.link_target)
    with pytest.raises(Refused, match=held.words):
        write_env(project, plan, consent)
    assert is_same()
    write_env(project, plan, replace(consent, held=plan.held))
    assert "fit-mole-123" in shared.read_text()


def test_an_undo_needs_force(project: Project, held: Held) -> None:
    project.env_file.write_text("A=1\n")
    write_env(project, plan_env(project, CREDENTIALS, local=False), CONSENT)
    is_same = held.put(project.env_file)
    with pytest.raises(Refused, match=held.words) as refusal:
        undo_env(project)
    assert "--force" in refusal.value.hint
    assert is_same()
    before = project.env_file.stat().st_mode & 0o777
    undo_env(project, force=True)
    assert project.env_file.read_text() == "A=1\n"
    assert project.env_file.stat().st_mode & 0o777 == before & 0o600


@pytest.mark.parametrize("fix_id", ["env.pooler", "client.engine"])
def test_a_fix_of_a_value_leaves_it(project: Project, held: Held, fix_id: str) -> None:
    """Every fix of a value plans by the same function."""
    is_same = held.put(project.env_file, "A=1\n")
    with pytest.raises(Refused, match=held.words):
        plan_values(project, {fix_id: Secret("x")})
    assert is_same()


async def test_the_fix_of_rights_gives_none(project: Project) -> None:
    project.env_file.write_text("A=1\n")
    project.env_file.chmod(0o444)
    executor, services = EXECUTORS["env.mode"], services_of(project)
    preview = await executor.preview(services, replace(IGNORE, id="env.mode"), silent)
    assert "chmod 400" in preview.lines[0]
    await executor.apply(services, preview, silent)
    assert project.env_file.stat().st_mode & 0o777 == 0o400


@pytest.mark.parametrize("name", [".gitignore", ".dockerignore"])
def test_an_ignore_file_is_left_and_named(project: Project, held: Held, name: str) -> None:
    (project.root / ".gitignore").write_text("" if name == ".gitignore" else ".env\n")
    is_same = held.put(project.root / name, "old\n")
    written = write_env(project, plan_env(project, CREDENTIALS, local=False), CONSENT)
    assert written.written
    assert [name in warning for warning in written.warnings] == [True]
    assert is_same()


async def test_the_fix_that_adds_to_gitignore_and_its_undo(project: Project, held: Held) -> None:
    git(project.root, "init", "-q")
    project.env_file.write_text("A=1\n")
    file = project.root / ".gitignore"
    file.write_text("old\n")
    executor, services = EXECUTORS[IGNORE.id], services_of(project)
    preview = await executor.preview(services, IGNORE, silent)
    is_same = held.put(file)
    with pytest.raises(Refused, match=held.words):
        await executor.preview(services, IGNORE, silent)
    with pytest.raises(Refused, match=held.words):
        await executor.apply(services, preview, silent)
    assert is_same()
    for name in (file, file.with_name(f"{file.name}.other")):
        name.unlink(missing_ok=True)
    file.write_text("old\n")
    done = await executor.apply(services, preview, silent)
    is_same = held.put(file)
    assert executor.undo is not None
    assert done.undo is not None
    with pytest.raises(Refused, match=held.words):
        await executor.undo(services, done.undo)
    assert is_same()


def test_the_example_for_the_team(project: Project, held: Held) -> None:
    is_same = held.put(project.root / ".env.example", "A=1\n")
    plan = plan_team_files(project)
    assert [problem.code for problem in plan.example.problems] == ["held"]
    write_team_files(plan)
    assert is_same()
    assert (project.root / CONFIG_NAME).exists()


def test_the_kind_of_a_profile(project: Project, held: Held) -> None:
    is_same = held.put(project.root / CONFIG_NAME, '[profiles.default]\nkind = "production"\n')
    with pytest.raises(Refused, match=held.words):
        write_kind(plan_kind(project, "default", ProfileKind.DEV))
    assert is_same()


def test_a_committed_file_gets_no_right_that_it_did_not_have(project: Project) -> None:
    path = project.root / CONFIG_NAME
    path.write_text('[profiles.default]\nkind = "production"\n')
    path.chmod(0o600)
    write_kind(plan_kind(project, "default", ProfileKind.DEV))
    assert path.stat().st_mode & 0o777 == 0o600


class _Exchange:
    """The value `old` becomes `new`, as where a credential is replaced or the local stack moves."""

    def in_place_of(self, _: str, value: str) -> str | None:
        return "new" if value == "old" else None


def test_the_exchange_of_a_credential_leaves_it_and_says_so(project: Project, held: Held) -> None:
    project.env_file.write_text("TOKEN=old\n")
    shown, _ = plan_files(project, _Exchange())
    is_same = held.put(project.env_file)
    files, left = plan_files(project, _Exchange())
    assert files == ()
    assert [one.shown for one in left] == [".env"]
    with pytest.raises(Refused, match=held.words):
        write_changes(project, shown, SystemClock())
    assert is_same()


async def test_remove_leaves_it_unless_it_is_named(project: Project, held: Held) -> None:
    project.env_file.write_text("A=1\n")
    write_env(project, plan_env(project, CREDENTIALS, local=False), EnvConsent(replace=True))
    is_same = held.put(project.env_file)
    services = services_of(project)
    plan = await plan_removal(services)
    item = next(one for one in plan.items if one.kind is Kind.ENV)
    assert not item.chosen
    assert "--edited .env" in item.reason
    await remove(services, plan, choose(plan, only=[Kind.ENV]), Consent(), silent)
    assert is_same()
    named = await plan_removal(services, edited=[".env"])
    await remove(services, named, choose(named, only=[Kind.ENV], edited=[".env"]), Consent(), silent)
    assert project.env_file.read_text() == "A=1\n"


def test_a_bundle_over_another_file(tmp_path: Path, held: Held) -> None:
    is_same = held.put(tmp_path / "report.zip", "mine")
    with pytest.raises(Refused, match=held.words):
        write_bundle(Bundle("7f3a", (), b"zip"), tmp_path / "report.zip")
    assert is_same()
