"""Nothing that set-up, a fix, an undo or `remove` writes in a project takes the place of a device or a pipe."""

from __future__ import annotations

import os

import pytest

from soundcheck.checks.fixes import IGNORE
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.schema_text import read_schema
from soundcheck.stores.project.config import CONFIG_NAME
from soundcheck.stores.project.git_facts import git_facts
from soundcheck.stores.project.journal import Journal
from soundcheck.stores.project.project import ProfileKind, Project, open_project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.env.step import EnvConsent, plan_env, undo_env, write_env
from soundcheck.wizard.fixes.apply import EXECUTORS
from soundcheck.wizard.profile_kind import plan_kind, write_kind
from soundcheck.wizard.remove.plan import file_undo, unsettled_writes
from soundcheck.wizard.setup.database_step import choose_schema, place_schema
from soundcheck.wizard.setup.team_files import plan_team_files, write_team_files
from tests.own_git import git
from tests.special_files import KINDS, put

CREDENTIALS = Credentials(
    PostgresUrl("app", Secret("sesame"), "db.example.com", None, "music"),
    None,
    RestUrl.parse("https://fit-mole-123.upstash.io"),
    Secret("AXtoken=="),
)
CONSENT = EnvConsent(replace=True, ignore_files=True)

pytestmark = pytest.mark.parametrize("kind", KINDS)


def services_of(project: Project) -> Services:
    return Services(project, SystemClock(), SystemResolver())


def test_the_env_file(project: Project, kind: str) -> None:
    is_same = put(kind, project.env_file)
    plan = plan_env(project, CREDENTIALS, local=False)
    assert [problem.code for problem in plan.problems] == ["not_a_file"]
    with pytest.raises(SoundcheckError, match="is not a file"):
        write_env(project, plan, CONSENT)
    assert is_same()


def test_the_env_file_that_became_one_after_it_was_shown(project: Project, kind: str) -> None:
    plan = plan_env(project, CREDENTIALS, local=False)
    is_same = put(kind, project.env_file)
    with pytest.raises(SoundcheckError):
        write_env(project, plan, CONSENT)
    assert is_same()


def test_the_env_file_that_became_one_before_it_is_undone(project: Project, kind: str) -> None:
    write_env(project, plan_env(project, CREDENTIALS, local=False), CONSENT)
    project.env_file.unlink()
    is_same = put(kind, project.env_file)
    for force in (False, True):
        with pytest.raises(SoundcheckError, match=r"it is a|no earlier"):
            undo_env(project, force=force)
    writes = unsettled_writes(Journal(project).records())[project.env_file.absolute()]
    with pytest.raises(SoundcheckError, match="it is a"):
        file_undo(Journal(project), project.env_file, writes, edited_too=True)
    assert is_same()


@pytest.mark.parametrize("name", [".gitignore", ".dockerignore"])
def test_the_ignore_files(project: Project, kind: str, name: str) -> None:
    is_same = put(kind, project.root / name)
    written = write_env(project, plan_env(project, CREDENTIALS, local=False), CONSENT)
    assert written.written
    assert bool(written.warnings) is (name == ".gitignore")
    assert all("not a file" in warning for warning in written.warnings)
    assert is_same()


async def test_the_fix_that_adds_to_gitignore(project: Project, kind: str) -> None:
    git(project.root, "init", "-q")
    project.env_file.write_text("A=1\n")
    is_same = put(kind, project.root / ".gitignore")
    assert git_facts(project.env_file).ignored is not True
    executor, services = EXECUTORS[IGNORE.id], services_of(project)
    preview = await executor.preview(services, IGNORE, lambda _: None)
    with pytest.raises(SoundcheckError, match="not a file"):
        await executor.apply(services, preview, lambda _: None)
    assert is_same()


@pytest.mark.parametrize("name", [".env.example", CONFIG_NAME])
def test_the_files_of_the_team(project: Project, kind: str, name: str) -> None:
    plan = plan_team_files(project)
    is_same = put(kind, project.root / name)
    with pytest.raises(SoundcheckError, match="not a file"):
        write_team_files(plan)
    if name == ".env.example":
        assert [problem.code for problem in plan_team_files(project).example.problems] == ["not_a_file"]
    assert is_same()


def test_the_kind_of_a_profile(project: Project, kind: str) -> None:
    change = plan_kind(project, "default", ProfileKind.DEV)
    is_same = put(kind, project.root / CONFIG_NAME)
    for write in (lambda: write_kind(change), lambda: plan_kind(project, "default", ProfileKind.DEV)):
        with pytest.raises(SoundcheckError, match="not a file"):
            write()
    with pytest.raises(SoundcheckError, match="not a file"):
        open_project(project.root, environ=os.environ)
    assert is_same()


def test_the_copy_of_the_schema(project: Project, kind: str) -> None:
    choice = choose_schema(project)
    assert choice.copied_to is not None
    choice.copied_to.parent.mkdir()
    is_same = put(kind, choice.copied_to)
    placed = place_schema(project, choice)
    assert placed.schema is not None
    with pytest.raises(SoundcheckError, match=r"not a file|holds no \.prisma"):
        read_schema(placed.schema)
    assert is_same()
