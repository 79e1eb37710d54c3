"""Which process is ours: pid, name and start time together, because pids are used again.

A stale `postmaster.pid` once made `pg_ctl stop` interrupt a foreign process that had got the pid meanwhile. So nothing
is signalled here before name and start time agree, and on Linux the signal goes to the process that was looked at.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

_IS_LINUX: Final = sys.platform == "linux"


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process as it was seen running: `started` is exact and never the same for two processes of one pid."""

    pid: int
    name: str
    started: str

    @classmethod
    def of(cls, pid: int) -> ProcessIdentity | None:
        """Who runs under this pid now; None where nobody does, or only a zombie."""
        try:
            process = psutil.Process(pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return None
            return cls(pid, process.name(), start_mark(process))
        except (psutil.NoSuchProcess, OSError):
            return None
        except psutil.AccessDenied:
            return None

    @property
    def is_alive(self) -> bool:
        """Whether this very process still runs. A zombie does not."""
        return ProcessIdentity.of(self.pid) == self

    def send(self, number: signal.Signals) -> bool:
        """Signal this process if it is still this one; False where it is not."""
        if not hasattr(os, "pidfd_open"):
            if not self.is_alive:
                return False
            os.kill(self.pid, number)
            return True
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return False
        except OSError:  # a kernel or a sandbox without pidfd
            handle = -1
        try:
            if not self.is_alive:
                return False
            if handle < 0:
                os.kill(self.pid, number)
            else:
                signal.pidfd_send_signal(handle, number)
        except ProcessLookupError:
            return False
        finally:
            if handle >= 0:
                os.close(handle)
        return True

    async def gone(self, deadline: float) -> bool:
        """Wait until it runs no more; False after `deadline` seconds."""
        end = time.monotonic() + deadline
        while self.is_alive:
            if time.monotonic() > end:
                return False
            await asyncio.sleep(0.01)
        return True


def start_mark(process: psutil.Process) -> str:
    """When a process started, as a text to compare.

    On Linux boot id and clock ticks since boot: psutil's `create_time` moves when the wall clock is set.
    """
    if _IS_LINUX:
        fields = Path(f"/proc/{process.pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot}:{fields[19]}"
    return f"{process.create_time():.3f}"


async def stop(process: ProcessIdentity, *steps: tuple[signal.Signals, float]) -> bool:
    """Send each signal in turn and wait its seconds; whether the process is gone in the end."""
    for number, patience in steps:
        if not process.send(number) or await process.gone(patience):
            return True
    return not process.is_alive
