"""What a Prisma schema says, read as text: no Node, no database, fit for a check that must be cheap."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from soundcheck.stores.errors import CouldNotRun, StepFailed
from soundcheck.stores.plain_file import read_plain_text
from soundcheck.stores.sensitivity import Sensitivity, sensitivity

if TYPE_CHECKING:
    from soundcheck.stores.project.project import Project

SCHEMA_NAME: Final = "schema.prisma"
DEFAULT_SCHEMA: Final = "public"
"""Where tables go when neither the URL nor `@@schema` names a schema."""

OTHERS: Final = "_prisma_migrations"
"""Prisma's own table of applied migrations; it belongs to no schema and counts nowhere."""

# Comments and strings first, so that a brace or a word inside them is not taken for one of the language's own.
_TOKEN: Final = re.compile(r'//[^\n]*|"(?:[^"\\\n]|\\.)*"|[A-Za-z_][\w.]*|@@?|\[\]|[^\s]')


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """One file of a schema: the name that error texts use for it, and what stands in it."""

    name: str
    content: str


@dataclass(frozen=True, slots=True)
class PythonGenerator:
    """The `generator` block of Prisma Client Python. `output` is resolved against the file it stands in, or None.

    `output_variable` names the environment variable that holds the output, where it is written as `env("…")`.
    `partial_types` names the project's own code that the generator runs, "" for its usual place.
    """

    name: str
    output: Path | None = None
    output_variable: str = ""
    interface: str = "asyncio"
    partial_types: str = ""


@dataclass(frozen=True, slots=True)
class _Block:
    kind: str
    name: str
    lines: tuple[list[str], ...]


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    type: str
    is_list: bool
    relation: str | None


@dataclass(frozen=True, slots=True)
class _Model:
    name: str
    namespace: str
    table: str
    fields: tuple[_Field, ...]


def packaged_schema() -> Path:
    """Our own schema: beside the code in a checkout, inside this package where a wheel was installed."""
    inside = Path(__file__).with_name(SCHEMA_NAME)
    return inside if inside.is_file() else Path(__file__).parents[3] / SCHEMA_NAME


def schema_in_use(project: Project) -> Path:
    """The project's own schema; ours where it has none."""
    return project.schema or packaged_schema()


MOST_FOLDERS: Final = 2000
"""Folders below a schema's; a whole disk is none, and walking it would take minutes."""


def _below(schema: Path) -> Iterator[Path]:
    """Every `.prisma` below a folder, but for those that packages bring along. Raises `CouldNotRun` past the most."""
    for number, (place, folders, names) in enumerate(os.walk(schema)):
        if number > MOST_FOLDERS:
            raise CouldNotRun(
                f"The folder {schema} has more than {MOST_FOLDERS:,} folders below it, so it is no schema's.",
                "Name the schema's own file or folder with --schema.",
            )
        folders[:] = [name for name in folders if name != "node_modules"]
        yield from (Path(place, name) for name in names if name.endswith(".prisma"))


def read_schema(schema: Path) -> tuple[SchemaFile, ...]:
    """The files of a schema: the file itself, or every `.prisma` of a multi-file schema's folder and below it.

    Raises `CouldNotRun` where nothing is there or it cannot be read.
    """
    try:
        if not schema.is_dir():
            return (SchemaFile(schema.name, read_plain_text(schema)),)
        found = sorted(p for p in _below(schema) if p.is_file())
        files = tuple(SchemaFile(p.relative_to(schema).as_posix(), read_plain_text(p)) for p in found)
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8 text"
        raise CouldNotRun(
            f"The schema {schema} cannot be read: {reason}.", "Name another with --schema FILE."
        ) from None
    if not files:
        raise CouldNotRun(f"The folder {schema} holds no .prisma file.", "Name the schema with --schema FILE.")
    return files


def expected_tables(schema: Path, default: str = DEFAULT_SCHEMA) -> tuple[str, ...]:
    """The names of the tables that a push makes, sorted; with `schema.` before them where `@@schema` names another.

    `default` is the schema that names are shown without: the one of the URL. The join tables of many-to-many relations
    are among them, views are not. Raises `CouldNotRun` where the schema cannot be read.
    """
    blocks = [block for file in read_schema(schema) for block in _blocks(file.content)]
    models = [_model(block) for block in blocks if block.kind == "model"]
    tables = {(model.namespace, model.table) for model in models} | set(_join_tables(models))
    return tuple(sorted(_shown(*table, default) for table in tables))


