"""Green, but my app does not work: look through the backend's own eyes, and name the first difference."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from soundcheck.checks.backend.app_report import JUDGING, AppEvidence, AppReport, Connect, SeenValue
from soundcheck.checks.evidence import from_json, to_json
from soundcheck.stores.backend.ask import DRIVERS, ask_backend
from soundcheck.stores.backend.command import BackendCommand, CommandProblem, read_command
from soundcheck.stores.backend.loaders import source_facts
from soundcheck.stores.credentials import DATABASE_URL, REST_TOKEN, REST_URL
from soundcheck.stores.daemon_thread import beside
from soundcheck.stores.envfile import read_env
from soundcheck.stores.error_words import without_names
from soundcheck.stores.probe.postgres_errors import classify, shorten
from soundcheck.stores.project.trust import Trusted
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
_OWN: Final = r"=|\.prisma.*"
"""What is quoted in them and no name."""


async def probe_app(command: str, services: Services, *, trusted: Trusted, deadline: float = 20.0) -> AppReport:
    """Look into the backend that `command` starts, without starting it. Never raises for an expected failure.

    `command` is what is typed in the project's folder, as `uvicorn main:app` or `cd backend && npm start`; `deadline`
    is in seconds. `trusted` is given by the person who typed the command.
    """
    evidence = await _collect(command, services, trusted, deadline)
    return AppReport(evidence, JUDGING.finding(to_json(evidence)))


async def _collect(command: str, services: Services, trusted: Trusted, deadline: float) -> AppEvidence:
    project, environ = services.project, services.environ
    found = AppEvidence(env_file=project.shown(project.env_file))
    try:
        start = await beside(lambda: _understood(command, services))
    except CommandProblem as problem:
        return replace(found, code=problem.code, program=problem.program, folder=problem.folder)
    facts = await beside(lambda: source_facts(start, (*DRIVERS[start.runtime],)))
    found = replace(
        found,
        runtime=start.runtime.value,
        program=project.shown(start.interpreter),
        folder=_shown_folder(start, project.root),
        loader=", ".join(dict.fromkeys(one.by for one in facts.loads)),
    )
    shown = {one.path: project.shown(one.path) for one in facts.loads}
    asked = await ask_backend(start, facts, NAMES, environ, trusted=trusted, shown=shown, deadline=deadline)
    if asked.told is None:
        return replace(found, code=asked.code, text=asked.text)
    return _told(found, asked.told, services)


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


def _told(found: AppEvidence, told: Mapping[str, Any], services: Services) -> AppEvidence:
    """The child's answer beside our own values."""
    ours, origins = _own_fingerprints(services)
    seen, sources = _texts(told.get("seen")), _texts(told.get("sources"))
    return replace(
        found,
        version=str(told.get("version", "")),
        values=tuple(
            SeenValue(name, ours.get(name, ""), origins.get(name, ""), seen.get(name, ""), sources.get(name, ""))
            for name in NAMES
        ),
        loader_missing=told.get("loader_missing") is True,
        drivers=_texts(told.get("drivers")),
        connect=_connect(told.get("connect"), services),
    )


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


def _connect(value: object, services: Services) -> Connect:
    connect = from_json(Connect, value if isinstance(value, Mapping) else {})
    url = services.credentials.database_url
    if url is not None:
        connect = replace(
            connect,
            endpoint=url.endpoint,
            host=url.host,
            user=url.user,
            database=url.database,
            neon=url.is_neon,
            sslmode=url.param("sslmode") or "",
        )
    if connect.status == "failed":
        text = connect.text or ""
        words = without_names(text, _OWN)
        refused = next((code for pattern, code in _REFUSALS if pattern.search(words)), "")
        code = connect.code or refused or classify(text).value
        return replace(connect, code=code, text=shorten(re.sub(r"^\w+(?:Error|Exception): ", "", text)))
    return connect


def _texts(value: object) -> dict[str, str]:
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, Mapping) else {}
