"""Done says whether the generated client can connect from here, and what it still needs."""

from dataclasses import replace

from soundcheck.stores.prisma.schema_text import packaged_schema
from soundcheck.stores.project.project import Project
from soundcheck.wizard.setup.client_outlook import client_outlook


def test_without_a_schema_there_is_nothing_to_say(project: Project) -> None:
    assert client_outlook({}, replace(project, schema=None), {}).lines == ()


def test_a_schema_without_a_python_client_needs_none(project: Project) -> None:
    schema = project.root / "schema.prisma"
    schema.write_text('generator client {\n  provider = "prisma-client-js"\n}\n')
    assert client_outlook({}, replace(project, schema=schema), {}).lines == ()


def test_what_is_missing_is_named_with_the_line_to_type(project: Project) -> None:
    schema = project.root / "schema.prisma"
    schema.write_bytes(packaged_schema().read_bytes())
    environ = {"HOME": str(project.root), "PATH": ""}
    head, *needs = client_outlook({}, replace(project, schema=schema), environ).lines
    assert head.startswith("Before your backend connects")
    assert any("soundcheck setup" in line for line in needs)
    assert any("pip install prisma==0.15.0" in line for line in needs)
