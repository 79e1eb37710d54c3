"""Which Node is used: the one on the PATH when it is new enough, else the one that came as a wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.node import NodeOrigin, find_node, wheel_command


def program(folder: Path, name: str, says: str, code: int = 0) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {says}\nexit {code}\n")
    path.chmod(0o755)


def test_a_new_enough_node_on_the_path_is_used_with_its_npm(tmp_path: Path) -> None:
    program(tmp_path, "node", "v22.3.1")
    program(tmp_path, "npm", "10")
    node = find_node({"PATH": str(tmp_path)})
    assert (node.origin, node.version, node.npm) == (NodeOrigin.PATH, (22, 3, 1), (str(tmp_path / "npm"),))


@pytest.mark.parametrize(("says", "code"), [("v18.20.0", 0), ("v12.0.0", 0), ("nonsense", 0), ("v22.0.0", 1)])
def test_a_node_that_is_too_old_or_broken_is_passed_over(tmp_path: Path, says: str, code: int) -> None:
    program(tmp_path, "node", says, code)
    assert find_node({"PATH": str(tmp_path)}).origin is NodeOrigin.WHEEL


def test_a_node_without_npm_gets_the_wheel_s(tmp_path: Path) -> None:
    program(tmp_path, "node", "v20.0.0")
    node = find_node({"PATH": str(tmp_path)})
    assert node.origin is NodeOrigin.PATH
    assert node.npm[0] == str(tmp_path / "node")
    assert node.npm[1].endswith("npm-cli.js")


def test_without_any_node_the_cure_is_named(tmp_path: Path) -> None:
    with pytest.raises(CouldNotRun, match="Node is missing: there is none") as failed:
        find_node({"PATH": str(tmp_path)}, with_wheel=False)
    assert failed.value.hint == f"Install Node 20 or newer from nodejs.org, or run: {wheel_command()}"
    program(tmp_path, "node", "v18.20.0")
    with pytest.raises(CouldNotRun, match=r"only Node 18\.20\.0 is on the PATH"):
        find_node({"PATH": str(tmp_path)}, with_wheel=False)


async def test_with_no_node_on_the_path_the_wheel_s_does_the_work(engine_folder: Path, schema: Path) -> None:
    node = find_node({"PATH": "/nowhere"})
    assert node.origin is NodeOrigin.WHEEL
    engine = PrismaEngine(engine_folder, node)
    described = await engine.describe(schema)
    assert len(described["dmmf"]["datamodel"]["models"]) == 11


async def test_the_machine_s_own_node_does_the_work_where_there_is_no_wheel(
    tmp_path: Path, engine_folder: Path, schema: Path
) -> None:
    wheel = find_node({"PATH": "/nowhere"})
    (tmp_path / "node").symlink_to(wheel.path)
    program(tmp_path, "npm", "10")
    node = find_node({"PATH": str(tmp_path)}, with_wheel=False)
    assert (node.origin, node.path) == (NodeOrigin.PATH, tmp_path / "node")
    described = await PrismaEngine(engine_folder, node).describe(schema)
    assert len(described["dmmf"]["datamodel"]["models"]) == 11


async def test_without_npm_the_same_command_is_named(tmp_path: Path) -> None:
    program(tmp_path, "node", "v20.0.0")
    node = find_node({"PATH": str(tmp_path)}, with_wheel=False)
    assert node.npm == ()
    with pytest.raises(CouldNotRun, match="npm is missing") as failed:
        await PrismaEngine(tmp_path / "home", node, environ={}).install()
    assert failed.value.hint == f"Install npm, or run: {wheel_command()}"
