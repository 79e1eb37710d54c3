"""`client.connects`: the backend's own interpreter connects with the generated client, and counts the users."""

from __future__ import annotations

from typing import Any, Final

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.finding import (
    Blame,
    Evidence,
    Finding,
    Json,
    fail,
    flag,
    number,
    ok,
    place,
    skip,
    text,
    texts,
    unknown,
    warn,
)
from soundcheck.checks.fixes import GENERATE_CLIENT, INSTALL_LIBRARY, PLACE_ENGINE
from soundcheck.stores.daemon_thread import beside
from soundcheck.stores.errors import SoundcheckError

CLIENT_CONNECTS: Final = "client.connects"

_SECONDS: Final = 25.0
"""For the child: the interpreter, the client's import (1 s), the engine's start (1 to 2 s), a waking database."""


def client_connects_check() -> Check:
    """`client.connects`; it rests on the client and on the tables, whose own checks name those faults better."""
    return Check(
        CLIENT_CONNECTS,
        Group.PRISMA,
        "the backend connects with its generated client",
        _collect,
        judge_connects,
        ("prisma.client", "database.tables"),
        _SECONDS + 5,
    )


async def _collect(context: Context) -> Evidence:
    from soundcheck.stores.backend.client_use import client_lines, use_client
    from soundcheck.stores.backend.python_place import backend_folder, find_backend_python
    from soundcheck.stores.prisma.client_place import GENERATOR_VERSION
    from soundcheck.stores.prisma.schema_text import python_generator, schema_in_use
    from soundcheck.stores.project.project import is_own_checkout

    services = context.services
    project, environ = services.project, services.environ
    schema = schema_in_use(project)
    evidence: dict[str, Json] = {"folder": project.shown(backend_folder(project))}
    if project.backend_python is None and is_own_checkout(backend_folder(project)):
        return {**evidence, "own_checkout": True}
    try:
        wanted = await beside(lambda: python_generator(schema) is not None)
        backend = await beside(lambda: find_backend_python(project, environ))
        if not wanted or backend is None:
            return {**evidence, "wanted": wanted, "has_backend": backend is not None}
        evidence |= {
            "wanted": True,
            "has_backend": True,
            "origin": backend.origin,
            "install": backend.install_line(f"prisma=={GENERATOR_VERSION}", environ),
            "installer": backend.installer.value,
        }
        if backend.interpreter is None:
            return evidence
        evidence["interpreter"] = project.shown(backend.interpreter)
        lines = await beside(lambda: client_lines(project, schema, backend.folder, environ))
        evidence |= {"lines": list(lines.lines), "table": lines.table, "module": lines.module}
        asked = await use_client(backend, lines, project, schema, services.credentials, environ, deadline=_SECONDS)
    except SoundcheckError as problem:
        return {**evidence, "code": "refused", "message": problem.message, "hint": problem.hint}
    if asked.told is None:
        return {**evidence, "code": asked.code, "said": asked.text}
    return {**evidence, **_told(asked.told, lines.module), "said": asked.text}


def _told(told: dict[str, Any] | Any, module: str) -> dict[str, Json]:
    """The child's answer as evidence, with a code where it failed."""
    found: dict[str, Json] = {
        name: told[name]
        for name in ("version", "library", "status", "kind", "text", "module", "output", "elapsed_ms")
        if isinstance(told.get(name), str | int | float)
    }
    found["missing"] = [str(name) for name in told.get("missing", [])]
    if found.get("status") != "ok":
        found["code"] = _code(found, module)
        found["missing_module"] = found.pop("module", "")
    return found


def _code(told: dict[str, Json], module: str) -> str:
    """What kept the lines from ending well, by the class of the client's own error (prisma 0.15.0 `engine.errors`)."""
    kind, said = str(told.get("kind", "")), str(told.get("text", ""))
    if kind == "ModuleNotFoundError":
        name = str(told.get("module", ""))
        return "no_client" if name and (module == name or module.startswith(f"{name}.")) else "no_package"
    if kind == "BinaryNotFoundError":
        return "engine_gone" if "was provided" in said else "no_engine"
    if kind in {"MismatchedVersionsError", "PermissionError", "CalledProcessError"} or "Exec format" in said:
        return "wrong_engine"
    if kind == "TableNotFoundError":
        return "no_table"
    if kind == "EngineConnectionError":
        return "engine_silent"
    return "refused_by_client"


def judge_connects(evidence: Evidence) -> Finding:
    """`client.connects`: the lines were run, and this is how they ended."""
    if flag(evidence, "own_checkout"):
        return skip("Not needed here.", "this folder is Soundcheck's own source, not a backend")
    if not flag(evidence, "wanted") and not text(evidence, "message"):
        return skip("Not needed here.", "the schema asks for no Python client")
    if not flag(evidence, "has_backend") and not text(evidence, "message"):
        return skip("Not needed here.", f"no Python backend was found in {place(evidence)}")
    if text(evidence, "message"):
        return fail(
            text(evidence, "message"),
            cause="The client can only be tried where the schema says that it is.",
            blame=Blame.YOU,
            hint=text(evidence, "hint"),
        )
    if text(evidence, "status") == "ok":
        took = number(evidence, "elapsed_ms") or 0.0
        return ok(
            f"{text(evidence, 'interpreter')} connected with the client and counted: "
            f"{text(evidence, 'output').strip()} ({took / 1000:.1f} s)."
        )
    if not text(evidence, "interpreter"):
        return warn(
            "The backend is Python, and no interpreter of its own was found.",
            cause="Looked for: VIRTUAL_ENV, .venv, venv, env, also in backend/, and poetry's environments.",
            blame=Blame.YOU,
            hint="Make one with: python3 -m venv .venv; or name yours with --backend-python PATH.",
        )
    return _of_code(evidence)


