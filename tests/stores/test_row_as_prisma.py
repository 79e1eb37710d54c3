"""A row as the Prisma Client Python call that finds it, by the names of the schema."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from soundcheck.stores.catalog.tables import Certainty, Column, RelationKind, RowCount, Table
from soundcheck.stores.errors import UsageError
from soundcheck.stores.prisma.models import load_models
from soundcheck.stores.prisma.schema_text import expected_tables, packaged_schema
from soundcheck.stores.rows.record import Record, RecordField
from soundcheck.stores.rows.spelled.as_prisma import row_as_prisma

SCHEMA = """
model Track {
  code     String   @unique @map("track code")
  at       DateTime
  price    Decimal  /// @id is not meant here
  @@id([at(sort: Desc), price], name: "when")
  @@unique([code, price])
  @@map("tracks")
}
model Pair {
  a Int
  b String
  @@id([a, b], map: "pairs_pkey")
  @@schema("other")
}
"""


def record(name: str, schema: str = "public", **values: Any) -> Record:
    columns = tuple(Column(column, "text", "text", "text", True, False) for column in values)
    table = Table(schema, name, RelationKind.TABLE, columns, (), (), RowCount(1, Certainty.EXACT), None)
    fields = tuple(RecordField(column, value) for column, value in zip(columns, values.values(), strict=True))
    return Record(table, (), fields, 0.0, "")


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    path = tmp_path / "schema.prisma"
    path.write_text(SCHEMA)
    return path


def test_every_model_of_our_schema_is_found_by_its_id() -> None:
    models = load_models(packaged_schema())
    assert sorted(model.table for model in models) == list(expected_tables(packaged_schema()))
    for model in models:
        call = row_as_prisma(record(model.table, id="x1"), models)
        assert call == f'await db.{model.name.lower()}.find_unique(where={{"id": "x1"}})'


def test_compound_keys_have_the_names_that_the_client_uses(schema: Path) -> None:
    models = load_models(schema)
    row = record("tracks", at=datetime(2024, 3, 31, 1, 30, tzinfo=UTC), price=Decimal("1.10"))
    assert row_as_prisma(row, models) == (
        'await db.track.find_unique(where={"when": {"at": datetime.fromisoformat("2024-03-31T01:30:00+00:00"),'
        ' "price": Decimal("1.10")}})'
    )
    assert row_as_prisma(record("Pair", "other", a=1, b="x"), models).endswith('{"a_b": {"a": 1, "b": "x"}})')


def test_what_is_null_or_missing_makes_way_for_the_next_unique_field(schema: Path) -> None:
    row = record("tracks", **{"at": None, "price": Decimal(1), "track code": "a\"b\\\x1b\u202e'"})
    call = row_as_prisma(row, load_models(schema))
    assert call.isprintable()
    where = ast.literal_eval(call[call.index("{") : -1])
    assert where == {"code": "a\"b\\\x1b\u202e'"}


def test_a_table_or_key_that_the_schema_lacks_is_said(schema: Path) -> None:
    models = load_models(schema)
    with pytest.raises(UsageError, match="no model for the table nope"):
        row_as_prisma(record("nope", id=1), models)
    with pytest.raises(UsageError, match="no id or unique field"):
        row_as_prisma(record("tracks", note="x"), models)


def test_a_masked_key_stays_masked() -> None:
    models = load_models(packaged_schema())
    call = row_as_prisma(record("users", email="ana@mail.example"), models)
    assert "ana@" not in call
    assert call.startswith("# masked: email\n")
    assert "ana@mail.example" in row_as_prisma(record("users", email="ana@mail.example"), models, frozenset({"email"}))
