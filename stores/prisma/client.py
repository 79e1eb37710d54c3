"""Generate Prisma Client Python with its own generator, without Prisma's command line and without its engines."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from stores.errors import CouldNotRun, StepFailed
from stores.prisma.child import clean_environment, converse
from stores.prisma.client_place import STAMP_NAME, ClientState, client_output, client_state, joined, read_stamp
from stores.prisma.engine import PrismaEngine
from stores.prisma.schema_text import SchemaFile, fingerprint, python_generator, read_schema

__all__ = ["ClientState", "GeneratedClient", "client_output", "client_state", "generate_client"]

GENERATE_DEADLINE: Final = 120.0
"""Seconds. Eleven models take one; a hundred take three."""

GENERATOR_VERSION: Final = "0.15.0"
_LEFTOVER: Final = re.compile(r"\.[0-9a-f]{8}\.(tmp|old)$")
_ABANDONED: Final = 3600.0
_IGNORED: Final = frozenset({"__pycache__", ".gitignore", STAMP_NAME})


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
    environ: Mapping[str, str] = os.environ,
    deadline: float = GENERATE_DEADLINE,
) -> GeneratedClient:
    """Generate the client of `schema` into the project at `root`, in place of the one that is there.

    The new client is made beside the old one and takes its place when it is complete. A folder that holds anything
    which no generator wrote is left as it is. Raises `StepFailed` (no Python generator, a place that is not fit, a
    schema that the generator refuses), `PrismaFailure` (`schema_invalid`) and `CouldNotRun` (engine or disk).
    """
    started = time.monotonic()
    if python_generator(schema) is None:
        raise StepFailed(
            "The schema has no generator for Python, so there is no client for Soundcheck to generate.",
            'Add a generator block with provider = "prisma-client-py", or generate yours with: npx prisma generate',
        )
    output = client_output(root, schema, environ)
    _refuse_foreign_folder(output)
    described = await engine.describe(schema)
    files = read_schema(schema)
    neighbour = output.parent / f".{output.name}.{secrets.token_hex(4)}.tmp"
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        _sweep(output)
        await _run_generator(_generator_data(described, schema, files, neighbour), root, environ, deadline)
        made = _own_files(neighbour)
        _refuse_foreign_files(output, made)
        _sign(neighbour, files, made)
        _take_place(neighbour, output)
    except OSError as problem:
        raise CouldNotRun(
            f"The client could not be written to {output}: {problem.strerror or problem}.",
            "Free some space or mend the folder's rights; the old client is as it was.",
        ) from problem
    finally:
        shutil.rmtree(neighbour, ignore_errors=True)
    models = tuple(model["name"] for model in described["dmmf"]["datamodel"]["models"])
    report(f"Generated Prisma Client Python ({GENERATOR_VERSION}) into {output}")
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
    home = str(Path(__file__).parents[2])
    try:
        ended = await converse(
            [sys.executable, "-P", "-m", "stores.prisma.generate_child"],
            json.dumps(data).encode(),
            environ=clean_environment(environ, PYTHONPATH=home),
            deadline=deadline,
            cwd=root,
        )
    except TimeoutError:
        raise StepFailed(f"The generator did not finish within {deadline:g} s.", "Try again.") from None
    if ended.answer is None or "error" in ended.answer:
        said = str(ended.answer["error"]) if ended.answer else f"it ended with code {ended.code}"
        raise StepFailed(f"Prisma Client Python could not be generated: {said}", "Mend the schema where it says so.")


def _refuse_foreign_folder(output: Path) -> None:
    """A folder that is there must be a client, or empty. Raises `StepFailed`."""
    hint = "Move it away, or name another output in the schema's generator block."
    if output.is_symlink():
        raise StepFailed(f"{output} is a link; a client is not written through it.", hint)
    if not output.exists():
        return
    if not output.is_dir():
        raise StepFailed(f"{output} is a file, and the client needs a folder of that name.", hint)
    if any(output.iterdir()) and not _is_client(output):
        raise StepFailed(f"{output} is not a generated client; it is left as it is.", hint)


def _is_client(folder: Path) -> bool:
    if read_stamp(folder) is not None:
        return True
    try:
        return "__title__ = 'prisma'" in (folder / "__init__.py").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def _refuse_foreign_files(output: Path, made: frozenset[str]) -> None:
    """What lies in the old client and was written by no generator would be lost with it."""
    if not output.is_dir():
        return
    stamp = read_stamp(output)
    known = made | frozenset(stamp.files if stamp else ())
    foreign = sorted(_own_files(output) - known)
    if foreign:
        more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
        raise StepFailed(
            f"{output} holds files that no generator wrote: {', '.join(foreign[:3])}{more}. It is left as it is.",
            "Move them away, then generate again.",
        )


def _own_files(folder: Path) -> frozenset[str]:
    """The files below, by their path from it; byte code and our own notes left out."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
    return frozenset(path.as_posix() for path in found if not _IGNORED & set(path.parts) and path.suffix != ".pyc")


def _sign(folder: Path, files: tuple[SchemaFile, ...], made: frozenset[str]) -> None:
    """Note what it was made from, and keep it out of git: it is made again from the schema, not edited."""
    note = {
        "kind": "soundcheck.client",
        "schema_version": 1,
        "schema": fingerprint(files),
        "generator": GENERATOR_VERSION,
        "files": sorted(made),
    }
    (folder / STAMP_NAME).write_text(json.dumps(note, indent=1) + "\n", "utf-8")
    (folder / ".gitignore").write_text("*\n", "utf-8")


def _take_place(neighbour: Path, output: Path) -> None:
    """Swap the new folder in. The old one is away for the time of one rename."""
    if not output.exists():
        neighbour.rename(output)
        return
    old = output.parent / f".{output.name}.{secrets.token_hex(4)}.old"
    output.rename(old)
    try:
        neighbour.rename(output)
    except OSError:
        old.rename(output)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _sweep(output: Path) -> None:
    """Remove what a generation left behind that was killed long ago; a young one may still be at work."""
    for leftover in output.parent.glob(f".{output.name}.*"):
        if _LEFTOVER.search(leftover.name) and leftover.stat().st_mtime < time.time() - _ABANDONED:
            shutil.rmtree(leftover, ignore_errors=True)
