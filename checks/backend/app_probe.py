"""Green, but my app does not work: look through the backend's own eyes, and name the first difference."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from soundcheck.checks.backend.app_report import AppReport, judge_app
from soundcheck.checks.finding import Json
from soundcheck.stores.backend.ask import DRIVERS, ask_backend
from soundcheck.stores.backend.command import BackendCommand, CommandProblem, read_command
from soundcheck.stores.backend.loaders import SourceFacts, source_facts
from soundcheck.stores.credentials import DATABASE_URL, REST_TOKEN, REST_URL
from soundcheck.stores.daemon_thread import beside
from soundcheck.stores.envfile import read_env
from soundcheck.stores.probe.postgres_errors import classify, shorten
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services

NAMES: Final = (DATABASE_URL, REST_URL, REST_TOKEN)
"""The variables that are compared; the first one is connected with."""

_REFUSALS: Final = (
    (re.compile(r"invalid (?:URI query parameter|connection option)"), "parameter_refused"),
    (re.compile(r'missing "=" after|invalid DSN: scheme|InvalidDsn|invalid dsn'), "scheme_refused"),
    (re.compile(r"BinaryNotFound|query engine .* not found|Query engine library|EngineConnectionError"), "no_engine"),
    (re.compile(r"hasn't been generated yet|did not initialize yet|Cannot find module '\.prisma"), "no_client"),
)


async def probe_app(command: str, services: Services, *, deadline: float = 20.0) -> AppReport:
    """Look into the backend that `command` starts, without starting it. Never raises for an expected failure.

    `command` is what is typed in the project's folder, as `uvicorn main:app` or `cd backend && npm start`; `deadline`
    is in seconds.
    """
    evidence = await _collect(command, services, deadline)
    return AppReport(evidence, judge_app(evidence))


async def _collect(command: str, services: Services, deadline: float) -> dict[str, Json]:
    project, environ = services.project, services.environ
    evidence: dict[str, Json] = {"env_file": project.shown(project.env_file)}
    try:
        start = await beside(lambda: _understood(command, services))
    except CommandProblem as problem:
        return {**evidence, "code": problem.code, "program": problem.program, "folder": problem.folder}
    facts = await beside(lambda: source_facts(start, (*DRIVERS[start.runtime],)))
    evidence |= {
        "runtime": start.runtime.value,
        "program": project.shown(start.interpreter),
        "folder": _shown_folder(start, project.root),
        "loader": ", ".join(dict.fromkeys(one.by for one in facts.loads)),
    }
    shown = {one.path: project.shown(one.path) for one in facts.loads}
    asked = await ask_backend(start, facts, NAMES, environ, shown=shown, deadline=deadline)
    if asked.told is None:
        return {**evidence, "code": asked.code, "text": asked.text}
    return {**evidence, **_told(asked.told, services, facts)}


def _understood(command: str, services: Services) -> BackendCommand:
    """Read in the project's folder; what it starts is looked for in `backend/` where it is only there."""
    root = services.project.root
    backend = root / "backend"
    try:
        start = read_command(command, root, services.environ)
    except CommandProblem:
        if not (backend / "package.json").is_file():
            raise
        return read_command(command, backend, services.environ)
    if start.folder == root and backend.is_dir() and _names_something_in(backend, command):
        return start if _names_something_in(root, command) else read_command(command, backend, services.environ)
    return start


def _names_something_in(folder: Path, command: str) -> bool:
    """Whether a word behind the program is a file, folder or module there: `main.py`, `-m app`, `app.main:create`."""
    for word in command.split()[1:]:
        name = word.strip("'\"")
        module = name.partition(":")[0].partition(".")[0]
        if name.startswith(("-", "/")) or not module:
            continue
        if any((folder / known).exists() for known in (name, module, f"{module}.py")):
            return True
    return False


def _shown_folder(start: BackendCommand, root: Path) -> str:
    if start.folder.is_relative_to(root):
        return str(start.folder.relative_to(root))
    return str(start.folder)


def _told(told: Mapping[str, Any], services: Services, facts: SourceFacts) -> dict[str, Json]:
    """The child's answer beside our own values, as evidence."""
    ours, origins = _own_fingerprints(services)
    seen, sources = _texts(told.get("seen")), _texts(told.get("sources"))
    values: list[Json] = [
        {
            "name": name,
            "ours": ours.get(name, ""),
            "our_source": origins.get(name, ""),
            "theirs": seen.get(name, ""),
            "source": sources.get(name, ""),
        }
        for name in NAMES
    ]
    return {
        "version": str(told.get("version", "")),
        "values": values,
        "loader_missing": told.get("loader_missing") is True,
        "drivers": dict(_texts(told.get("drivers"))),
        "connect": _connect(told.get("connect"), services),
    }


def _own_fingerprints(services: Services) -> tuple[dict[str, str], dict[str, str]]:
    """Fingerprints of the values in use as they stand written, and where they stand."""
    project = services.project
    reading = read_env(project.env_file)
    found, origins = {}, {}
    for name, typed in services.credentials.as_env().items():
        if name not in NAMES:
            continue
        written, exported = reading.get(name), services.environ.get(name)
        value = written or (Secret(exported) if exported else typed)
        found[name] = value.fingerprint()
        origins[name] = project.shown(project.env_file) if written else "exported" if exported else "Soundcheck"
    return found, origins


def _connect(value: object, services: Services) -> dict[str, Json]:
    said = {name: item for name, item in value.items() if _plain(item)} if isinstance(value, Mapping) else {}
    url = services.credentials.database_url
    if url is not None:
        said |= {
            "endpoint": url.endpoint,
            "host": url.host,
            "user": url.user,
            "database": url.database,
            "neon": url.is_neon,
            "sslmode": url.param("sslmode") or "",
        }
    if said.get("status") == "failed":
        text = str(said.get("text", ""))
        if not said.get("code"):
            refused = next((code for pattern, code in _REFUSALS if pattern.search(text)), "")
            said["code"] = refused or classify(text).value
        said["text"] = shorten(re.sub(r"^\w+(?:Error|Exception): ", "", text))
    return said


def _plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _texts(value: object) -> dict[str, str]:
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, Mapping) else {}
