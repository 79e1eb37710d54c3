"""What `doctor --app "COMMAND"` found: whether the backend sees the values that were checked here, and can connect.

`probe_app(command, services)` in `app_probe` makes it. The evidence holds fingerprints (`Secret.fingerprint`) in place
of values, so two people can compare it over a chat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from soundcheck.checks.database.failures import FAILURES, OTHERWISE, WRONG_PASSWORD_NEON
from soundcheck.checks.explanation import Explanation, explain
from soundcheck.checks.finding import (
    Blame,
    Evidence,
    Finding,
    Json,
    Status,
    fail,
    flag,
    number,
    ok,
    text,
    unknown,
    warn,
)
from soundcheck.checks.report.redaction import Redactor

CHECK: Final = "app.same"
"""The id under which the finding is reported."""

_SEVERAL: Final = "soundcheck doctor --app"


@dataclass(frozen=True, slots=True)
class AppReport:
    """One look through the backend's own eyes. `evidence` holds no secret; `finding` names the first difference."""

    evidence: Evidence
    finding: Finding

    @property
    def passed(self) -> bool:
        """Whether the backend sees the same values and connected (a warning counts as passed)."""
        return self.finding.status in {Status.OK, Status.WARN}


PROBLEMS: Final[dict[str, Explanation]] = {
    "no_command": Explanation(
        "There is no command to look into.",
        "The text after --app is empty, or its quotes do not close.",
        Blame.YOU,
        f'Write the command that starts your backend in quotes: {_SEVERAL} "uvicorn main:app"',
    ),
    "no_folder": Explanation(
        "The command changes to a folder that is not there: {folder}.",
        "It begins with cd.",
        Blame.YOU,
        "Run it from the project's folder, or name that with --project DIR.",
    ),
    "unknown_runtime": Explanation(
        "How this command starts a Python or Node program is not clear: {program}.",
        "Soundcheck knows python, uvicorn, gunicorn, hypercorn, flask, fastapi and django programs, node, npm, pnpm,"
        " yarn, npx and what their scripts in package.json start.",
        Blame.YOU,
        f'Name the interpreter itself, as in: {_SEVERAL} "python main.py"   or   {_SEVERAL} "node server.js"',
    ),
    "no_interpreter": Explanation(
        "{program} is not there, so the backend cannot start.",
        "It was looked for on the PATH and in the project's own environments (.venv, venv, node_modules).",
        Blame.YOU,
        "Activate the backend's environment, or install its dependencies, then run this again.",
    ),
    "not_started": Explanation(
        "{program} does not run: {text}.",
        "The backend's own interpreter was started with a few lines of ours and ended without an answer.",
        Blame.YOU,
        "Type the backend's command yourself and mend what it says first.",
    ),
    "timeout": Explanation(
        "The backend's interpreter did not answer {text}.",
        "It was started and asked for three variables and one connection.",
        Blame.NETWORK,
        "Run `soundcheck doctor` first: where the database answers there, run this again.",
    ),
}
"""Why there was nothing to compare, by the evidence's `code`."""

_DRIVER_REFUSES: Final = {
    "parameter_refused": Explanation(
        "Your backend's driver ({driver}) refuses DATABASE_URL. It says: {text}",
        "connection_limit, pgbouncer, schema and others are Prisma's own parameters; PostgreSQL's own library and the"
        " drivers built on it do not take them.",
        Blame.YOU,
        "Take the parameters off before the driver gets the address, or connect with Prisma, for which they are made.",
    ),
    "scheme_refused": Explanation(
        "Your backend's driver ({driver}) does not take this kind of address.",
        "{text}",
        Blame.YOU,
        "Write postgresql:// at the beginning of DATABASE_URL; what SQLAlchemy wants besides belongs into the code.",
    ),
    "no_engine": Explanation(
        "Module not found: your backend's Prisma client has no query engine.",
        "The client imports, and connect() starts a program that is not on this machine: {text}",
        Blame.YOU,
        "Where binaries.prisma.sh can be reached, type in the backend's environment: python -m prisma py fetch",
    ),
    "no_client": Explanation(
        "Module not found: your backend cannot import the Prisma client.",
        "{text}",
        Blame.YOU,
        "Run `soundcheck setup`: the step Database generates it; the backend's environment needs the library prisma.",
    ),
}


def judge_app(evidence: Evidence) -> Finding:
    """`app.same`: the first difference decides, in the order in which a backend meets them."""
    if code := text(evidence, "code"):
        return explain(PROBLEMS, code, evidence, PROBLEMS["not_started"])
    for value in _rows(evidence, "values"):
        if (found := _judge_value(value, evidence)) is not None:
            return found
    connect = evidence.get("connect")
    return _judge_connect(connect if isinstance(connect, Mapping) else {}, evidence)


