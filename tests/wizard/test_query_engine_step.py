"""The query engine is offered where a Python backend misses one, put there with consent, and can be taken back."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from backend_fixture import MakeBackend, backend, music_client, query_engine  # noqa: F401
from eleven_tables import eleven_template, eleven_url  # noqa: F401
from engine_fixture import engine_folder  # noqa: F401

from soundcheck.checks import fixes
from soundcheck.stores.errors import Refused
from soundcheck.stores.prisma.query_engine import QueryEngine
from soundcheck.stores.services import Services
from soundcheck.wizard.fixes.apply import apply_fix, preview_fix, undo_fix
from soundcheck.wizard.progress import Mark, Progress, silent
from soundcheck.wizard.setup.query_engine_step import offer_or_reason, offered_engine, place_offered

ENV = "# the band\nOTHER=1\n"


@pytest.fixture
def services(backend: MakeBackend, query_engine: QueryEngine) -> Services:  # noqa: F811
    made = backend(with_prisma=False)
    made.project.env_file.write_text(ENV)
    return made


async def test_the_line_is_shown_written_and_taken_back(
    services: Services,
    query_engine: QueryEngine,  # noqa: F811
) -> None:
    plan = await offered_engine(services)
    assert plan is not None
    line = f'PRISMA_QUERY_ENGINE_BINARY="{query_engine.launcher}"'
    assert plan.lines == (".env, written with mode 600:", f"+ {line}")
    assert services.project.env_file.read_text() == ENV
    assert await place_offered(services, plan, silent)
    assert services.project.env_file.read_text() == f"{ENV}{line}\n"
    assert services.project.env_file.stat().st_mode & 0o777 == 0o600
    assert await offered_engine(services) is None
    entry, _ = await undo_fix(services, "client.engine")
    assert entry.check == "client.connects"
    assert services.project.env_file.read_text() == ENV


async def test_what_was_written_after_it_is_not_undone(services: Services) -> None:
    await apply_fix(services, await preview_fix(services, fixes.PLACE_ENGINE))
    with services.project.env_file.open("a") as file:
        file.write("MORE=1\n")
    with pytest.raises(Refused, match="was changed after the fix"):
        await undo_fix(services, "client.engine")


async def test_a_name_that_leads_nowhere_is_mended_and_an_engine_of_theirs_is_left_alone(
    services: Services, tmp_path: Path
) -> None:
    theirs = tmp_path / "their-engine"
    services.project.env_file.write_text(f"{ENV}PRISMA_QUERY_ENGINE_BINARY={theirs}\n")
    plan = await offered_engine(services)
    assert plan is not None
    assert plan.lines[1] == f"- PRISMA_QUERY_ENGINE_BINARY={theirs}"
    theirs.write_text("")
    assert await offered_engine(services) is None


async def test_nothing_is_offered_where_nothing_is_missed(services: Services) -> None:
    exported = replace(services, environ={**services.environ, "PRISMA_QUERY_ENGINE_BINARY": "/usr/bin/engine"})
    assert await offered_engine(exported) is None
    native = services.project.root / "prisma-query-engine-debian-openssl-3.0.x"
    native.write_text("")
    assert await offered_engine(services) is None
    native.unlink()
    schema = services.project.schema
    assert schema is not None
    schema.write_text(schema.read_text().replace("prisma-client-py", "prisma-client-js"))
    assert await offered_engine(services) is None


async def test_a_line_that_an_export_would_beat_is_not_written(
    services: Services,
    query_engine: QueryEngine,  # noqa: F811
) -> None:
    exported = replace(services, environ={**services.environ, "PRISMA_QUERY_ENGINE_BINARY": "/gone/engine"})
    with pytest.raises(Refused, match="is exported") as refusal:
        await preview_fix(exported, fixes.PLACE_ENGINE)
    assert refusal.value.hint == "Type: unset PRISMA_QUERY_ENGINE_BINARY"
    same = replace(services, environ={**services.environ, **query_engine.environ()})
    assert (await preview_fix(same, fixes.PLACE_ENGINE)).needed


async def test_a_project_without_a_python_backend_is_not_asked(services: Services) -> None:
    root = services.project.root
    (root / "main.py").unlink()
    (root / ".venv").rename(root.parent / "elsewhere")
    assert await offered_engine(services) is None


async def test_a_failure_is_told_with_the_way_to_do_it_later(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No npm here: the tables are there, so set-up goes on."""
    node = next(Path(folder) / "node" for folder in os.environ["PATH"].split(":") if (Path(folder) / "node").exists())
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "node").symlink_to(node)
    monkeypatch.setenv("SOUNDCHECK_ENGINE", str(tmp_path / "empty"))
    monkeypatch.setattr("soundcheck.stores.prisma.node._wheel_folder", lambda: None)
    bare = replace(services, environ={**services.environ, "PATH": str(tmp_path / "bin")})
    said: list[Progress] = []
    plan = await offer_or_reason(bare, said.append)
    assert plan is not None
    assert "7 MB" in plan.lines[0]
    assert str(tmp_path / "empty") in plan.lines[0]
    assert not await place_offered(bare, plan, said.append)
    assert said[-1].mark is Mark.WARN
    assert "npm" in said[-1].text
    assert "doctor --fix client.engine" in said[-1].hint
    assert bare.project.env_file.read_text() == ENV


async def test_a_link_is_told_and_not_written_through(services: Services, tmp_path: Path) -> None:
    services.project.env_file.rename(tmp_path / "shared.env")
    services.project.env_file.symlink_to(tmp_path / "shared.env")
    said: list[Progress] = []
    assert await offer_or_reason(services, said.append) is None
    assert "is a link" in said[-1].text
    assert (tmp_path / "shared.env").read_text() == ENV


async def test_packages_are_installed_by_the_line_that_was_shown(services: Services) -> None:
    """With a pip of the test's own, that notes what it was asked and prints a secret."""
    packages = next((services.project.root / ".venv").glob("lib/python3*/site-packages"))
    (packages / "pip").mkdir()
    (packages / "pip" / "__init__.py").write_text("")
    url = services.credentials.database_url
    assert url is not None
    (packages / "pip" / "__main__.py").write_text(
        f"import pathlib, sys\npathlib.Path('asked').write_text(' '.join(sys.argv[1:]))\nprint({url.reveal()!r})\n"
    )
    preview = await preview_fix(services, fixes.INSTALL_LIBRARY)
    assert preview.lines == ("in .: .venv/bin/python -m pip install prisma==0.15.0",)
    with pytest.raises(Refused, match="not applied unasked"):
        await apply_fix(services, preview)
    said: list[Progress] = []
    await apply_fix(services, preview, named=True, report=said.append)
    assert (services.project.root / "asked").read_text() == "install prisma==0.15.0"
    assert said
    assert url.reveal() not in repr(said)
