"""`--engine native`: the stock command with what it must know, its output masked, its failures in words."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pushed_database import Database

from soundcheck.stores.errors import CouldNotRun, Refused, StepFailed
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.native import failure_in_words, native_generate, native_push
from soundcheck.stores.project.trust import trust_given

# The stock command's own words, behind a network that does not reach the host.
BLOCKED = (
    "Installing Prisma CLI\n"
    "Error: request to https://binaries.prisma.sh/all_commits/393aa359c9ad4a4bb28630fb5613f9c281cde053/"
    "debian-openssl-3.0.x/query-engine.gz.sha256 failed, reason: getaddrinfo ENOTFOUND binaries.prisma.sh\n"
)

WriteSchema = Callable[[str], Path]
TRUSTED = trust_given([])
MODEL = "model a { \n id Int @id \n }"


def stock(folder: Path, code: str) -> tuple[str, ...]:
    """A stand-in for `python -m prisma`, which cannot be run where its engines cannot be fetched."""
    path = folder / "stock.py"
    path.write_text(f"import os, sys\nfrom pathlib import Path\n{code}\n")
    return (sys.executable, "-P", str(path))


def test_a_blocked_download_is_said_in_words_with_the_way_round_it() -> None:
    failure = failure_in_words(BLOCKED, 1)
    assert isinstance(failure, CouldNotRun)
    assert "could not be downloaded" in failure.message
    assert "Leave --engine native out" in failure.hint
    assert isinstance(failure_in_words("Error: P1012 bad schema", 1), StepFailed)


async def test_the_stock_push_gets_the_urls_and_its_output_is_masked(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema, tmp_path: Path
) -> None:
    schema = write_schema(MODEL)
    plan = await engine.plan_push(database.url, schema)
    command = stock(
        tmp_path, "print('\\x1b[31m' + os.environ['DATABASE_URL'], os.environ['DIRECT_URL'], *sys.argv[1:])"
    )
    lines: list[str] = []
    await native_push(engine, database.url, schema, plan, lines.append, trusted=TRUSTED, command=command)
    assert database.url.password is not None
    assert database.url.password.reveal() not in "\n".join(lines)
    assert "\x1b" not in lines[0]
    assert lines[0].endswith(f"db push --skip-generate --schema {schema}")


async def test_the_stock_push_is_refused_where_it_would_drop_what_is_not_ours(
    engine: PrismaEngine, database: Database, write_schema: WriteSchema, tmp_path: Path
) -> None:
    database.run("CREATE TABLE other (id int)")
    schema = write_schema(MODEL)
    plan = await engine.plan_push(database.url, schema)
    ran = tmp_path / "ran"
    with pytest.raises(Refused, match="other"):
        await native_push(
            engine,
            database.url,
            schema,
            plan,
            print,
            trusted=TRUSTED,
            command=stock(tmp_path, f"Path({str(ran)!r}).touch()"),
        )
    assert not ran.exists()


async def test_the_stock_generator_s_failure_is_raised_and_changes_nothing(
    engine: PrismaEngine, write_schema: WriteSchema, tmp_path: Path
) -> None:
    schema = write_schema(MODEL)
    command = stock(tmp_path, f"print({BLOCKED!r})\nsys.exit(1)")
    with pytest.raises(CouldNotRun, match=r"binaries\.prisma\.sh"):
        await native_generate(engine, schema, tmp_path, print, trusted=TRUSTED, command=command)
    assert not (tmp_path / "prisma_client").exists()


async def test_the_stock_generator_writes_into_the_project(
    engine: PrismaEngine, write_schema: WriteSchema, tmp_path: Path
) -> None:
    schema = write_schema(MODEL)
    command = stock(
        tmp_path,
        "text = Path(sys.argv[-1]).read_text()\n"
        "place = Path(text.split('output = \"')[1].split('\"')[0])\n"
        "place.mkdir()\n(place / 'client.py').write_text('class Prisma: pass')\n"
        "(place / '__init__.py').write_text('from .client import Prisma')\n"
        "(place / 'models.py').write_text('class a: pass')",
    )
    output = await native_generate(engine, schema, tmp_path, print, trusted=TRUSTED, command=command)
    assert output == tmp_path / "prisma_client"
    assert (output / "schema.prisma").read_text() == schema.read_text()
