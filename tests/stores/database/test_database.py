"""The pool: reads that cannot write, cancel on the server, lost connections, errors in words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import psycopg
import pytest

from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import Address, SystemResolver
from soundcheck.stores.secret import Secret

BACKENDS = (
    "SELECT pid, state, query FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)
"""What clients opened: a worker that vacuums may look in at any time."""


def backends(owner: psycopg.Connection, words: str) -> list[int]:
    return [pid for pid, state, query in owner.execute(BACKENDS) if state == "active" and words in query]


async def until(fact: Callable[[], object]) -> None:
    """Wait for a fact."""
    async with asyncio.timeout(60):
        while not fact():
            await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    ("statement", "trouble"),
    [
        ("INSERT INTO t VALUES (2)", Trouble.READ_ONLY),
        ("WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone", Trouble.READ_ONLY),
        ("CREATE TABLE u (id int)", Trouble.READ_ONLY),
        ("SELECT nextval('counter')", Trouble.READ_ONLY),
        ("COMMIT; DELETE FROM t", Trouble.STATEMENT),
        ("SELECT 1; DELETE FROM t", Trouble.STATEMENT),
        ("SET TRANSACTION READ WRITE", Trouble.STATEMENT),
        ("SELECT set_config('transaction_read_only', 'off', true)", Trouble.STATEMENT),
    ],
)
async def test_nothing_can_be_written_through_a_read(
    database: Database, owner: psycopg.Connection, statement: str, trouble: Trouble
) -> None:
    owner.execute("CREATE TABLE t (id int); INSERT INTO t VALUES (1); CREATE SEQUENCE counter")
    with pytest.raises(DatabaseProblem) as caught:
        await database.fetch(statement)
    assert caught.value.trouble is trouble
    assert (await database.fetch("SELECT id FROM t")).rows == ((1,),)


@pytest.mark.parametrize("statement", ["COMMIT", "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE", "ROLLBACK"])
async def test_a_statement_about_transactions_leaves_no_trace_for_the_next_one(
    database: Database, owner: psycopg.Connection, statement: str
) -> None:
    owner.execute("CREATE TABLE t (id int)")
    await database.fetch(statement)
    with pytest.raises(DatabaseProblem, match="read-only"):
        await database.fetch("INSERT INTO t VALUES (1)")
    assert database.connections_opened == 1


async def test_a_cancelled_read_is_gone_from_the_server_and_its_connection_is_kept(
    database: Database, owner: psycopg.Connection
) -> None:
    reading = asyncio.create_task(database.fetch("SELECT pg_sleep(600) /* to be cancelled */", timeout=700))
    await until(lambda: backends(owner, "to be cancelled"))
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await until(lambda: not backends(owner, "to be cancelled"))
    await database.fetch("SELECT 1")
    await database.fetch("SELECT 1")
    assert database.connections_opened <= 2


async def test_reads_cancelled_at_any_moment_leave_the_pool_whole(
    database: Database, owner: psycopg.Connection
) -> None:
    for steps in range(60):
        reading = asyncio.create_task(database.fetch("SELECT pg_sleep(300) /* at any moment */", timeout=400))
        for _ in range(steps):
            await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
    await until(lambda: not backends(owner, "at any moment"))
    answers = await asyncio.gather(*(database.fetch("SELECT $1::int", [number]) for number in range(20)))
    assert [answer.rows[0][0] for answer in answers] == list(range(20))


async def test_at_most_four_connections_serve_any_number_of_reads(
    database: Database, owner: psycopg.Connection
) -> None:
    await asyncio.gather(*(database.fetch("SELECT pg_sleep(0.01)") for _ in range(40)))
    assert database.connections_opened == 4
    assert len(owner.execute(BACKENDS).fetchall()) == 4


async def test_a_read_on_a_lost_connection_is_repeated_silently(database: Database, owner: psycopg.Connection) -> None:
    await asyncio.gather(*(database.fetch("SELECT pg_sleep(0.05)") for _ in range(4)))
    for pid, _, _ in owner.execute(BACKENDS).fetchall():
        owner.execute("SELECT pg_terminate_backend(%s)", [pid])
    await until(lambda: not owner.execute(BACKENDS).fetchall())
    assert (await database.fetch("SELECT 7")).rows == ((7,),)
    assert database.connections_opened == 5


async def test_a_connection_lost_under_a_running_read_is_repeated_once_and_then_said(
    database: Database, owner: psycopg.Connection
) -> None:
    with pytest.raises(DatabaseProblem) as caught:
        await database.fetch("SELECT pg_terminate_backend(pg_backend_pid())")
    assert caught.value.trouble is Trouble.LOST
    assert database.connections_opened == 2
    assert (await database.fetch("SELECT 1")).rows == ((1,),)


async def test_a_write_begins_on_a_living_connection_and_is_all_or_nothing(
    database: Database, owner: psycopg.Connection
) -> None:
    owner.execute("CREATE TABLE t (id int PRIMARY KEY)")
    await database.fetch("SELECT 1")
    for pid, _, _ in owner.execute(BACKENDS).fetchall():
        owner.execute("SELECT pg_terminate_backend(%s)", [pid])
    async with database.write_connection() as connection:
        await connection.execute("INSERT INTO t VALUES (1)")

    async def write(*numbers: int) -> None:
        async with database.write_connection() as connection:
            for number in numbers:
                await connection.execute("INSERT INTO t VALUES ($1)", [number])
            if 3 in numbers:
                raise KeyError

    with pytest.raises(DatabaseProblem, match="duplicate key"):
        await write(2, 1)
    with pytest.raises(KeyError):
        await write(3)
    assert (await database.fetch("SELECT id FROM t")).rows == ((1,),)


async def test_a_slow_read_ends_at_its_limit(database: Database) -> None:
    with pytest.raises(DatabaseProblem) as caught:
        await database.fetch("SELECT pg_sleep(600)", timeout=0.05)
    assert caught.value.trouble is Trouble.TIMEOUT
    assert caught.value.sqlstate == "57014"


async def test_the_schema_of_the_url_is_the_search_path_and_values_come_in_utc(
    database_url: PostgresUrl, owner: psycopg.Connection
) -> None:
    owner.execute('CREATE SCHEMA "My App"; CREATE TABLE "My App".t (id int); INSERT INTO "My App".t VALUES (5)')
    owner.execute(f"ALTER DATABASE {database_url.database} SET timezone TO 'Europe/Berlin'")
    database = Database(database_url.with_params({"schema": "My App"}), SystemResolver())
    assert (await database.fetch("SELECT id FROM t")).rows == ((5,),)
    async with database.write_connection() as connection:
        await connection.execute("INSERT INTO t VALUES (6)")
    assert (await database.fetch("SELECT count(*), '2024-07-01Z'::timestamptz::text FROM t")).rows == (
        (2, "2024-07-01 00:00:00+00"),
    )
    await database.close()


@pytest.fixture
async def opened() -> AsyncIterator[list[Database]]:
    found: list[Database] = []
    yield found
    for database in found:
        await database.close()


@pytest.mark.parametrize(
    ("change", "trouble"),
    [
        ({"password": Secret("wr%ng secret")}, Trouble.AUTHENTICATION),
        ({"user": "nobody_here"}, Trouble.AUTHENTICATION),
        ({"host": "no-such-host.invalid"}, Trouble.NAME),
        ({"port": 1}, Trouble.UNREACHABLE),
        ({"database": "not_there"}, Trouble.CONNECT),
        ({"params": (("sslmode", "require"),)}, Trouble.TLS),
    ],
)
async def test_a_refused_connection_is_told_in_words_without_the_password(
    database_url: PostgresUrl, opened: list[Database], change: dict[str, object], trouble: Trouble
) -> None:
    url = replace(database_url, **change)
    opened.append(Database(url, SystemResolver()))
    with pytest.raises(DatabaseProblem) as caught:
        await opened[0].fetch("SELECT 1")
    assert caught.value.trouble is trouble
    assert caught.value.hint
    assert url.password is not None
    assert url.password.reveal() not in f"{caught.value!r} {caught.value.message} {caught.value.hint}"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


async def test_a_server_that_echoes_the_password_does_not_get_it_shown(database: Database) -> None:
    assert database.url.password is not None
    with pytest.raises(DatabaseProblem) as caught:
        await database.fetch(f"SELECT '{database.url.password.reveal()}'::int")
    assert database.url.password.reveal() not in caught.value.message
    assert "•••••" in caught.value.message


class TwoAddresses:
    """The first address refuses, the second is right."""

    async def resolve(self, host: str, *, deadline: float = 5.0) -> tuple[Address, ...]:
        return (Address("127.0.0.2"), Address("::1", is_ipv6=True), Address("127.0.0.1"))


async def test_the_resolvers_addresses_are_tried_in_turn(database_url: PostgresUrl, opened: list[Database]) -> None:
    opened.append(Database(replace(database_url, host="db.example"), TwoAddresses()))
    assert (await opened[0].fetch("SELECT 1")).rows == ((1,),)


async def test_close_ends_what_runs_and_may_be_called_again(database: Database, owner: psycopg.Connection) -> None:
    reading = asyncio.create_task(database.fetch("SELECT pg_sleep(600) /* closed under it */", timeout=700))
    await until(lambda: backends(owner, "closed under it"))
    reading.cancel()
    await database.close()
    await database.close()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await until(lambda: not owner.execute(BACKENDS).fetchall())
    with pytest.raises(DatabaseProblem, match="closed"):
        await database.fetch("SELECT 1")


class FreezingProxy:
    """Stands between us and the server; from `frozen` on nothing passes, and nothing is closed either."""

    def __init__(self, port: int) -> None:
        self.port, self.frozen = port, False
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        self._writers += [writer, back]
        await asyncio.gather(self._pass(reader, back), self._pass(there, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                if not self.frozen:
                    writer.write(data)
        except OSError:
            pass
        finally:
            writer.close()


async def test_a_network_that_went_silent_ends_a_read_and_a_cancel_in_time(
    database_url: PostgresUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("soundcheck.stores.postgres.database.NETWORK_GRACE", 0.1)
    monkeypatch.setattr("soundcheck.stores.postgres.database._STOP_WITHIN", 0.2)
    assert database_url.port is not None
    proxy = FreezingProxy(database_url.port)
    database = Database(replace(database_url, port=await proxy.start()), SystemResolver())
    await database.fetch("SELECT 1")
    proxy.frozen = True
    with pytest.raises(DatabaseProblem) as caught:
        await database.fetch("SELECT 1", timeout=0.1)
    assert caught.value.trouble is Trouble.TIMEOUT
    proxy.frozen = False
    assert (await database.fetch("SELECT 2")).rows == ((2,),)  # the dead connection was not kept
    proxy.frozen = True
    reading = asyncio.create_task(database.fetch("SELECT 1", timeout=60))
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    async with asyncio.timeout(30):
        await database.close()
    await proxy.stop()
