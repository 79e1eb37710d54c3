"""Which env files a backend reads, in which order, and with what: decided from its source text. Runs nothing of it.

Sources: python-dotenv 1.2 `find_dotenv` (upwards from the calling file), Flask `cli.load_dotenv` (.env, .flaskenv),
prisma 0.15 `_base_client` (.env, prisma/.env), dotenv 17 for Node (.env of the working folder), Next.js `@next/env`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from soundcheck.stores.backend.command import BackendCommand, Runtime
from soundcheck.stores.envfile.usages import source_texts

_LOAD: Final = re.compile(r"\bload_dotenv\s*\(([^)]*)\)|\bdotenv_values\s*\(([^)]*)\)")
_SETTINGS: Final = re.compile(r"\benv_file\s*=\s*[\"']([^\"']+)[\"']")
_UPWARDS: Final = re.compile(r"\bfrom\s+(decouple|environs)\s+import|\bimport\s+(decouple|environs)\b")
_PRISMA_PY: Final = re.compile(
    r"^[ \t]*from[ \t]+([A-Za-z_][\w.]*)[ \t]+import[^\n]*\bPrisma\b|^[ \t]*import[ \t]+(prisma\w*)\b", re.MULTILINE
)
_NODE_LOAD: Final = re.compile(
    r"[\"']dotenv/config[\"']|\bdotenv\s*\.\s*config\s*\(([^)]*)\)|[\"']dotenv[\"']\s*\)\s*\.\s*config\s*\(([^)]*)\)"
)
_NODE_OWN: Final = re.compile(r"\bprocess\.loadEnvFile\s*\(([^)]*)\)")
_NODE_PRISMA: Final = re.compile(r"[\"']@prisma/client[\"']")
_QUOTED: Final = re.compile(r"[\"']([^\"']+)[\"']")
_OVERRIDES: Final = re.compile(r"\boverride\s*[=:]\s*[Tt]rue")
_NEXT: Final = (".env.development.local", ".env.local", ".env.development", ".env")


@dataclass(frozen=True, slots=True)
class Loaded:
    """One env file that the backend reads: its path, whether it beats exported variables, and by what, in words."""

    path: Path
    override: bool
    by: str
    library: str = ""
    """What has to be installed for it, "" where it is built in."""


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What the backend's source says: the files it loads in order, and the words that were looked for."""

    loads: tuple[Loaded, ...]
    mentions: frozenset[str]
    prisma_package: str = ""
    """The name under which a Python backend imports its Prisma client."""


def source_facts(command: BackendCommand, drivers: tuple[str, ...]) -> SourceFacts:
    """Read the source once, bounded. Blocking. `drivers` are the package names whose mention is noted."""
    found = list(_named_on_the_command(command))
    mentioned: set[str] = set()
    prisma = ""
    words = re.compile(rf"(?<![\w@/-])({'|'.join(re.escape(name) for name in drivers)})(?![\w-])")
    for path, text in source_texts(command.folder):
        if _is_generated(path, command.folder):
            continue
        if command.runtime is Runtime.PYTHON and path.suffix == ".py":
            found += _python_loads(command.folder, path, text)
            if match := _PRISMA_PY.search(text):
                prisma = prisma or match[1] or match[2]
        elif command.runtime is Runtime.NODE and path.suffix in {".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"}:
            found += _node_loads(command.folder, path, text)
        else:
            continue
        mentioned |= set(words.findall(text))
    if prisma:
        found += [
            Loaded(command.folder / name, False, f"{prisma} (Prisma Client Python)", "prisma")
            for name in (".env", "prisma/.env")
        ]
    return SourceFacts(tuple(dict.fromkeys(found)), frozenset(mentioned), prisma)


def _is_generated(path: Path, root: Path) -> bool:
    """Whether it belongs to a generated Prisma client, which holds a whole library's source."""
    inside = path.parents[: len(path.relative_to(root).parts) - 1]
    return any((folder / "_base_client.py").is_file() for folder in inside)


def _named_on_the_command(command: BackendCommand) -> Iterator[Loaded]:
    library = "dotenv" if command.runtime is Runtime.PYTHON else ""
    for name in command.env_files:
        yield Loaded(command.folder / name, False, f"{command.tool} --env-file", library)
    if command.preloads_dotenv:
        yield Loaded(command.folder / ".env", False, "dotenv/config", "dotenv")
    if command.tool == "flask":
        for name in (".env", ".flaskenv"):
            if (path := _upwards(command.folder, name)) is not None:
                yield Loaded(path, False, "flask with python-dotenv", "dotenv")
    if command.tool == "next":
        for name in _NEXT:
            yield Loaded(command.folder / name, False, "next")


def _python_loads(folder: Path, path: Path, text: str) -> Iterator[Loaded]:
    shown = os.path.relpath(path, folder)
    for match in _LOAD.finditer(text):
        inside = match[1] or match[2] or ""
        named = _QUOTED.search(inside)
        file = folder / named[1] if named else _upwards(path.parent, ".env") or folder / ".env"
        yield Loaded(file, bool(_OVERRIDES.search(inside)), f"load_dotenv in {shown}", "dotenv")
    for match in _SETTINGS.finditer(text):
        yield Loaded(folder / match[1], False, f"env_file in {shown}", "dotenv")
    if library := _UPWARDS.search(text):
        file = _upwards(path.parent, ".env") or folder / ".env"
        yield Loaded(file, False, f"{library[1] or library[2]} in {shown}")


def _node_loads(folder: Path, path: Path, text: str) -> Iterator[Loaded]:
    shown = os.path.relpath(path, folder)
    for match in _NODE_LOAD.finditer(text):
        inside = match[1] or match[2] or ""
        named = _QUOTED.search(inside)
        file = folder / (named[1] if named else ".env")
        yield Loaded(file, bool(_OVERRIDES.search(inside)), f"dotenv in {shown}", "dotenv")
    for match in _NODE_OWN.finditer(text):
        named = _QUOTED.search(match[1])
        yield Loaded(folder / (named[1] if named else ".env"), False, f"process.loadEnvFile in {shown}")
    if _NODE_PRISMA.search(text):
        for name in (".env", "prisma/.env"):
            yield Loaded(folder / name, False, f"@prisma/client in {shown}")


def _upwards(folder: Path, name: str) -> Path | None:
    """The nearest file of that name, as python-dotenv looks for it."""
    return next((f / name for f in (folder, *folder.parents) if (f / name).is_file()), None)
