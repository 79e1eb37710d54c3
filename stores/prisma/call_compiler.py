"""Have calls of Prisma Client Python compiled by the project's own generated client, in a child; nothing connects."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from soundcheck.stores.prisma.own_client import own_copy
from soundcheck.stores.programs.conversation import converse_with_module
from soundcheck.stores.project.project import Project
from soundcheck.stores.project.trust import FolderProgram, NotTrusted, Trusted

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
    trusted: Trusted,
    environ: Mapping[str, str] = os.environ,
    deadline: float = COMPILE_DEADLINE,
) -> tuple[CompiledCall, ...] | None:
    """One answer for each call, None where the client in the folder `client` cannot be imported here, or not in time.

    The client is imported with our own environment, where prisma is installed, and from this folder alone: nothing
    else of the project is importable there, and no client of that name from anywhere else takes its place. It is code
    of the project, so `trusted` says that a person agreed to it.
    """
    return await _compiled(client.absolute(), calls, environ, deadline)


async def compile_with_own_client(
    project: Project,
    client: Path,
    calls: Sequence[str],
    *,
    environ: Mapping[str, str] = os.environ,
    deadline: float = COMPILE_DEADLINE,
) -> tuple[CompiledCall, ...] | None:
    """The same with a private copy of the client that we generated ourselves, which needs nobody's trust.

    Raises `NotTrusted` where the one that lies in `client` is another one.
    """
    with contextlib.ExitStack() as stack:
        copy = await asyncio.to_thread(stack.enter_context, own_copy(project, client))
        if copy is None:
            raise NotTrusted((FolderProgram("the generated client", client),), project)
        return await _compiled(copy, calls, environ, deadline)


async def _compiled(
    client: Path, calls: Sequence[str], environ: Mapping[str, str], deadline: float
) -> tuple[CompiledCall, ...] | None:
    """In a folder of nobody's: a `pyproject.toml` beside the client would be read."""
    request = {"client": str(client), "calls": list(calls)}
    try:
        with tempfile.TemporaryDirectory(prefix="soundcheck-") as nowhere:
            ended = await converse_with_module(
                "soundcheck.stores.prisma.compile_child",
                request,
                environ=environ,
                deadline=deadline,
                cwd=Path(nowhere),
            )
    except (TimeoutError, OSError):
        return None
    built = ended.answer.get("built") if ended.answer else None
    if not isinstance(built, list) or len(built) != len(calls):
        return None
    return tuple(CompiledCall(str(one.get("query", "")), str(one.get("refused", ""))) for one in built)
