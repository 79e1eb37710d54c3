"""Where a project's generated Prisma client lies, and whether it is of the schema as it is now. Files only, no Node."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stores.errors import CouldNotRun
from stores.prisma.schema_text import read_schema

DEFAULT_FOLDER: Final = "prisma_client"
"""Where set-up generates it, in the project's root, unless the schema's generator says otherwise."""

_GENERATOR: Final = re.compile(r"^\s*generator\s+\w+\s*\{(?P<body>[^}]*)\}", re.MULTILINE)
_SETTING: Final = re.compile(r'^\s*(?P<name>\w+)\s*=\s*"(?P<value>[^"]*)"', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FoundClient:
    """A generated client, and whether the schema that it was generated from is the present one."""

    folder: Path
    is_current: bool


def find_client(root: Path, schema: Path) -> FoundClient | None:
    """The Python client where the schema's generator writes it, else in `prisma_client/`; None where there is none.

    The generator leaves a copy of the schema beside the client: the two are compared without blanks.
    """
    try:
        text = "\n".join(file.content for file in read_schema(schema))
    except CouldNotRun:
        return None
    home = schema if schema.is_dir() else schema.parent
    outputs = [home / output for output in _outputs(text)]
    for folder in (*outputs, root / DEFAULT_FOLDER, home.parent / DEFAULT_FOLDER):
        if (folder / "client.py").is_file():
            return FoundClient(folder.resolve(), _is_current(folder, text))
    return None


def _outputs(text: str) -> list[str]:
    settings = [dict(_SETTING.findall(match["body"])) for match in _GENERATOR.finditer(text)]
    return [found["output"] for found in settings if "output" in found]


def _is_current(folder: Path, text: str) -> bool:
    try:
        copy = (folder / "schema.prisma").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return True  # nothing to compare with
    return _models(copy) == _models(text)


def _models(text: str) -> list[str]:
    """What shapes the client: everything but the generators, the datasource and comments, blanks folded."""
    shorn = re.sub(r"^\s*(generator|datasource)\s+\w+\s*\{[^}]*\}", "", text, flags=re.MULTILINE)
    lines = (" ".join(line.partition("//")[0].split()) for line in shorn.splitlines())
    return sorted(line for line in lines if line)
