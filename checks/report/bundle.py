"""The bundle: one archive with all that a support person asks for, proven free of secrets before it is written.

What is secret is typed and masked where it is collected; every known secret and its encodings are scrubbed, then what
looks like one; then the finished archive is opened again and every member of it scanned, names too. Where anything
remains, nothing is written.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from soundcheck.checks.finding import Json
from soundcheck.checks.report.bundle_parts import Part, collect_parts
from soundcheck.checks.report.clean_proof import NotClean, report_words
from soundcheck.checks.report.known_secrets import redactor_for
from soundcheck.checks.report.redaction import Redactor
from soundcheck.checks.run import Report
from soundcheck.stores.amounts import number_of
from soundcheck.stores.atomic_file import write_over
from soundcheck.stores.secret import MASK
from soundcheck.stores.services import Services

KIND: Final = "doctor_bundle"
SCHEMA_VERSION: Final = 1
MANIFEST: Final = "manifest.json"
REPORT: Final = "report.json"

NAMES: Final = frozenset(
    {
        MANIFEST,
        REPORT,
        "README.txt",
        "report.txt",
        "configuration.json",
        "soundcheck.toml",
        "versions.json",
        "timeline.txt",
        "latency.json",
        "schema.prisma",
        "database.json",
        "cache.json",
        "log.txt",
    }
)
"""All members that a bundle may have. A name from outside never stands in one."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a bundle: its size in bytes, and how much was taken out of it.

    `masked` values were masked by their type, `removed` places by the search for secrets.
    """

    name: str
    what: str
    size: int
    sha256: str
    masked: int
    removed: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """A finished archive, proven clean. `data` is the whole file."""

    run_id: str
    members: tuple[Member, ...]
    data: bytes

    @property
    def lines(self) -> tuple[str, ...]:
        """What it holds and what was taken out, for people."""
        told = []
        for member in self.members:
            taken = member.masked + member.removed
            removed = f", {number_of(taken, 'value')} taken out" if taken else ""
            told.append(f"{member.name:<20} {member.size:>8,} bytes  {member.what}{removed}")
        return tuple(told)


async def make_bundle(report: Report, services: Services) -> Bundle:
    """Collect, scrub, pack, and prove. Asks both stores a few questions where they answered before, within seconds.

    Raises `NotClean` where the finished archive may still hold a secret.
    """
    redactor = redactor_for(services)
    parts = await collect_parts(report, services, redactor)
    return pack(report, parts, redactor)


def pack(report: Report, parts: Iterable[Part], redactor: Redactor) -> Bundle:
    """The archive of these parts. Raises `NotClean`."""
    contents = {part.name: (part, _scrubbed(part, redactor)) for part in parts}
    members = tuple(_member(part, content) for part, content in contents.values())
    manifest: Json = {
        "kind": KIND,
        "schema_version": SCHEMA_VERSION,
        "run_id": report.run_id,
        "created_at": report.started_at.isoformat(),
        "members": [
            {
                "name": member.name,
                "what": member.what,
                "bytes": member.size,
                "sha256": member.sha256,
                "masked": member.masked,
                "removed": member.removed,
            }
            for member in members
        ],
    }
    texts = {MANIFEST: _as_text(manifest), **{name: content for name, (_, content) in contents.items()}}
    data = _zip(texts, report)
    own = report_words(report) | NAMES | {KIND} | {word for m in members for word in (m.sha256, m.what)}
    prove_archive(data, redactor, own)
    return Bundle(report.run_id, members, data)


def write_bundle(bundle: Bundle, path: Path) -> None:
    """Write it, 0600, whole or not at all. Raises `CouldNotRun`, and `Refused` where a file there is held."""
    write_over(path, bundle.data, mode=0o600)


def prove_archive(data: bytes, redactor: Redactor, words: frozenset[str]) -> None:
    """Open the finished archive and scan it: names, contents, comments. Raises `NotClean` where anything remains."""
    hits = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        hits += len(redactor.remains(archive.comment.decode("utf-8", "replace")))
        for info in archive.infolist():
            hits += info.filename not in NAMES
            hits += len(redactor.remains((info.comment + info.extra).decode("utf-8", "replace")))
            text = archive.read(info).decode("utf-8")
            if info.filename.endswith(".json"):
                hits += len(redactor.remains_in_json(json.loads(text), words))
            else:
                hits += len(redactor.remains(text))
    if hits:
        raise NotClean("The bundle", hits)


def _scrubbed(part: Part, redactor: Redactor) -> str:
    """The part as it leaves. A report was scrubbed field by field already, so that its words stay what they are."""
    if isinstance(part.content, str):
        return redactor.scrub(part.content)
    return _as_text(part.content if part.is_scrubbed else redactor.scrub_json(part.content))


def _as_text(content: Json) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _member(part: Part, content: str) -> Member:
    raw = part.content if isinstance(part.content, str) else _as_text(part.content)
    removed = part.removed if part.is_scrubbed else max(0, content.count(MASK) - raw.count(MASK))
    data = content.encode()
    return Member(part.name, part.what, len(data), hashlib.sha256(data).hexdigest(), part.masked, removed)


def _zip(texts: dict[str, str], report: Report) -> bytes:
    stream = io.BytesIO()
    when = report.started_at
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            info = zipfile.ZipInfo(name, (when.year, when.month, when.day, when.hour, when.minute, when.second))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            archive.writestr(info, text.encode())
    return stream.getvalue()
