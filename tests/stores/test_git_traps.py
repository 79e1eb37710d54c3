"""A repository that names programs of its own: looking at it, and taking a file out of its index, runs none of them."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.files.place import HISTORY
from soundcheck.checks.finding import Status
from soundcheck.checks.run import run_checks
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.project.git_facts import git_facts
from soundcheck.stores.project.git_history import git_history
from soundcheck.stores.project.git_index import index_entry, restore_entry, untrack
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from tests.own_git import git

OLD = "the-old-password"


class Repository:
    """One whose `.env` was committed twice, with a trap that leaves a mark when it is run."""

    def __init__(self, folder: Path, aside: Path) -> None:
        self.folder = folder
        self.env = folder / ".env"
        self.mark = aside / "sprung"
        self.trap = aside / "trap"
        self.trap.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{self.mark}'\nexit 1\n")
        self.trap.chmod(0o755)
        git(folder, "init", "-q")
        for text in (f"A={OLD}\n", "A=new\n"):
            self.env.write_text(text)
            git(folder, "add", ".env")
            git(folder, "commit", "-qm", "oops")

    def configure(self, settings: Mapping[str, str]) -> None:
        for name, value in settings.items():
            git(self.folder, "config", name, value.format(trap=self.trap, folder=self.folder))

    def lose(self, what: str) -> None:
        """Take an object away, as a partial clone never had it."""
        name = git(self.folder, "rev-parse", what).strip()
        (self.folder / ".git" / "objects" / name[:2] / name[2:]).unlink()

    def is_live(self, words: Sequence[str], environ: Mapping[str, str]) -> bool:
        """Whether an ordinary git runs the trap."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        author = {f"GIT_{who}_{what}": "t" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        subprocess.run(
            ["git", *words], cwd=self.folder, env=clean | author | environ, check=False, capture_output=True, timeout=60
        )
        was_run = self.mark.exists()
        self.mark.unlink(missing_ok=True)
        return was_run


def nothing_more(_: Repository) -> None:
    """The configuration is the whole trap."""


def no_tree(repository: Repository) -> None:
    repository.lose("HEAD^{tree}")


def no_content(repository: Repository) -> None:
    repository.lose("HEAD~1:.env")


def signed(repository: Repository) -> None:
    """A commit with a signature, which is checked by the program that the configuration names."""
    commit = git(repository.folder, "cat-file", "commit", "HEAD")
    head, _, message = commit.partition("\n\n")
    seal = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----"
    (repository.mark.parent / "commit").write_text(f"{head}\n{seal}\n\n{message}")
    made = git(repository.folder, "hash-object", "-t", "commit", "-w", str(repository.mark.parent / "commit"))
    git(repository.folder, "reset", "-q", "--soft", made.strip())


def attributes(repository: Repository) -> None:
    (repository.folder / ".gitattributes").write_text("* filter=trap diff=trap\n")


def hook(repository: Repository) -> None:
    place = repository.folder / ".git" / "hooks" / "post-index-change"
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(repository.trap)


def hooks_elsewhere(repository: Repository) -> None:
    place = repository.folder / "hooks"
    place.mkdir()
    (place / "post-index-change").symlink_to(repository.trap)


PARTIAL = {"core.repositoryFormatVersion": "1", "extensions.partialClone": "origin", "remote.origin.promisor": "true"}
FETCHED = ("log", "--", ".env")
CONTENT = ("cat-file", "-p", "HEAD~1:.env")


@dataclass(frozen=True)
class Trap:
    """What is configured, what else is done, and the ordinary command that runs into it."""

    settings: Mapping[str, str]
    prepare: Callable[[Repository], None]
    live: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)


FILE = PARTIAL | {"remote.origin.url": "file://{folder}", "remote.origin.uploadpack": "{trap}"}
EXT = PARTIAL | {"remote.origin.url": "ext::{trap} %S", "protocol.ext.allow": "always"}
SSH = PARTIAL | {"remote.origin.url": "ssh://nobody@localhost/x", "core.sshCommand": "{trap}"}
ALLOWED = FILE | {"protocol.allow": "always", "protocol.file.allow": "always"}

