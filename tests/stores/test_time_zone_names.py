"""The time zone by its name: what a person types, and what this machine's own is called."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from soundcheck.stores.catalog.tables import Column
from soundcheck.stores.errors import UsageError
from soundcheck.stores.postgres.time_zone import in_zone, local_zone, python_zone, zone_name
from soundcheck.stores.prisma.models import PrismaField
from soundcheck.stores.rows.spelled.prisma_values import Compared


@pytest.mark.parametrize(
    ("typed", "name"),
    [("utc", "UTC"), (" UTC ", "UTC"), ("Europe/Berlin", "Europe/Berlin"), ("local", "Asia/Kolkata"), ("+02", "+02")],
)
def test_what_is_typed_is_a_name_or_a_word_for_one(typed: str, name: str) -> None:
    assert zone_name(typed, {"TZ": "Asia/Kolkata"}) == name


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        (":America/New_York", "America/New_York"),
        ("/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo"),
        ("Etc/UTC", "UTC"),
    ],
)
def test_the_environment_says_which_zone_is_local(variable: str, name: str) -> None:
    assert local_zone({"TZ": variable}) == name


def test_else_the_machines_own_link_does(tmp_path: Path) -> None:
    target = tmp_path / "zoneinfo" / "Europe" / "Lisbon"
    target.parent.mkdir(parents=True)
    target.touch()
    link = tmp_path / "localtime"
    link.symlink_to(target)
    assert local_zone({}, link) == "Europe/Lisbon"


@pytest.mark.parametrize(("zone", "name"), [("XYZ-5:30", "<+0530>-05:30"), ("XYZ3", "<-0300>+03:00"), ("XYZ0", "UTC")])
def test_else_the_offset_of_today_does(zone: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert local_zone({}, tmp_path / "none") == name
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_clock_of_the_zone_where_this_machine_knows_it() -> None:
    moment = datetime(2024, 3, 2, 1, 0, tzinfo=UTC)
    assert f"{in_zone(moment, 'America/New_York'):%H:%M}" == "20:00"
    assert f"{in_zone(moment, '<-0500>+05:00'):%H:%M}" == "01:00"
    assert python_zone("Mars/Olympus") is None


def column(type_name: str) -> Compared:
    field = PrismaField("at", "at", "DateTime", is_list=False, optional=True)
    return Compared(Column("at", type_name, type_name, type_name, True, True), field, "America/New_York")


def test_a_day_in_a_prisma_call_begins_at_the_midnight_of_the_zone() -> None:
    begin = 'datetime.fromisoformat("2024-03-01T05:00:00+00:00")'
    end = 'datetime.fromisoformat("2024-03-02T05:00:00+00:00")'
    assert column("timestamptz").day("2024-03-01") == (begin, end)
    assert column("timestamptz").literal("2024-07-01 12:00") == 'datetime.fromisoformat("2024-07-01T16:00:00+00:00")'
    assert column("timestamptz").literal("2024-07-01 12:00+02") == 'datetime.fromisoformat("2024-07-01T12:00:00+02:00")'
    plain = column("timestamp").day("2024-03-01")
    assert plain is not None
    assert plain[0] == 'datetime.fromisoformat("2024-03-01T00:00:00+00:00")', "a clock without a zone stays as it is"


@pytest.mark.parametrize("text", ["2024-11-03 01:30", "2024-03-10 02:30"])
def test_an_hour_that_comes_twice_or_never_is_left_to_the_server(text: str) -> None:
    with pytest.raises(UsageError, match="are changed"):
        column("timestamptz").literal(text)
