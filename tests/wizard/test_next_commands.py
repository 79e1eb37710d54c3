"""The commands to go on with name the backend that is there."""

from __future__ import annotations

import pytest

from soundcheck.stores.project.project import Project
from soundcheck.wizard.setup.next_commands import commands_for


@pytest.mark.parametrize(
    ("files", "start"),
    [
        ([], "npm run dev"),
        (["main.py"], "python main.py"),
        (["backend/manage.py"], "python backend/manage.py runserver"),
        (["backend/package.json", "main.py"], "npm run dev"),
    ],
)
def test_the_local_stack_is_followed_by_the_backend_that_is_there(
    project: Project, files: list[str], start: str
) -> None:
    for name in files:
        (project.root / name).parent.mkdir(exist_ok=True)
        (project.root / name).write_text("")
    texts = [command.text for command in commands_for(project, local=True)]
    assert f"soundcheck run -- {start}" in texts
    assert not [text for text in (c.text for c in commands_for(project, local=False)) if "run --" in text]
