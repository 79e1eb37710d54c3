"""One wizard at a time for a project, over all processes."""

from __future__ import annotations

import os
from types import TracebackType

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.file_lock import try_lock
from soundcheck.stores.project.project import Project


class WizardLock:
    """A context manager. Entering raises `CouldNotRun` while another process holds the lock."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._descriptor: int | None = None

    def __enter__(self) -> WizardLock:
        self._project.prepare_state()
        path = self._project.state / "setup.lock"
        descriptor = try_lock(path)
        if descriptor is None:
            holder = path.read_bytes()[:20].decode("ascii", "replace").strip()
            raise CouldNotRun(
                f"Set-up is already running for {self._project.name}" + (f" (process {holder})." if holder else "."),
                "Finish it there, or close that window; then start again here.",
            )
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        self._descriptor = descriptor
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None
