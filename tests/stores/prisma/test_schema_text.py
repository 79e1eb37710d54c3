"""What a schema says is read from its text alone, and agrees with what the engine makes of it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pushed_database import Database

from soundcheck.stores.errors import CouldNotRun, StepFailed
from soundcheck.stores.prisma.client_place import client_output
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.node_config import with_url
from soundcheck.stores.prisma.schema_text import (
    expected_tables,
    fingerprint,
    generator_outputs,
    has_migrations,
    packaged_schema,
    python_generator,
    read_schema,
)

TRICKY = """
/// model Commented { is a comment }
model User {
  id      Int    @id // } not the end
  name    String @default("} model Fake {") @map("full_name")
  posts   Post[]
  liked   Post[] @relation("Likes")
  friends User[] @relation("friends")
  friendOf User[] @relation("friends")
  boss    User?  @relation("Boss", fields: [bossId], references: [id])
  bossId  Int?
  staff   User[] @relation("Boss")
  @@map("app // users")
}

model Post {
  id      Int    @id
  author  User   @relation(fields: [authorId], references: [id])
  authorId Int
  likedBy User[] @relation(name: "Likes")
  tags    Tag[]
}
model Tag {
  id    Int    @id
  posts Post[]
  @@index([id], map: "not_a_table")
  @@map(name: "tags")
}
enum model_like {
  A
}
"""
TRICKY_TABLES = ("Post", "_Likes", "_PostToTag", "_friends", "app // users", "tags")


async def test_a_tricky_schema_is_read_as_the_engine_reads_it(
    engine: PrismaEngine, database: Database, write_schema: Callable[[str], Path]
) -> None:
    schema = write_schema(TRICKY)
    assert expected_tables(schema) == TRICKY_TABLES
    plan = await engine.plan_push(database.url, schema)
    assert plan.missing_tables == TRICKY_TABLES


def test_our_own_schema_has_eleven_tables() -> None:
    assert len(expected_tables(packaged_schema())) == 11
    assert "session_participants" in expected_tables(packaged_schema())


def test_every_model_of_our_schema_says_what_it_is() -> None:
    lines = packaged_schema().read_text("utf-8").splitlines()
    models = [at for at, line in enumerate(lines) if line.startswith("model ")]
    assert len(models) == 11
    assert all(lines[at - 1].startswith("///") for at in models)


def test_a_view_is_no_table_and_another_schema_stands_before_its_tables(tmp_path: Path) -> None:
    schema = tmp_path / "schema.prisma"
    schema.write_text('view V {\n id Int @id\n}\nmodel A {\n id Int @id\n @@schema("crm")\n @@map("a")\n}\n')
    assert expected_tables(schema) == ("crm.a",)


names = st.from_regex(r"[A-Z][A-Za-z0-9_]{0,12}", fullmatch=True)
maps = st.text(st.characters(exclude_characters='"\\\n\r\0', exclude_categories=("Cs", "Cc")), min_size=1, max_size=15)


@given(st.dictionaries(names, st.none() | maps, min_size=1, max_size=6))
def test_every_model_is_found_under_the_name_of_its_table(models: dict[str, str | None]) -> None:
    text = ""
    for name, table in models.items():
        mapped = f'  @@map("{table}")\n' if table else ""
        text += f"// model No{name} {{\nmodel {name} {{\n  id Int @id\n{mapped}}}\n"
    with tempfile.TemporaryDirectory() as folder:
        schema = Path(folder) / "schema.prisma"
        schema.write_text(text, "utf-8")
        assert set(expected_tables(schema)) == {table or name for name, table in models.items()}


@given(st.text(max_size=300))
def test_no_text_makes_it_raise(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        schema = Path(folder) / "schema.prisma"
        schema.write_bytes(text.encode("utf-8", "surrogatepass").decode("utf-8", "ignore").encode())
        expected_tables(schema)
        python_generator(schema)


def test_migrations_beside_the_schema_are_seen_once_there_is_one(tmp_path: Path) -> None:
    schema = tmp_path / "schema.prisma"
    schema.write_text("")
    (tmp_path / "migrations").mkdir()
    assert not has_migrations(schema)
    (tmp_path / "migrations" / "1_first").mkdir()
    (tmp_path / "migrations" / "1_first" / "migration.sql").write_text("")
    assert has_migrations(schema)


def test_the_generator_and_its_output_are_read(tmp_path: Path) -> None:
    schema = tmp_path / "schema.prisma"
    schema.write_text('generator js {\n provider = "prisma-client-js"\n}\n')
    assert python_generator(schema) is None
    schema.write_text('generator py {\n provider = "prisma-client-py"\n output = "../made" // here\n}\n')
    found = python_generator(schema)
    assert found is not None
    assert found.output == tmp_path.parent.resolve() / "made"
    schema.write_text('generator py {\n provider = "python -m prisma"\n output = env("MADE")\n}\n')
    found = python_generator(schema)
    assert found is not None
    assert (found.output, found.output_variable) == (None, "MADE")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCY"),
        ("GITHUB_TOKEN", "short"),
        ("PGPASSWORD", "short"),
        ("OPENAI_API_KEY", "short"),
        ("SENTRY_DSN", "https://key@example.com/1"),
        ("CI_ACCESS", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"),
    ],
)
def test_an_output_that_looks_like_a_secret_is_no_folder_and_stays_unsaid(
    tmp_path: Path, name: str, value: str
) -> None:
    schema = tmp_path / "schema.prisma"
    schema.write_text(f'generator js {{\n provider = "prisma-client-js"\n output = env("{name}")\n}}\n')
    with pytest.raises(StepFailed, match=f"its output from {name}, which looks like a secret") as failure:
        generator_outputs(schema, {name: value})
    assert value not in str(failure.value)
    schema.write_text(f'generator py {{\n provider = "prisma-client-py"\n output = env("{name}")\n}}\n')
    with pytest.raises(StepFailed, match="looks like a secret"):
        client_output(tmp_path, schema, {name: value})


@pytest.mark.parametrize("value", ["made", "./made", "../of/a/generated/client/with/a/rather/long/path"])
def test_an_output_in_a_variable_is_a_folder(tmp_path: Path, value: str) -> None:
    schema = tmp_path / "schema.prisma"
    schema.write_text('generator py {\n provider = "prisma-client-py"\n output = env("MADE_IN")\n}\n')
    assert client_output(tmp_path, schema, {"MADE_IN": value}) == (tmp_path / value).resolve()
    assert generator_outputs(schema, {"MADE_IN": value}) == ((tmp_path / value).resolve(),)
    assert generator_outputs(schema, {}) == ()


def test_the_fingerprint_changes_with_every_file(tmp_path: Path) -> None:
    (tmp_path / "a.prisma").write_text("model A {}")
    one = fingerprint(read_schema(tmp_path))
    (tmp_path / "b.prisma").write_text("model B {}")
    assert fingerprint(read_schema(tmp_path)) != one


def test_a_folder_without_a_schema_is_told(tmp_path: Path) -> None:
    with pytest.raises(CouldNotRun, match=r"holds no \.prisma file"):
        expected_tables(tmp_path)


@pytest.mark.parametrize(
    ("written", "handed_over"),
    [
        (
            'datasource db {\n  provider = "x"\n}\n\nmodel',
            'datasource db {\n  provider = "x"\n  url = env("DATABASE_URL")\n}\nmodel',
        ),
        ("datasource db {\n}\nmodel", 'datasource db {\n  url = env("DATABASE_URL")\n}\nmodel'),
        ('datasource db {\n  url = env("X")\n}\n', 'datasource db {\n  url = env("X")\n}\n'),
        ("model A {\n  url String\n}\n", "model A {\n  url String\n}\n"),
        ("datasource db {\n", "datasource db {\n"),
    ],
)
def test_a_schema_of_prisma_7_gets_the_url_that_the_engine_wants(written: str, handed_over: str) -> None:
    """Its lines keep their numbers, for the engine names them in its errors."""
    assert with_url(written) == handed_over


def test_a_folder_with_too_many_below_it_is_no_schema_and_packages_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("soundcheck.stores.prisma.schema_text.MOST_FOLDERS", 3)
    for name in ("models", "node_modules/a/b/c/d"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "one.prisma").write_text("model A { id Int @id }")
    assert [file.name for file in read_schema(tmp_path)] == ["models/one.prisma"]
    (tmp_path / "x/y/z").mkdir(parents=True)
    with pytest.raises(CouldNotRun, match="so it is no schema's") as caught:
        read_schema(tmp_path)
    assert "--schema" in caught.value.hint
