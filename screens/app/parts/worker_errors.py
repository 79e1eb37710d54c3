"""One policy for a worker that breaks: it is logged, it is said, and the app goes on."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from textual.worker import Worker, WorkerState

from soundcheck.stores.errors import CouldNotRun, SoundcheckError

if TYPE_CHECKING:
    from textual.dom import DOMNode

log = logging.getLogger("soundcheck.app")


def problem_of(event: Worker.StateChanged) -> SoundcheckError | None:
    """What to say of a worker that broke, None for one that did not; an unforeseen error is only named, not quoted."""
    if event.state is not WorkerState.ERROR:
        return None
    error = event.worker.error
    if isinstance(error, SoundcheckError):
        log.error("%s failed", event.worker.description, exc_info=error)
        return error
    return broke(event.worker.description or event.worker.name, error)


def broke(what: str, error: BaseException | None) -> SoundcheckError:
    """An error that nobody foresaw, as a failure with words; the log has all of it."""
    log.error("%s failed", what, exc_info=error)
    return SoundcheckError(f"{what} broke: {type(error).__name__}.", "The log has the details.")


def unforeseen(problem: Exception, where: str) -> CouldNotRun:
    """What we got wrong, as a failure with words; logged by kind and place, as a driver's text may hold a password."""
    place = traceback.extract_tb(problem.__traceback__)[-1]
    log.error("%s: %s at %s:%s", where, type(problem).__name__, place.filename, place.lineno)
    what = f"Something in Soundcheck itself went wrong here ({type(problem).__name__})."
    return CouldNotRun(what, "Try once more; `soundcheck doctor` tells more.")


def crash_line(problem: Exception, log_file: Path | None) -> str:
    """What is left on the terminal where the app crashed: kind and place, as the error's text may hold a secret."""
    places = traceback.extract_tb(problem.__traceback__)
    where = f" at {Path(places[-1].filename).name}:{places[-1].lineno}" if places else ""
    details = f" Details are in {log_file}" if log_file is not None else ""
    return f"Soundcheck crashed ({type(problem).__name__}{where}).{details}"


def tell(node: DOMNode, event: Worker.StateChanged) -> None:
    """Say it at the edge of the screen. Worker events do not bubble: each node that has workers calls this."""
    if (problem := problem_of(event)) is not None:
        node.app.notify(f"{problem.message} {problem.hint}", severity="error", markup=False)
