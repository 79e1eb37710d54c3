"""What the environment does to every connection: proxies, certificates, and libpq's own variables."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.database.layers import uses_local_cache, uses_local_database
from soundcheck.checks.finding import Blame, Evidence, Finding, Json, fail, flag, ok, text, texts, warn

_PROXIES: Final = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
_CERTIFICATES: Final = {
    "SSL_CERT_FILE": "Python and OpenSSL",
    "SSL_CERT_DIR": "Python and OpenSSL",
    "NODE_EXTRA_CA_CERTS": "Node",
    "REQUESTS_CA_BUNDLE": "requests",
    "CURL_CA_BUNDLE": "curl",
    "PGSSLROOTCERT": "PostgreSQL's library",
}
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
    return Check("machine.environment", Group.MACHINE, title, _collect, judge_environment)


async def _collect(context: Context) -> Evidence:
    environ = context.services.environ
    proxies: dict[str, Json] = {}
    unreadable: list[Json] = []
    for name in _PROXIES:
        value = environ.get(name) or environ.get(name.lower()) or ""
        if not value:
            continue
        if (found := _ADDRESS.match(value.strip())) is None:
            unreadable.append(name)
        else:
            proxies[name] = found[1] + (f":{found[2]}" if found[2] else "")
    return {
        "proxies": proxies,
        "unreadable": unreadable,
        "no_proxy": environ.get("NO_PROXY") or environ.get("no_proxy") or "",
        "local": uses_local_database(context) or uses_local_cache(context),
        "missing": [name for name in _CERTIFICATES if _is_missing(environ, name)],
        "off": [name for name, value in _SWITCHED_OFF.items() if environ.get(name) == value],
        "libpq": [name for name in _LIBPQ if environ.get(name)],
        "certificates": [name for name in _CERTIFICATES if environ.get(name)],
    }


def _is_missing(environ: Mapping[str, str], name: str) -> bool:
    """Whether it names what is not there, or may not be read."""
    value = environ.get(name)
    if not value or (name == "PGSSLROOTCERT" and value == "system"):
        return False
    places = [Path(part) for part in value.split(os.pathsep)] if name == "SSL_CERT_DIR" else [Path(value)]
    return not any(place.exists() and os.access(place, os.R_OK) for place in places)


def judge_environment(evidence: Evidence) -> Finding:
    """`machine.environment`: what breaks connections first, then what weakens them, then what is only good to know."""
    if missing := texts(evidence, "missing"):
        return _judge_certificates(missing[0])
    if unreadable := texts(evidence, "unreadable"):
        return warn(
            f"{unreadable[0]} is no proxy's address.",
            cause="It should read http://host:port; the cache's requests and npm's downloads would go through it.",
            blame=Blame.YOU,
            hint=f"Type: unset {unreadable[0]}   or write http://host:port.",
        )
    if off := texts(evidence, "off"):
        return warn(
            f"{off[0]}=0 switches the check of certificates off.",
            cause="Anyone on the way can then read passwords and tokens, and nobody notices.",
            blame=Blame.YOU,
            hint=f"Type: unset {off[0]}   For a company's proxy name its certificate with NODE_EXTRA_CA_CERTS or"
            " SSL_CERT_FILE instead.",
        )
    return _judge_proxies(evidence)


def _judge_certificates(name: str) -> Finding:
    reader = _CERTIFICATES.get(name, "Programs")
    if name == "SSL_CERT_FILE":
        return fail(
            "SSL_CERT_FILE names a file that is not there.",
            cause=f"{reader} read all trusted certificates from it; without them every encrypted request ends in an"
            " error.",
            blame=Blame.YOU,
            hint="Type: unset SSL_CERT_FILE   or correct the path.",
        )
    return warn(
        f"{name} names a file that is not there.",
        cause=f"{reader} would read trusted certificates from it besides.",
        blame=Blame.YOU,
        hint=f"Type: unset {name}   or correct the path.",
    )


def _judge_proxies(evidence: Evidence) -> Finding:
    value = evidence.get("proxies")
    proxies = {str(name): str(place) for name, place in value.items()} if isinstance(value, Mapping) else {}
    if proxies and flag(evidence, "local") and not _spares_loopback(text(evidence, "no_proxy")):
        name = next(iter(proxies))
        return warn(
            f"{name} is set, and NO_PROXY leaves out localhost.",
            cause=f"Your backend would ask {proxies[name]} for the local cache, which cannot reach it.",
            blame=Blame.YOU,
            hint="Type: export NO_PROXY=localhost,127.0.0.1,::1",
        )
    if libpq := texts(evidence, "libpq"):
        return warn(
            f"{' and '.join(libpq)} {'is' if len(libpq) == 1 else 'are'} exported.",
            cause="PostgreSQL's library takes them where DATABASE_URL says nothing else: psql and a Python backend"
            " may connect otherwise than a Node one.",
            blame=Blame.YOU,
            hint=f"Type: unset {' '.join(libpq)}   unless you set them on purpose.",
        )
    if proxies:
        listed = ", ".join(f"{name} ({place})" for name, place in proxies.items())
        return ok(f"HTTPS goes through the proxy of {listed}; PostgreSQL does not use it.")
    if extra := texts(evidence, "certificates"):
        return ok(f"No proxy; extra certificates by {', '.join(extra)}.")
    return ok("No proxy, and nothing that changes how connections are made.")


def _spares_loopback(no_proxy: str) -> bool:
    listed = {part.strip().lower() for part in no_proxy.split(",")}
    return "*" in listed or any(name in listed for name in _LOOPBACK)
