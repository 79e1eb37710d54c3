"""How a command starts a backend: which interpreter, folder, variables and env files. Starts nothing.

Read as a shell reads it, as far as backends are started that way: `cd DIR &&`, `NAME=value`, runners such as `npm run`,
`npx`, `poetry run` and `uv run`, then a Python or Node program.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from soundcheck.stores.errors import CouldNotRun, UsageError
from soundcheck.stores.plain_file import read_plain_text, refuse_special
from soundcheck.stores.typed_path import typed_path

_PYTHON: Final = re.compile(r"^(?:python|pypy)(?:\d+(?:\.\d+)*)?(?:\.exe)?$")
_PYTHON_TOOLS: Final = frozenset(
    {
        "uvicorn", "gunicorn", "hypercorn", "daphne", "granian", "flask", "fastapi", "django-admin", "celery",
        "litestar", "sanic", "streamlit", "pytest",
    }
)  # fmt: skip
_NODE: Final = frozenset({"node", "nodejs"})
_NODE_TOOLS: Final = frozenset(
    {"tsx", "ts-node", "ts-node-dev", "nodemon", "next", "nest", "nuxt", "vite", "remix-serve", "fastify", "pm2"}
)
_PYTHON_RUNNERS: Final = frozenset({"poetry", "uv", "pipenv", "pdm", "hatch", "rye"})
_NODE_RUNNERS: Final = frozenset({"npm", "pnpm", "yarn"})
_PREFIXES: Final = frozenset({"exec", "nohup", "time", "env", "cross-env", "command", "npx", "bunx"})
_ASSIGNMENT: Final = re.compile(r"^([A-Za-z_][A-Za-z0-9_]*)=(.*)$", re.DOTALL)
_ENDS: Final = frozenset({"&&", ";", "&"})
_SCRIPTS_DEEP: Final = 5
"""How many scripts of a package.json may call each other."""


class Runtime(StrEnum):
    """The two kinds of backend that can be looked into."""

    PYTHON = "python"
    NODE = "node"


@dataclass(frozen=True, slots=True)
class BackendCommand:
    """A command, understood. `tool` is the program that it names; `variables` are those it sets itself (secret, maybe).

    `env_files` are named on the command line (`--env-file`); `preloads_dotenv` says that Node is told to load dotenv.
    """

    runtime: Runtime
    interpreter: Path
    folder: Path
    tool: str
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    env_files: tuple[str, ...] = ()
    preloads_dotenv: bool = False


class CommandProblem(Exception):
    """A command that cannot be looked into. Codes: `no_command`, `no_folder`, `unknown_runtime`, `no_interpreter`."""

    def __init__(self, code: str, program: str = "", folder: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.program = program
        self.folder = folder


@dataclass(frozen=True, slots=True)
class _Start:
    """What is left of a command while it is read."""

    words: tuple[str, ...]
    folder: Path
    variables: Mapping[str, str]
    in_project: bool = False
    """Whether a runner prefers the project's own environment to the PATH."""
    deep: int = 0


def read_command(command: str, root: Path, environ: Mapping[str, str]) -> BackendCommand:
    """Understand a command that is typed in `root`. Reads package.json and the first line of a script, nothing else.

    Raises `CommandProblem`.
    """
    try:
        lexer = shlex.shlex(command, posix=True, punctuation_chars="&;")
        lexer.whitespace_split = True
        words = tuple(lexer)
    except ValueError:
        raise CommandProblem("no_command") from None
    start = _without_prefixes(_Start(words, root, {}))
    if not start.words:
        raise CommandProblem("no_command")
    end = next((at for at, word in enumerate(start.words) if word in _ENDS), len(start.words))
    start = replace(start, words=start.words[:end])
    tool = start.words[0]
    found = _Found(start, environ)
    name = Path(tool).name.lower()
    runtime = found.runtime(name)
    interpreter = found.python(tool) if runtime is Runtime.PYTHON else found.node(tool)
    return BackendCommand(
        runtime,
        interpreter,
        start.folder,
        name,
        start.variables,
        _env_files(start.words),
        any("dotenv/config" in word for word in start.words),
    )


def _without_prefixes(start: _Start) -> _Start:
    """The same command behind `cd`, assignments, and runners."""
    while start.words:
        first, rest = start.words[0], start.words[1:]
        name = Path(first).name
        if found := _ASSIGNMENT.match(first):
            start = replace(start, words=rest, variables={**start.variables, found[1]: found[2]})
        elif first in _ENDS or first == "export" or name in _PREFIXES:
            start = replace(start, words=_behind_options(rest) if name in _PREFIXES else rest)
        elif first == "cd" and rest:
            named = _named(rest[0])
            folder = (start.folder / named).resolve() if named is not None else None
            if folder is None or not folder.is_dir():
                raise CommandProblem("no_folder", folder=rest[0])
            start = replace(start, words=rest[1:], folder=folder)
        elif name == "soundcheck" and rest[:1] == ("run",):
            start = replace(start, words=tuple(word for word in rest[1:] if word != "--"))
        elif name in _PYTHON_RUNNERS and "run" in rest:
            start = replace(start, words=_behind_options(rest[rest.index("run") + 1 :]), in_project=True)
        elif name in _NODE_RUNNERS:
            start = _script(start, name)
        else:
            return start
    return start


