"""`client.connects`: the backend's own interpreter connects with the generated client, and counts the users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from soundcheck.checks.backend import findings
from soundcheck.checks.backend.findings import in_words
from soundcheck.checks.backend.prisma import Failed, failed
from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.evidence import SPREAD, from_json
from soundcheck.checks.explanation import Judgement, said
from soundcheck.checks.judging import Judging
from soundcheck.stores.daemon_thread import beside
from soundcheck.stores.error_words import without_names
from soundcheck.stores.errors import SoundcheckError

CLIENT_CONNECTS: Final = "client.connects"

_SECONDS: Final = 25.0
"""For the child: the interpreter, the client's import (1 s), the engine's start (1 to 2 s), a waking database."""


def client_connects_check() -> Check:
    """`client.connects`; it rests on the client and on the tables, whose own checks name those faults better."""
    title, after = "the backend connects with its generated client", ("prisma.client", "database.tables")
    return JUDGING.check(CLIENT_CONNECTS, Group.PRISMA, title, _collect, after, _SECONDS + 5)


@dataclass(frozen=True, slots=True)
class ConnectsEvidence:
    """The backend's interpreter, the lines that it was given, and how they ended.

    `code` says what kept them from ending well, `kind` and `text` are the client's own error, `said` is what the child
    wrote besides; `missing` are modules that the client imports, `missing_module` the one that an import ended with.
    `untrusted` says what of the folder would have run, where nobody agreed to that.
    """

    failed: Failed = field(default_factory=Failed, metadata=SPREAD)
    folder: str = ""
    own_checkout: bool = False
    wanted: bool = False
    has_backend: bool = False
    origin: str = ""
    install: str = ""
    installer: str = ""
    interpreter: str = ""
    lines: tuple[str, ...] = ()
    table: str = ""
    module: str = ""
    version: str = ""
    library: str = ""
    status: str = ""
    kind: str = ""
    text: str = ""
    output: str = ""
    elapsed_ms: float | None = None
    missing: tuple[str, ...] = ()
    missing_module: str = ""
    code: str = ""
    said: str = ""
    untrusted: tuple[str, ...] = ()


async def _collect(context: Context) -> ConnectsEvidence:
    from soundcheck.stores.backend.client_use import client_lines, use_client
    from soundcheck.stores.backend.folder_programs import when_connecting
    from soundcheck.stores.backend.python_backend import backend_folder, find_backend_python
    from soundcheck.stores.prisma.client_place import GENERATOR_VERSION
    from soundcheck.stores.prisma.schema_text import python_generator, schema_in_use
    from soundcheck.stores.project.project import is_own_checkout
    from soundcheck.stores.project.trust import program_line, trust_in

    services = context.services
    project, environ = services.project, services.environ
    schema = schema_in_use(project)
    found = ConnectsEvidence(folder=project.shown(backend_folder(project)))
    if project.backend_python is None and is_own_checkout(backend_folder(project)):
        return replace(found, own_checkout=True)
    try:
        wanted = await beside(lambda: python_generator(schema) is not None)
        backend = await beside(lambda: find_backend_python(project, environ))
        found = replace(found, wanted=wanted, has_backend=backend is not None)
        if not wanted or backend is None:
            return found
        found = replace(
            found,
            origin=backend.origin,
            install=backend.install_line(f"prisma=={GENERATOR_VERSION}", environ),
            installer=backend.installer.value,
        )
        if backend.interpreter is None:
            return found
        found = replace(found, interpreter=project.shown(backend.interpreter))
        lines = await beside(lambda: client_lines(project, schema, backend.folder, environ))
        found = replace(found, lines=tuple(lines.lines), table=lines.table, module=lines.module)
        programs = await beside(lambda: when_connecting(project, schema, environ))
        trusted = await beside(lambda: trust_in(project, programs))
        if trusted is None:
            return replace(found, untrusted=tuple(program_line(one, project) for one in programs))
        asked = await use_client(
            backend, lines, project, schema, services.credentials, environ, trusted=trusted, deadline=_SECONDS
        )
    except SoundcheckError as problem:
        return replace(found, failed=failed(problem), code="refused")
    if asked.told is None:
        return replace(found, code=asked.code, said=asked.text)
    return replace(_told(found, asked.told), said=asked.text)


@dataclass(frozen=True, slots=True)
class _Told:
    """The child's answer."""

    version: str = ""
    library: str = ""
    status: str = ""
    kind: str = ""
    text: str = ""
    module: str = ""
    output: str = ""
    elapsed_ms: float | None = None
    missing: tuple[str, ...] = ()


