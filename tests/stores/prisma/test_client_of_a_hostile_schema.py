"""A schema is data: nothing it says, and nothing that lies beside it, is code in the client or for the generator."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from engine_fixture import engine, engine_folder  # noqa: F401
from hypothesis import example, given
from hypothesis import strategies as st

from soundcheck.stores.errors import Refused, StepFailed
from soundcheck.stores.import_path import child_import_path
from soundcheck.stores.prisma.client import generate_client
from soundcheck.stores.prisma.client_place import is_current
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.generator_data import in_quotes, in_three_quotes
from soundcheck.stores.prisma.own_client import client_digest, note_own_client, own_copy
from soundcheck.stores.project.project import Project
from soundcheck.stores.project.trust import trust_given

HEAD = """
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
generator client {
  provider = "prisma-client-py"
  interface = "sync"
  recursive_type_depth = 2
  %s
}
generator other {
  provider = "sh ./trap"
}
"""
MODEL = """
%s
model Song {
  %s
  id Int @id
  kind Kind
}
%s
enum Kind {
  %s
  A
}
"""
TEXTS = st.text(alphabet=st.sampled_from("\"'\\\n\tab{}%é\x0b\u2028\r")) | st.text()


@given(TEXTS)
@example('"""; trap(); """')
@example("'''; trap(); '''")
@example('\\"""')
@example("ends in 'one'")
def test_a_comment_stays_a_text_between_quotes_of_either_kind(text: str) -> None:
    written = in_three_quotes(text)
    try:
        assert ast.literal_eval(f'"""{written}"""') == text
        assert ast.literal_eval(f"'''{written}'''") == text
    except UnicodeEncodeError:
        assert any(0xD800 <= ord(char) < 0xE000 for char in text)


@given(TEXTS)
def test_a_path_stays_a_text_between_quotes(text: str) -> None:
    assert ast.literal_eval(f"'{in_quotes(text)}'") == text
    assert ast.literal_eval(f'"{in_quotes(text)}"') == text


def write(root: Path, mark: Path, setting: str = "") -> Path:
    """A schema whose every comment ends its string and goes on as code, in a folder and a file that try the same."""
    trap = f"/// {{0}} + str(open({str(mark)!r}, 'a')) + {{0}}"
    comments = [trap.format(quotes) for quotes in ('"""', "'''")] * 2
    schema = root / "prisma" / "schema"
    schema.mkdir(parents=True)
    (schema / "head.prisma").write_text(HEAD % setting)
    (schema / f"m'+str(open({mark.name!r},'a'))+'.prisma").write_text(MODEL % tuple(comments))
    return schema


def import_it(client: Path) -> str:
    """What a fresh interpreter says that imports it: the comment of the model."""
    code = (
        f"import sys; sys.path[:0] = [{str(client.parent)!r}]; import {client.name} as c; print(c.models.Song.__doc__)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        capture_output=True, text=True, check=True, cwd=client.parent, env={"PYTHONPATH": child_import_path()},
    )  # fmt: skip
    return done.stdout


async def test_no_text_of_a_schema_is_code_in_its_client(engine: PrismaEngine, tmp_path: Path) -> None:  # noqa: F811
    mark = tmp_path / "mark"
    root = tmp_path / f"a'+str(open({mark.name!r},'a'))+'"
    schema = write(root, mark)
    made = await generate_client(engine, schema, root, output=tmp_path / "out" / "music_client")
    assert not mark.exists(), "it was imported as a proof"
    assert "str(open(" in import_it(made.output)
    assert not mark.exists()
    assert not list(tmp_path.rglob("mark"))


