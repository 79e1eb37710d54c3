"""PgBouncer in transaction mode before a database, with one server connection that all its clients share."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from soundcheck.stores.postgres.url import PostgresUrl

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
_NOBODY = 65534

needs_pgbouncer = pytest.mark.skipif(PROGRAM is None, reason="pgbouncer is not installed (apt-get install pgbouncer)")


@contextmanager
def pooled(url: PostgresUrl) -> Iterator[PostgresUrl]:
    """The same database through a pooler of its own; the log is in the failure where it does not start."""
    assert PROGRAM is not None
    assert url.password is not None
    folder = Path(tempfile.mkdtemp(prefix="pgbouncer-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n{url.database} = host={url.host} port={url.port} dbname={url.database} user={url.user}"
        f" password={url.password.reveal()}\n"
        "[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n"
        f"default_pool_size = 1\nlogfile = {folder}/log\n"
    )
    as_nobody = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
    if as_nobody:  # PgBouncer refuses to be root
        for path in (folder, folder / "pgbouncer.ini"):
            os.chown(path, _NOBODY, _NOBODY)
    process = subprocess.Popen([PROGRAM, "-q", str(folder / "pgbouncer.ini")], **as_nobody)  # type: ignore[call-overload]
    through = replace(url, host="127.0.0.1", port=port)
    try:
        _wait_until_it_answers(process, through, folder / "log")
        yield through
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(folder)


def _wait_until_it_answers(process: subprocess.Popen[bytes], through: PostgresUrl, log: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(through.reveal(), autocommit=True).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"PgBouncer does not answer: {log.read_text() if log.exists() else ''}") from None
        else:
            return
