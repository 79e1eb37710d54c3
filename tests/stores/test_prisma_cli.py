"""Prisma's own commands are printed with a major version: the project's, else the one that fits."""

import json
from pathlib import Path

import pytest

from soundcheck.stores.backend.prisma_cli import DEFAULT_MAJOR, migrate_line, pinned, prisma_line, prisma_major


def packaged(folder: Path, **dependencies: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    named = {name.replace("client", "@prisma/client"): wanted for name, wanted in dependencies.items()}
    (folder / "package.json").write_text(json.dumps({"devDependencies": named}))


def installed(folder: Path, name: str, version: str) -> None:
    place = folder / "node_modules" / name
    place.mkdir(parents=True)
    (place / "package.json").write_text(json.dumps({"version": version}))


@pytest.mark.parametrize(
    ("wanted", "major"),
    [
        ("^6.19.0", 6),
        ("~7.1", 7),
        ("5", 5),
        (">=6 <8", 6),
        ("v6.x", 6),
        ("latest", DEFAULT_MAJOR),
        ("*", DEFAULT_MAJOR),
        ("workspace:*", DEFAULT_MAJOR),
        ("8.0.0-rc.19", 7),
        ("^8.0.0", 7),
    ],
)
def test_what_is_declared_says_the_major(tmp_path: Path, wanted: str, major: int) -> None:
    packaged(tmp_path, prisma=wanted)
    assert prisma_line(tmp_path, "generate") == f"npx prisma@{major} generate"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package-lock.json", '{"packages": {"node_modules/prisma": {\n  "version": "7.1.0"}}}'),
        ("pnpm-lock.yaml", "packages:\n\n  prisma@7.1.0:\n    resolution: {}\n"),
        ("pnpm-lock.yaml", "packages:\n\n  '@prisma/client@7.1.0(prisma@7.1.0)':\n    resolution: {}\n"),
        ("pnpm-lock.yaml", "packages:\n\n  /prisma/7.1.0:\n    dev: true\n"),
        ("yarn.lock", 'prisma@latest:\n  version "7.1.0"\n'),
        ("yarn.lock", '"prisma@npm:latest":\n  version: 7.1.0\n'),
    ],
)
def test_a_lock_says_it_where_the_range_does_not(tmp_path: Path, name: str, text: str) -> None:
    packaged(tmp_path, prisma="latest")
    (tmp_path / name).write_text(text)
    assert prisma_line(tmp_path, "generate") == "npx prisma@7 generate"


def test_bun_has_a_runner_of_its_own(tmp_path: Path) -> None:
    packaged(tmp_path, prisma="latest")
    (tmp_path / "bun.lock").write_text('{"packages": {"prisma": ["prisma@7.1.0", "", {}]}}')
    assert prisma_line(tmp_path, "db pull") == "bunx prisma@7 db pull"


def test_what_is_installed_comes_first_also_above_the_package(tmp_path: Path) -> None:
    packaged(tmp_path / "backend", prisma="^6.0.0")
    installed(tmp_path, "prisma", "7.10.1")
    assert prisma_line(tmp_path, "generate") == "npx prisma@7 generate"


def test_a_cli_that_knows_none_of_our_commands_gives_way_to_the_client(tmp_path: Path) -> None:
    installed(tmp_path, "prisma", "8.0.0-rc.19")
    assert prisma_major([tmp_path]) == 7
    installed(tmp_path, "@prisma/client", "6.19.3")
    assert prisma_major([tmp_path]) == 6


@pytest.mark.parametrize("schema", ["backend/prisma/schema.prisma", "prisma/schema.prisma", "prisma/schema"])
def test_a_schema_belongs_to_the_package_around_it(tmp_path: Path, schema: str) -> None:
    (tmp_path / "app" / ".git").mkdir(parents=True)
    packaged(tmp_path / "app", prisma="^7.0.0")
    packaged(tmp_path, prisma="^5.0.0")
    assert migrate_line(tmp_path / "app" / schema) == "npx prisma@7 migrate deploy"


def test_beyond_the_repository_nothing_is_asked(tmp_path: Path) -> None:
    (tmp_path / "app" / ".git").mkdir(parents=True)
    packaged(tmp_path, prisma="^7.0.0")
    assert migrate_line(tmp_path / "app") == migrate_line() == f"npx prisma@{DEFAULT_MAJOR} migrate deploy"


def test_only_prismas_own_packages_are_pinned(tmp_path: Path) -> None:
    packaged(tmp_path, client="^7.0.0")
    assert pinned(["prisma", "@prisma/client", "dotenv"], [tmp_path]) == ("prisma@7", "@prisma/client@7", "dotenv")
