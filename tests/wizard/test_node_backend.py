"""A Node backend's own Prisma: found, its version told, what version 7 wants shown before it is written."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from soundcheck.checks import fixes
from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.check import Context
from soundcheck.checks.finding import Finding, Status
from soundcheck.stores.backend.node_backend import find_node_backend
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.errors import Refused, StepFailed
from soundcheck.stores.project.project import Project
from soundcheck.stores.project.trust import NotTrusted, keep_trust
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.services import Services
from soundcheck.wizard.fixes.apply import apply_fix, preview_fix, undo_fix

SCHEMA = """generator client {
  provider = "prisma-client-js"
}

datasource db {
  provider  = "postgresql"
  url       = env("DATABASE_URL") // the pool
  directUrl = env("DIRECT_URL")
}

model User {
  url String @id
}
"""


@pytest.fixture
def services(project: Project) -> Services:
    backend = project.root / "backend"
    (backend / "prisma").mkdir(parents=True)
    (backend / "prisma" / "schema.prisma").write_text(SCHEMA)
    (backend / "package.json").write_text('{"dependencies": {"@prisma/client": "^7.0.0"}}')
    here = replace(project, schema=backend / "prisma" / "schema.prisma")
    return Services(here, SystemClock(), SystemResolver(), environ=dict(os.environ))


def install(folder: Path, version: str, *names: str) -> None:
    for name in names or ("prisma", "@prisma/client"):
        package = folder / "node_modules" / name / "package.json"
        package.parent.mkdir(parents=True)
        package.write_text(json.dumps({"name": name, "version": version}))


async def found(services: Services) -> Finding:
    check = default_registry()["backend.prisma"]
    return check.judge(await check.collect(Context(services)))


async def test_what_is_missing_is_named_with_the_line_of_its_own_manager(services: Services) -> None:
    backend = services.project.root / "backend"
    finding = await found(services)
    assert finding.status is Status.WARN
    assert "@prisma/client and prisma not installed" in finding.summary
    assert finding.hint == "Type in backend: npm install prisma@7"
    (backend / "pnpm-lock.yaml").write_text("")
    assert (await found(services)).hint == "Type in backend: pnpm add prisma@7"
    install(backend, "6.19.3", "prisma")
    assert (await found(services)).hint == "Type in backend: pnpm install"


async def test_a_client_that_was_not_generated_is_told_with_their_own_line(services: Services) -> None:
    backend = services.project.root / "backend"
    install(services.project.root, "6.19.3")  # a workspace keeps its packages at the top
    finding = await found(services)
    assert finding.summary == "Prisma 6.19.3 is installed, and its client has not been generated."
    assert finding.hint == "Type in backend: npx --no-install prisma generate"
    (backend / "node_modules" / ".prisma" / "client").mkdir(parents=True)
    finding = await found(services)
    assert (finding.status, finding.summary) == (
        Status.OK,
        "Prisma 6.19.3 of the Node backend takes backend/prisma/schema.prisma.",
    )


@pytest.mark.parametrize(
    ("cli", "client", "lock", "line"),
    [
        ("8.0.1", "6.19.3", "package-lock.json", "npm install prisma@6"),
        ("8.0.1", "7.10.1", "pnpm-lock.yaml", "pnpm add prisma@7"),
        ("6.19.3", "7.10.1", "yarn.lock", "yarn add prisma@7"),
        ("6.19.3", "6.4.0", "package-lock.json", ""),
    ],
)
async def test_a_command_of_another_major_version_than_its_client_is_found(
    services: Services, cli: str, client: str, lock: str, line: str
) -> None:
    backend = services.project.root / "backend"
    (backend / lock).write_text("")
    install(backend, cli, "prisma")
    install(backend, client, "@prisma/client")
    finding = await found(services)
    assert finding.status is Status.WARN
    assert (f"Prisma's command is version {cli}" in finding.summary) is bool(line)
    assert line in finding.hint


async def test_a_schema_that_asks_for_no_javascript_client_is_told(services: Services) -> None:
    """As ours, which generates for Python."""
    install(services.project.root / "backend", "6.19.3")
    schema = services.project.schema
    assert schema is not None
    schema.write_text(SCHEMA.replace("prisma-client-js", "prisma-client-py"))
    finding = await found(services)
    assert "asks for no JavaScript client" in finding.summary
    assert 'provider = "prisma-client-js"' in finding.hint
    schema.write_text(SCHEMA.replace('"prisma-client-js"', '"prisma-client"\n  output = "../made"'))
    assert (await found(services)).status is Status.OK


async def test_version_7_is_given_its_config_file_and_both_files_come_back(services: Services) -> None:
    backend = services.project.root / "backend"
    install(backend, "7.10.1")
    finding = await found(services)
    assert "7.10.1 refuses url and directUrl in backend/prisma/schema.prisma (P1012)" in finding.summary
    assert finding.fixes == (fixes.PRISMA_CONFIG,)
    preview = await preview_fix(services, fixes.PRISMA_CONFIG)
    assert '+     url: env("DIRECT_URL"),' in preview.lines
    assert '- url       = env("DATABASE_URL") // the pool' in preview.lines
    assert any("npm install dotenv" in line for line in preview.lines)
    assert not (backend / "prisma.config.ts").exists()
    with pytest.raises(Refused, match="not applied unasked"):
        await apply_fix(services, preview)
    result = await apply_fix(services, preview, named=True)
    assert "npx --no-install prisma generate" in result.lines[0]
    written = (backend / "prisma.config.ts").read_text()
    assert 'schema: "prisma/schema.prisma"' in written
    schema = (backend / "prisma" / "schema.prisma").read_text()
    assert schema == SCHEMA.replace('  url       = env("DATABASE_URL") // the pool\n', "").replace(
        '  directUrl = env("DIRECT_URL")\n', ""
    )
    assert "refuses" not in (await found(services)).summary
    await undo_fix(services, "prisma.config")
    assert (backend / "prisma" / "schema.prisma").read_text() == SCHEMA
    assert not (backend / "prisma.config.ts").exists()


async def test_what_was_changed_after_the_fix_is_not_undone(services: Services) -> None:
    backend = services.project.root / "backend"
    install(backend, "7.10.1")
    await apply_fix(services, await preview_fix(services, fixes.PRISMA_CONFIG), named=True)
    (backend / "prisma.config.ts").write_text("// mine\n")
    with pytest.raises(Refused, match="was changed after the fix"):
        await undo_fix(services, "prisma.config")
    assert (backend / "prisma.config.ts").read_text() == "// mine\n"


async def test_a_schema_that_python_needs_keeps_its_address(services: Services) -> None:
    install(services.project.root / "backend", "7.10.1")
    schema = services.project.schema
    assert schema is not None
    schema.write_text(SCHEMA + 'generator py {\n  provider = "prisma-client-py"\n}\n')
    finding = await found(services)
    assert "Prisma Client Python needs url" in finding.summary
    assert finding.fixes == ()
    with pytest.raises(Refused, match="needs url in the schema"):
        await preview_fix(services, fixes.PRISMA_CONFIG)
    assert schema.read_text().startswith(SCHEMA)


async def test_their_generate_is_run_with_consent_and_its_failure_is_told(services: Services, tmp_path: Path) -> None:
    """With an npx of the test's own."""
    (tmp_path / "bin").mkdir()
    npx = tmp_path / "bin" / "npx"
    npx.write_text('#!/bin/sh\necho "$@" > asked\necho "no engine here"\nexit 3\n')
    npx.chmod(0o700)
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    services = replace(services, environ={**services.environ, "PATH": path})
    preview = await preview_fix(services, fixes.RUN_GENERATE)
    assert preview.lines == ("in backend: npx --no-install prisma generate",)
    with pytest.raises(NotTrusted, match="npx --no-install prisma generate"):
        await apply_fix(services, preview, named=True)
    assert not list(tmp_path.rglob("asked"))
    keep_trust(services.project, preview.runs)
    with pytest.raises(StepFailed, match="ended with code 3: no engine here"):
        await apply_fix(services, preview, named=True)
    assert (services.project.root / "backend" / "asked").read_text() == "--no-install prisma generate\n"


async def test_a_node_backend_without_prisma_is_not_asked(services: Services) -> None:
    (services.project.root / "backend" / "package.json").write_text('{"dependencies": {"express": "5"}}')
    assert (await found(services)).status is Status.SKIP
    (services.project.root / "backend" / "package.json").write_text("[not json")
    assert find_node_backend(services.project) is None
    assert (await found(services)).status is Status.SKIP
