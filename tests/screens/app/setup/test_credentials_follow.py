"""Credentials on screen: a derived value follows its source, a later paste replaces what failed, Next says why not."""

from __future__ import annotations

import secrets
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from textual.pilot import Pilot
from textual.widgets import Button, Input

from soundcheck.screens.app.parts.paste_box import PasteBox
from soundcheck.screens.app.setup.authority_field import AuthorityField
from soundcheck.screens.app.setup.credentials_pane import CredentialsPane
from soundcheck.screens.app.setup.field_editor import FOLLOWS
from soundcheck.screens.app.setup.recognised_text import field_rows
from soundcheck.stores.credentials import DATABASE_URL, DIRECT_URL, REST_TOKEN, Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.authority import NODE, OPENSSL, kept_authority
from soundcheck.stores.resolver import Address, ResolveError, ResolveFailure, SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.wizard.recognise.recogniser import recognise
from soundcheck.wizard.recognise.recognition import FailedTest
from soundcheck.wizard.step import StepId
from tests.conftest import Rest
from tests.fake_rest import FakeRest, result
from tests.screens.app.setup.conftest import (
    MakeServices,
    answered,
    app_at_setup,
    at_step,
    pane,
    paste,
    screen_text,
    until,
)

POOLED = "postgresql://app:pw123456@ep-a-1-pooler.us-east-2.aws.neon.tech/neondb?sslmode=require"
OTHER = POOLED.replace("pw123456", "new99999")
REST = "https://fit-mole-1.upstash.io"
TOKEN = "AXdzASQgNTk4ZDI2ZWYtNjc4YS00ZjQ5"


async def open_credentials(pilot: Pilot[None]) -> CredentialsPane:
    await at_step(pilot, StepId.WELCOME)
    await pilot.press("down", "enter")
    await at_step(pilot, StepId.CREDENTIALS)
    await until(pilot, lambda: isinstance(pilot.app.focused, PasteBox), "the focus")
    found = pane(pilot.app)
    assert isinstance(found, CredentialsPane)
    return found


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (f"DATABASE_URL={POOLED}", OTHER),
        (f"DATABASE_URL={POOLED}", f"POSTGRES_URL={OTHER}"),
        (f"DATABASE_URL={POOLED}\nDIRECT_URL={POOLED.replace('-pooler', '')}", OTHER),
        (f"DATABASE_URL={POOLED}", f"DIRECT_URL={OTHER.replace('-pooler', '')}"),
        (f"DATABASE_URL={POOLED}", f"psql '{OTHER}'"),
        (f"DATABASE_URL={POOLED}", f"Connection string: {OTHER}"),
        (f"DATABASE_URL={POOLED}", OTHER.replace("ep-a-1", "ep-b-2")),
        (f"DATABASE_URL={POOLED.replace('pw123456', 'pw@123')}", OTHER),
    ],
)
def test_an_address_pasted_after_a_failed_test_replaces_the_failed_one(first: str, second: str) -> None:
    both = f"{first}\n{second}"
    after = FailedTest(frozenset({DATABASE_URL, DIRECT_URL}), first.count("\n") + 1)
    found = recognise(both, after)
    for url in (found.credentials.database_url, found.credentials.direct):
        assert url is not None
        assert url.password == Secret("new99999")
    assert not [one for one in found.findings if one.code == "conflict_password"]
    assert not [one for one in found.findings if one.repair is not None and (one.line or 0) <= after.lines]


@pytest.mark.parametrize("label", ["", "UPSTASH_REDIS_REST_TOKEN=", "TOKEN=", "Read-only token: ", "Bearer "])
def test_a_token_pasted_after_a_failed_test_replaces_the_failed_one(label: str) -> None:
    first = f"UPSTASH_REDIS_REST_URL={REST}\nUPSTASH_REDIS_REST_TOKEN={TOKEN}"
    newer = TOKEN.replace("AXdz", "BXdz")
    after = FailedTest(frozenset({"UPSTASH_REDIS_REST_URL", REST_TOKEN}), 2)
    found = recognise(f"{first}\n{label}{newer}", after)
    assert found.credentials.rest_token == Secret(newer)
    assert str(found.credentials.rest_url) == REST


@pytest.mark.parametrize("names", [frozenset[str](), frozenset({REST_TOKEN})])
def test_what_did_not_fail_keeps_its_better_name(names: frozenset[str]) -> None:
    found = recognise(f"DATABASE_URL={POOLED}\n{OTHER}", FailedTest(names, 1))
    assert found.credentials.database_url == PostgresUrl.parse(POOLED)


@pytest.mark.parametrize("tested", [{}, {REST_TOKEN: True}, {REST_TOKEN: False}])
def test_after_a_test_no_line_says_to_be_tried(tested: dict[str, bool]) -> None:
    found = recognise(f"{REST}\n{TOKEN}")
    rows = field_rows(found, found.credentials, here={}, tested=tested)
    assert ("to be tried" in str([str(words) for _, words in rows])) is (not tested)