def _told(found: ConnectsEvidence, answer: Mapping[str, Any]) -> ConnectsEvidence:
    """The evidence with the child's answer, and a code where it failed."""
    told = from_json(_Told, answer)
    ended = replace(
        found,
        version=told.version,
        library=told.library,
        status=told.status,
        kind=told.kind,
        text=told.text,
        output=told.output,
        elapsed_ms=told.elapsed_ms,
        missing=told.missing,
    )
    if told.status == "ok":
        return ended
    return replace(ended, code=_code(told, found.module), missing_module=told.module)


def _code(told: _Told, module: str) -> str:
    """What kept the lines from ending well, by the class of the client's own error (prisma 0.15.0 `engine.errors`)."""
    words = without_names(told.text)
    if told.kind == "ModuleNotFoundError":
        name = told.module
        return "no_client" if name and (module == name or module.startswith(f"{name}.")) else "no_package"
    if told.kind == "BinaryNotFoundError":
        return "engine_gone" if "was provided" in words else "no_engine"
    if told.kind in {"MismatchedVersionsError", "PermissionError", "CalledProcessError"} or "Exec format" in words:
        return "wrong_engine"
    if told.kind == "TableNotFoundError":
        return "no_table"
    if told.kind == "EngineConnectionError":
        return "engine_silent"
    return "refused_by_client"


def judge_connects(evidence: ConnectsEvidence) -> Judgement:
    """`client.connects`: the lines were run, and this is how they ended."""
    if evidence.own_checkout:
        return said("own_checkout")
    if evidence.failed.message:
        return evidence.failed.judged
    if not evidence.wanted:
        return said("not_wanted")
    if not evidence.has_backend:
        return said("no_backend", folder=in_words(evidence.folder))
    if evidence.status == "ok":
        return said(
            "counted",
            interpreter=evidence.interpreter,
            output=evidence.output.strip(),
            seconds=(evidence.elapsed_ms or 0.0) / 1000,
        )
    if not evidence.interpreter:
        return said("no_interpreter")
    if evidence.untrusted:
        return said("not_trusted", programs=evidence.untrusted)
    return _judge_ending(evidence)


def _judge_ending(evidence: ConnectsEvidence) -> Judgement:
    """One finding for each way in which the lines can end badly."""
    code, interpreter, folder = evidence.code, evidence.interpreter, in_words(evidence.folder)
    if code in {"no_package", "no_client"} and evidence.missing:
        return said(
            "no_library", interpreter=interpreter, modules=evidence.missing, folder=folder, command=evidence.install
        )
    if code == "no_package":
        return said("no_module", module=evidence.missing_module, interpreter=interpreter)
    if code == "no_client":
        return said("no_client", module=evidence.missing_module, interpreter=interpreter, folder=folder)
    if code in {"no_engine", "engine_gone"}:
        return said(code)
    if code == "wrong_engine":
        return said("wrong_engine", text=evidence.text or evidence.said)
    if code == "no_table":
        return said("no_table", table=evidence.table)
    if code in {"timeout", "not_started"}:
        return said(code, interpreter=interpreter, text=evidence.said)
    if code == "engine_silent":
        return said("refused", kind=evidence.kind, text=evidence.said or evidence.text)
    if code == "refused_by_client":
        return said("refused", kind=evidence.kind, text=evidence.text)
    return said("unclear", code=code or "none")


JUDGING: Final = Judging(ConnectsEvidence, judge_connects, findings.CONNECTS)