def _of_code(evidence: Evidence) -> Finding:
    """One finding for each way in which the lines can end badly."""
    code, interpreter = text(evidence, "code"), text(evidence, "interpreter")
    if code in {"no_package", "no_client"} and not (code == "no_client" and not texts(evidence, "missing")):
        return _missing_packages(evidence)
    if code == "no_client":
        return fail(
            f"Module not found: {text(evidence, 'missing_module')}, the generated client.",
            cause=f"{interpreter} does not find it from {place(evidence)}, where the backend is started.",
            blame=Blame.YOU,
            hint="Run `soundcheck setup`: the step Database generates it.",
            fixes=(GENERATE_CLIENT,),
        )
    if code == "no_engine":
        return warn(
            "The client imports, and cannot connect: it finds no query engine (BinaryNotFoundError).",
            cause="connect() starts a native program from binaries.prisma.sh; Soundcheck has a stand-in that needs only"
            " Node, and the client finds it by PRISMA_QUERY_ENGINE_BINARY in the env file.",
            blame=Blame.YOU,
            hint="Run `soundcheck setup`, or `soundcheck doctor --fix client.engine`.",
            fixes=(PLACE_ENGINE,),
        )
    if code == "engine_gone":
        return fail(
            "PRISMA_QUERY_ENGINE_BINARY names a file that is not there.",
            cause="The client looks nowhere else once that variable is set, by an export or in the env file.",
            blame=Blame.YOU,
            hint="Run `soundcheck doctor --fix client.engine`, or delete the variable.",
            fixes=(PLACE_ENGINE,),
        )
    if code == "wrong_engine":
        return fail(
            "The query engine that the client finds is not one that it can start.",
            cause=f"It was started with --version: {text(evidence, 'text') or text(evidence, 'said')}",
            blame=Blame.YOU,
            hint="Run `soundcheck doctor --fix client.engine`: the one that it names comes before all others.",
            fixes=(PLACE_ENGINE,),
        )
    if code == "no_table":
        return fail(
            f"The client connected, and the table {text(evidence, 'table')} does not exist for it.",
            cause="Its address leads to another database or schema than the one that was pushed to.",
            blame=Blame.YOU,
            hint="Compare DATABASE_URL with DIRECT_URL, then run `soundcheck setup`.",
        )
    return _cannot_connect(evidence)


def _missing_packages(evidence: Evidence) -> Finding:
    names = texts(evidence, "missing") or (text(evidence, "missing_module"),)
    interpreter = text(evidence, "interpreter")
    if not texts(evidence, "missing"):
        return fail(
            f"Module not found: {', '.join(names)}.",
            cause=f"The client's own package imports it, and {interpreter} does not have it.",
            blame=Blame.YOU,
            hint=f"Install it into the environment of {interpreter}.",
        )
    return warn(
        f"Module not found: {interpreter} lacks {', '.join(names)}, which the client imports.",
        cause="The library prisma brings them, and it is not installed in the backend's environment.",
        blame=Blame.YOU,
        hint=f"Type in {place(evidence)}: {text(evidence, 'install')}",
        fixes=(INSTALL_LIBRARY,),
    )


def _cannot_connect(evidence: Evidence) -> Finding:
    code, said = text(evidence, "code"), text(evidence, "said")
    if code == "timeout":
        return fail(
            f"The client did not connect and count {said}.",
            cause="The interpreter, the client, its engine or the database took too long.",
            blame=Blame.YOU,
            hint="Run `soundcheck doctor` again; then look at how long the same lines take in your backend.",
        )
    if code == "not_started":
        return fail(
            f"{text(evidence, 'interpreter')} could not be used: {said}",
            cause="The interpreter of the backend's environment did not run our few lines to their end.",
            blame=Blame.YOU,
            hint="Make the environment again, or name another with --backend-python PATH.",
        )
    if code in {"engine_silent", "refused_by_client"}:
        return fail(
            "The client cannot connect, although Soundcheck can.",
            cause=f"{text(evidence, 'kind')}: {said if code == 'engine_silent' and said else text(evidence, 'text')}",
            blame=Blame.YOU,
            hint='Run `soundcheck doctor --app "COMMAND"`, which looks through your backend\'s own eyes.',
        )
    return unknown(
        "The client was tried, and nothing can be said of how it ended.",
        cause=f"The lines ended with the code {code or 'none'}.",
        hint="Run `soundcheck doctor` again; if it stays so, send the report of `soundcheck doctor --text`.",
    )
