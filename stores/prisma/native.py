"""`--engine native`: Prisma Client Python's own command, with the engines that it downloads itself.

It is for those who want the stock tools and whose network reaches binaries.prisma.sh. What would be lost is judged
here too, before: the stock push drops tables, enums and indexes outside the schema without a word where they are empty.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote

from soundcheck.stores.errors import CouldNotRun, Refused, StepFailed
from soundcheck.stores.local.ownership import refuse_stranger
from soundcheck.stores.postgres.settings import stock_prisma_url
from soundcheck.stores.postgres.url import DEFAULT_PORT, PostgresUrl
from soundcheck.stores.prisma.client import prove_import
from soundcheck.stores.prisma.client_folder import replace_client
from soundcheck.stores.prisma.client_place import client_output
from soundcheck.stores.prisma.engine import PrismaEngine, Say
from soundcheck.stores.prisma.node import Node
from soundcheck.stores.prisma.plan import PushPlan
from soundcheck.stores.prisma.schema_text import SchemaFile, model_blocks, python_generator, read_schema
from soundcheck.stores.programs.conversation import follow
from soundcheck.stores.programs.environment import Environment, allowed
from soundcheck.stores.programs.search_path import lasting_path
from soundcheck.stores.project.trust import Trusted
from soundcheck.stores.secret import MASK
from soundcheck.stores.stranger import Stranger

NATIVE_DEADLINE: Final = 600.0
"""Seconds. The first run downloads the command line (100 MB) and the engines (60 MB)."""

STOCK_COMMAND: Final = (sys.executable, "-P", "-m", "prisma")

_KEPT: Final = ("PRISMA_ENGINES_MIRROR", "PRISMA_BINARY_CACHE_DIR", "PRISMA_HOME_DIR", "PRISMA_NODEENV_CACHE_DIR")
_NAMED: Final = re.compile(r'\benv\(\s*"(\w+)"\s*\)')
_CONTROL: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
_DOWNLOAD: Final = re.compile(r"binaries\.prisma\.sh|engine file at|PRISMA_ENGINES_MIRROR", re.IGNORECASE)


async def native_generate(
    engine: PrismaEngine,
    schema: Path,
    root: Path,
    report: Say,
    *,
    trusted: Trusted,
    environ: Mapping[str, str] = os.environ,
    command: Sequence[str] = STOCK_COMMAND,
) -> Path:
    """`prisma generate` into the project; returns the client's folder.

    It runs every generator of the schema, each of which is a command line, so `trusted` says that a person agreed to
    that. The new client is imported by our own interpreter before it takes its place.

    Raises `StepFailed` and `CouldNotRun` as `generate_client` does, and `CouldNotRun` where an engine cannot be
    downloaded.
    """
    files = read_schema(schema)
    if len(files) != 1 or python_generator(schema) is None:
        raise StepFailed(
            "The stock command of Prisma Client Python takes one schema file with a prisma-client-py generator.",
            "Leave --engine native out.",
        )
    output = client_output(root, schema, environ)

    async def generate(place: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "schema.prisma"
            copy.write_text(_with_output(files[0], place), "utf-8")
            variables = _environment(engine.node, environ, files[0].content)
            await _run([*command, "generate", "--schema", str(copy)], variables, root, report, SecretMasks())
        (place / "schema.prisma").write_text(files[0].content, "utf-8")
        await prove_import(place, [name for name, _ in model_blocks(schema)], environ=environ)

    await replace_client(output, files, generate)
    return output


async def native_push(
    engine: PrismaEngine,
    url: PostgresUrl,
    schema: Path,
    plan: PushPlan,
    report: Say,
    *,
    trusted: Trusted,
    environ: Mapping[str, str] = os.environ,
    command: Sequence[str] = STOCK_COMMAND,
) -> None:
    """`prisma db push` of a plan that loses nothing and stands next to nothing.

    Raises `Refused` where the stock push would drop something: it knows no list of what to keep.
    """
    dropped = [*plan.kept, *plan.loss_names]
    if plan.has_migrations or dropped:
        reason = "a migrations folder stands beside the schema" if plan.has_migrations else ", ".join(dropped)
        raise Refused(
            f"The stock push would not leave this alone: {reason}.", "Leave --engine native out; our own push keeps it."
        )
    if plan.blocked:
        raise StepFailed(f"The push cannot be done: {' '.join(plan.blocked)}", "Mend the rows or the schema.")
    if url.is_guarded:
        raise StepFailed(
            "The stock engine sends the password unencrypted where a server asks for it, and "
            f"{url.endpoint} does not prove who it is.",
            "Leave --engine native out, use sslmode=verify-full, or agree for this profile with --allow-plain.",
        )
    try:
        refuse_stranger(url.host, url.port or DEFAULT_PORT, url.password)
    except Stranger as stranger:
        raise StepFailed(f"{stranger}.", stranger.hint) from None
    address = stock_prisma_url(url).reveal()
    described = await engine.describe(schema)
    names = {"DATABASE_URL", "DIRECT_URL"}
    for source in described["datasources"]:
        names |= {source[key]["fromEnvVar"] for key in ("url", "directUrl") if source.get(key)} - {None}
    text = "".join(file.content for file in read_schema(schema))
    variables = _environment(engine.node, environ, text).setting(**dict.fromkeys(names, address))
    options = ["db", "push", "--skip-generate", "--schema", str(schema)]
    await _run([*command, *options], variables, schema.parent, report, SecretMasks.of(url, address))


class SecretMasks:
    """What must not be seen in a foreign program's output."""

    def __init__(self, *secrets: str) -> None:
        self._secrets = sorted({s for s in secrets if s}, key=len, reverse=True)

    @classmethod
    def of(cls, url: PostgresUrl, *others: str) -> SecretMasks:
        """The password as it is and as it stands in URLs, and the whole URL."""
        password = url.password.reveal() if url.password else ""
        return cls(password, quote(password, safe=""), quote(password), url.reveal(), *others)

    def scrub(self, line: str) -> str:
        """The line without the secrets and without what would steer a terminal."""
        for secret in self._secrets:
            line = line.replace(secret, MASK)
        return _CONTROL.sub("", line)