TRAPS = {
    "a missing tree at a far end of its own": Trap(FILE, no_tree, FETCHED),
    "a missing tree at a far end that is allowed": Trap(ALLOWED, no_tree, FETCHED),
    "a missing tree behind a command": Trap(EXT, no_tree, FETCHED),
    "a missing tree behind ssh": Trap(SSH, no_tree, FETCHED),
    "a missing content": Trap(FILE, no_content, CONTENT),
    "a file-system monitor": Trap({"core.fsmonitor": "{trap}"}, nothing_more, ("status",)),
    "a hook": Trap({}, hook, ("update-index", "--force-remove", "x")),
    "hooks elsewhere": Trap(
        {"core.hooksPath": "{folder}/hooks"}, hooks_elsewhere, ("update-index", "--force-remove", "x")
    ),
    "a signature": Trap({"log.showSignature": "true", "gpg.program": "{trap}"}, signed, ("log",)),
    "a filter": Trap({"filter.trap.clean": "{trap}"}, attributes, ("hash-object", ".env")),
    "a filter that stays": Trap({"filter.trap.process": "{trap}"}, attributes, ("hash-object", ".env")),
    "a driver of differences": Trap({"diff.trap.command": "{trap}"}, attributes, ("log", "-p", "--ext-diff")),
    "a text of differences": Trap({"diff.trap.textconv": "{trap}"}, attributes, ("log", "-p")),
    "a program for all differences": Trap({"diff.external": "{trap}"}, nothing_more, ("log", "-p", "--ext-diff")),
    "renames that are followed": Trap(FILE | {"log.follow": "true"}, no_content, CONTENT),
    "the environment": Trap(
        {},
        nothing_more,
        ("status",),
        {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.fsmonitor", "GIT_CONFIG_VALUE_0": "{trap}"},
    ),
}


@pytest.fixture(params=TRAPS)
def repository(request: pytest.FixtureRequest, project: Project, monkeypatch: pytest.MonkeyPatch) -> Repository:
    trap = TRAPS[request.param]
    aside = project.root.parent / "aside"
    aside.mkdir()
    repository = Repository(project.root, aside)
    trap.prepare(repository)
    repository.configure(trap.settings)
    environ = {name: value.format(trap=repository.trap) for name, value in trap.environ.items()}
    assert repository.is_live(trap.live, environ), "an ordinary git does not run into it, so nothing would be tested"
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return repository


CALLS: Mapping[str, Callable[[Path], object]] = {
    "facts": git_facts,
    "history": lambda path: git_history(path, {"A": Secret(OLD)}),
    "entry": index_entry,
    "untrack": untrack,
    "restore": lambda path: restore_entry(path, index_entry(path) or f"100644,{'0' * 40}"),
}


def test_nothing_that_is_asked_of_git_runs_it(repository: Repository) -> None:
    for name, call in CALLS.items():
        with contextlib.suppress(CouldNotRun):
            call(repository.env)
        assert not repository.mark.exists(), f"{name}: {repository.mark.read_text()}"


async def test_no_check_runs_it(repository: Repository, project: Project) -> None:
    (project.root / ".gitignore").write_text(".env\n")  # so that the checks go on to the history
    with contextlib.suppress(subprocess.CalledProcessError):
        git(project.root, "update-index", "--force-remove", ".env")
    repository.mark.unlink(missing_ok=True)
    services = Services(project, SystemClock(), SystemResolver())
    report = await run_checks(default_registry().select(["files"]), services)
    skipped = {outcome.check.id: outcome.finding.skipped_because for outcome in report.outcomes}
    assert skipped["files.history"] != "files.ignored"
    assert not repository.mark.exists(), repository.mark.read_text()


def partial(project: Project, lose: Callable[[Repository], None]) -> Repository:
    aside = project.root.parent / "aside"
    aside.mkdir()
    repository = Repository(project.root, aside)
    lose(repository)
    repository.configure(FILE)
    return repository


@pytest.mark.parametrize("lose", [no_tree, no_content])
def test_what_a_partial_clone_lacks_is_not_taken_for_clean(
    project: Project, lose: Callable[[Repository], None]
) -> None:
    repository = partial(project, lose)
    history = git_history(repository.env, {"A": Secret("another")})
    assert "partial clone" in history.silent_because
    finding = HISTORY.finding({"repository": True, "silent_because": history.silent_because, "file": ".env"})
    assert (finding.status, finding.skipped_because) == (Status.SKIP, history.silent_because)


def test_what_a_partial_clone_does_show_counts(project: Project) -> None:
    repository = partial(project, no_content)
    assert git_history(repository.env, {"A": Secret("new")}).in_use == ("A",)


def test_a_deleted_file_is_not_taken_for_a_partial_clone(project: Project) -> None:
    aside = project.root.parent / "aside"
    aside.mkdir()
    repository = Repository(project.root, aside)
    git(project.root, "rm", "-q", ".env")
    git(project.root, "commit", "-qm", "gone")
    history = git_history(repository.env, {"A": Secret(OLD)})
    assert (history.commits, history.in_use, history.silent_because) == (3, ("A",), "")
    assert git_history(repository.env, {"A": Secret("another")}).silent_because == ""
