"""Our own log: a bounded file in the state folder, scrubbed, made when there is first something to write."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING, Final

from soundcheck.stores.project.project import Project
from soundcheck.stores.secret import Secret

if TYPE_CHECKING:
    from soundcheck.checks.report.redaction import Redactor

MAX_BYTES: Final = 512 * 1024
KEPT: Final = 2
LOG_NAME: Final = "soundcheck.log"


class ScrubbingFormatter(logging.Formatter):
    """Formats a record, traceback included, and scrubs the whole of it."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """One entry, free of secrets."""
        return self._redactor.scrub(super().format(record))


class PrivateLogFile(RotatingFileHandler):
    """A rotating file, 0600, whose folder is made with the first record; a full disk silences it."""

    def __init__(self, project: Project) -> None:
        self._project = project
        super().__init__(project.logs / LOG_NAME, maxBytes=MAX_BYTES, backupCount=KEPT, encoding="utf-8", delay=True)

    def _open(self) -> TextIOWrapper:
        self._project.prepare_state()
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return TextIOWrapper(os.fdopen(descriptor, "ab", buffering=0), encoding="utf-8", write_through=True)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name of logging's own hook
        """A log that cannot be written must not draw over the screen."""


def keep_log(project: Project | None, secrets: Iterable[Secret]) -> None:
    """Send every warning there, and what our own rooms say from INFO on. None keeps no log: nothing is written."""
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h, PrivateLogFile | logging.NullHandler)]:
        root.removeHandler(old)
        old.close()
    if project is None:
        root.addHandler(logging.NullHandler())
        return
    from soundcheck.checks.report.redaction import Redactor

    handler = PrivateLogFile(project)
    handler.setFormatter(ScrubbingFormatter(Redactor(secrets)))
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for room in ("stores", "checks", "wizard", "screens", "soundcheck"):
        logging.getLogger(room).setLevel(logging.INFO)
