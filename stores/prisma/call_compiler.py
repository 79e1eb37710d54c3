"""Have calls of Prisma Client Python compiled by the project's own generated client, in a child; nothing connects."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from soundcheck.stores.programs.conversation import converse_with_module

COMPILE_DEADLINE: Final = 30.0
"""Seconds. Eleven models import in one; a hundred take ten."""


@dataclass(frozen=True, slots=True)
class CompiledCall:
    """The query that the client's builder makes of a call, else `refused` says why it makes none."""

    query: str = ""
    refused: str = ""


async def compile_calls(
    client: Path,
    calls: Sequence[str],
    *,
    environ: Mapping[str, str] = os.environ,
    deadline: float = COMPILE_DEADLINE,
) -> tuple[CompiledCall, ...] | None:
    """One answer for each call, None where the client in the folder `client` cannot be imported here, or not in time.

    The client is imported with our own environment, where prisma is installed, and from this folder alone: nothing
    else of the project is importable there, and no client of that name from anywhere else takes its place.
    """
    request = {"client": str(client.absolute()), "calls": list(calls)}
    try:
        ended = await converse_with_module(
            "soundcheck.stores.prisma.compile_child", request, environ=environ, deadline=deadline, cwd=client.parent
        )
    except (TimeoutError, OSError):
        return None
    built = ended.answer.get("built") if ended.answer else None
    if not isinstance(built, list) or len(built) != len(calls):
        return None
    return tuple(CompiledCall(str(one.get("query", "")), str(one.get("refused", ""))) for one in built)