@pytest.mark.parametrize("setting", ["", 'partial_type_generator = "scripts/partials.py"'])
async def test_the_project_s_own_code_is_run_where_that_was_agreed_to_and_else_left_out(
    project: Project,
    engine: PrismaEngine,  # noqa: F811
    tmp_path: Path,
    setting: str,
) -> None:
    """The usual file is run by the generator though nothing names it."""
    mark, comments = tmp_path / "mark", tmp_path / "comments"
    schema = write(project.root, comments, setting)
    script = project.root / ("scripts/partials.py" if setting else "prisma/partial_types.py")
    script.parent.mkdir(exist_ok=True)
    script.write_text(f"import pathlib\npathlib.Path({str(mark)!r}).touch()\n")
    (project.root / "pyproject.toml").write_text('[tool.prisma]\nexpected_engine_version = "none"\n')
    here = replace(project, schema=schema)

    made = await generate_client(engine, schema, project.root)
    assert made.left_out == script.relative_to(project.root).as_posix()
    assert made.digest
    assert not mark.exists()
    assert is_current(here, schema)
    assert not is_current(here, schema, with_partial_types=True)

    (project.root / "pyproject.toml").unlink()
    made = await generate_client(engine, schema, project.root, trusted=trust_given([]))
    assert (made.left_out, made.digest) == ("", ""), "code of the project had a part in it"
    assert mark.exists()
    assert is_current(here, schema, with_partial_types=True)
    assert not comments.exists()


async def test_partial_types_are_not_lost_to_a_client_without_them(
    project: Project,
    engine: PrismaEngine,  # noqa: F811
    tmp_path: Path,
) -> None:
    schema = write(project.root, tmp_path / "mark")
    (project.root / "prisma" / "partial_types.py").write_text("")
    made = await generate_client(engine, schema, project.root, trusted=trust_given([]))
    partials = made.output / "partials.py"
    partials.write_text(partials.read_text() + "\nclass SongId: ...\n")
    with pytest.raises(Refused, match=r"prisma/partial_types\.py"):
        await generate_client(engine, schema, project.root)
    assert "SongId" in partials.read_text()


async def test_a_client_that_cannot_be_imported_takes_nobody_s_place(
    project: Project,
    engine: PrismaEngine,  # noqa: F811
) -> None:
    """A value that is called None is fine for Prisma and for the generator, and not for Python."""
    schema = project.root / "schema.prisma"
    schema.write_text(HEAD % "" + "model Song {\n id Int @id\n}\n")
    first = await generate_client(engine, schema, project.root)
    schema.write_text(HEAD % "" + "model Song {\n id Int @id\n kind Kind\n}\nenum Kind {\n None\n}\n")
    with pytest.raises(StepFailed, match="cannot be imported"):
        await generate_client(engine, schema, project.root)
    assert client_digest(first.output) == first.digest


async def test_our_own_client_is_known_by_every_file_of_it(
    project: Project,
    engine: PrismaEngine,  # noqa: F811
    tmp_path: Path,
) -> None:
    schema = write(project.root, tmp_path / "mark")
    made = await generate_client(engine, schema, project.root)
    with own_copy(project, made.output) as copy:
        assert copy is None, "nothing was noted"
    note_own_client(project, made.output, made.digest)
    cache = made.output / "__pycache__"
    cache.mkdir()
    (cache / f"client.{sys.implementation.cache_tag}.pyc").write_bytes(b"trap")
    with own_copy(project, made.output) as copy:
        assert copy is not None
        assert client_digest(copy) == made.digest
        assert not list(copy.rglob("*.pyc"))

    def spoil(path: str, data: bytes) -> None:
        (made.output / path).parent.mkdir(exist_ok=True)
        before = (made.output / path).read_bytes() if (made.output / path).exists() else None
        (made.output / path).write_bytes(data)
        with own_copy(project, made.output) as copy:
            assert copy is None, path
        if before is None:
            (made.output / path).unlink()
        else:
            (made.output / path).write_bytes(before)

    for path in ("__init__.py", "client.cpython-311-x86_64-linux-gnu.so", "client/__init__.pyc", "models.abi3.so"):
        spoil(path, b"trap")
    (made.output / "linked.py").symlink_to(tmp_path / "mark")
    with own_copy(project, made.output) as copy:
        assert copy is None
    kept = json.loads(next(project.home.rglob("client.json")).read_text())
    assert kept["digest"] == made.digest
