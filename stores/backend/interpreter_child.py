"""Hand a program to an interpreter on its standard input, and read what it tells on the last line of its output."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from soundcheck.stores.local.ownership import refuse_strangers
from soundcheck.stores.programs.ending import ending_with_us
from soundcheck.stores.programs.environment import whole
from soundcheck.stores.programs.starting import PIPE, start_watched
from soundcheck.stores.project.trust import Trusted
from soundcheck.stores.secret import Secret
from soundcheck.stores.stranger import Stranger

MARK: Final = b"soundcheck-app-probe:"
MOST: Final = 200_000
"""Bytes of output that are looked at, counted from its end."""


@dataclass(frozen=True, slots=True)
class ChildReply:
    """How the child ended: what it told, or None with a code (`not_started`, `timeout`).

    `text` is the last line of its standard error, masked: its last words, or what an engine that it started said.
    """

    told: Mapping[str, Any] | None
    code: str = ""
    text: str = ""


async def ask_interpreter(
    interpreter: Path,
    program: bytes,
    *,
    trusted: Trusted,
    folder: Path,
    environ: Mapping[str, str],
    deadline: float,
    secrets: Iterable[Secret],
    addresses: Iterable[str] = (),
) -> ChildReply:
    """Run the program in `folder` with `environ`; nothing stands on its command line but the interpreter.

    `trusted` is a person's consent to what runs: the interpreter, and what the program imports.

    `deadline` is in seconds. However this ends, the child and whatever it started are gone. It is not started where it
    would connect to a stranger at an address of the local stack: one of its variables, or one of `addresses`.
    """
    try:
        refuse_strangers([*environ.values(), *addresses])
    except Stranger as stranger:
        return ChildReply(None, "not_started", f"{stranger}.")
    try:
        process = await start_watched(
            [str(interpreter), "-"], whole(environ), cwd=folder, stdin=PIPE, stdout=PIPE, stderr=PIPE
        )
    except OSError as problem:
        return ChildReply(None, "not_started", problem.strerror or type(problem).__name__)
    try:
        with ending_with_us(process.pid):  # until it has the program, the end of its input ends it
            async with asyncio.timeout(deadline):
                out, err = await process.communicate(program)
    except TimeoutError:
        return ChildReply(None, "timeout", f"within {deadline:g} s")
    finally:
        await _end(process)
    return _answer(out, err, secrets)


def _answer(out: bytes, err: bytes, secrets: Iterable[Secret]) -> ChildReply:
    lines = [line for line in err[-MOST:].decode("utf-8", "replace").splitlines() if line.strip()]
    said = lines[-1].strip() if lines else ""
    for secret in sorted(secrets, key=lambda one: -len(one.reveal())):
        if secret:
            said = said.replace(secret.reveal(), str(secret))
    said = said[:300]
    last = next((line for line in reversed(out[-MOST:].splitlines()) if line.startswith(MARK)), None)
    if last is not None:
        with contextlib.suppress(ValueError):
            told = json.loads(last.removeprefix(MARK))
            if isinstance(told, dict):
                return ChildReply(told, text=said)
    return ChildReply(None, "not_started", said or "it ended without a word")


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the child and whatever it started (a Prisma client starts an engine)."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGTERM)
    await process.wait()
    transport = getattr(process, "_transport", None)
    if transport is not None:
        transport.close()
