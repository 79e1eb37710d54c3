"""Files enter a bundle by what they are and where they lie, not by what they are called."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from soundcheck.checks.report.bundle_parts import _own_config, _schema
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.prisma.schema_text import as_schema
from soundcheck.stores.project.project import Project
from tests.checks.conftest import MakeServices

SCHEMA = 'datasource db {\n  provider = "postgresql"\n}\n\nmodel Song {\n  id String @id // hunter2\n}\n'
KEY = "-----BEGIN PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ\n-----END PRIVATE KEY-----\n"

NO_SCHEMA = {
    "a key": KEY,
    "a key beside a schema": SCHEMA + KEY,
    "a key before it": KEY + SCHEMA,
    "words": "hello\n",
    "a dump": '{"users": [{"email": "ada@example.org"}]}',
    "an env file": 'DATABASE_URL="postgresql://u:p@h/d"\n',
    "a shell script": "export() {\n  TOKEN=abc\n}\n",
    "a block of another kind": "secret db {\n  token abc\n}\n",
    "a block that does not end": "model Song {\n  id String\n",
    "blocks within blocks": "model Song {\n  model Other {\n  }\n}\n",
    "nothing": "",
    "comments alone": "// hunter2\n",
}


@pytest.mark.parametrize("text", NO_SCHEMA.values(), ids=NO_SCHEMA)
def test_what_is_no_schema_is_none(text: str) -> None:
    assert as_schema(text) is None


def test_a_schema_goes_without_its_comments() -> None:
    text = f'/// postgresql://u:hunter2@h/d\n{SCHEMA}/* hunter2 */\nenum Kind {{\n  A @map("a // b {{")\n}}\n'
    plain = as_schema(text)
    assert plain is not None
    assert "hunter2" not in plain
    assert '"a // b {"' in plain


def entered(project: Project, make_services: MakeServices, schema: Path | None = None) -> dict[str, str]:
    services = replace(make_services(Credentials()), project=replace(project, schema=schema or project.schema))
    return {part.name: str(part.content) for part in (*_schema(services), *_own_config(services))}


@pytest.mark.parametrize("way", ["outside", "link", "key"])
def test_a_schema_from_elsewhere_stays_there(
    project: Project, make_services: MakeServices, tmp_path: Path, way: str
) -> None:
    elsewhere = tmp_path / "elsewhere.prisma"
    elsewhere.write_text(KEY if way == "key" else SCHEMA)
    inside = project.root / "schema.prisma"
    if way == "link":
        inside.symlink_to(elsewhere)
    else:
        inside.write_text(elsewhere.read_text())
    schema = project.root / ".." / elsewhere.name if way == "outside" else inside
    assert "schema.prisma" not in entered(project, make_services, schema)


def test_of_a_folder_of_schemas_only_those_enter_that_are_some(
    project: Project, make_services: MakeServices, tmp_path: Path
) -> None:
    folder = project.root / "prisma"
    folder.mkdir()
    (folder / "song.prisma").write_text(SCHEMA)
    (folder / "key.prisma").write_text(KEY)
    (tmp_path / "elsewhere").write_text(SCHEMA.replace("Song", "Other"))
    (folder / "link.prisma").symlink_to(tmp_path / "elsewhere")
    text = entered(project, make_services, folder)["schema.prisma"]
    assert "model Song" in text
    assert "PRIVATE KEY" not in text
    assert "model Other" not in text


def test_our_own_schema_enters_where_the_project_has_none(project: Project, make_services: MakeServices) -> None:
    assert "model User" in entered(project, make_services)["schema.prisma"]


@pytest.mark.parametrize("text", [KEY, "hello", "[profiles\n", "a = 1\nb"], ids=["key", "words", "cut", "half"])
def test_what_is_called_soundcheck_toml_and_is_none_stays(
    project: Project, make_services: MakeServices, text: str
) -> None:
    (project.root / "soundcheck.toml").write_text(text)
    assert "soundcheck.toml" not in entered(project, make_services)


def test_a_link_called_soundcheck_toml_leads_nowhere(
    project: Project, make_services: MakeServices, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere.toml").write_text('token = "hunter2"\n')
    (project.root / "soundcheck.toml").symlink_to(tmp_path / "elsewhere.toml")
    assert "soundcheck.toml" not in entered(project, make_services)


def test_settings_enter_without_comments(project: Project, make_services: MakeServices) -> None:
    (project.root / "soundcheck.toml").write_text('# hunter2\ndefault_profile = "local"\n')
    assert entered(project, make_services)["soundcheck.toml"] == 'default_profile = "local"\n'
