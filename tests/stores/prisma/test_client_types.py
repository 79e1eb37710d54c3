"""Each scalar and list type through the generated client and back, against what psycopg finds in the table."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from generated_client import TIME_ZONE, Talk

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUMMER = datetime(2024, 7, 1, 22, 30, 15, 123000, UTC)
WINTER = datetime(1969, 12, 31, 23, 59, 59, 999000, UTC)
A_UUID = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
BYTES = bytes(range(256))
NESTED = {"a": [1, 2.5, None, True, {"$type": "BigInt", "value": 12345678901234567890}], "b": '"{"$type":'}


def _same(value: Any) -> Any:
    return value


def _utc(value: Any) -> Any:
    return value.astimezone(UTC)


# field: what is given to the client, what psycopg reads from the table (made comparable by `seen`)
SCALARS: dict[str, tuple[Any, Any, Callable[[Any], Any]]] = {
    "words": ('it\'s "q" \\ 😀', 'it\'s "q" \\ 😀', _same),
    "short": ("ö" * 10, "ö" * 10, _same),
    "padded": ("abcde", "abcde", _same),
    "flag": (False, False, _same),
    "small": (-32768, -32768, _same),
    "whole": (2**31 - 1, 2**31 - 1, _same),
    "big": (-(2**63), -(2**63), _same),
    "real": (1.5, 1.5, _same),
    "double": (1.7976931348623157e308, 1.7976931348623157e308, _same),
    "exact": (Decimal("123456789012345678901234567890.123456789012345678"),) * 2 + (_same,),
    "blob": (BYTES, BYTES, bytes),
    "ident": (A_UUID, uuid.UUID(A_UUID), _same),
    "inet": ("10.1.2.3", "10.1.2.3", str),
    "bits": ("1010", "1010", _same),
    "at": (SUMMER, SUMMER.replace(tzinfo=None), _same),
    "atMicro": (SUMMER, SUMMER.replace(tzinfo=None), _same),
    "instant": (SUMMER, SUMMER, _utc),
    "day": (datetime(2024, 2, 29, tzinfo=UTC), date(2024, 2, 29), _same),
    "clock": (datetime(1970, 1, 1, 23, 59, 59, 999000, UTC), time(23, 59, 59, 999000), _same),
    "zoned": (datetime(1970, 1, 1, 1, 2, 3, tzinfo=UTC), time(1, 2, 3, tzinfo=UTC), _same),
    "role": ("ADMIN", "ADMIN", _same),
}

LISTS: dict[str, tuple[list[Any], list[Any], Callable[[Any], Any]]] = {
    "texts": (["a", "", 'N"U', "NULL", "{x,y}", "\\"], ["a", "", 'N"U', "NULL", "{x,y}", "\\"], _same),
    "flags": ([True, False], [True, False], _same),
    "wholes": ([1, -2], [1, -2], _same),
    "bigs": ([2**63 - 1, -(2**63)], [2**63 - 1, -(2**63)], _same),
    "doubles": ([1.5, 1e-7], [1.5, 1e-7], _same),
    "exacts": ([Decimal("1.1"), Decimal("-3")], [Decimal("1.1"), Decimal("-3")], _same),
    "blobs": ([b"\x00\xff", b""], [b"\x00\xff", b""], bytes),
    "ats": ([SUMMER, WINTER], [SUMMER.replace(tzinfo=None), WINTER.replace(tzinfo=None)], _same),
    "instants": ([SUMMER, WINTER], [SUMMER, WINTER], _utc),
    "days": ([datetime(2024, 2, 29, tzinfo=UTC)], [date(2024, 2, 29)], _same),
    "idents": ([A_UUID], [uuid.UUID(A_UUID)], _same),
    "roles": (["ADMIN", "HOST"], ["ADMIN", "HOST"], _same),
}


def _sent(talk: Talk, value: Any) -> Any:
    """As the client wants it: bytes in its own class."""
    if isinstance(value, list):
        return [_sent(talk, item) for item in value]
    return talk.package.Base64.encode(value) if isinstance(value, bytes) else value


def _received(value: Any) -> Any:
    if isinstance(value, list):
        return [_received(item) for item in value]
    return value.decode() if type(value).__name__ == "Base64" else value


async def test_every_scalar_is_written_and_read_exactly(talk: Talk) -> None:
    given = {name: _sent(talk, value) for name, (value, _, _) in SCALARS.items()}
    await talk.db.everything.create({"id": 1, **given})
    found = await talk.db.everything.find_unique({"id": 1})
    assert {name: _received(getattr(found, name)) for name in SCALARS} == {n: v for n, (v, _, _) in SCALARS.items()}
    columns = ", ".join(f'"{name}"' + ("::text" if name == "role" else "") for name in SCALARS)
    (row,) = talk.rows(f'SELECT {columns} FROM "Everything"')
    seen = {name: look(value) for (name, (_, _, look)), value in zip(SCALARS.items(), row, strict=True)}
    assert seen == {name: expected for name, (_, expected, _) in SCALARS.items()}


async def test_every_list_is_written_and_read_exactly(talk: Talk) -> None:
    await talk.db.everything.create({"id": 1, **{name: _sent(talk, value) for name, (value, _, _) in LISTS.items()}})
    found = await talk.db.everything.find_unique({"id": 1})
    assert {name: _received(getattr(found, name)) for name in LISTS} == {n: v for n, (v, _, _) in LISTS.items()}
    columns = ", ".join(f'"{name}"' + ("::text[]" if name == "roles" else "") for name in LISTS)
    (row,) = talk.rows(f'SELECT {columns} FROM "Everything"')
    seen = {
        name: [look(item) for item in value] for (name, (_, _, look)), value in zip(LISTS.items(), row, strict=True)
    }
    assert seen == {name: expected for name, (_, expected, _) in LISTS.items()}


async def test_each_scalar_finds_its_own_row(talk: Talk) -> None:
    given = {name: _sent(talk, value) for name, (value, _, _) in SCALARS.items()}
    await talk.db.everything.create({"id": 1, **given})
    await talk.db.everything.create({"id": 2})
    for name in SCALARS:
        if name == "real":  # an approximate number is no key
            continue
        assert [row.id for row in await talk.db.everything.find_many(where={name: given[name]})] == [1], name
        assert [row.id for row in await talk.db.everything.find_many(where={name: None})] == [2], name


async def test_lists_are_searched_pushed_to_and_set(talk: Talk) -> None:
    await talk.db.everything.create({"id": 1, "texts": ["a", "b"], "instants": [SUMMER], "roles": ["HOST"]})
    await talk.db.everything.create({"id": 2, "bigs": [2**62], "texts": []})
    for where, expected in (
        ({"texts": {"has": "a"}}, [1]),
        ({"texts": {"has_every": ["a", "b"]}}, [1]),
        ({"texts": {"has_some": ["z", "b"]}}, [1]),
        ({"texts": {"is_empty": True}}, [2]),
        ({"texts": {"equals": ["a", "b"]}}, [1]),
        ({"instants": {"has": SUMMER}}, [1]),
        ({"roles": {"has": "HOST"}}, [1]),
        ({"bigs": {"has": 2**62}}, [2]),
    ):
        assert [row.id for row in await talk.db.everything.find_many(where=where)] == expected, where
    await talk.db.everything.update(where={"id": 1}, data={"texts": {"push": ["c"]}, "instants": {"set": []}})
    assert talk.rows("""SELECT texts, instants FROM "Everything" WHERE id = 1""") == [(["a", "b", "c"], [])]


@pytest.mark.parametrize("number", [0.1 + 0.2, 1 / 3, 123456789.12345679, 1.7976931348623157e308, 5e-324, -1e22, 3.0])
async def test_a_float_keeps_all_its_digits(talk: Talk, number: float) -> None:
    made = await talk.db.everything.create({"id": 1, "double": number, "doubles": [number]})
    assert (made.double, made.doubles, type(made.double)) == (number, [number], float)
    assert talk.rows("""SELECT double, doubles FROM "Everything" """) == [(number, [number])]
    assert await talk.db.everything.count(where={"double": number}) == 1
    assert await talk.db.query_raw("SELECT $1::float8 AS f, $2::text AS t", number, "1.00000000000000001") == [
        {"f": number, "t": "1.00000000000000001"}
    ]


async def test_json_keeps_every_digit_and_is_searched(talk: Talk) -> None:
    wrap = talk.package.Json
    await talk.db.everything.create(
        {"id": 1, "meta": wrap(NESTED), "metaText": wrap([1]), "metas": [wrap({}), wrap("s")]}
    )
    await talk.db.everything.create({"id": 2, "meta": wrap("only text")})
    found = await talk.db.everything.find_unique({"id": 1})
    assert (found.meta, found.metaText, found.metas) == (NESTED, [1], [{}, "s"])
    assert talk.rows("""SELECT meta, "metaText", metas FROM "Everything" ORDER BY id""") == [
        (NESTED, [1], [{}, "s"]), ("only text", None, None),
    ]  # fmt: skip
    (equal,) = await talk.db.everything.find_many(where={"meta": {"equals": wrap("only text")}})
    assert equal.id == 2
    (other,) = await talk.db.everything.find_many(where={"NOT": [{"meta": {"equals": wrap("only text")}}]})
    assert other.id == 1


@pytest.mark.parametrize("zone", ["America/St_Johns", "Pacific/Kiritimati"])
async def test_an_instant_written_by_others_is_the_same_instant_here(talk: Talk, zone: str) -> None:
    talk.judge.execute("""INSERT INTO "Everything" (id, instant, instants, at) VALUES (1, %s, %s, %s)""",
                       (SUMMER, [SUMMER, WINTER], SUMMER.replace(tzinfo=None)))  # fmt: skip
    async with talk.db.tx() as tx:
        await tx.execute_raw(f"SET LOCAL TIME ZONE '{zone}'")
        there = await tx.everything.find_unique({"id": 1})
        assert (there.instant, there.instants, there.at) == (SUMMER, [SUMMER, WINTER], SUMMER)
    found = await talk.db.everything.find_unique({"id": 1})
    assert (found.instant, found.instants, found.at) == (SUMMER, [SUMMER, WINTER], SUMMER)
    elsewhere = SUMMER.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert await talk.db.everything.count(where={"instant": elsewhere, "at": elsewhere}) == 1
    assert await talk.db.everything.count(where={"instant": {"gt": elsewhere}}) == 0


async def test_raw_queries_read_instants_in_whatever_zone_the_session_is(talk: Talk) -> None:
    assert talk.one("SHOW timezone") == TIME_ZONE  # of the database; the judge's own session
    async with talk.db.tx() as tx:
        await tx.execute_raw("SET LOCAL TIME ZONE 'America/St_Johns'")
        (row,) = await tx.query_raw("SELECT '2024-07-01 10:00+00'::timestamptz AS t, '10:00+02:30'::timetz AS c")
    assert row == {"t": "2024-07-01T10:00:00+00:00", "c": "07:30:00"}


async def test_raw_queries_read_the_catalogue_and_what_prisma_has_no_type_for(talk: Talk) -> None:
    (row,) = await talk.db.query_raw(
        """SELECT 'n'::name AS name, 'c'::"char" AS char, 7::oid AS oid, 'int'::regtype AS regtype,
                  interval '1 day 2 hours' AS interval, point(1, 2) AS point, int4range(1, 5) AS range,
                  array['ADMIN'::"Role", NULL] AS roles, 'HOST'::"Role" AS role, array[interval '1 day'] AS intervals,
                  '-$1,234.56'::money AS money, 1.10::numeric AS exact, 9007199254740993 AS big, NULL::int AS nothing,
                  array[1, NULL] AS holes, '{"a": 1.0}'::json AS json, '\\x00ff'::bytea AS bytes"""
    )
    assert row == {
        "name": "n", "char": "c", "oid": 7, "regtype": "integer", "interval": "1 day 02:00:00", "point": "(1,2)",
        "range": "[1,5)", "roles": ["ADMIN", None], "role": "HOST", "intervals": ["1 day"], "money": -1234.56,
        "exact": 1.1, "big": 9007199254740993, "nothing": None, "holes": [1, None], "json": {"a": 1.0}, "bytes": "AP8=",
    }  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [
        "'infinity'::timestamptz",
        "'NaN'::float8",
        "'0044-03-15 BC'::date",
        "'NaN'::numeric",
        "'24:00'::time",
        "'{{1},{2}}'::int[]",
    ],
)
async def test_what_prisma_cannot_hold_is_refused_in_words(talk: Talk, value: str) -> None:
    with pytest.raises(talk.package.errors.DataError, match="outside what Prisma can read") as told:
        await talk.db.query_raw(f"SELECT {value}")
    assert told.value.code == "P2023"
    assert await talk.db.query_raw("SELECT 1 AS one") == [{"one": 1}]


async def test_money_is_written_and_read_as_a_number(talk: Talk) -> None:
    await talk.db.everything.create({"id": 1, "money": Decimal("-1234567.89")})
    assert (await talk.db.everything.find_unique({"id": 1})).money == Decimal("-1234567.89")
    assert talk.one("""SELECT money::numeric FROM "Everything" """) == Decimal("-1234567.89")