async def test_a_mended_password_is_mended_in_the_derived_address_too(
    make_services: MakeServices, database_url: PostgresUrl, rest: Rest
) -> None:
    """As after a password was reset: the env file holds both addresses, both with the old one."""
    old = replace(database_url, password=Secret("an-old-password"))
    held = Credentials(old, old, rest.url, rest.token).as_env()
    services = make_services({name: value.reveal() for name, value in held.items()})
    app = app_at_setup(services)
    async with app.run_test(size=(80, 24)) as pilot:
        found = await open_credentials(pilot)
        await until(pilot, lambda: not found.busy and "✗ signing in" in screen_text(app), "the refusal")
        found.query_one("#edit", Button).press()
        field = found.query_one(f"#field-{DATABASE_URL}", Input)
        direct = found.query_one(f"#field-{DIRECT_URL}", Input)
        await until(pilot, lambda: app.focused is field, "the fields")
        assert not direct.value
        assert direct.placeholder == FOLLOWS
        field.value = database_url.reveal()
        await answered(pilot)
        used = found.state.services.credentials
        assert used.database_url == database_url == used.direct
        assert app.focused is field, "who types there goes on there"


async def test_next_says_why_not_and_a_later_paste_replaces_what_failed(
    make_services: MakeServices, database_url: PostgresUrl, rest: Rest
) -> None:
    wrong = secrets.token_hex(20)
    app = app_at_setup(make_services())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        found = await open_credentials(pilot)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: "Still missing: DATABASE_URL" in screen_text(app), "what is missing")
        app.clear_notifications()
        text = f"DATABASE_URL={database_url.reveal()}\nUPSTASH_REDIS_REST_URL={rest.url}\n"
        await paste(pilot, text + f"UPSTASH_REDIS_REST_TOKEN={wrong}")
        await until(pilot, lambda: not found.busy and found.state.failed.names, "the refusal")
        assert not found.ready
        await pilot.click("#next")
        await until(pilot, lambda: "token" in str([n.message for n in app._notifications]), "why not")
        assert isinstance(app.focused, PasteBox), "the focus stays where one types"
        await paste(pilot, f"Token: {rest.token.reveal()}")
        await answered(pilot)
        assert found.state.services.credentials.rest_token == rest.token
        assert "to be tried" not in screen_text(app)


class Here(SystemResolver):
    """Every host is this machine, but for Neon's poolers, which nobody knows."""

    async def resolve(self, host: str, *, deadline: float = 5.0) -> tuple[Address, ...]:
        if "-pooler" in host:
            raise ResolveError(ResolveFailure.UNKNOWN_NAME, host)
        return (Address("127.0.0.1"),)


async def test_a_pooled_address_that_fails_is_left_for_the_one_that_works_by_a_button(
    make_services: MakeServices, database_url: PostgresUrl, rest: Rest
) -> None:
    given = replace(database_url, host="ep-a-1.us-east-2.aws.neon.tech").with_params({"sslmode": "disable"})
    app = app_at_setup(replace(make_services(), resolver=Here()))
    async with app.run_test(size=(80, 24)) as pilot:
        found = await open_credentials(pilot)
        text = f"UPSTASH_REDIS_REST_URL={rest.url}\nUPSTASH_REDIS_REST_TOKEN={rest.token.reveal()}\n"
        await paste(pilot, f"{text}DATABASE_URL={given.reveal()}")
        await until(pilot, lambda: not found.busy and found.query("#way-around"), "the way around")
        assert not found.ready
        assert "Use the direct" in " ".join(screen_text(app).split())
        found.query_one("#way-around", Button).press()
        await answered(pilot)
        used = found.state.services.credentials
        assert used.database_url == used.direct == given


async def test_a_company_authority_is_named_where_its_certificate_was_refused(
    make_services: MakeServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (OPENSSL, NODE):
        monkeypatch.setenv(name, "x")
        monkeypatch.delenv(name)
    ca, file, host = trustme.CA(), tmp_path / "company-ca.pem", "fit-mole-1.upstash.io"
    ca.cert_pem.write_to_path(str(file))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(host).configure_cert(tls)
    app = app_at_setup(replace(make_services(), resolver=Here()))
    async with FakeRest(lambda _: result("PONG"), tls=tls) as server, app.run_test(size=(100, 40)) as pilot:
        found = await open_credentials(pilot)
        await paste(pilot, f"UPSTASH_REDIS_REST_URL=https://{host}:{server.port}\nUPSTASH_REDIS_REST_TOKEN={TOKEN}")
        field = found.query_one(AuthorityField)
        await until(pilot, lambda: field.display, "the field")
        typed = field.query_one(Input)
        typed.focus()
        typed.value = str(file)[:-4]
        await until(pilot, lambda: typed._suggestion == str(file), "what the path may be")
        await pilot.press("right")
        await until(pilot, lambda: typed.value == str(file), "the path completed")
        await pilot.press("enter")
        await until(pilot, lambda: not field.display and not found.busy, "the certificate trusted")
        assert kept_authority(found.state.services.project) == file
