"""Generate Prisma Client Python with its own generator, without Prisma's command line and without its engines."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from soundcheck.stores.backend.prisma_cli import prisma_line
from soundcheck.stores.errors import Refused, StepFailed
from soundcheck.stores.prisma.client_folder import refuse_foreign_folder, replace_client
from soundcheck.stores.prisma.client_place import (
    GENERATOR_VERSION,
    ClientState,
    client_output,
    client_state,
    holds_partial_types,
)
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.generator_data import generator_data
from soundcheck.stores.prisma.partial_types import partial_types_of
from soundcheck.stores.prisma.schema_text import python_generator, read_schema
from soundcheck.stores.programs.conversation import converse_with_module
from soundcheck.stores.project.trust import Trusted

__all__ = ["ClientState", "GeneratedClient", "client_output", "client_state", "generate_client", "prove_import"]

GENERATE_DEADLINE: Final = 120.0
"""Seconds. Eleven models take one; a hundred take three."""


@dataclass(frozen=True, slots=True)
class GeneratedClient:
    """A client that was generated: its folder, the name to import it by, and its models.

    `left_out` is the project's own code for partial types, which nobody agreed to run; "" where there is none.
    `digest` is of the client's files where nothing but our generator made them, "" where the project's code had a part.
    """

    output: Path
    module: str
    models: tuple[str, ...]
    elapsed_ms: float
    left_out: str = ""
    digest: str = ""


def _say_nothing(_: str) -> None:
    """Nobody listens."""


async def generate_client(
    engine: PrismaEngine,
    schema: Path,
    root: Path,
    report: Callable[[str], None] = _say_nothing,
    *,
    output: Path | None = None,
    trusted: Trusted | None = None,
    environ: Mapping[str, str] = os.environ,
    deadline: float = GENERATE_DEADLINE,
) -> GeneratedClient:
    """Generate the client of `schema` into the project at `root`, in place of the one that is there.

    `output` names another folder than the schema's, for a project that is not written.

    The new client is made in a private folder and imported there by our own interpreter; then it takes the place of
    the old one. The project's own code for partial types is run where `trusted` says so, else left out, and a client
    that has partial types is not replaced by one without: that raises `Refused`. A folder that holds anything which no
    generator wrote is left as it is. Raises `StepFailed` (no Python generator, a place that is not fit, a
    schema that the generator refuses), `PrismaFailure` (`schema_invalid`) and `CouldNotRun` (engine or disk).
    """
    started = time.monotonic()
    if python_generator(schema) is None:
        raise StepFailed(
            "The schema has no generator for Python, so there is no client for Soundcheck to generate.",
            'Add a generator block with provider = "prisma-client-py", or generate yours with: '
            + prisma_line(root, "generate"),
        )
    output = output or client_output(root, schema, environ)
    refuse_foreign_folder(output)
    partial_types = partial_types_of(root, schema)
    left_out = partial_types if trusted is None else None
    if left_out is not None and holds_partial_types(output):
        raise Refused(
            f"The client has partial types, which come from {left_out.name}, and this folder is not trusted.",
            "If you trust this folder: soundcheck setup --trust",
        )
    described = await engine.describe(schema)
    models = tuple(model["name"] for model in described["dmmf"]["datamodel"]["models"])
    files = read_schema(schema)
    chosen = python_generator(schema)
    assert chosen is not None  # noqa: S101 - looked at above
    runs_code = partial_types is not None and left_out is None

    async def generate(place: Path) -> None:
        data = generator_data(described, chosen.name, schema, files, place, partial_types=runs_code)
        if runs_code:  # in a child of its own: what imports the client runs nothing else of the project
            await _ask_child({"generate": data, "prove": None}, root, environ, deadline)
            await prove_import(place, models, environ=environ, deadline=deadline)
        else:
            proof = {"folder": str(place), "models": list(models)}
            await _ask_child({"generate": data, "prove": proof}, place.parent, environ, deadline)

    digest = await replace_client(output, files, generate, left_out=left_out.name if left_out else "")
    shown = output.relative_to(root) if output.is_relative_to(root) else output
    report(f"Generated Prisma Client Python ({GENERATOR_VERSION}) into {shown}, and imported it")
    return GeneratedClient(
        output,
        output.name,
        models,
        (time.monotonic() - started) * 1000,
        left_out=left_out.name if left_out else "",
        digest="" if runs_code else digest,
    )


async def prove_import(
    folder: Path, models: Sequence[str], *, environ: Mapping[str, str], deadline: float = GENERATE_DEADLINE
) -> None:
    """Import a client that was just generated into a private folder, with our own interpreter. Raises `StepFailed`."""
    proof = {"folder": str(folder), "models": list(models)}
    await _ask_child({"generate": None, "prove": proof}, folder.parent, environ, deadline)


async def _ask_child(asked: Mapping[str, Any], cwd: Path, environ: Mapping[str, str], deadline: float) -> None:
    """In a child, for the generator writes to standard output and keeps global state.

    Its folder is the project's only where the project's own code is run: `pyproject.toml` is read there, and code for
    partial types is looked for, whether anything names it or not.
    """
    try:
        ended = await converse_with_module(
            "soundcheck.stores.prisma.generate_child", asked, environ=environ, deadline=deadline, cwd=cwd
        )
    except TimeoutError:
        raise StepFailed(f"The generator did not finish within {deadline:g} s.", "Try again.") from None
    if ended.answer is None or "error" in ended.answer:
        said = str(ended.answer["error"]) if ended.answer else f"it ended with code {ended.code}"
        if ended.answer and "generated" in ended.answer:
            raise StepFailed(
                f"Prisma Client Python was generated, and cannot be imported: {said}",
                "Rename what the schema calls so, then generate again. The old client is as it was.",
            )
        raise StepFailed(f"Prisma Client Python could not be generated: {said}", "Mend the schema where it says so.")
