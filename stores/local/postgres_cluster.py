"""The PostgreSQL data folder: made whole or not at all, and what its `postmaster.pid` says."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.local import server_log
from soundcheck.stores.local.children import Ran, run
from soundcheck.stores.local.programs import PostgresPrograms
from soundcheck.stores.local.run_as import RunAs
from soundcheck.stores.local.shared_programs import make_open_folder
from soundcheck.stores.local.state_file import DATABASE, ROLE, SUPERUSER, PostgresState
from soundcheck.stores.secret import Secret

_HBA: Final = "pg_hba.conf"
DEADLINE: Final = 120.0
"""Seconds for each of the programs that make a cluster. All take one together on a warm machine."""


@dataclass(frozen=True, slots=True)
class Installation:
    """Programs that were tried and run here, in the way they run, and their version (`18.6`)."""

    programs: PostgresPrograms
    run_as: RunAs
    version: str

    @property
    def major(self) -> int:
        """18 of 18.6."""
        return int(self.version.partition(".")[0])


@dataclass(frozen=True, slots=True)
class PostmasterFile:
    """The lines of `postmaster.pid` that matter. It stays behind when the server is killed."""

    pid: int
    started: int
    """Seconds since the epoch."""
    is_ready: bool


def read_postmaster_file(data: Path) -> PostmasterFile | None:
    """What the file says; None where there is none, or only its first half yet."""
    try:
        lines = (data / "postmaster.pid").read_text("utf-8", "replace").splitlines()
        return PostmasterFile(abs(int(lines[0])), int(lines[2]), len(lines) > 7 and lines[7].strip() == "ready")
    except (FileNotFoundError, IndexError, ValueError):
        return None


def cluster_version(data: Path) -> int | None:
    """The major version that made the folder; None where there is no complete cluster."""
    try:
        return int((data / "PG_VERSION").read_text("ascii").strip().partition(".")[0])
    except (OSError, ValueError):
        return None


async def version_of(programs: PostgresPrograms, run_as: RunAs) -> str | None:
    """Run `postgres --version` in that way; None where it does not run (a wrong libc, a path it cannot reach)."""
    try:
        ran = await run([programs.postgres, "--version"], run_as=run_as, deadline=10.0)
    except (OSError, TimeoutError):
        return None
    match = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)?)", ran.output)
    return match[1] if match and ran.returncode == 0 else None


async def make_cluster(data: Path, installation: Installation, state: PostgresState, life_lock: int) -> None:
    """initdb, the application's role and its database, beside `data`; then one rename. Raises `CouldNotRun`.

    The role is what Neon gives: no superuser, may create databases and roles, reads the statistics, owns its database.
    """
    fresh = data.with_name(f"{data.name}.new")
    _prepare_parent(data.parent, installation.run_as)
    await discard(fresh)
    await _initdb(fresh, data.with_name(f"{data.name}.password"), installation, life_lock)
    require_scram(fresh)
    syncing = asyncio.create_task(_sync(fresh, installation, life_lock))
    statements = [
        f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER CREATEDB CREATEROLE BYPASSRLS",
        f"GRANT pg_monitor TO {ROLE}",
        f"CREATE DATABASE {DATABASE} OWNER {ROLE}",
        *_password_statements(state),
    ]
    try:
        await _single_user(fresh, installation, statements, state, life_lock)
    except BaseException:
        syncing.cancel()
        await asyncio.wait([syncing])
        raise
    await syncing
    fresh.rename(data)
    descriptor = os.open(data.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def requires_scram(data: Path) -> bool:
    """Whether nobody gets into a cluster without SCRAM. One that an older version made may say `trust` or `md5`."""
    try:
        lines = (data / _HBA).read_text("utf-8", "replace").splitlines()
    except OSError:
        return False
    rules = [words for line in lines if (words := line.partition("#")[0].split())]
    return bool(rules) and all(words[-1] in {"scram-sha-256", "reject"} for words in rules)


def require_scram(data: Path) -> None:
    """Only loopback is listened to, and only this line lets anybody in. Read by the server when it starts."""
    file = data / _HBA
    file.write_text("host all all 127.0.0.1/32 scram-sha-256\n", "ascii")
    owner = data.stat()
    os.chown(file, owner.st_uid, owner.st_gid)  # where root wrote a file for another user's server


async def set_passwords(data: Path, installation: Installation, state: PostgresState, life_lock: int) -> None:
    """Give a stopped cluster the state's passwords, kept as SCRAM verifiers. Raises `CouldNotRun`.

    For a cluster whose state file was lost, and for one that an older version let others into.
    """
    await _single_user(data, installation, _password_statements(state), state, life_lock)


async def discard(folder: Path) -> None:
    """Remove a folder tree: renamed first, so that nothing half-removed ever bears its name. None there is fine."""
    waste = folder.with_name(f"{folder.name}.waste-{secrets.token_hex(4)}")
    with contextlib.suppress(FileNotFoundError):
        folder.rename(waste)
    for old in folder.parent.glob(f"{folder.name}.waste-*"):
        await asyncio.to_thread(shutil.rmtree, old, ignore_errors=True)


def could_not_run(what: str, output: str, hidden: Sequence[Secret]) -> CouldNotRun:
    """The end of what a program said, and the cure for what is known."""
    hints = {
        "No space left": "The disk is full. Free some space, then try again; nothing that was saved is lost.",
        "incompatible with server": "Install the PostgreSQL that made the data, or run: soundcheck local reset",
        "wrong ownership": "Run Soundcheck as the user who set up the local servers.",
        "Permission denied": "Give the folder back to your user, or set SOUNDCHECK_HOME to another one.",
        "Bad file format": "The cache's file is damaged. Start afresh, also the database, with: soundcheck local reset",
        "cannot be run as root": "Run Soundcheck as a normal user.",
        "could not look up effective user": "Give this user an entry in /etc/passwd, or run as one that has a name.",
    }
    hint = next((h for text, h in hints.items() if text in output), "The whole log lies in the local stack's folder.")
    said = server_log.tail(output, hidden) or "it said nothing"
    return CouldNotRun(f"{what}: {said}", hint)


async def _initdb(fresh: Path, password_file: Path, installation: Installation, life_lock: int) -> None:
    run_as, programs = installation.run_as, installation.programs
    # initdb wants a file. What stands in it is good for nothing: the true password is set later, over a pipe.
    password_file.unlink(missing_ok=True)
    descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(24) + "\n")
        if run_as.uid is not None:
            os.fchown(file.fileno(), run_as.uid, run_as.gid or 0)
    try:
        await _run(
            [
                programs.initdb, "-D", fresh, "-U", SUPERUSER, "-A", "scram-sha-256", f"--pwfile={password_file}",
                "--encoding=UTF8", "--no-locale", "--no-instructions", "--no-sync", *_collation(installation.major),
            ],
            installation,
            life_lock,
        )  # fmt: skip
    finally:
        with contextlib.suppress(OSError):
            password_file.unlink()


async def _sync(fresh: Path, installation: Installation, life_lock: int) -> None:
    """Put what initdb wrote on the disk, while the first statements run: PostgreSQL syncs what those write itself."""
    command: list[str | Path] = [installation.programs.initdb, "--sync-only", "-D", fresh]
    try:
        await _run(command, installation, life_lock)
    except CouldNotRun:  # a file of the other program's went away meanwhile; by now nothing else is at work there
        await _run(command, installation, life_lock)


async def _single_user(
    data: Path, installation: Installation, statements: Sequence[str], state: PostgresState, life_lock: int
) -> None:
    """Statements without a running server: the passwords go over a pipe, and nobody can connect meanwhile."""
    await _run(
        [
            installation.programs.postgres, "--single", "-D", data,
            "-c", "log_checkpoints=off", "-c", "password_encryption=scram-sha-256", "postgres",
        ],
        installation,
        life_lock,
        stdin="".join(f"{statement};\n" for statement in statements),
        hidden=(state.password, state.superuser_password),
    )  # fmt: skip


async def _run(
    command: Sequence[str | Path],
    installation: Installation,
    life_lock: int,
    *,
    stdin: str = "",
    hidden: Sequence[Secret] = (),
) -> None:
    name = os.path.basename(command[0])  # noqa: PTH119 - a text or a path
    try:
        ran = await run(
            command, run_as=installation.run_as, stdin=stdin.encode(), deadline=DEADLINE, pass_fds=(life_lock,)
        )
    except TimeoutError:
        raise CouldNotRun(f"{name} did not end within {DEADLINE:.0f} s.", "Is the disk very slow?") from None
    except OSError as problem:
        raise CouldNotRun(f"{command[0]} cannot be started: {problem.strerror}.", "Install it again.") from problem
    if ran.returncode or _complains(ran):
        raise could_not_run(f"{name} failed", ran.output, hidden)


def _password_statements(state: PostgresState) -> list[str]:
    return [
        f"ALTER ROLE {ROLE} PASSWORD {_literal(state.password)}",
        f"ALTER ROLE {SUPERUSER} PASSWORD {_literal(state.superuser_password)}",
    ]


def _complains(ran: Ran) -> bool:
    return any(word in ran.output for word in ("ERROR:", "FATAL:", "PANIC:"))


def _literal(secret: Secret) -> str:
    value = secret.reveal().replace("'", "''")
    return f"'{value}'"


def _collation(major: int) -> tuple[str, ...]:
    """Neon's: C.UTF-8, the same on every system because PostgreSQL brings it itself (from 17 on)."""
    return ("--locale-provider=builtin", "--builtin-locale=C.UTF-8") if major >= 17 else ()


def _prepare_parent(parent: Path, run_as: RunAs) -> None:
    if run_as.uid is None:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    else:
        make_open_folder(parent.parent)
        parent.mkdir(mode=0o700, exist_ok=True)
        os.chown(parent, run_as.uid, run_as.gid or 0)
        parent.chmod(0o700)