def model_lines(schema: Path, default: str = DEFAULT_SCHEMA) -> Iterator[tuple[str, tuple[tuple[str, ...], ...]]]:
    """Each model's table, named as in `expected_tables`, and its lines as words.

    Raises `CouldNotRun` where the schema cannot be read.
    """
    for file in read_schema(schema):
        for block in _blocks(file.content):
            if block.kind == "model":
                model = _model(block)
                yield _shown(model.namespace, model.table, default), tuple(tuple(line) for line in block.lines)


def _shown(namespace: str, table: str, default: str) -> str:
    return table if namespace in {"", default} else f"{namespace}.{table}"


def has_migrations(schema: Path) -> bool:
    """Whether a `migrations/` folder with a migration in it stands beside the schema: then nothing is pushed."""
    folders = [schema.parent / "migrations"]
    if schema.is_dir():
        folders.append(schema / "migrations")
    return any(folder.is_dir() and any(folder.glob("*/migration.sql")) for folder in folders)


def fingerprint(files: tuple[SchemaFile, ...]) -> str:
    """Changes whenever a generated client has to be generated again."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name}\0{file.content}\0".encode())
    return digest.hexdigest()


def python_generator(schema: Path) -> PythonGenerator | None:
    """The block that asks for Prisma Client Python; None where the schema has none.

    Raises `CouldNotRun` where the schema cannot be read.
    """
    for file in read_schema(schema):
        for block in _blocks(file.content):
            settings = {line[0]: line[2:] for line in block.lines if line[1:2] == ["="]}
            provider = " ".join(settings.get("provider", []))
            if block.kind == "generator" and ("prisma-client-py" in provider or "-m prisma" in provider):
                folder = (schema / file.name).parent if schema.is_dir() else schema.parent
                interface = "".join(settings.get("interface", [])).strip('"') or "asyncio"
                found = _python_generator(block.name, settings.get("output", []), folder)
                partial_types = "".join(settings.get("partial_type_generator", [])).strip('"')
                return replace(found, interface=interface, partial_types=partial_types)
    return None


def _python_generator(name: str, output: list[str], folder: Path) -> PythonGenerator:
    value = next((_unquoted(word) for word in output if word.startswith('"')), None)
    if value is None:
        return PythonGenerator(name)
    if output[0] == "env":
        return PythonGenerator(name, output_variable=value)
    return PythonGenerator(name, (folder / value).resolve())


_LONGEST_NAME: Final = 30
"""Of a folder without a path: a token without a slash is longer."""


def output_in_variable(name: str, environ: Mapping[str, str]) -> str:
    """The folder that an environment variable names; "" where it is not set.

    A schema may name any variable, and the folder stands in questions and messages, which end up in logs. So one that
    looks like a secret, by its name or its value, raises `StepFailed`.
    """
    value = environ.get(name, "")
    words = re.sub(r"(?i)(password|secret|token)", r"_\1_", name)
    if value and (
        sensitivity("", words) is not Sensitivity.OPEN
        or "://" in value
        or ("/" not in value and len(value) > _LONGEST_NAME)
    ):
        raise StepFailed(
            f"The schema's generator takes its output from {name}, which looks like a secret.",
            "Write the folder into the schema.",
        )
    return value


def generator_outputs(schema: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Every folder that a generator of the schema names, whatever it is written for, with links followed.

    A variable that is not set names none. Raises `CouldNotRun` where the schema cannot be read, and what
    `output_in_variable` raises.
    """
    found = []
    for file in read_schema(schema):
        folder = (schema / file.name).parent if schema.is_dir() else schema.parent
        for block in _blocks(file.content):
            if block.kind == "generator":
                written = next((line[2:] for line in block.lines if line[:2] == ["output", "="]), [])
                output = _python_generator(block.name, written, folder)
                value = output_in_variable(output.output_variable, environ)
                found.append((folder / value).resolve() if value else output.output)
    return tuple(place for place in found if place is not None)


def javascript_generators(schema: Path) -> tuple[bool, bool]:
    """Whether the schema asks for a JavaScript client, and whether one goes to where npm packages lie.

    Raises `CouldNotRun` where the schema cannot be read.
    """
    found = []
    for file in read_schema(schema):
        for block in _blocks(file.content):
            settings = {line[0]: line[2:] for line in block.lines if line[1:2] == ["="]}
            provider = _unquoted("".join(settings.get("provider", [])))
            if block.kind == "generator" and provider in {"prisma-client-js", "prisma-client"}:
                found.append(provider == "prisma-client-js" and "output" not in settings)
    return bool(found), any(found)


