"""`prisma.config.ts`: what Prisma 7 and later read the address from, in place of the schema. Pure but for reading.

Tried with 7.10.1: `url` or `directUrl` in the datasource is refused (P1012), the config file is loaded from the folder
of package.json, and variables come from `.env` only where it says so itself (`dotenv/config`).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from soundcheck.stores.prisma.schema_text import datasource_variables, read_schema

CONFIG_NAME: Final = "prisma.config.ts"
URL_SETTINGS: Final = ("url", "directUrl", "shadowDatabaseUrl")

_DATASOURCE: Final = re.compile(r"^[ \t]*datasource[ \t]+\w+[ \t]*\{")
_SETTING: Final = re.compile(rf"^[ \t]*({'|'.join(URL_SETTINGS)})[ \t]*=")


@dataclass(frozen=True, slots=True)
class SchemaWithoutUrls:
    """A schema's file as Prisma 7 takes it; `removed` are the lines that go, as they stand."""

    path: Path
    text: str
    removed: tuple[str, ...]


def schema_url_settings(schema: Path) -> tuple[str, ...]:
    """The names of the settings in the datasource that Prisma 7 refuses. Raises `CouldNotRun`."""
    found = (match[1] for file in _files(schema) for line in file.removed if (match := _SETTING.match(line)))
    return tuple(found)


def without_urls(schema: Path) -> SchemaWithoutUrls | None:
    """The file that holds them, without them; None where none does. Raises `CouldNotRun`."""
    return next((file for file in _files(schema) if file.removed), None)


def _files(schema: Path) -> list[SchemaWithoutUrls]:
    found = []
    for file in read_schema(schema):
        kept: list[str] = []
        removed: list[str] = []
        inside = False
        for line in file.content.splitlines(keepends=True):
            inside = inside or _DATASOURCE.match(line) is not None
            if inside and _SETTING.match(line):
                removed.append(line.rstrip("\r\n"))
            else:
                kept.append(line)
            inside = inside and not line.strip().startswith("}")
        path = schema / file.name if schema.is_dir() else schema
        found.append(SchemaWithoutUrls(path, "".join(kept), tuple(removed)))
    return found


def with_url(content: str) -> str:
    """A schema's text for an engine that wants `url` in the datasource: one is put in where none stands.

    The address itself is handed over apart from the schema. A blank line behind the block goes for it, so that the
    lines that the engine names in its errors are those of the file.
    """
    lines = content.splitlines(keepends=True)
    start = next((at for at, line in enumerate(lines) if _DATASOURCE.match(line)), None)
    if start is None:
        return content
    end = next((at for at in range(start + 1, len(lines)) if lines[at].strip().startswith("}")), None)
    if end is None or any(re.match(r"[ \t]*url[ \t]*=", line) for line in lines[start:end]):
        return content
    behind = end + 2 if lines[end + 1 : end + 2] and not lines[end + 1].strip() else end + 1
    return "".join([*lines[:end], '  url = env("DATABASE_URL")\n', lines[end], *lines[behind:]])


def config_text(schema: Path, folder: Path) -> str:
    """The config file for `folder`, with the schema's own variable: of the two addresses the direct one.

    The commands that read it (push, migrate) need the direct one; the application's client takes its address from
    its driver adapter. Raises `CouldNotRun`.
    """
    url, direct = datasource_variables(schema)
    shown = schema.relative_to(folder).as_posix() if schema.is_relative_to(folder) else str(schema)
    return (
        "import 'dotenv/config'\n"
        "import { defineConfig, env } from 'prisma/config'\n"
        "\n"
        "export default defineConfig({\n"
        f"  schema: {json.dumps(shown)},\n"
        "  datasource: {\n"
        f"    url: env({json.dumps(direct or url or 'DATABASE_URL')}),\n"
        "  },\n"
        "})\n"
    )
