"""A block of which only a part was copied is called cut off, and which end is missing."""

from __future__ import annotations

import pytest

from soundcheck.stores.credentials import DATABASE_URL, ENV_NAMES, REST_TOKEN, REST_URL
from soundcheck.stores.secret import Secret
from soundcheck.wizard.recognise.recogniser import recognise, recognise_field
from soundcheck.wizard.recognise.recognition import Problem, Severity

WHOLE = "postgresql://app:pw123456@ep-cool-dark-a1b2-pooler.c-2.eu-central-1.aws.neon.tech/neondb?sslmode=require"
NEON_END = "the end of the host; one of Neon's ends in .neon.tech"
FROM_HOST = "everything from the host on"

CUTS = {
    'DATABASE_URL="postgresql://user:pw123456@ep-cool-dark': NEON_END,
    "postgresql://user:pw123456@ep-cool-dark": NEON_END,
    'DATABASE_URL="postgresql://user:pw123456@ep-coo': "the end of the host, and the name of the database",
    '"DATABASE_URL": "postgresql://user:pw123456@db': "the end of the host, and the name of the database",
    "psql 'postgresql://user:pw123456@ep-cool-dark-1": NEON_END,
    "psql 'postgresql://user:pw123456@db.example.org": "the name of the database",
    'DATABASE_URL="postgresql://user:pw123456': FROM_HOST,
    "DATABASE_URL=postgresql://user:pw123456": FROM_HOST,
    'DATABASE_URL="postgresql://us': "the end of the host, and the name of the database",
    "DATABASE_URL=" + WHOLE.removesuffix("uire"): "the end of sslmode",
    WHOLE + "&channel_binding=": "the end of channel_binding",
    WHOLE.removeprefix("post"): "the beginning, postgresql://",
    "DATABASE_URL=" + WHOLE.removeprefix("postgre"): "the beginning, postgresql://",
    "PGUSER=user\nPGPASSWORD=pw123456\nPGHOST=ep-cool-dark-1.eu-cen": NEON_END,
}


def cuts(text: str) -> list[Problem]:
    return [p for p in recognise(text).findings if p.code == "cut_off"]


@pytest.mark.parametrize("text", CUTS)
def test_the_end_that_is_missing_is_named_and_nothing_is_taken(text: str) -> None:
    [problem] = cuts(text)
    assert problem.severity is Severity.ERROR
    assert problem.message == f"The address is cut off: what is missing is {CUTS[text]}."
    assert "Copy the whole line again" in problem.cure
    found = recognise(text)
    assert found.credentials.database_url is None
    assert [p.code for p in found.findings] == ["cut_off"]
    assert "pw123456" not in repr(found)


def test_wherever_an_address_of_neons_is_cut_inside_its_host_that_is_said() -> None:
    host_starts = WHOLE.index("@") + 1
    for end in range(host_starts + len("ep-cool-d"), WHOLE.index("/neondb")):
        assert [p.message for p in cuts(f'DATABASE_URL="{WHOLE[:end]}')], WHOLE[:end]
        assert [p.message for p in cuts(WHOLE[:end])], WHOLE[:end]


@pytest.mark.parametrize("text", [WHOLE, f"DATABASE_URL='{WHOLE}'", f"psql '{WHOLE}'", f'{{"uri": "{WHOLE}"}}'])
def test_a_whole_address_is_not_called_cut(text: str) -> None:
    found = recognise(text)
    assert not {"cut_off", "maybe_cut_off"} & {p.code for p in found.findings}
    assert found.credentials.database_url is not None


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://app:pw123456@db/neondb",
        "postgresql://app:pw123456@localhost/neondb",
        'DATABASE_URL="postgresql://app:pw123456@db.example.org"',
        'DATABASE_URL="postgresql://app:pw123456@db"',
        "postgresql://app:pw123456@ep-cool-dark-1.privatelink.example.org/neondb",
    ],
)
def test_a_host_that_is_nobodys_beginning_is_left_as_it_is(text: str) -> None:
    assert not cuts(text)
    assert recognise(text).credentials.database_url is not None


def test_an_address_that_is_whole_behind_an_open_quote_is_taken_with_a_warning() -> None:
    found = recognise(f'DATABASE_URL="{WHOLE}')
    assert found.credentials.database_url is not None
    assert [p.severity for p in found.findings if p.code == "maybe_cut_off"] == [Severity.WARN]


def test_the_cache_is_told_the_same_way() -> None:
    found = recognise('UPSTASH_REDIS_REST_URL="https://fit-mole-1.upst')
    assert [(p.code, p.field) for p in found.errors] == [("cut_off", REST_URL)]
    found = recognise("UPSTASH_REDIS_REST_URL=https://fit-mole-1.upstash.io\nUPSTASH_REDIS_REST_TOKEN='AXdzASQg")
    assert [(p.code, p.field) for p in found.findings] == [("maybe_cut_off", REST_TOKEN)]
    assert found.credentials.rest_token == Secret("AXdzASQg")


def test_a_field_says_it_too_with_or_without_the_open_quote() -> None:
    for text in ('"postgresql://user:pw123456@ep-cool-dark', "postgresql://user:pw123456@ep-cool-dark"):
        assert [p.code for p in recognise_field(DATABASE_URL, text).findings] == ["cut_off"]


def test_a_quote_inside_a_password_is_no_open_quote() -> None:
    for quote in "\"'`":
        found = recognise(f"DATABASE_URL={WHOLE.replace('pw123456', 'pw' + quote + '123456')}")
        assert "maybe_cut_off" not in {p.code for p in found.findings}
        assert found.found(ENV_NAMES[0]) is not None
