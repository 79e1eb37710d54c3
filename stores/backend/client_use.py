"""Use the generated client as the backend will: its own interpreter, its own folder, five lines of Python."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from soundcheck.stores.backend.client_needs import ENGINE_VARIABLE
from soundcheck.stores.backend.interpreter_child import ChildReply, ask_interpreter
from soundcheck.stores.backend.python_backend import BackendPython
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.envfile import read_env
from soundcheck.stores.prisma.client_place import client_folder
from soundcheck.stores.prisma.models import PrismaModel, load_models
from soundcheck.stores.prisma.schema_text import datasource_variables, python_generator
from soundcheck.stores.project.project import Project
from soundcheck.stores.project.trust import Trusted
from soundcheck.stores.secret import Secret


@dataclass(frozen=True, slots=True)
class ClientLines:
    """The lines, what they count, the name that they import, and the folder in which that name is found."""

    lines: tuple[str, ...]
    table: str
    module: str
    path: Path


def client_lines(project: Project, schema: Path, folder: Path, environ: Mapping[str, str]) -> ClientLines:
    """Five lines at most that connect, count the users (else the first model's rows) and disconnect.

    Raises `CouldNotRun` where the schema cannot be read, `StepFailed` where its client is in no usable place.
    """
    output = client_folder(project, schema, environ)
    module, path = _importable(output, folder)
    models = load_models(schema)
    model = next((m for m in models if m.table == "users"), models[0]) if models else None
    generator = python_generator(schema)
    interface = generator.interface if generator else ""
    lines = _lines(module, model, is_async=interface != "sync")
    return ClientLines(lines, model.table if model else "", module, path)


def _importable(output: Path, folder: Path) -> tuple[str, Path]:
    """By its dotted path from the backend's folder where that has one, else from the folder it lies in."""
    if output.is_relative_to(folder):
        parts = output.relative_to(folder).parts
        if all(part.isidentifier() for part in parts):
            return ".".join(parts), folder
    return output.name, output.parent


def _lines(module: str, model: PrismaModel | None, *, is_async: bool) -> tuple[str, ...]:
    count, what = (f"db.{model.name.lower()}.count()", model.table) if model else ('db.query_raw("SELECT 1")', "answer")
    if not is_async:
        return (f"from {module} import Prisma", "with Prisma() as db:", f"    print({count}, {json.dumps(what)})")
    return (
        f"import asyncio, {module}",
        "async def main():",
        f"    async with {module}.Prisma() as db:",
        f"        return await {count}",
        f"print(asyncio.run(main()), {json.dumps(what)})",
    )


async def use_client(
    backend: BackendPython,
    lines: ClientLines,
    project: Project,
    schema: Path,
    credentials: Credentials,
    environ: Mapping[str, str],
    *,
    trusted: Trusted,
    deadline: float,
) -> ChildReply:
    """Run the lines with the backend's interpreter, in its folder, with the credentials in use as its environment.

    The engine is the one that the environment names, else the env file; both the client would find by itself. Raises
    nothing: a child that cannot be started is an answer too.
    """
    assert backend.interpreter is not None  # noqa: S101 - the caller looked
    variables = client_variables(project, schema, credentials)
    program = Path(__file__).with_name("client_in_python.py").read_text("utf-8")
    request = json.dumps(
        {
            "lines": "\n".join(lines.lines) + "\n",
            "path": str(lines.path),
            "module": lines.module,
            "secrets": sorted(variables.keys() - {ENGINE_VARIABLE}),
        }
    )
    environment = {**variables, **environ} | {name: variables[name] for name in variables if name != ENGINE_VARIABLE}
    environment = {name: value for name, value in environment.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    return await ask_interpreter(
        backend.interpreter,
        f"{program}\n\nmain(json.loads({request!r}))\n".encode(),
        trusted=trusted,
        folder=backend.folder,
        environ=environment | {"PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        deadline=deadline,
        secrets=_secrets(variables.values()),
    )


def client_variables(project: Project, schema: Path, credentials: Credentials) -> dict[str, str]:
    """What the client reads: the addresses in use under the names of the schema too, and the env file's engine."""
    known = {name: secret.reveal() for name, secret in credentials.as_env().items()}
    url, direct = datasource_variables(schema)
    for name, value in ((url, known.get("DATABASE_URL")), (direct, known.get("DIRECT_URL"))):
        if name and value:
            known[name] = value
    if binary := read_env(project.env_file).get(ENGINE_VARIABLE):
        known[ENGINE_VARIABLE] = binary.reveal()
    return known


def _secrets(values: Iterable[str]) -> list[Secret]:
    """Every spelling of the secrets in these values: whole addresses, and the passwords in them."""
    from soundcheck.stores.addressing import UrlProblem
    from soundcheck.stores.postgres.url import PostgresUrl

    found: list[Secret] = []
    for value in values:
        if not value or value.startswith("/"):
            continue
        found.append(Secret(value))
        try:
            password = PostgresUrl.parse(value).password
        except UrlProblem:
            continue
        if password:
            found += [password, Secret(quote(password.reveal(), safe="")), Secret(quote(password.reveal()))]
    return found
