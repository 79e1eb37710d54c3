"""A child of Prisma's ends with the process that started it, also where that is killed and cannot clean up."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = """
import json, os, subprocess, sys
alive = os.open(sys.argv[1], os.O_WRONLY)
grandchild = subprocess.Popen(["tail", "-f", "/dev/null"], pass_fds=[alive], stdout=subprocess.DEVNULL)
print(json.dumps({"event": [os.getpid(), grandchild.pid]}), flush=True)
grandchild.wait()
"""

PARENT = """
import asyncio, os, sys
from soundcheck.stores.programs.conversation import converse, follow
from soundcheck.stores.programs.environment import whole
way, *command = sys.argv[1:]
environment = whole(os.environ)
if way == "converse":
    told = lambda event: print(event["event"], flush=True)
    asyncio.run(converse(command, b"", environment=environment, deadline=600, on_event=told))
else:
    asyncio.run(follow(command, environment=environment, deadline=600, on_line=lambda line: print(line, flush=True)))
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("no child is left")
"""


@pytest.mark.parametrize("way", ["converse", "follow"])
def test_a_killed_parent_takes_its_child_and_grandchild_along(tmp_path: Path, way: str) -> None:
    fifo = tmp_path / "alive"
    os.mkfifo(fifo)
    alive = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    parent = subprocess.Popen(
        [sys.executable, "-P", "-c", PARENT, way, sys.executable, "-c", CHILD, str(fifo)], stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    told = json.loads(parent.stdout.readline())
    pids = told["event"] if isinstance(told, dict) else told
    try:
        assert select.select([alive], [], [], 0)[0] == [], "both hold it open"
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        assert select.select([alive], [], [], 60)[0] == [alive], "the pipe closes as the last of them ends"
        assert os.read(alive, 1) == b""
        pids = []
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        parent.kill()
        parent.wait()
        parent.stdout.close()
        os.close(alive)


@pytest.mark.parametrize("way", ["converse", "follow"])
def test_nothing_is_left_where_it_ends_by_itself(way: str) -> None:
    command = [sys.executable, "-P", "-c", PARENT, way, sys.executable, "-c", "pass"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("no child is left\n", "")
