"""PostgreSQL refuses root; the stack runs all the same, and says how."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest
from tests_of_local_stack import connected, processes_of, state_of

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.local import postgres_server, run_as
from soundcheck.stores.local.run_as import NORMAL_USER, RunAs, ways
from soundcheck.stores.local.stack import LocalStack

ROOT = Path(__file__).parents[3]
NAMELESS = 54321
IN_NAMESPACE = f"as user {NAMELESS}, who has no name here: PostgreSQL in a user namespace, as nobody"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def test_a_normal_user_runs_servers_as_itself() -> None:
    assert ways(pwd.getpwnam("nobody").pw_uid) == [NORMAL_USER]
    assert NORMAL_USER.data_folder(Path("/somewhere/postgres")) == Path("/somewhere/postgres")


def test_root_prefers_a_user_namespace_and_has_nobody_left(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ways(0)[0].description == "as root: PostgreSQL in a user namespace, as nobody"
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    assert [way.description for way in ways(0)] == ["as root: PostgreSQL as the user nobody"]


def test_two_stacks_of_nobody_lie_in_two_folders() -> None:
    nobody = RunAs(uid=65534, gid=65534)
    assert nobody.data_folder(Path("/a/postgres")) != nobody.data_folder(Path("/b/postgres"))


@as_root
async def test_root_is_told_that_a_namespace_is_used_and_the_server_has_no_capabilities(stack: LocalStack) -> None:
    status = await stack.status()
    assert status.runs_as == "as root: PostgreSQL in a user namespace, as nobody"
    process = Path(f"/proc/{processes_of(stack)['postgres'].pid}/status").read_text()
    assert "CapEff:\t0000000000000000" in process


@pytest.fixture
def where_nobody_may_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A container without user namespaces: only the user nobody is left."""
    folder = Path("/var/tmp") / f"soundcheck-test-{os.getpid()}"
    folder.mkdir(mode=0o755)
    monkeypatch.setattr(run_as, "NOBODY_DATA", folder)
    monkeypatch.setattr(postgres_server, "ways", lambda: [way for way in ways() if way.uid is not None])
    yield folder
    shutil.rmtree(folder)


@as_root
async def test_without_namespaces_root_lets_nobody_run_it_elsewhere(
    where_nobody_may_read: Path, own_stack: LocalStack
) -> None:
    status = await own_stack.up()
    assert status.runs_as == "as root: PostgreSQL as the user nobody"
    postmaster = psutil.Process(processes_of(own_stack)["postgres"].pid)
    assert postmaster.username() == "nobody"
    assert not own_stack.places.postgres.exists()
    assert len(list(where_nobody_may_read.iterdir())) == 1
    with connected(own_stack) as connection:
        connection.execute("CREATE TABLE stays (id int)")
    await own_stack.down()
    own_stack.places.state_file.unlink()
    assert (await own_stack.up()).is_up
    with connected(own_stack) as connection:
        connection.execute("SELECT id FROM stays")
    await own_stack.reset()
    assert not list(where_nobody_may_read.glob("*/postgres*"))


@as_root
async def test_root_whom_no_way_is_open_to_is_told_so(own_stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = RunAs(("/bin/false",), description="as root: no way")
    monkeypatch.setattr(postgres_server, "ways", lambda: [blocked])
    with pytest.raises(CouldNotRun, match="does not run as root") as refusal:
        await own_stack.up()
    assert "normal user" in refusal.value.hint


AS_SOMEBODY = """
import asyncio, pathlib, sys
from soundcheck.stores.local.stack import LocalStack

async def main():
    stack = LocalStack(pathlib.Path(sys.argv[1]))
    status = await stack.up()
    try:
        print(status.is_up, repr(status.runs_as), flush=True)
    finally:
        await stack.down()
        await stack.reset()

asyncio.run(main())
"""


def python_for_everybody() -> Path | None:
    """A Python of our version that every user can run: ours, or the system's."""
    for python in (Path(sys.executable), Path("/usr/bin") / f"python3.{sys.version_info.minor}"):
        real = python.resolve()
        if real.exists() and all(folder.stat().st_mode & 0o005 == 0o005 for folder in real.parents):
            return python
    return None


@as_root
@pytest.mark.parametrize(("somebody", "said"), [(pwd.getpwnam("nobody").pw_uid, ""), (NAMELESS, IN_NAMESPACE)])
def test_other_users_need_nothing_else(somebody: int, said: str) -> None:
    python = python_for_everybody()
    if python is None:
        pytest.skip("every Python of this version lies where only root may read")
    path = os.pathsep.join([str(ROOT), sysconfig.get_path("purelib")])
    home = Path("/var/tmp") / f"soundcheck-user-{os.getpid()}"
    home.mkdir(mode=0o755)
    os.chown(home, somebody, somebody)
    try:
        ran = subprocess.run(
            [python, "-P", "-c", AS_SOMEBODY, str(home / "ein Ordner für Zoë's music")],
            user=somebody,
            group=somebody,
            extra_groups=(),
            cwd="/",
            env={"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": path},
            capture_output=True,
            text=True,
        )
    finally:
        shutil.rmtree(home)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"True {said!r}\n", "")


async def test_the_superuser_s_password_is_another_one(stack: LocalStack) -> None:
    state = state_of(stack).postgres
    assert state.password != state.superuser_password
    credentials = stack.credentials()
    assert credentials is not None
    assert credentials.database_url is not None
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(replace(credentials.database_url, user="soundcheck_admin").reveal())
