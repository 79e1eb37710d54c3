"""What a program that we start gets to see of the environment: what is listed, whatever stands beside it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from soundcheck.stores.local.children import run
from soundcheck.stores.programs.conversation import converse, follow
from soundcheck.stores.programs.environment import DISPLAY, NPM, allowed, whole
from soundcheck.stores.programs.starting import PIPE, start, start_watched, wait_for
from soundcheck.stores.project.git_command import ask_git

MINE = {
    "DATABASE_URL": "secret", "DIRECT_URL": "secret", "UPSTASH_REDIS_REST_TOKEN": "secret", "PGPASSWORD": "secret",
    "PGOPTIONS": "-c nope=1", "AWS_SECRET_ACCESS_KEY": "secret", "GITHUB_TOKEN": "secret", "NEON_API_KEY": "secret",
    "STRIPE_KEY": "secret", "PYTHONPATH": "here", "PYTHONSTARTUP": "here.py", "NODE_OPTIONS": "--require ./here.js",
    "LD_PRELOAD": "here.so", "DYLD_INSERT_LIBRARIES": "here.dylib", "GIT_DIR": "here", "GIT_SSH_COMMAND": "here",
    "BASH_ENV": "here.sh", "ENV": "here.sh", "PRISMA_QUERY_ENGINE_BINARY": "here", "NPM_TOKEN": "secret",
    "npm_config__authToken": "secret", "DISPLAY": ":0", "A_VARIABLE_OF_TOMORROW": "secret",
}  # fmt: skip
"""What a shell holds that no program of ours needs."""

NEEDED = {
    "HOME": "/home/mara", "LC_MESSAGES": "C", "HTTPS_PROXY": "http://proxy:3128", "no_proxy": "localhost",
    "SSL_CERT_FILE": "/etc/ca.pem", "NODE_EXTRA_CA_CERTS": "/etc/ca.pem", "XDG_CACHE_HOME": "/home/mara/cache",
}  # fmt: skip

TELL = "import json, os; print(json.dumps({'environment': dict(os.environ)}))"
COMMAND = [sys.executable, "-I", "-c", TELL]


@pytest.fixture
def _shell(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**MINE, **NEEDED}.items():
        monkeypatch.setenv(name, value)


def test_only_what_is_listed_passes() -> None:
    assert allowed({**MINE, **NEEDED}).variables == NEEDED


def test_a_program_may_see_more_that_is_named_for_it() -> None:
    assert allowed(MINE, *DISPLAY).variables == {"DISPLAY": ":0"}
    assert allowed(MINE, *NPM).variables == {"npm_config__authToken": "secret"}
    assert allowed(NEEDED, only=("HOME",), LC_ALL="C").variables == {"HOME": "/home/mara", "LC_ALL": "C"}


def test_the_persons_own_program_sees_what_it_would_see_in_their_shell() -> None:
    assert whole(MINE, DATABASE_URL="other").variables == {**MINE, "DATABASE_URL": "other"}


def test_no_value_is_in_the_representation() -> None:
    assert "secret" not in repr(whole(MINE))


async def talk() -> dict[str, Any]:
    ended = await converse(COMMAND, b"", environment=allowed(os.environ), deadline=60)
    assert ended.answer is not None, ended.stderr
    return dict(ended.answer["environment"])


async def read_on() -> dict[str, Any]:
    lines: list[str] = []
    await follow(COMMAND, environment=allowed(os.environ), deadline=60, on_line=lines.append)
    return dict(json.loads(lines[-1])["environment"])


async def wait() -> dict[str, Any]:
    ran = await run(COMMAND, deadline=60)
    return dict(json.loads(ran.output)["environment"])


async def wait_here() -> dict[str, Any]:
    done = await asyncio.to_thread(wait_for, COMMAND, allowed(os.environ), cwd="/", seconds=60)
    return dict(json.loads(done.stdout)["environment"])


async def begin() -> dict[str, Any]:
    with start(COMMAND, allowed(os.environ), cwd="/", stdout=PIPE) as process:
        assert process.stdout is not None
        return dict(json.loads(process.stdout.read())["environment"])


async def begin_on_the_loop() -> dict[str, Any]:
    process = await start_watched(COMMAND, allowed(os.environ), stdout=PIPE)
    output, _ = await process.communicate()
    return dict(json.loads(output)["environment"])


@pytest.mark.usefixtures("_shell")
@pytest.mark.parametrize("way", [talk, read_on, wait, wait_here, begin, begin_on_the_loop])
async def test_whichever_way_it_is_started_the_shells_secrets_stay_behind(way: Any) -> None:
    seen = await way()
    assert seen["PATH"] == os.environ["PATH"]
    assert not seen.keys() & MINE.keys()
    assert "secret" not in seen.values()


@pytest.mark.usefixtures("_shell")
def test_git_sees_no_variable_that_leads_it_elsewhere(tmp_path: Path) -> None:
    shown = ask_git(tmp_path, "-c", "alias.tell=!env", "tell", seconds=60)
    names = {line.partition("=")[0] for line in shown.output.decode().splitlines()}
    assert "GIT_ALLOW_PROTOCOL" in names
    assert not names & (MINE.keys() - {"GIT_DIR"})
