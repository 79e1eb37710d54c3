"""What `doctor --app "COMMAND"` found: whether the backend sees the values that were checked here, and can connect.

`probe_app(command, services)` in `app_probe` makes it. The evidence holds fingerprints (`Secret.fingerprint`) in place
of values, so two people can compare it over a chat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from soundcheck.checks.backend import app_findings
from soundcheck.checks.backend.app_findings import DRIVER_REFUSES, PROBLEMS
from soundcheck.checks.database.layers import judge_failure
from soundcheck.checks.evidence import to_json
from soundcheck.checks.explanation import Judgement, said
from soundcheck.checks.finding import Finding, Json
from soundcheck.checks.judging import Judging
from soundcheck.checks.layer_facts import told
from soundcheck.checks.report.redaction import Redactor

CHECK: Final = "app.same"
"""The id under which the finding is reported."""


@dataclass(frozen=True, slots=True)
class SeenValue:
    """One variable as both see it: fingerprints ("" for none), and where each has its value from."""

    name: str = ""
    ours: str = ""
    our_source: str = ""
    theirs: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Connect:
    """How the backend's own driver fared, with what the explanation needs of the address."""

    status: str = ""
    driver: str | None = None
    code: str | None = None
    text: str | None = None
    elapsed_ms: float | None = None
    looked_for: str | None = None
    endpoint: str | None = None
    host: str | None = None
    user: str | None = None
    database: str | None = None
    neon: bool | None = None
    sslmode: str | None = None


@dataclass(frozen=True, slots=True)
class AppEvidence:
    """What was seen through the backend's own eyes; where nothing was, `code` says why."""

    env_file: str = ""
    code: str | None = None
    text: str | None = None
    runtime: str | None = None
    program: str | None = None
    folder: str | None = None
    loader: str | None = None
    loader_missing: bool | None = None
    version: str | None = None
    values: tuple[SeenValue, ...] = ()
    drivers: Mapping[str, str] = field(default_factory=dict)
    connect: Connect | None = None


@dataclass(frozen=True, slots=True)
class AppReport:
    """One look through the backend's own eyes. `evidence` holds no secret; `finding` names the first difference."""

    evidence: AppEvidence
    finding: Finding

    @property
    def passed(self) -> bool:
        """Whether the backend sees the same values and connected (a warning counts as passed)."""
        return self.finding.passes


def judge_app(evidence: AppEvidence) -> Judgement:
    """`app.same`: the first difference decides, in the order in which a backend meets them."""
    if evidence.code:
        code = f"look_{evidence.code}"
        return Judgement(code if code in PROBLEMS else "look_not_started", told(evidence))
    for value in evidence.values:
        if (found := _judge_value(value, evidence)) is not None:
            return found
    return _judge_connect(evidence.connect or Connect(), evidence)


def _judge_value(value: SeenValue, evidence: AppEvidence) -> Judgement | None:
    """What is wrong with one variable as the backend sees it; None where it is the same."""
    file = evidence.env_file
    if value.ours == value.theirs:
        return None
    if not value.theirs:
        code = "not_seen_by_node" if evidence.runtime == "node" else "not_seen"
        return said(code, variable=value.name, env_file=file, why=_not_read(evidence))
    if not value.ours:
        return said("not_checked", variable=value.name, source=value.source, env_file=file)
    return said(
        "another_value",
        variable=value.name,
        source=value.source,
        theirs=value.theirs,
        our_source=value.our_source,
        ours=value.ours,
    )


def _not_read(evidence: AppEvidence) -> Judgement:
    file, loader = evidence.env_file, evidence.loader or ""
    if not loader:
        return said("nothing_reads", env_file=file)
    if evidence.loader_missing:
        return said("loader_missing", loader=loader, env_file=file)
    return said("not_held", loader=loader, folder=evidence.folder or "")


def _judge_connect(connect: Connect, evidence: AppEvidence) -> Judgement:
    code = connect.code or ""
    if connect.status == "ok":
        return said("same", driver=connect.driver or "", elapsed=connect.elapsed_ms or 0)
    if connect.status == "no_driver":
        return said("no_driver", program=evidence.program or "", looked_for=connect.looked_for or "")
    if connect.status != "failed":
        return said("not_tried")
    if code in DRIVER_REFUSES:
        return Judgement(code, told(connect))
    failure = judge_failure(code, connect, neon=connect.neon is True)
    return failure if failure.code == "neon_password" else said("cannot_connect", failure=failure)


JUDGING: Final = Judging(AppEvidence, judge_app, app_findings.APP)


def app_lines(report: AppReport) -> list[str]:
    """For people: what it runs in, each variable with both fingerprints, drivers, the connection, the verdict."""
    evidence, finding = report.evidence, report.finding
    lines = []
    if evidence.runtime:
        lines.append(f"backend   {evidence.version or ''} in {evidence.folder or ''}")
        lines.append(f"reads     {evidence.loader or 'no env file'}")
    for value in evidence.values:
        same = value.ours == value.theirs
        theirs = f"{value.theirs or 'absent'} ({value.source or 'nowhere'})"
        ours = value.ours or "absent"
        # No colon after the name: a value stands behind that, and redaction masks it.
        lines.append(f"{'same' if same else 'DIFFERS':<9} {value.name} · backend {theirs} · here {ours}")
    if evidence.drivers:
        lines.append("drivers   " + ", ".join(f"{name} {version}" for name, version in evidence.drivers.items()))
    lines += ["", finding.summary]
    lines += [f"  why: {finding.cause}"] if finding.cause else []
    lines += [f"  Next: {finding.hint}"] if finding.hint else []
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
        "evidence": to_json(report.evidence),
    }
    scrubbed = redactor.scrub_json(document)
    return dict(scrubbed) if isinstance(scrubbed, Mapping) else {}
