"""The synchronous face where a process forks, hangs or ends: what a child is told, and that nothing is left behind."""

from __future__ import annotations

import os
import subprocess
import sys

AMPLE = 60.0

FORKED = """
import os, sys
from soundcheck.cache import SyncTwoLevelCache, UsageError
cache, unopened = SyncTwoLevelCache(None), SyncTwoLevelCache(None)
assert cache.get_or_load("user:7", lambda: 7) == 7
child = os.fork()
if child == 0:
    try:
        cache.get_or_load("user:7", lambda: 8)
    except UsageError as refused:
        print(refused.message, refused.hint)
    cache.close()
    print(unopened.get_or_load("user:7", lambda: 9))
    unopened.close()
    sys.exit(0)
_, status = os.waitpid(child, 0)
print(status, cache.get_or_load("user:8", lambda: 10))
"""

LEFT_OPEN = """
import threading
from soundcheck.cache import CacheSettings, LoadTimeout, SyncTwoLevelCache
cache = SyncTwoLevelCache(None, settings=CacheSettings(l2_hard=0.05, load_hard=0.05))
try:
    cache.get_or_load("user:7", threading.Event().wait)
except LoadTimeout:
    print("done")
"""

UNTOLD = """
import asyncio
from soundcheck.cache import CacheSettings, Done, SyncTwoLevelCache
from soundcheck.cache import Fault, LevelFault
told = []
class Level:
    name, commands_used = "RESP", 0
    async def run(self, commands, *, deadline):
        told.append(commands)
        return LevelFault(Fault.TIMEOUT, "down") if len(told) == 1 else tuple(Done(1) for _ in commands)
    async def close(self):
        print("told", len(told))
cache = SyncTwoLevelCache(Level(), settings=CacheSettings(channel=""))
print(cache.drop("user:7"))
"""


def ran(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False, timeout=AMPLE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_forked_child_is_told_to_open_its_own() -> None:
    refused, opened, parent = ran(FORKED).splitlines()
    assert "before the process forked" in refused
    assert "post_fork" in refused
    assert opened == "9"
    assert parent == "0 10"


def test_a_process_ends_although_a_loader_hangs() -> None:
    assert ran(LEFT_OPEN) == "done\n"


def test_what_was_dropped_is_told_when_the_process_ends_without_closing() -> None:
    assert ran(UNTOLD) == "False\ntold 2\n"
