"""The certificates that this machine trusts, as one file.

The OpenSSL inside the `psycopg[binary]` wheel looks for its own store at /usr/lib/psycopg-openssl, which no machine
has: with `sslrootcert=system` it would trust nobody. So it is handed the file.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_KNOWN: Final = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # macOS, Alpine
)


def system_roots(environ: Mapping[str, str] = os.environ) -> str:
    """The path: `SSL_CERT_FILE`, else the system's own file, else the one that comes with certifi."""
    candidates = (environ.get("SSL_CERT_FILE"), ssl.get_default_verify_paths().cafile, *_KNOWN)
    found = next((path for path in candidates if path and Path(path).is_file()), None)
    if found is not None:
        return found
    import certifi

    return certifi.where()
