"""What package.json and node_modules say. Read from files; nothing is run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from soundcheck.stores.plain_file import read_plain_text

_KINDS: Final = ("dependencies", "devDependencies", "optionalDependencies")


def read_package(path: Path) -> Mapping[str, Any] | None:
    """A package.json; None where it is missing or is none."""
    try:
        value = json.loads(read_plain_text(path))
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def declared_ranges(package: Mapping[str, Any]) -> dict[str, str]:
    """Its dependencies of all kinds, each with the range of versions that it asks for."""
    named = [kind for name in _KINDS if isinstance(kind := package.get(name), Mapping)]
    return {str(name): str(wanted) for kind in reversed(named) for name, wanted in kind.items()}


def installed_version(folders: Iterable[Path], name: str) -> str:
    """The version of a package in the first node_modules that has it; "" for none."""
    for folder in folders:
        package = read_package(folder / "node_modules" / name / "package.json")
        if package is not None and isinstance(version := package.get("version"), str):
            return version
    return ""