def _judge_value(value: Evidence, evidence: Evidence) -> Finding | None:
    """What is wrong with one variable as the backend sees it; None where it is the same."""
    name, ours, theirs = text(value, "name"), text(value, "ours"), text(value, "theirs")
    if ours == theirs:
        return None
    source, loader = text(value, "source"), text(evidence, "loader")
    if not theirs:
        return fail(
            f"Your backend sees no {name}; Soundcheck does.",
            cause=f"It is not exported where the backend runs, and {_not_read(evidence, loader)}",
            blame=Blame.YOU,
            hint=_how_to_load(evidence),
        )
    if not ours:
        return warn(
            f"Your backend sees a {name} that was not checked here.",
            cause=f"It comes from {source}; Soundcheck found none in {text(evidence, 'env_file')} and none exported.",
            blame=Blame.YOU,
            hint=f"Put it into {text(evidence, 'env_file')} as well (`soundcheck setup`).",
        )
    return fail(
        f"Your backend sees another {name} than the one that was checked.",
        cause=f"Its value comes from {source} (fingerprint {theirs}), Soundcheck's from {text(value, 'our_source')}"
        f" (fingerprint {ours}).",
        blame=Blame.YOU,
        hint=f"Keep the value in one place: correct {source}, or remove it there.",
    )


def _not_read(evidence: Evidence, loader: str) -> str:
    file = text(evidence, "env_file")
    if not loader:
        return f"nothing in the backend's code reads {file}."
    if flag(evidence, "loader_missing"):
        return f"{loader} is not installed in the backend's environment, so {file} is not read."
    return f"what {loader} reads from {text(evidence, 'folder')} does not hold it."


def _how_to_load(evidence: Evidence) -> str:
    file = text(evidence, "env_file")
    if text(evidence, "runtime") == "node":
        return f"Start it with node --env-file={file}, or put import 'dotenv/config' first, or export the variables."
    return (
        "Call load_dotenv() of python-dotenv before the variable is read (uvicorn: --env-file"
        f" {file}), or export the variables; `soundcheck run -- COMMAND` does that for you."
    )


def _judge_connect(connect: Evidence, evidence: Evidence) -> Finding:
    said = {**connect, "driver": text(connect, "driver"), "text": text(connect, "text")}
    status, code = text(connect, "status"), text(connect, "code")
    if status == "ok":
        took = number(connect, "elapsed_ms") or 0
        return ok(f"Your backend sees the same values, and connects with {said['driver']} in {took:.0f} ms.")
    if status == "no_driver":
        return fail(
            "Module not found: the backend's environment has no driver for PostgreSQL.",
            cause=f"{text(evidence, 'program')} finds none of {text(connect, 'looked_for')}.",
            blame=Blame.YOU,
            hint="Install the backend's dependencies there (pip install -r requirements.txt, or npm install).",
        )
    if status == "failed":
        table = {**FAILURES, **_DRIVER_REFUSES}
        if code == "password" and flag(connect, "neon"):
            return explain({}, code, said, WRONG_PASSWORD_NEON)
        found = explain(table, code, said, OTHERWISE)
        if code in _DRIVER_REFUSES:
            return found
        return fail(
            f"Your backend sees the same values, and cannot connect: {found.summary}",
            cause=found.cause,
            blame=found.blame or Blame.YOU,
            hint=found.hint,
            link=found.link,
        )
    return unknown(
        "Your backend sees the same values; whether it connects is not known.",
        cause="DATABASE_URL is missing on both sides, so there was nothing to connect to.",
        hint="Run `soundcheck setup`.",
    )


def app_lines(report: AppReport) -> list[str]:
    """For people: what it runs in, each variable with both fingerprints, drivers, the connection, the verdict."""
    evidence, finding = report.evidence, report.finding
    lines = []
    if text(evidence, "runtime"):
        lines.append(f"backend   {text(evidence, 'version')} in {text(evidence, 'folder')}")
        lines.append(f"reads     {text(evidence, 'loader') or 'no env file'}")
    for value in _rows(evidence, "values"):
        same = text(value, "ours") == text(value, "theirs")
        theirs = f"{text(value, 'theirs') or 'absent'} ({text(value, 'source') or 'nowhere'})"
        ours = text(value, "ours") or "absent"
        # No colon after the name: a value stands behind that, and redaction masks it.
        lines.append(f"{'same' if same else 'DIFFERS':<9} {text(value, 'name')} · backend {theirs} · here {ours}")
    drivers = evidence.get("drivers")
    if isinstance(drivers, Mapping) and drivers:
        lines.append("drivers   " + ", ".join(f"{name} {version}" for name, version in drivers.items()))
    lines += ["", finding.summary]
    lines += [f"  why: {finding.cause}"] if finding.cause else []
    lines += [f"  → {finding.hint}"] if finding.hint else []
    return lines


def app_document(report: AppReport, redactor: Redactor) -> dict[str, Json]:
    """For machines: the finding with its evidence, scrubbed."""
    finding = report.finding
    document: dict[str, Json] = {
        "kind": "app",
        "schema_version": 1,
        "id": CHECK,
        "status": finding.status.value,
        "summary": finding.summary,
        "cause": finding.cause,
        "blame": finding.blame.value if finding.blame else None,
        "hint": finding.hint,
        "evidence": report.evidence,
    }
    scrubbed = redactor.scrub_json(document)
    return dict(scrubbed) if isinstance(scrubbed, Mapping) else {}


def _rows(evidence: Evidence, name: str) -> list[Evidence]:
    value = evidence.get(name)
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [item for item in value if isinstance(item, Mapping)]