def _behind_options(words: tuple[str, ...]) -> tuple[str, ...]:
    while words and words[0].startswith("-"):
        words = words[1:]
    return words


def _script(start: _Start, runner: str) -> _Start:
    """What a script of package.json starts."""
    words = tuple(word for word in start.words[1:] if not word.startswith("-"))
    if words[:1] == ("exec",):
        return replace(start, words=words[1:])
    name = next((word for word in words if word not in {"run", "run-script"}), "")
    try:
        scripts = json.loads(read_plain_text(start.folder / "package.json")).get("scripts", {})
        text = scripts[name]
        lexer = shlex.shlex(str(text), posix=True, punctuation_chars="&;")
        lexer.whitespace_split = True
        inside = tuple(lexer)
    except (OSError, ValueError, KeyError, AttributeError):
        inside = ()
    if not inside or start.deep >= _SCRIPTS_DEEP:
        raise CommandProblem("unknown_runtime", program=f"{runner} {name}".strip())
    return replace(start, words=inside, deep=start.deep + 1)


def _env_files(words: tuple[str, ...]) -> tuple[str, ...]:
    """The files after `--env-file` (uvicorn, node, flask) and `--env-file-if-exists` (node)."""
    found = []
    for at, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option in {"--env-file", "--env-file-if-exists"}:
            found.append(value if equals else words[at + 1] if at + 1 < len(words) else "")
    return tuple(name for name in found if name)


class _Found:
    """Where the programs of one command are."""

    def __init__(self, start: _Start, environ: Mapping[str, str]) -> None:
        self._start = start
        path = start.variables.get("PATH", environ.get("PATH", ""))
        homes = [start.folder, *start.folder.parents[:1], start.folder / "backend"]
        named = [Path(environ["VIRTUAL_ENV"]) / "bin"] if environ.get("VIRTUAL_ENV") else []
        own = [home / name / "bin" for home in homes for name in (".venv", "venv")]
        places = [*own, *named] if start.in_project else named
        self._path = ":".join([*(str(p) for p in places if p.is_dir()), path])
        self._last_resort = ":".join(str(p) for p in own if p.is_dir())
        self._node_tools = [home / "node_modules" / ".bin" for home in homes]

    def runtime(self, name: str) -> Runtime:
        if _PYTHON.match(name) or name in _PYTHON_TOOLS or name.endswith(".py"):
            return Runtime.PYTHON
        if (
            name in _NODE
            or name in _NODE_TOOLS
            or any(_named(str(folder / name), there=True) for folder in self._node_tools)
        ):
            return Runtime.NODE
        if self._start.in_project:
            return Runtime.PYTHON
        program = self._which(name)
        first = _first_line(program) if program else ""
        if "python" in first:
            return Runtime.PYTHON
        if "node" in first:
            return Runtime.NODE
        raise CommandProblem("unknown_runtime", program=name)

    def python(self, tool: str) -> Path:
        """The interpreter: the program itself, the one its first line names, or the one beside it."""
        program = self._which(tool)
        if program is None:
            raise CommandProblem("no_interpreter", program=tool)
        if _PYTHON.match(program.name.lower()):
            return program
        named = _interpreter_of(program)
        if named is not None:
            return named
        beside = next((p for p in (program.with_name("python"), program.with_name("python3")) if p.is_file()), None)
        found = beside or self._which("python3") or self._which("python")
        if found is None:
            raise CommandProblem("no_interpreter", program=tool)
        return found

    def node(self, tool: str) -> Path:
        program = self._which(tool) if Path(tool).name in _NODE else self._which("node")
        if program is None:
            raise CommandProblem("no_interpreter", program="node")
        return program

    def _which(self, name: str) -> Path | None:
        if "/" in name:
            named = _named(name)
            path = _named(str(self._start.folder / named)) if named is not None else None
            return path if path is not None and path.is_file() else None
        found = shutil.which(name, path=self._path) or shutil.which(name, path=self._last_resort)
        return Path(found) if found else None


def _named(text: str, *, there: bool = False) -> Path | None:
    """The path with its `~` expanded; None where it cannot be one, or where it must be `there` and is not."""
    try:
        path = typed_path(text)
    except UsageError:
        return None
    return path if not there or path.exists() else None


def _first_line(program: Path) -> str:
    try:
        refuse_special(program)
        with program.open("rb") as file:
            head = file.read(1024)
    except (OSError, CouldNotRun):
        return ""
    return head.split(b"\n", 1)[0].decode("utf-8", "replace") if head.startswith(b"#!") else ""


def _interpreter_of(script: Path) -> Path | None:
    """The Python behind `#!`, also where an installer wrote `#!/bin/sh` because the path is long."""
    first = _first_line(script)
    words = first.removeprefix("#!").split()
    if words and _PYTHON.match(Path(words[0]).name):
        return Path(words[0]) if Path(words[0]).is_file() else None
    if words and Path(words[0]).name == "sh":
        try:
            found = re.search(r"""^'''exec' ["']?([^"'\n]*python[^"'\s]*)""", read_plain_text(script), re.MULTILINE)
        except (OSError, UnicodeDecodeError):
            return None
        if found and Path(found[1]).is_file():
            return Path(found[1])
    return None
