"""A table's DDL makes the same table in an empty database, for what `db push` makes of other projects' schemas."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from engine_fixture import engine, engine_folder  # noqa: F401
from test_ddl_makes_the_same import Server, copied, differences, empty, filled, server  # noqa: F401

from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.engine import PrismaEngine
from tests.wizard.foreign_schemas import FOREIGN_SCHEMAS

CONFORMANCE = Path(__file__).parents[1] / "prisma" / "conformance.prisma"


@pytest.fixture(scope="module")
def pushed() -> dict[str, tuple[str, ...]]:
    """What the engine did on the first server, which the next one is spared: its database is as empty."""
    return {}


@pytest.mark.parametrize("name", [*FOREIGN_SCHEMAS, "conformance"])
async def test_what_a_push_made_is_made_again_by_its_ddl(
    engine: PrismaEngine,  # noqa: F811
    filled: PostgresUrl,  # noqa: F811
    empty: PostgresUrl,  # noqa: F811
    pushed: dict[str, tuple[str, ...]],
    tmp_path: Path,
    name: str,
) -> None:
    foreign = FOREIGN_SCHEMAS.get(name)
    schema = tmp_path / "schema.prisma"
    schema.write_text(foreign.text if foreign is not None else CONFORMANCE.read_text("utf-8"))
    with psycopg.connect(filled.reveal(), autocommit=True) as connection:
        for statement in foreign.before if foreign is not None else ():
            connection.execute(statement.encode())
        if name in pushed:
            for statement in pushed[name]:
                connection.execute(statement.encode())
        else:
            plan = await engine.plan_push(filled, schema)
            await engine.push(filled, schema, plan)
            pushed[name] = plan.statements
        for statement in foreign.between if foreign is not None else ():
            connection.execute(statement.encode())
    made = await copied(filled)
    assert made
    assert differences(filled, empty, made) == []
