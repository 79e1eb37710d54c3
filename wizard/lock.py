"""One wizard at a time for a project: an advisory lock that dies with its process, so it is never stale."""

from __future__ import annotations

import fcntl
import os
from types import TracebackType

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.project.project import Project


class WizardLock:
    """A context manager. Entering raises `CouldNotRun` while another process holds the lock."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._descriptor: int | None = None

    def __enter__(self) -> WizardLock:
        self._project.prepare_state()
        path = self._project.state / "setup.lock"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 20).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise CouldNotRun(
                f"Set-up is already running for {self._project.name}" + (f" (process {holder})." if holder else "."),
                "Finish it there, or close that window; then start again here.",
            ) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        self._descriptor = descriptor
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None
