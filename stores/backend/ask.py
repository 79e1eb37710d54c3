"""Ask the backend's own interpreter what it sees: our few lines on its standard input, one line of JSON back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from soundcheck.stores.backend.command import BackendCommand, Runtime
from soundcheck.stores.backend.interpreter_child import ChildReply, ask_interpreter
from soundcheck.stores.backend.loaders import SourceFacts
from soundcheck.stores.envfile import read_env
from soundcheck.stores.project.trust import Trusted
from soundcheck.stores.secret import Secret

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


async def ask_backend(
    command: BackendCommand,
    facts: SourceFacts,
    names: Sequence[str],
    environ: Mapping[str, str],
    *,
    trusted: Trusted,
    shown: Mapping[Path, str],
    deadline: float,
) -> ChildReply:
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
    return await ask_interpreter(
        command.interpreter,
        _program(command.runtime, request),
        trusted=trusted,
        folder=command.folder,
        environ=environment,
        deadline=deadline,
        secrets=[Secret(environment.get(name, "")) for name in names],
        addresses=[value.reveal() for one in facts.loads for name in names if (value := read_env(one.path).get(name))],
    )


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
