"""The engine comes from npm once, whole or not at all; what stands in the way is said in words."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.install import ENGINE_VARIABLE, SOURCES, engine_key
from soundcheck.stores.prisma.node import find_node

NODE = find_node()


def fake_npm(folder: Path, script: str) -> tuple[str, ...]:
    path = folder / "npm"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return (str(path),)


def engine_with(npm: tuple[str, ...], home: Path, **environ: str) -> PrismaEngine:
    inherited = {k: v for k, v in os.environ.items() if k != ENGINE_VARIABLE}
    return PrismaEngine(home, replace(NODE, npm=npm), environ=inherited | environ)


@pytest.fixture
def installing(engine: PrismaEngine, tmp_path: Path) -> tuple[str, ...]:
    """An npm that installs by copying what the real one installed, and counts its calls."""
    modules = engine.folder / "node_modules"
    return fake_npm(tmp_path, f'echo called >> "{tmp_path}/calls"\ncp -r "{modules}" node_modules')


async def test_the_second_install_calls_nothing(installing: tuple[str, ...], tmp_path: Path) -> None:
    engine = engine_with(installing, tmp_path / "home")
    assert not engine.is_installed
    lines: list[str] = []
    assert await engine.install(lines.append)
    assert engine.is_installed
    assert "npm installs" in lines[0]
    assert not await engine.install(lines.append)
    assert (tmp_path / "calls").read_text().count("called") == 1


async def test_several_installs_at_once_are_one(installing: tuple[str, ...], tmp_path: Path) -> None:
    engines = [engine_with(installing, tmp_path / "home") for _ in range(3)]
    done = await asyncio.gather(*(engine.install() for engine in engines))
    assert sorted(done) == [False, False, True]
    assert (tmp_path / "calls").read_text().count("called") == 1


async def test_leftovers_of_a_killed_install_go_and_other_versions_stay(
    installing: tuple[str, ...], tmp_path: Path
) -> None:
    folder = tmp_path / "home" / "engine"
    (folder / "0123456789abcdef").mkdir(parents=True)
    (folder / f".{engine_key()}.0badcafe.tmp" / "node_modules").mkdir(parents=True)
    (folder / engine_key()).mkdir()  # and an incomplete one
    engine = engine_with(installing, tmp_path / "home")
    await engine.install()
    assert engine.is_installed
    assert sorted(p.name for p in folder.iterdir()) == sorted([".lock", "0123456789abcdef", engine_key()])


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ENOTFOUND", "npm cannot find the registry"),
        ("EAI_AGAIN", "npm cannot find the registry"),
        ("ECONNREFUSED", "npm is blocked"),
        ("ETIMEDOUT", "npm is blocked"),
        ("E403", "npm is blocked"),
        ("E404", "npm is blocked"),
        ("ENOSPC", "the disk is full"),
        ("EACCES", "a folder cannot be written"),
        ("EINTEGRITY", "not the one we pinned"),
        ("SELF_SIGNED_CERT_IN_CHAIN", "does not trust the registry's certificate"),
        ("EWHATEVER", "could not install the schema engine"),
    ],
)
async def test_what_npm_fails_with_is_said_in_words(code: str, words: str, tmp_path: Path) -> None:
    npm = fake_npm(tmp_path, f"echo 'npm error code {code}' >&2\necho 'npm error https://secret.example/x' >&2\nexit 1")
    engine = engine_with(npm, tmp_path / "home")
    with pytest.raises(CouldNotRun, match=words) as failed:
        await engine.install()
    assert code in failed.value.message
    assert "secret.example" not in failed.value.message + failed.value.hint
    assert failed.value.hint
    assert not engine.is_installed
    assert [p.name for p in engine.folder.parent.iterdir()] == [".lock"]


async def test_a_registry_that_refuses_is_told_by_the_real_npm(tmp_path: Path) -> None:
    engine = engine_with(
        NODE.npm, tmp_path / "home", npm_config_registry="http://127.0.0.1:9", npm_config_cache=str(tmp_path / "cache")
    )
    with pytest.raises(CouldNotRun, match="npm is blocked") as failed:
        await engine.install()
    assert ENGINE_VARIABLE in failed.value.hint


async def test_an_npm_with_certificates_of_its_own_is_given_those_trusted_here(tmp_path: Path) -> None:
    refusal = 'echo "npm error code UNABLE_TO_VERIFY_LEAF_SIGNATURE" >&2; exit 1'
    npm = fake_npm(tmp_path, f'echo "$npm_config_cafile" >> "{tmp_path}/calls"\n{refusal}')
    kept = {"NODE_EXTRA_CA_CERTS": "/roots.pem", "SSL_CERT_FILE": "/roots.pem"}
    for environ, calls in (
        (kept, ["", "/roots.pem"]),
        ({**kept, "SSL_CERT_FILE": "/others.pem"}, [""]),  # nobody gave an authority: both are the person's own
    ):
        with pytest.raises(CouldNotRun, match="does not trust the registry"):
            await engine_with(npm, tmp_path / "home", **environ).install()
        assert (tmp_path / "calls").read_text().splitlines() == calls
        (tmp_path / "calls").unlink()


async def test_an_npm_that_hangs_is_left(tmp_path: Path) -> None:
    engine = engine_with(fake_npm(tmp_path, "exec sleep 600"), tmp_path / "home")
    with pytest.raises(CouldNotRun, match=r"did not finish within 0\.3 s"):
        await engine.install(deadline=0.3)
    assert [p.name for p in engine.folder.parent.iterdir()] == [".lock"]


async def test_without_npm_the_cure_is_named(tmp_path: Path) -> None:
    with pytest.raises(CouldNotRun, match="npm is missing"):
        await engine_with((), tmp_path / "home").install()


async def test_an_npm_that_leaves_half_of_it_installs_nothing(tmp_path: Path) -> None:
    engine = engine_with(fake_npm(tmp_path, "mkdir -p node_modules/pg"), tmp_path / "home")
    with pytest.raises(CouldNotRun):
        await engine.install()
    assert not engine.folder.exists()


async def test_a_home_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(CouldNotRun, match="could not be put into"):
        await engine_with(NODE.npm, tmp_path / "home").install()


async def test_a_copy_from_another_machine_needs_no_npm(engine: PrismaEngine, tmp_path: Path) -> None:
    shutil.copytree(engine.folder, tmp_path / "copied" / engine.folder.name)
    copied = engine_with((), tmp_path / "home", **{ENGINE_VARIABLE: str(tmp_path / "copied")})
    assert copied.is_installed
    assert not await copied.install()


def test_the_lock_file_pins_every_package_and_names_no_address() -> None:
    lock = (SOURCES / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert "://" not in lock.replace("https://opencollective.com", "").replace("https://github.com", "")
    assert '"^' not in (SOURCES / "package.json").read_text()


CHANGES: list[Callable[[Path], object]] = [
    lambda folder: (folder / "main.mjs").open("a").write("// more"),
    lambda folder: (folder / "package.json").write_text("{}"),
    lambda folder: (folder / "scram.mjs").unlink(),
    lambda folder: (folder / "node_modules" / "pg" / "lib" / "index.js").open("a").write("// more"),
    lambda folder: (folder / "node_modules" / "pg" / "lib" / "more.js").write_text(""),
    lambda folder: (folder / "node_modules" / "pg" / "lib" / "index.js").unlink(),
    lambda folder: next(folder.rglob("schema_engine_bg.wasm")).write_bytes(b"\0asm"),
    lambda folder: (folder / "node_modules" / "more").symlink_to(folder),
]


@pytest.mark.parametrize("number", range(len(CHANGES)))
async def test_an_engine_that_was_changed_is_not_run_but_installed_anew(
    installing: tuple[str, ...], tmp_path: Path, number: int
) -> None:
    engine = engine_with(installing, tmp_path / "home")
    await engine.install()
    schema = tmp_path / "schema.prisma"
    schema.write_text('datasource db {\n provider = "postgresql"\n url = env("DATABASE_URL")\n}\n')
    assert await engine.describe(schema)
    CHANGES[number](engine.folder)
    assert not engine.is_installed
    with pytest.raises(CouldNotRun, match=r"was changed since it was installed|is not installed"):
        await engine.describe(schema)
    assert await engine.install()
    assert await engine.describe(schema)


async def test_packages_that_are_not_those_pinned_are_not_installed(engine: PrismaEngine, tmp_path: Path) -> None:
    modules = engine.folder / "node_modules"
    npm = fake_npm(tmp_path, f'cp -r "{modules}" node_modules; echo "// more" >> node_modules/pg/lib/index.js')
    other = engine_with(npm, tmp_path / "home")
    with pytest.raises(CouldNotRun, match="not what we pinned"):
        await other.install()
    assert not other.folder.exists()
