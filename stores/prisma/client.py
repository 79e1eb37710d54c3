"""Generate Prisma Client Python with its own generator, without Prisma's command line and without its engines."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from soundcheck.stores.backend.prisma_cli import prisma_line
from soundcheck.stores.errors import StepFailed
from soundcheck.stores.prisma.client_folder import refuse_foreign_folder, replace_client
from soundcheck.stores.prisma.client_place import GENERATOR_VERSION, ClientState, client_output, client_state, joined
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.schema_text import SchemaFile, python_generator, read_schema
from soundcheck.stores.programs.conversation import converse_with_module

__all__ = ["ClientState", "GeneratedClient", "client_output", "client_state", "generate_client"]

GENERATE_DEADLINE: Final = 120.0
"""Seconds. Eleven models take one; a hundred take three."""


@dataclass(frozen=True, slots=True)
class GeneratedClient:
    """A client that was generated: its folder, the name to import it by, and its models."""

    output: Path
    module: str
    models: tuple[str, ...]
    elapsed_ms: float


def _say_nothing(_: str) -> None:
    """Nobody listens."""


async def generate_client(
    engine: PrismaEngine,
    schema: Path,
    root: Path,
    report: Callable[[str], None] = _say_nothing,
    *,
    output: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    deadline: float = GENERATE_DEADLINE,
) -> GeneratedClient:
    """Generate the client of `schema` into the project at `root`, in place of the one that is there.

    `output` names another folder than the schema's, for a project that is not written.

    The new client is made beside the old one and takes its place when it is complete. A folder that holds anything
    which no generator wrote is left as it is. Raises `StepFailed` (no Python generator, a place that is not fit, a
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
    described = await engine.describe(schema)
    files = read_schema(schema)

    async def generate(place: Path) -> None:
        await _run_generator(_generator_data(described, schema, files, place), root, environ, deadline)

    await replace_client(output, files, generate)
    models = tuple(model["name"] for model in described["dmmf"]["datamodel"]["models"])
    shown = output.relative_to(root) if output.is_relative_to(root) else output
    report(f"Generated Prisma Client Python ({GENERATOR_VERSION}) into {shown}")
    return GeneratedClient(output, output.name, models, (time.monotonic() - started) * 1000)


def _generator_data(
    described: Mapping[str, Any], schema: Path, files: tuple[SchemaFile, ...], place: Path
) -> dict[str, Any]:
    """What Prisma's command line would hand to the generator; the child adds `version`."""
    wanted = python_generator(schema)
    chosen = next(g for g in described["generators"] if wanted is not None and g["name"] == wanted.name)
    return {
        "generator": chosen | {"output": {"value": str(place), "fromEnvVar": None}},
        "otherGenerators": [],
        "schemaPath": str(schema),
        "datasources": described["datasources"],
        "datamodel": joined(files),
        "dmmf": described["dmmf"],
        "binaryPaths": {},
    }


async def _run_generator(data: Mapping[str, Any], root: Path, environ: Mapping[str, str], deadline: float) -> None:
    """In a child, for the generator writes to standard output, keeps global state, and loads the user's own code."""
    try:
        ended = await converse_with_module(
            "soundcheck.stores.prisma.generate_child", data, environ=environ, deadline=deadline, cwd=root
        )
    except TimeoutError:
        raise StepFailed(f"The generator did not finish within {deadline:g} s.", "Try again.") from None
    if ended.answer is None or "error" in ended.answer:
        said = str(ended.answer["error"]) if ended.answer else f"it ended with code {ended.code}"
        raise StepFailed(f"Prisma Client Python could not be generated: {said}", "Mend the schema where it says so.")
