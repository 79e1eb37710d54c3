"""Why there is no database or no cache to work with: none was ever set up, or what stands there cannot be read."""

from __future__ import annotations

from typing import Final

from soundcheck.stores.credentials import DATABASE_URL, REST_TOKEN, REST_URL
from soundcheck.stores.envfile import read_env
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.services import Services
from soundcheck.wizard.discover import discover

_NAMES: Final = {"database": (DATABASE_URL,), "cache": (REST_URL, REST_TOKEN)}


def no_store(services: Services, what: str, hint: str, *, nothing: str = "") -> CouldNotRun:
    """The error for `what`, "database" or "cache"; `hint` is what to do where there is `nothing`. Blocking."""
    return unusable_store(services, what, hint) or CouldNotRun(nothing or f"No {what} is set up here.", hint)


def unusable_store(services: Services, what: str, hint: str = "Run `soundcheck setup`.") -> CouldNotRun | None:
    """Why what is written down for `what` cannot be used; None where nothing is. Blocking."""
    project = services.project
    shown = project.shown(project.env_file)
    reading = read_env(project.env_file)
    unread = next((one for one in reading.problems if one.code not in {"missing", "no_folder"}), None)
    if unread is not None:
        return CouldNotRun(f"{shown} is there and cannot be read: {unread.message}", unread.hint)
    found = discover(project, services.environ)
    for name in _NAMES[what]:
        if name in found.problems:
            return CouldNotRun(
                f"{name} is there and cannot be used: {found.problems[name]}.", "Run `soundcheck setup`."
            )
    lacking = [name for name in _NAMES[what] if name not in found.sources]
    if reading.exists and 0 < len(lacking) < len(_NAMES[what]):
        return CouldNotRun(f"{shown} holds no {lacking[0]}.", hint)
    return None
