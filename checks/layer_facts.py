"""A layer of a connection as evidence: how it ended, and what was seen on the way."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from soundcheck.checks.evidence import SPREAD
from soundcheck.checks.explanation import FieldValue
from soundcheck.checks.finding import Json
from soundcheck.stores.probe.layer import Layer


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """What every layer knows, and below it what only some do. `text` is what the other side said.

    `address` and `addresses` (how many) are of the name, `witness` is the other name that was looked up and `reason`
    how that went; `distrust` is why a certificate was not trusted. `shape` is what may be said of the password or token
    that was used.
    """

    status: str = ""
    code: str = ""
    text: str = ""
    elapsed_ms: float = 0.0
    address: str | None = None
    addresses: int | None = None
    witness: str | None = None
    reason: str | None = None
    port: int | None = None
    ipv6: bool | None = None
    proxied: bool | None = None
    encrypted: bool | None = None
    tls_version: str | None = None
    issuer: str | None = None
    subject: str | None = None
    not_after: str | None = None
    trusted: bool | None = None
    distrust: str | None = None
    attempts: int | None = None
    round_trip_ms: float | None = None
    server_version: str | None = None
    server: str | None = None
    http_status: int | None = None
    shape: str | None = None


def layer_json(layer: Layer) -> dict[str, Json]:
    """How a layer ended, with its facts."""
    ended: dict[str, Json] = {
        "status": layer.status.value,
        "code": layer.code,
        "text": layer.text,
        "elapsed_ms": layer.elapsed_ms,
    }
    return {**ended, **layer.facts}


def told(evidence: Any) -> dict[str, FieldValue]:
    """The fields of evidence for the templates of failures; one that is empty or not known reads as "?"."""
    found: dict[str, FieldValue] = {}
    for one in fields(evidence):
        value = getattr(evidence, one.name)
        if one.metadata == SPREAD:
            found |= told(value)
        elif value is None or value == "":
            found[one.name] = "?"
        elif isinstance(value, str | int | float):
            found[one.name] = value
    return found
