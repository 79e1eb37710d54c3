"""The commands to go on with name the backend that is there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from soundcheck.stores.prisma.schema_text import packaged_schema
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


@pytest.mark.parametrize("ours", [True, False])
def test_sample_data_is_named_only_where_the_schema_has_the_tables_for_it(project: Project, ours: bool) -> None:
    schema = project.root / "schema.prisma"
    schema.write_text(packaged_schema().read_text() if ours else "model users {\n  id String @id\n}\n")
    texts = [one.text for one in commands_for(replace(project, schema=schema), local=False)]
    assert any("seed" in text for text in texts) is ours
    assert any("seed" in one.text for one in commands_for(replace(project, schema=None), local=False))
