"""What the environment does to every connection: proxies, certificates, and libpq's own variables."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.database.layers import uses_local_cache, uses_local_database
from soundcheck.checks.explanation import Judgement, said
from soundcheck.checks.judging import Judging
from soundcheck.checks.machine import findings
from soundcheck.checks.machine.findings import CERTIFICATES

_PROXIES: Final = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
_SWITCHED_OFF: Final = {"NODE_TLS_REJECT_UNAUTHORIZED": "0", "PYTHONHTTPSVERIFY": "0"}
_LIBPQ: Final = (
    "PGHOSTADDR", "PGSSLMODE", "PGSSLROOTCERT", "PGOPTIONS", "PGSERVICE", "PGCHANNELBINDING", "PGTARGETSESSIONATTRS",
    "PGREQUIREAUTH",
)  # fmt: skip
_ADDRESS: Final = re.compile(
    r"^(?:[a-z][a-z0-9+.-]*://)?(?:[^@/\s]*@)?(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?/?$", re.I
)
_LOOPBACK: Final = ("localhost", "127.0.0.1")


def environment_check() -> Check:
    """`machine.environment`."""
    title = "the environment stands in no connection's way"
    return ENVIRONMENT.check("machine.environment", Group.MACHINE, title, _collect)


@dataclass(frozen=True, slots=True)
class EnvironmentEvidence:
    """Exported variables by what they do; `proxies` has the address of each, without credentials."""

    proxies: Mapping[str, str] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()
    no_proxy: str = ""
    local: bool = False
    missing: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    libpq: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()


async def _collect(context: Context) -> EnvironmentEvidence:
    environ = context.services.environ
    proxies: dict[str, str] = {}
    unreadable: list[str] = []
    for name in _PROXIES:
        value = environ.get(name) or environ.get(name.lower()) or ""
        if not value:
            continue
        if (found := _ADDRESS.match(value.strip())) is None:
            unreadable.append(name)
        else:
            proxies[name] = found[1] + (f":{found[2]}" if found[2] else "")
    return EnvironmentEvidence(
        proxies=proxies,
        unreadable=tuple(unreadable),
        no_proxy=environ.get("NO_PROXY") or environ.get("no_proxy") or "",
        local=uses_local_database(context) or uses_local_cache(context),
        missing=tuple(name for name in CERTIFICATES if _is_missing(environ, name)),
        off=tuple(name for name, value in _SWITCHED_OFF.items() if environ.get(name) == value),
        libpq=tuple(name for name in _LIBPQ if environ.get(name)),
        certificates=tuple(name for name in CERTIFICATES if environ.get(name)),
    )


def _is_missing(environ: Mapping[str, str], name: str) -> bool:
    """Whether it names what is not there, or may not be read."""
    value = environ.get(name)
    if not value or (name == "PGSSLROOTCERT" and value == "system"):
        return False
    places = [Path(part) for part in value.split(os.pathsep)] if name == "SSL_CERT_DIR" else [Path(value)]
    return not any(place.exists() and os.access(place, os.R_OK) for place in places)


def judge_environment(evidence: EnvironmentEvidence) -> Judgement:
    """`machine.environment`: what breaks connections first, then what weakens them, then what is only good to know."""
    if evidence.missing:
        name = evidence.missing[0]
        code = "no_certificates" if name == "SSL_CERT_FILE" else "no_more_certificates"
        return said(code, variable=name, reader=CERTIFICATES.get(name) or said("programs"))
    if evidence.unreadable:
        return said("no_proxy_address", variable=evidence.unreadable[0])
    if evidence.off:
        return said("unverified", variable=evidence.off[0])
    return _judge_proxies(evidence)


def _judge_proxies(evidence: EnvironmentEvidence) -> Judgement:
    proxies = evidence.proxies
    if proxies and evidence.local and not _spares_loopback(evidence.no_proxy):
        name = next(iter(proxies))
        return said("localhost_proxied", variable=name, proxy=proxies[name])
    if evidence.libpq:
        return said("libpq", variables=evidence.libpq, count=len(evidence.libpq))
    if proxies:
        listed = tuple(said("proxy", variable=name, proxy=place) for name, place in proxies.items())
        return said("proxied", proxies=listed)
    if evidence.certificates:
        return said("more_certificates", variables=evidence.certificates)
    return said("plain")


def _spares_loopback(no_proxy: str) -> bool:
    listed = {part.strip().lower() for part in no_proxy.split(",")}
    return "*" in listed or any(name in listed for name in _LOOPBACK)


ENVIRONMENT: Final = Judging(EnvironmentEvidence, judge_environment, findings.ENVIRONMENT)
