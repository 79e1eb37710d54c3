"""What the Prisma schema says for the spellings: its models, how its client is called, and where that lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stores.errors import SoundcheckError
from stores.prisma.models import PrismaModel
from stores.project import Project


@dataclass(frozen=True, slots=True)
class SchemaRead:
    """The models, or why they cannot be read. `client` is the generated client that fits them, None where none does."""

    models: Sequence[PrismaModel] | SoundcheckError
    is_async: bool = True
    client: Path | None = None


def read_schema_of(project: Project, environ: Mapping[str, str]) -> SchemaRead:
    """Read the project's schema, else ours. Blocking, a few milliseconds."""
    from stores.prisma.client_place import ClientState, client_folder, client_state
    from stores.prisma.models import load_models
    from stores.prisma.schema_text import python_generator, schema_in_use

    schema = schema_in_use(project)
    try:
        models = load_models(schema)
        generator = python_generator(schema)
    except SoundcheckError as problem:
        return SchemaRead(problem)
    is_async = generator is None or generator.interface != "sync"
    try:
        fits = project.schema is not None and client_state(project, schema, environ) is ClientState.GENERATED
        return SchemaRead(models, is_async, client_folder(project, schema, environ) if fits else None)
    except SoundcheckError:  # a client in no usable place compiles nothing; its check says so
        return SchemaRead(models, is_async)
