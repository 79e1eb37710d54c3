"""What the generator of Prisma Client Python is handed: the schema as Prisma describes it, with no code in its texts.

The templates of prisma 0.15.0 put some texts of a schema into Python as they stand: comments (`///`) between three
quotes, and paths between one. So a comment can end its string, and what follows it is code that runs wherever the
client is imported. Here such texts are written as Python writes them, so that they stay what they say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from soundcheck.stores.prisma.client_place import joined
from soundcheck.stores.prisma.schema_text import SchemaFile

_PARTIAL_TYPES: Final = "partial_type_generator"
_ENDS_A_TEXT: Final = re.compile(r"""\"{3,}|'{3,}|[\"']+\Z""")


def generator_data(
    described: Mapping[str, Any],
    generator: str,
    schema: Path,
    files: tuple[SchemaFile, ...],
    place: Path,
    *,
    partial_types: bool,
) -> dict[str, Any]:
    """What Prisma's command line would hand to the block called `generator`; the child adds `version`.

    Without `partial_types` the project's own code is not named, and so is not run.
    """
    chosen = next(one for one in described["generators"] if one["name"] == generator)
    config = {name: value for name, value in chosen["config"].items() if partial_types or name != _PARTIAL_TYPES}
    return {
        "generator": chosen | {"output": {"value": str(place), "fromEnvVar": None}, "config": config},
        "otherGenerators": [],
        "schemaPath": in_quotes(str(schema)),
        "datasources": [_source(source) for source in described["datasources"]],
        "datamodel": joined(files),
        "dmmf": _documented(described["dmmf"]),
        "binaryPaths": {},
    }


def in_quotes(text: str) -> str:
    """A text as it stands between quotes of either kind in Python, so that reading it gives the text."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"')
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in escaped)


def in_three_quotes(text: str) -> str:
    """The same between three quotes of either kind, where single ones and ends of lines may stay."""
    escaped = _ENDS_A_TEXT.sub(lambda run: "".join(f"\\{quote}" for quote in run[0]), text.replace("\\", "\\\\"))
    kept = {"\n", "\t"}
    return "".join(c if c.isprintable() or c in kept else c.encode("unicode_escape").decode() for c in escaped)


def _source(source: Mapping[str, Any]) -> dict[str, Any]:
    path = source.get("sourceFilePath")
    return {**source, "sourceFilePath": in_quotes(path) if isinstance(path, str) else path}


def _documented(value: Any) -> Any:
    """The same model with its comments as Python writes them. Only a comment's text is touched."""
    if isinstance(value, Mapping):
        return {
            name: in_three_quotes(one) if name == "documentation" and isinstance(one, str) else _documented(one)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [_documented(one) for one in value]
    return value
