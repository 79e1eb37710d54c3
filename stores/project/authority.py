"""A company's certificate authority, trusted beside the system's: its path is kept for the profile.

The system's roots and this one stand together in a file of the state folder. It is named by the variables that every
reader of certificates knows, in our own process and in those that we start: OpenSSL (PostgreSQL, REST and RESP) reads
`SSL_CERT_FILE`, Node (npm, the schema engine and the query engine) adds `NODE_EXTRA_CA_CERTS` to its own.
"""

from __future__ import annotations

import contextlib
import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from soundcheck.stores.atomic_file import write_atomically
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.plain_file import read_plain
from soundcheck.stores.postgres.system_roots import system_roots
from soundcheck.stores.project.kept_file import KeptFile, NotReadable
from soundcheck.stores.project.project import Project
from soundcheck.stores.secret import Secret

NAME: Final = "authorities.json"
OPTION: Final = "--ca"
OPENSSL: Final = "SSL_CERT_FILE"
NODE: Final = "NODE_EXTRA_CA_CERTS"

_BEFORE: Final = {OPENSSL: "SOUNDCHECK_ROOTS_BEFORE", NODE: "SOUNDCHECK_EXTRA_ROOTS_BEFORE"}
"""What stood in the variables before ours did: it is trusted as well, however often this is asked."""

_LARGEST: Final = 1_000_000


def kept_authority(project: Project) -> Path | None:
    """The file that was given for the profile in use; None where none was, or where that cannot be read."""
    with contextlib.suppress(NotReadable):
        path = (_file(project).read() or {}).get(project.profile.name, "")
        return Path(path) if path else None
    return None


def keep_authority(project: Project, path: Path) -> Path:
    """Remember a file for the profile in use. Blocking. Raises `CouldNotRun` where it holds no certificate."""
    path = path.expanduser().absolute()
    _certificates(path)
    with contextlib.suppress(NotReadable):
        known = dict(_file(project).read() or {})
        project.prepare_state()
        _file(project).write({**known, project.profile.name: str(path)})
        return path
    raise CouldNotRun(f"{project.state / NAME} cannot be read.", "Move it away, then give the file again.")


def trusted_roots(project: Project, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables by which the kept authority is trusted beside the others; none where none was given. Blocking.

    A file that has gone, or holds no certificate any more, is left out: the checks then say who is not trusted.
    """
    path = kept_authority(project)
    if path is None:
        return {}
    together = project.state / f"roots-{Secret(project.profile.name).fingerprint()}.pem"
    before = {name: environ.get(kept, environ.get(name, "")) for name, kept in _BEFORE.items()}
    try:
        parts = [read_plain(Path(system_roots({OPENSSL: before[OPENSSL]}))), _certificates(path)]
        with contextlib.suppress(OSError):
            parts.append(read_plain(Path(before[NODE])) if before[NODE] else b"")
        content = b"\n".join([*(part.strip() for part in parts if part), b""])
        if not together.is_file() or read_plain(together) != content:
            project.prepare_state()
            write_atomically(together, content)
    except (CouldNotRun, OSError):
        return {}
    kept = {_BEFORE[name]: value for name, value in before.items() if value}
    return {OPENSSL: str(together), NODE: str(together), **kept}


def trust_here(project: Project, environ: Mapping[str, str]) -> dict[str, str]:
    """Let this process trust it from now on; the environment with that, for the programs that we start. Blocking."""
    found = trusted_roots(project, environ)
    os.environ.update(found)
    return {**environ, **found}


def _certificates(path: Path) -> bytes:
    """The file, which holds at least one certificate. Raises `CouldNotRun`."""
    hint = "Name a file of certificates in PEM form (-----BEGIN CERTIFICATE-----); ask who runs your network for it."
    try:
        data = read_plain(path)
    except OSError as problem:
        raise CouldNotRun(f"{path} cannot be read: {problem.strerror or 'it is no file'}.", hint) from None
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=data[:_LARGEST].decode("ascii", "ignore"))
    except (ssl.SSLError, ValueError):
        raise CouldNotRun(f"{path} holds no certificate.", hint) from None
    if not context.get_ca_certs():
        raise CouldNotRun(f"{path} holds no certificate of an authority.", hint)
    return data


def _file(project: Project) -> KeptFile[Mapping[str, str]]:
    return KeptFile(project.state / NAME, _to_json, _from_json)


def _to_json(known: Mapping[str, str]) -> dict[str, Any]:
    return {"profiles": dict(sorted(known.items()))}


def _from_json(document: Mapping[str, Any]) -> Mapping[str, str]:
    return {str(name): str(path) for name, path in document["profiles"].items()}