def datasource_variables(schema: Path) -> tuple[str, str]:
    """The variables that the datasource takes `url` and `directUrl` from; "" for one that it does not.

    Raises `CouldNotRun` where the schema cannot be read.
    """
    for file in read_schema(schema):
        for block in _blocks(file.content):
            if block.kind == "datasource":
                values = {line[0]: line[2:] for line in block.lines if line[1:2] == ["="]}
                url, direct = (_variable(values.get(name, [])) for name in ("url", "directUrl"))
                return url, direct
    return "", ""


def _variable(words: list[str]) -> str:
    return next((_unquoted(word) for word in words if word.startswith('"')), "") if words[:1] == ["env"] else ""


def model_blocks(schema: Path, kind: str = "model") -> tuple[tuple[str, tuple[list[str], ...]], ...]:
    """Each model's name and its lines, every line as the language's own words; or each enum's, each generator's.

    Raises `CouldNotRun` where the schema cannot be read.
    """
    blocks = (block for file in read_schema(schema) for block in _blocks(file.content))
    return tuple((block.name, block.lines) for block in blocks if block.kind == kind)


def _blocks(content: str) -> Iterator[_Block]:
    """The blocks of one file. Blocks of the language do not nest, so each ends at a line that begins with `}`."""
    kind, name = "", ""
    block: list[list[str]] | None = None
    for line in _without_comments(content).splitlines():
        words = _TOKEN.findall(line)
        if block is None:
            if len(words) >= 3 and words[2] == "{":
                kind, name, block = words[0], words[1], []
                inside = words[3:]
                if inside[-1:] == ["}"]:
                    yield _Block(kind, name, (inside[:-1],) if inside[:-1] else ())
                    block = None
        elif words[:1] == ["}"]:
            yield _Block(kind, name, tuple(block))
            block = None
        elif words:
            block.append(words)


_KINDS: Final = frozenset({"datasource", "generator", "model", "view", "enum", "type"})


def as_schema(content: str) -> str | None:
    """The text without its comments, where it is a schema and nothing besides: blocks of Prisma's kinds, side by side.

    None for any other text, such as a key that somebody has called a schema.
    """
    plain = _without_comments(content)
    words = _TOKEN.findall(plain)
    at = 0
    while at < len(words):
        if words[at] not in _KINDS or words[at + 2 : at + 3] != ["{"] or "}" not in words[at + 3 :]:
            return None
        end = words.index("}", at + 3)
        if "{" in words[at + 3 : end]:
            return None
        at = end + 1
    lines = [line.rstrip() for line in plain.splitlines()]
    return "\n".join(line for line in lines if line) + "\n" if words else None


def _without_comments(content: str) -> str:
    return re.sub(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*.*?\*/', lambda m: m[1] or "", content, flags=re.DOTALL)


def _model(block: _Block) -> _Model:
    table, namespace = block.name, ""
    fields = []
    for tokens in block.lines:
        if tokens[:2] == ["@@", "map"]:
            table = _argument(tokens) or table
        elif tokens[:2] == ["@@", "schema"]:
            namespace = _argument(tokens) or ""
        elif tokens[0] != "@@" and len(tokens) >= 2:
            fields.append(_field(tokens))
    return _Model(block.name, namespace, table, tuple(fields))


def _field(tokens: list[str]) -> _Field:
    relation = None
    for at in range(2, len(tokens) - 1):
        if tokens[at] == "@" and tokens[at + 1] == "relation":
            relation = _argument(tokens[at:])
    return _Field(tokens[0], tokens[1], "[]" in tokens[2:3], relation)


def _argument(tokens: list[str]) -> str | None:
    """The name in `(“x”)`, `(name: "x")` or `(map: "x")`: the first text in the parentheses that is not in a list."""
    depth = 0
    for at, word in enumerate(tokens):
        depth += (word == "[") - (word == "]")
        named = at >= 2 and tokens[at - 1] == ":" and tokens[at - 2] in {"name", "map"}
        if word.startswith('"') and depth == 0 and (tokens[at - 1] == "(" or named):
            return _unquoted(word)
    return None


def _unquoted(word: str) -> str:
    return word[1:-1].replace('\\"', '"')


def _join_tables(models: list[_Model]) -> Iterator[tuple[str, str]]:
    """The tables that Prisma adds for relations that are a list on both sides, in the first model's schema."""
    by_name = {model.name: model for model in models}
    for model in models:
        for field in model.fields:
            other = by_name.get(field.type)
            if other is None or not field.is_list:
                continue
            back = [
                f
                for f in other.fields
                if f.type == model.name
                and f.relation == field.relation
                and (other is not model or f.name != field.name)
            ]
            if other is model and not back:  # one list that points at itself
                continue
            if back and all(f.is_list for f in back):
                first, second = sorted((model.name, other.name))
                yield by_name[first].namespace, "_" + (field.relation or f"{first}To{second}")
