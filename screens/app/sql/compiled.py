"""The calls of a page compiled: by the client that Soundcheck generated, by another one where that is trusted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from soundcheck.stores.backend.folder_programs import when_compiling
from soundcheck.stores.prisma.call_compiler import CompiledCall, compile_calls, compile_with_own_client
from soundcheck.stores.prisma.schema_text import schema_in_use
from soundcheck.stores.project.trust import FolderProgram, NotTrusted, required_trust
from soundcheck.stores.services import Services


async def compiled_calls(services: Services, client: Path, calls: Sequence[str]) -> tuple[CompiledCall, ...] | None:
    """One answer for each, None where the client cannot be imported. Raises `NotTrusted`."""
    project, environ = services.project, services.environ
    try:
        return await compile_with_own_client(project, client, calls, environ=environ)
    except NotTrusted:
        trusted = await asyncio.to_thread(lambda: required_trust(project, what_would_run(services)))
    return await compile_calls(client, calls, trusted=trusted, environ=environ)


def what_would_run(services: Services) -> tuple[FolderProgram, ...]:
    """The generated client of the project. Blocking. Raises where it is in no usable place."""
    return when_compiling(services.project, schema_in_use(services.project), services.environ)
