"""What goes into a bundle: secrets masked by their type, no row of any table and no value of the cache."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import re
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from soundcheck.checks.advice import BARE
from soundcheck.checks.backend.prisma import NodeEvidence
from soundcheck.checks.evidence import from_json
from soundcheck.checks.finding import Json
from soundcheck.checks.layer_facts import LayerFacts
from soundcheck.checks.report.bundle_stores import cache_part, database_part, latency_part
from soundcheck.checks.report.json import report_document
from soundcheck.checks.report.redaction import Redactor
from soundcheck.checks.report.text import report_lines
from soundcheck.checks.report.timeline import timeline_lines
from soundcheck.checks.run import Report
from soundcheck.stores.credentials import ENV_NAMES, REST_TOKEN
from soundcheck.stores.password_shape import shape_in, shape_of
from soundcheck.stores.plain_file import read_plain
from soundcheck.stores.project.config import CONFIG_NAME
from soundcheck.stores.project.project import Project
from soundcheck.stores.project.trust import is_trusted_folder
from soundcheck.stores.secret import MASK
from soundcheck.stores.services import Services

LOG_LINES: Final = 300
_LOG_BYTES: Final = 200_000
_FILE_BYTES: Final = 500_000

_EMAIL: Final = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}")
_ROW_VALUES: Final = re.compile(r"(?i)(Key \([^)\n]*\)=|Failing row contains )\([^)\n]*\)")
"""Where PostgreSQL's own words quote a row (errors of constraints)."""

_PACKAGES: Final = ("soundcheck", "psycopg", "redis", "httpx", "prisma", "textual", "uvicorn")

README: Final = """A report of `soundcheck doctor`, to send to whoever helps.

report.txt is the short one; report.json has the evidence of every check, timeline.txt when each ran. To judge it with
the checks of another Soundcheck, without any network: soundcheck doctor --from-bundle FILE

It holds no row of any table and no value of the cache. Values of the env file are masked; of passwords and
tokens it tells the length and the kinds of characters. Names of cache keys are
hashed with a key that was thrown away, and the finished archive was scanned for every secret this project knows and
for what looks like one. manifest.json lists what was taken out, and where.
"""


@dataclass(frozen=True, slots=True)
class Part:
    """One member before it is packed: text, or JSON. `masked` counts values that their type masked.

    `is_scrubbed` says that its maker scrubbed it, and then `removed` counts that.
    """

    name: str
    what: str
    content: Json
    masked: int = 0
    is_scrubbed: bool = False
    removed: int = 0


async def collect_parts(report: Report, services: Services, redactor: Redactor) -> list[Part]:
    """Every part that there is something for."""
    parts = [Part("README.txt", "what this is", README), *_report_parts(report, redactor)]
    parts += [_configuration(services), *_own_config(services), _versions(report)]
    parts += [*_schema(services), *_log(services)]
    makers: tuple[tuple[str, str, Callable[[Report, Services], Awaitable[Json]]], ...] = (
        ("latency.json", "times of this run, and of a few round trips", latency_part),
        ("database.json", "tables, columns, indexes and drift; no row", database_part),
        ("cache.json", "statistics and hashed key names; no value", cache_part),
    )
    for name, what, make in makers:
        parts.append(Part(name, what, await make(report, services)))
    return parts


def _report_parts(report: Report, redactor: Redactor) -> list[Part]:
    document = report_document(report, redactor)
    before = sum(str(o.finding).count(MASK) + str(o.evidence).count(MASK) for o in report.outcomes)
    removed = max(0, json.dumps(document["checks"], ensure_ascii=False).count(MASK) - before)
    lines = "\n".join(report_lines(report, redactor, BARE)) + "\n"
    return [
        Part("report.json", "findings and their evidence", document, is_scrubbed=True, removed=removed),
        Part("report.txt", "the same in short", lines),
        Part("timeline.txt", "what ran when, and beside what", "\n".join(timeline_lines(report)) + "\n"),
    ]


