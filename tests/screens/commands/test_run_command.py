"""`soundcheck run`: the backend's command ends with it, also where it is killed and can pass on no signal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

SOUNDCHECK = Path(sys.executable).with_name("soundcheck")

BACKEND = 'trap "echo asked; exit 0" TERM; echo started; while :; do sleep 0.1; done'


def test_a_killed_run_asks_its_command_to_end(tmp_path: Path) -> None:
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "SOUNDCHECK_HOME": str(tmp_path / "home")}
    run = subprocess.Popen(
        [SOUNDCHECK, "run", "--", "sh", "-c", BACKEND],
        cwd=tmp_path, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        assert run.stdout is not None
        assert run.stdout.readline() == "started\n"
        end = time.monotonic() + 60
        while len(psutil.Process(run.pid).children()) < 2:  # the command, and the watcher that is started right after
            assert time.monotonic() < end
            time.sleep(0.01)
        run.kill()
        run.wait()
        assert run.stdout.read() == "asked\n", "the pipe ends with the last process that has it"
    finally:
        try:
            os.killpg(run.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        run.communicate()
