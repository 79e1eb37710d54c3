"""Trust is given by a person, for one folder as it is, and for what a text in it names by that text."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.project.kept_file import KeptFile
from soundcheck.stores.project.project import Project, open_project
from soundcheck.stores.project.trust import (
    FolderProgram,
    NotTrusted,
    Trusted,
    keep_trust,
    required_trust,
    trust_given,
    trust_in,
)

FOUND = FolderProgram("the backend's Python", Path("/app/.venv/bin/python"))
NAMED = FolderProgram(
    "the backend's Python", Path("/app/tools/python"), "backend_python in soundcheck.toml", "tools/python"
)


def test_nothing_is_trusted_before_somebody_says_so_and_nothing_to_run_needs_no_trust(project: Project) -> None:
    assert trust_in(project, [FOUND]) is None
    with pytest.raises(NotTrusted, match=r"\.venv/bin/python"):
        required_trust(project, [FOUND])
    assert trust_in(project, []) is not None


def test_what_was_agreed_to_holds_in_the_next_run(project: Project) -> None:
    keep_trust(project, [FOUND, NAMED])
    again = open_project(project.root)
    assert again.state == project.state
    assert trust_in(again, [NAMED, FOUND]) == trust_given([NAMED, FOUND])


def test_the_answer_lies_outside_of_the_folder_and_is_for_its_owner_alone(project: Project) -> None:
    keep_trust(project, [FOUND])
    assert list(project.root.rglob("trust*")) == []
    (kept,) = project.home.rglob("trust.json")
    assert kept.stat().st_mode & 0o777 == 0o600


def moved(project: Project, _: Path) -> Project:
    project.root.rename(project.root.with_name("elsewhere"))
    return replace(project, root=project.root.with_name("elsewhere"))


def cloned_again(project: Project, aside: Path) -> Project:
    copy = shutil.copytree(project.root, aside / "copy")  # first, so that it cannot take the old one's place on disk
    shutil.rmtree(project.root)
    copy.rename(project.root)
    return project


def of_another_owner(project: Project, _: Path) -> Project:
    os.chown(project.root, 12345, -1)
    return project


@pytest.mark.parametrize("change", [moved, cloned_again, of_another_owner])
def test_another_folder_is_asked_about_anew(
    project: Project, tmp_path: Path, change: Callable[[Project, Path], Project]
) -> None:
    if change is of_another_owner and os.geteuid() != 0:
        pytest.skip("only root gives a folder away")
    keep_trust(project, [FOUND])
    assert trust_in(project, [FOUND]) is not None
    assert trust_in(change(project, tmp_path), [FOUND]) is None


@pytest.mark.parametrize(
    "other",
    [
        replace(NAMED, text="tools/other"),
        replace(NAMED, path=Path("/app/tools/other")),
        replace(NAMED, named_by="PRISMA_QUERY_ENGINE_BINARY in .env"),
        replace(NAMED, what="the client's query engine"),
    ],
)
def test_another_text_is_another_question(project: Project, other: FolderProgram) -> None:
    keep_trust(project, [FOUND, NAMED])
    assert trust_in(project, [other]) is None
    assert trust_in(project, [FOUND]) is not None
    keep_trust(project, [other])
    assert trust_in(project, [NAMED, other]) is not None, "the first answer stays"


def test_a_folder_that_was_trusted_for_nothing_that_is_named_is_asked_about_what_is(project: Project) -> None:
    keep_trust(project, [FOUND])
    assert trust_in(project, [NAMED]) is None


def test_what_lies_in_the_folder_itself_is_no_answer(project: Project) -> None:
    """`SOUNDCHECK_HOME` may be a folder of the project: whoever filled that could have filled this."""
    keep_trust(project, [FOUND])
    inside = replace(project, state=project.root / "state")
    shutil.copytree(project.state, inside.state)
    assert trust_in(inside, [FOUND]) is None
    with pytest.raises(CouldNotRun, match="inside the project"):
        keep_trust(inside, [FOUND])


@pytest.mark.parametrize("text", ["", "[]", '{"version": 1}', '{"version": 9, "path": "/"}', '{"owner": "x"}', "\0"])
def test_an_answer_that_cannot_be_read_is_none(project: Project, text: str) -> None:
    keep_trust(project, [FOUND])
    (kept,) = project.home.rglob("trust.json")
    kept.write_text(text)
    assert trust_in(project, [FOUND]) is None
    assert isinstance(keep_trust(project, [FOUND]), Trusted)


def test_nobody_else_makes_the_proof() -> None:
    with pytest.raises(TypeError):
        Trusted((), KeptFile)