def failure_in_words(output: str, code: int) -> CouldNotRun | StepFailed:
    """Why the stock command failed, from its (masked) output."""
    if _DOWNLOAD.search(output):
        return CouldNotRun(
            "Prisma's native engines could not be downloaded: binaries.prisma.sh does not answer here.",
            "Leave --engine native out: the default needs PyPI and npm alone. Or set PRISMA_ENGINES_MIRROR.",
        )
    last = next((line.strip() for line in reversed(output.splitlines()) if line.strip()), "")
    return StepFailed(f"prisma ended with code {code}: {last[:300]}", "Leave --engine native out, or see its output.")


async def _run(command: Sequence[str], environment: Environment, cwd: Path, report: Say, masks: SecretMasks) -> None:
    lines: list[str] = []

    def pass_on(line: str) -> None:
        shown = masks.scrub(line)
        lines.append(shown)
        if shown.strip():
            report(shown)

    try:
        code = await follow(command, environment=environment, deadline=NATIVE_DEADLINE, cwd=cwd, on_line=pass_on)
    except TimeoutError:
        raise CouldNotRun(
            f"prisma did not finish within {NATIVE_DEADLINE:g} s.", "Leave --engine native out."
        ) from None
    if code != 0:
        raise failure_in_words("\n".join(lines), code)


def _environment(node: Node, environ: Mapping[str, str], schema: str) -> Environment:
    """What the stock command reads, its own settings and what the schema takes from the environment too."""
    path = os.pathsep.join(p for p in (str(node.path.parent), lasting_path(environ.get("PATH", ""))) if p)
    return allowed(environ, *_KEPT, *_NAMED.findall(schema), PATH=path, PYTHONSAFEPATH="1")


def _with_output(file: SchemaFile, place: Path) -> str:
    """The schema with its Python generator writing to `place`."""
    lines = []
    inside = False
    for line in file.content.splitlines():
        if re.match(r"\s*generator\s+\w+\s*\{", line):
            inside = True
            lines.append(line)
            continue
        if inside and re.match(r"\s*output\s*=", line):
            continue
        if inside and re.match(r"\s*provider\s*=.*(prisma-client-py|-m prisma)", line):
            lines.append(f'  output = "{place.as_posix()}"')
        inside = inside and not line.strip().startswith("}")
        lines.append(line)
    return "\n".join(lines) + "\n"
