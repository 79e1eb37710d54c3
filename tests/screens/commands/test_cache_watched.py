"""`cache --watch`: everything once, then only what changed, a line each, until ctrl+c."""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from soundcheck.screens.commands import cache
from soundcheck.screens.commands.cache_watch import changed_lines, least_remote, looks_cost, seconds_between
from soundcheck.screens.options import add_common
from soundcheck.stores.errors import UsageError
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.project.project import Project
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest_url import RestUrl

ROOT = str(Path(__file__).parents[3])
RUN = "import sys; from soundcheck.screens.cli import main; sys.exit(main())"


@pytest.mark.parametrize(
    "given", ["", " ", "x", "nan", "inf", "-inf", "1e999", "1,5", "0x10", "-1", "0", "1e9", "\x1b[2J"]
)
@pytest.mark.parametrize("free", [True, False])
def test_what_is_no_interval_is_refused(given: str, free: bool) -> None:
    with pytest.raises(UsageError) as caught:
        seconds_between(given, free=free)
    assert "--interval" in caught.value.message
    assert "--interval" in caught.value.hint


def test_an_interval_that_the_free_plan_cannot_bear_is_refused_where_commands_cost() -> None:
    assert seconds_between("0.5", free=True) == 0.5
    assert seconds_between("60", free=False) == 60
    assert seconds_between(None, free=False) >= least_remote() > 1
    assert seconds_between(str(least_remote()), free=False) == least_remote()
    with pytest.raises(UsageError, match="a month, more than the 500,000") as caught:
        seconds_between(str(least_remote() - 1), free=False)
    assert f"--interval {least_remote()} or more" in caught.value.hint
    assert looks_cost(least_remote()) <= 500_000 < looks_cost(least_remote() - 1)


ANSWERS = {"cache": "answers", "hits": "80 %", "keys": "3"}
AWAY = {"cache": "does not answer: timeout"}


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (ANSWERS, ANSWERS, []),
        (ANSWERS, ANSWERS | {"keys": "4"}, ["keys: 4, was 3"]),
        (ANSWERS, ANSWERS | {"music-api web-1": "reports"}, ["music-api web-1: reports"]),
        (ANSWERS | {"worker 1": "reports"}, ANSWERS, ["worker 1: no longer reported"]),
        (ANSWERS, AWAY, ["cache: does not answer: timeout"]),
        (AWAY, AWAY, []),
        (AWAY, ANSWERS, ["cache: answers"]),
    ],
)
def test_only_what_changed_is_told(before: dict[str, str], now: dict[str, str], said: list[str]) -> None:
    assert list(changed_lines(before, now)) == said


async def test_all_is_told_once_and_then_each_change(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    assert services.cache is not None
    monkeypatch.setenv("FORCE_COLOR", "1")
    parser = argparse.ArgumentParser()
    add_common(parser)
    cache.configure(parser)
    out, err = io.StringIO(), io.StringIO()
    args = parser.parse_args(["--watch", "--interval", "0.2"])
    watching = asyncio.create_task(cache.run(args, services, out, err))

    async def until(words: str) -> None:
        async with asyncio.timeout(60):
            while words not in out.getvalue() + err.getvalue():
                assert not watching.done(), watching
                await asyncio.sleep(0.01)

    await until("Ctrl+c ends it.")
    first = out.getvalue()
    await services.cache.command("SET", "watched:1", "x")
    await until("keys: 1, was 0")
    await services.cache.command("DEL", "watched:1")
    await until("keys: 0, was 1")
    watching.cancel()
    assert isinstance((await asyncio.gather(watching, return_exceptions=True))[0], asyncio.CancelledError)
    later = out.getvalue().removeprefix(first).splitlines()
    assert all(line[2] == line[5] == ":" for line in later)
    assert sum("keys:" in line for line in later) == 2
    assert "No application reports yet" in first
    assert "No application reports yet" not in out.getvalue().removeprefix(first)
    assert "\x1b" not in out.getvalue()


async def test_an_interval_without_watching_and_a_dear_one_are_refused_before_anything_is_asked(
    services: Services, run: Callable[..., Any]
) -> None:
    assert services.cache is not None
    before = services.cache.commands_used
    with pytest.raises(UsageError, match="goes with --watch"):
        await run("cache", "--interval", "30")
    remote = RestUrl.parse("https://eu1-music-1.upstash.io")
    away = replace(services, credentials=replace(services.credentials, rest_url=remote))
    with pytest.raises(UsageError, match="a month, more than"):
        await run("cache", "--watch", "--interval", "1", using=away)
    assert services.cache.commands_used == before


def test_on_a_terminal_it_sends_no_control_codes_and_ctrl_c_ends_it_with_130(project: Project) -> None:
    """Of a cache that does not answer, which is told in red otherwise."""
    terminal, theirs = pty.openpty()
    away = {"UPSTASH_REDIS_REST_URL": "http://127.0.0.1:1", "UPSTASH_REDIS_REST_TOKEN": "x", "TERM": "xterm-256color"}
    words = [sys.executable, "-P", "-c", RUN, "cache", "--watch"]
    process = subprocess.Popen(
        words, cwd=project.root, env={**os.environ, "PYTHONPATH": ROOT, **away},
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    said = b""
    while b"Ctrl+c ends it." not in said:
        said += os.read(terminal, 4096)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == ExitCode.INTERRUPTED
    os.close(terminal)
    assert "✗ failed: " in said.decode()
    assert b"\x1b" not in said
