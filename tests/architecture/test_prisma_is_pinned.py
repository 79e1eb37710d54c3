"""No text names Prisma to a package manager or runner without a version: npm's latest can be one that does not fit."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("stores", "checks", "wizard", "screens", "tools", "examples")
ENDINGS = frozenset({".md", ".sh", ".mjs", ".cjs", ".js", ".ts", ".json", ".toml", ".yml", ".yaml", ".prisma", ""})

_OPTIONS = r"(?:\s+-[\w-]+(?:=\S+)?)*"
_RUNNERS = r"npx|bunx|(?:p?npm|yarn|bun)\s+(?:dlx|x)|npm\s+exec"
_ADDERS = r"(?:p?npm|yarn|bun)\s+(?:i|install|add)|pip3?\s+install|uv\s+(?:add|pip\s+install)|poetry\s+add"
_UNPINNED = re.compile(
    rf"\b(?:(?:{_RUNNERS})(?!\s+--no-install){_OPTIONS}|(?:{_ADDERS})(?:\s+[^\s`'\"]+)*?)"
    r"\s+[`'\"]?(?:@prisma/client|prisma)(?![\w/-])(?!@\d|==\d|@\{|==\{)"
)
"""A runner that is told not to install anything (`npx --no-install`, `pnpm exec`) takes what the project has."""


def unpinned(text: str) -> list[str]:
    return [found[0] for found in _UNPINNED.finditer(text)]


def texts_of(tree: ast.AST) -> Iterator[str]:
    """Every text of a module, what is filled in standing as a digit, and every sequence of words as one line."""
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in inside:
                yield text
            case ast.JoinedStr(values=parts):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in parts)
            case ast.Tuple(elts=items) | ast.List(elts=items):
                words = [item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)]
                yield " ".join(words)


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for name in ROOMS for path in (ROOT / name).rglob("*") if path.is_file()]


def files(*, python: bool) -> list[str]:
    found = []
    for path in tracked_files():
        inside = path.relative_to(ROOT)
        wanted = path.suffix == ".py" if python else path.suffix in ENDINGS and path.name != "package-lock.json"
        if wanted and inside.parts[0] not in {"tests", "benchmarks"} and path.is_file():
            found.append(str(inside))
    return sorted(found)


def test_no_module_names_prisma_without_a_version() -> None:
    sources = {name: (ROOT / name).read_text("utf-8") for name in files(python=True)}
    assert len(sources) > 700
    found = {
        name: [hit for text in texts_of(ast.parse(source)) for hit in unpinned(text)]
        for name, source in sources.items()
        if "prisma" in source.lower()
    }
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_no_page_or_script_names_prisma_without_a_version() -> None:
    found = {name: unpinned((ROOT / name).read_text("utf-8", errors="replace")) for name in files(python=False)}
    assert len(found) > 20
    assert {name: hits for name, hits in found.items() if hits} == {}


@pytest.mark.parametrize(
    "text",
    [
        "Type: npx prisma migrate deploy",
        "Run `npx -y prisma db push`",
        "npx --yes prisma generate",
        "pnpm dlx prisma generate",
        "yarn dlx prisma generate",
        "bunx prisma generate",
        "bun x prisma generate",
        "npm exec prisma generate",
        "npm exec -- prisma generate",
        "npm i prisma",
        "npm install -D prisma @prisma/client@6",
        "npm install prisma@6 @prisma/client",
        "pnpm add @prisma/client",
        "yarn add --dev prisma",
        "npm install prisma@latest",
        "pip install prisma",
        ".venv/bin/python -m pip install prisma",
        "uv pip install prisma",
        "poetry add prisma",
    ],
)
def test_the_scan_finds_every_way_to_name_it(text: str) -> None:
    assert unpinned(text)


@pytest.mark.parametrize(
    "text",
    [
        "npx prisma@6 migrate deploy",
        "npx --no-install prisma generate",
        "pnpm exec prisma generate",
        "npm install prisma@6 @prisma/client@6",
        "pip install prisma==0.15.0",
        "npm install @prisma/adapter-pg",
        "`prisma db push` has not been run there",
        "npm finds prisma in node_modules",
    ],
)
def test_the_scan_lets_the_rest_be(text: str) -> None:
    assert not unpinned(text)
