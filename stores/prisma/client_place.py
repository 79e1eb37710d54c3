"""Where the generated client of a project lies, and whether it is there and fits the schema: read, never written."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from soundcheck.stores.errors import StepFailed
from soundcheck.stores.plain_file import read_plain_text
from soundcheck.stores.prisma.schema_text import (
    SchemaFile,
    fingerprint,
    output_in_variable,
    python_generator,
    read_schema,
)
from soundcheck.stores.project.project import Project

CLIENT_NAME: Final = "prisma_client"
GENERATOR_VERSION: Final = "0.15.0"
STAMP_NAME: Final = ".soundcheck.json"
"""Inside the client: from which schema it was generated, and which files are its own."""

_SCHEMA_FOLDERS: Final = frozenset({"prisma", "schema"})


class ClientState(StrEnum):
    """How the client stands to the schema."""

    GENERATED = "generated"
    STALE = "stale"
    MISSING = "missing"
    NOT_WANTED = "not_wanted"
    """The schema asks for no Prisma Client Python: another language's client is not ours to generate."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What we write into a client that we generated. `left_out` names the code for partial types that was not run."""

    schema: str
    generator: str
    files: tuple[str, ...]
    left_out: str = ""


def client_state(project: Project, schema: Path, environ: Mapping[str, str] = os.environ) -> ClientState:
    """Whether a client is there and was generated from this very schema. Reads two small files.

    Raises `CouldNotRun` where the schema cannot be read, `StepFailed` where its output is in no usable place.
    """
    if python_generator(schema) is None:
        return ClientState.NOT_WANTED
    output = client_folder(project, schema, environ)
    if not (output / "client.py").is_file():
        return ClientState.MISSING
    return ClientState.GENERATED if _fits(output, read_schema(schema)) else ClientState.STALE


def is_current(
    project: Project,
    schema: Path,
    environ: Mapping[str, str] = os.environ,
    *,
    with_partial_types: bool = False,
    at: Path | None = None,
) -> bool:
    """Whether a client of ours is there whole, from this very schema, by the generator of today: nothing to generate.

    `with_partial_types` says that those would be generated now, so that a client which lacks them is none. `at` names
    the folder, where another one than `client_folder` is meant. Raises what `client_state` raises.
    """
    output = at or client_folder(project, schema, environ)
    stamp = read_stamp(output)
    if stamp is None or (stamp.schema, stamp.generator) != (fingerprint(read_schema(schema)), GENERATOR_VERSION):
        return False
    if stamp.left_out and with_partial_types:
        return False
    return all((output / name).is_file() for name in (*stamp.files, "client.py"))


def holds_partial_types(output: Path) -> bool:
    """Whether a client in this folder has partial types, which a generation without the project's code would lose."""
    try:
        return "\nclass " in read_plain_text(output / "partials.py")
    except (OSError, UnicodeDecodeError):
        return False


def _fits(output: Path, files: tuple[SchemaFile, ...]) -> bool:
    """By our note; where Prisma's own command generated it, by the copy of the schema that it keeps."""
    if (stamp := read_stamp(output)) is not None:
        return stamp.schema == fingerprint(files)
    return _copied_schema(output) == joined(files).strip()


def client_folder(project: Project, schema: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """The folder in which this project's client is looked for: `client_output`, which raises.

    Where the project is not written and holds no client of its own, the one in the state folder; the same for one that
    would go outside the project, where nobody agreed to that.
    """
    output = client_output(project.root, schema, environ)
    if project.read_only and not (output / "client.py").is_file():
        return project.client_in_state
    if is_outside(project.root, output) and (project.client_in_state / "client.py").is_file():
        return output if _fits(output, read_schema(schema)) else project.client_in_state
    return output


def is_outside(root: Path, output: Path) -> bool:
    """Whether a folder lies outside the project, by whatever way its path leads there."""
    return not Path(os.path.realpath(output)).is_relative_to(os.path.realpath(root))


def client_output(root: Path, schema: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of the client: what the schema's generator says, else `prisma_client` beside the schema's folder.

    Raises `StepFailed` for a place where a client must not be: a package called `prisma`, which would hide the
    library itself, our own environment, or a folder that holds the project. Also where `output_in_variable` does.
    """
    generator = python_generator(schema)
    output = generator.output if generator else None
    if generator is not None and generator.output_variable:
        value = output_in_variable(generator.output_variable, environ)
        if not value:
            raise StepFailed(
                f"The schema's generator takes its output from {generator.output_variable}, which is not set.",
                "Set it, or write the folder into the schema.",
            )
        output = (root / value).resolve()
    if output is None:
        output = _usual_place(root.resolve(), schema.resolve())
    _refuse_place(output, root.resolve())
    return output


def read_stamp(output: Path) -> Stamp | None:
    """What we noted in a client of ours; None where the client is not ours, or the note is damaged."""
    try:
        value = json.loads(read_plain_text(output / STAMP_NAME))
        left_out = str(value.get("left_out", ""))
        return Stamp(str(value["schema"]), str(value["generator"]), tuple(map(str, value["files"])), left_out)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def joined(files: tuple[SchemaFile, ...]) -> str:
    """A multi-file schema as one text, in the order of its files."""
    return "\n".join(file.content for file in files)


def _copied_schema(output: Path) -> str:
    try:
        return read_plain_text(output / "schema.prisma").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _usual_place(root: Path, schema: Path) -> Path:
    folder = schema if schema.is_dir() else schema.parent
    if not folder.is_relative_to(root):
        return root / CLIENT_NAME
    while folder.name in _SCHEMA_FOLDERS and folder != root:
        folder = folder.parent
    return folder / CLIENT_NAME


def _refuse_place(output: Path, root: Path) -> None:
    hint = f'Write output = "./{CLIENT_NAME}" into the schema\'s generator block.'
    if output.name == "prisma":
        raise StepFailed(f"A client in {output} would hide the library `prisma` that it needs itself.", hint)
    spec = importlib.util.find_spec("prisma")
    library = Path(spec.origin).parent if spec is not None and spec.origin else None
    ours = [Path(sys.prefix).resolve(), Path(__file__).parents[2], *([library] if library else [])]
    if any(output == place or output.is_relative_to(place) for place in ours):
        raise StepFailed(f"{output} is part of Soundcheck's own environment; a client never goes there.", hint)
    if root == output or root.is_relative_to(output):
        raise StepFailed(f"{output} holds the project itself; a client needs a folder of its own.", hint)