def _configuration(services: Services) -> Part:
    """The env file and its neighbours with every value masked, and what is exported."""
    from soundcheck.stores.envfile import read_env
    from soundcheck.stores.envfile.neighbours import neighbours
    from soundcheck.stores.envfile.shown import shown_value

    project = services.project
    files: list[Json] = []
    masked = 0
    for reading in (read_env(project.env_file), *neighbours(project.env_file)):
        lines: list[Json] = []
        for found in sorted(reading.values.values(), key=lambda value: value.line):
            shown = shown_value(found.name, found.value)
            masked += MASK in shown
            line: dict[str, Json] = {"line": found.line, "variable": found.name, "shown": shown}
            if shape := shape_of(found.value) if found.name == REST_TOKEN else shape_in(found.value):
                line["shape"] = shape
            lines.append(line)
        files.append(
            {
                "file": project.shown(reading.path),
                "exists": reading.exists,
                "mode": f"{reading.mode:o}" if reading.mode is not None else None,
                "is_link": reading.link_target is not None,
                "problems": [problem.message for problem in reading.problems],
                "lines": lines,
            }
        )
    content: Json = {
        "profile": {"name": project.profile.name, "kind": project.profile.kind.value},
        "schema": project.shown(project.schema) if project.schema else None,
        "trusted": is_trusted_folder(project),
        "files": files,
        "exported": [name for name in ENV_NAMES if services.environ.get(name)],
    }
    return Part("configuration.json", "the env file with its values masked", content, masked)


def _own_config(services: Services) -> list[Part]:
    """Our own settings, where they are that: a file of the project that parses, without its comments."""
    import tomllib

    path = services.project.root / CONFIG_NAME
    content = _file_text(path) if _is_inside(path, services.project) else ""
    try:
        tomllib.loads(content)
    except (tomllib.TOMLDecodeError, RecursionError):
        return []
    lines = [line for line in content.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        return []
    return [Part("soundcheck.toml", "the project's settings, without comments", "\n".join(lines) + "\n")]


def _is_inside(path: Path, project: Project) -> bool:
    """Whether a file lies in the project, wherever links lead: what lies elsewhere is nobody's to send along."""
    try:
        return path.resolve(strict=True).is_relative_to(project.root.resolve(strict=True))
    except (OSError, RuntimeError):
        return False


def _versions(report: Report) -> Part:
    facts = {outcome.check.id: outcome.evidence for outcome in report.outcomes}
    packages: dict[str, Json] = {}
    for name in _PACKAGES:
        try:
            packages[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            packages[name] = None
    content: Json = {
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "node": from_json(NodeEvidence, facts.get("prisma.node", {})).node,
        "postgresql": from_json(LayerFacts, facts.get("database.query", {})).server_version or "",
        "cache": from_json(LayerFacts, facts.get("cache.ping", {})).server or "",
        "packages": [{"package": name, "version": version} for name, version in packages.items()],
    }
    return Part("versions.json", "versions of everything involved", content)


def _schema(services: Services) -> list[Part]:
    """Files of the project that are a schema by what stands in them, and our own, without comments."""
    from soundcheck.stores.errors import SoundcheckError
    from soundcheck.stores.prisma.schema_text import as_schema, read_schema, schema_in_use

    schema = schema_in_use(services.project)
    try:
        files = read_schema(schema)
    except SoundcheckError:
        return []  # the check of the schema says why
    if schema == services.project.schema or schema.is_relative_to(services.project.root):
        folder = schema if schema.is_dir() else schema.parent
        files = tuple(file for file in files if _is_inside(folder / file.name, services.project))
    texts = [text for file in files if (text := as_schema(file.content)) is not None]
    if not texts:
        return []
    content = "\n".join(texts)[:_FILE_BYTES]
    return [Part("schema.prisma", "the schema that the database is compared with, without comments", content)]


def _log(services: Services) -> list[Part]:
    """The last lines of our own log; addresses of people and quoted rows are taken out of it."""
    lines: list[str] = []
    for name in ("soundcheck.log.1", "soundcheck.log"):
        lines += (_file_text(services.project.logs / name, tail=True) or "").splitlines()
    if not lines:
        return []
    content = "\n".join(lines[-LOG_LINES:]) + "\n"
    content = _ROW_VALUES.sub(rf"\1({MASK})", _EMAIL.sub(_masked_email, content))
    home = str(Path.home())
    return [Part("log.txt", f"the last {min(len(lines), LOG_LINES)} lines of the log", content.replace(home, "~"))]


def _masked_email(found: re.Match[str]) -> str:
    """An address of a person masked; `user@host` of a URL is the scrubber's."""
    return f"{MASK}@{found[0].partition('@')[2]}"


def _file_text(path: Path, *, tail: bool = False) -> str:
    """A file's text, bounded; "" where it cannot be read."""
    most = _LOG_BYTES if tail else _FILE_BYTES
    try:
        data = read_plain(path)
    except OSError:
        return ""
    return (data[-most:] if tail else data[:most]).decode("utf-8", "replace")
