"""Ask the backend's own interpreter what it sees: our few lines on its standard input, one line of JSON back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from stores.backend.command import BackendCommand, Runtime
from stores.backend.loaders import SourceFacts
from stores.secret import Secret

MARK: Final = b"soundcheck-app-probe:"
MOST: Final = 200_000
"""Bytes of output that are looked at, counted from its end."""

DRIVERS: Final = {
    Runtime.PYTHON: ("prisma", "psycopg", "asyncpg", "psycopg2"),
    Runtime.NODE: ("@prisma/client", "pg", "postgres"),
}
"""What a connection is tried with: the first that the source mentions, else the first that is installed."""

VERSIONS: Final = {
    Runtime.PYTHON: (
        "prisma", "psycopg", "psycopg-binary", "asyncpg", "psycopg2", "psycopg2-binary", "sqlalchemy", "upstash-redis",
        "redis", "python-dotenv",
    ),
    Runtime.NODE: (
        "@prisma/client", "prisma", "pg", "postgres", "@neondatabase/serverless", "@upstash/redis", "ioredis", "dotenv",
    ),
}  # fmt: skip
"""The packages whose versions are told."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How the child ended: what it told, or None with a code (`not_started`, `timeout`) and its last words, masked."""

    told: Mapping[str, Any] | None
    code: str = ""
    text: str = ""


async def ask_backend(
    command: BackendCommand,
    facts: SourceFacts,
    names: Sequence[str],
    environ: Mapping[str, str],
    *,
    shown: Mapping[Path, str],
    deadline: float,
) -> Asked:
    """Run the child in the backend's folder with the backend's environment. Nothing secret is on its command line.

    `shown` says how each env file is called in the answer; `deadline` is in seconds.
    """
    request = {
        "names": list(names),
        "loads": [
            {**asdict(one), "path": str(one.path), "shown": shown.get(one.path, str(one.path))} for one in facts.loads
        ],
        "versions": VERSIONS[command.runtime],
        "drivers": _drivers(command.runtime, facts),
        "prisma": facts.prisma_package,
        "seconds": max(1, int(deadline / 2)),
    }
    environment = {**environ, **command.variables}
    try:
        process = await asyncio.create_subprocess_exec(
            str(command.interpreter),
            "-",
            cwd=command.folder,
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as problem:
        return Asked(None, "not_started", problem.strerror or type(problem).__name__)
    try:
        async with asyncio.timeout(deadline):
            out, err = await process.communicate(_program(command.runtime, request))
    except TimeoutError:
        return Asked(None, "timeout", f"within {deadline:g} s")
    finally:
        await _end(process)
    return _answer(out, err, environment, names)


def _drivers(runtime: Runtime, facts: SourceFacts) -> list[dict[str, object]]:
    """Those that the source mentions first; only they surely get the address as it is."""
    used = facts.mentions | ({"prisma"} if facts.prisma_package else set())
    names = [name for name in DRIVERS[runtime] if name != "prisma" or facts.prisma_package]
    return [{"name": name, "exact": name in used} for name in sorted(names, key=lambda name: name not in used)]


def _program(runtime: Runtime, request: Mapping[str, object]) -> bytes:
    name = "look_in_python.py" if runtime is Runtime.PYTHON else "look_in_node.cjs"
    program = Path(__file__).with_name(name).read_text("utf-8")
    literal = json.dumps(request)
    if runtime is Runtime.PYTHON:
        return f"{program}\n\nmain(json.loads({literal!r}))\n".encode()
    return f"{program}\nmain({literal});\n".encode()


def _answer(out: bytes, err: bytes, environment: Mapping[str, str], names: Sequence[str]) -> Asked:
    last = next((line for line in reversed(out[-MOST:].splitlines()) if line.startswith(MARK)), None)
    if last is not None:
        with contextlib.suppress(ValueError):
            told = json.loads(last.removeprefix(MARK))
            if isinstance(told, dict):
                return Asked(told)
    lines = [line for line in err[-MOST:].decode("utf-8", "replace").splitlines() if line.strip()]
    said = lines[-1].strip()[:300] if lines else "it ended without a word"
    for name in names:
        if secret := Secret(environment.get(name, "")):
            said = said.replace(secret.reveal(), str(secret))
    return Asked(None, "not_started", said)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the child and whatever it started (a Prisma client starts an engine)."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGTERM)
    await process.wait()
