"""Which columns are masked, and what a mask lets through."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundcheck.stores.rows.cell_columns import Cut
from soundcheck.stores.rows.personal import mask
from soundcheck.stores.secret import MASK
from soundcheck.stores.sensitivity import Sensitivity, sensitivity

OPEN, PERSONAL, SECRET = Sensitivity.OPEN, Sensitivity.PERSONAL, Sensitivity.SECRET


@pytest.mark.parametrize(
    ("table", "column", "level"),
    [
        ("users", "password", SECRET), ("users", "refreshToken", SECRET), ("users", "otp", SECRET),
        ("users", "email", PERSONAL), ("users", "otpExpiry", OPEN), ("users", "isEmailVerified", OPEN),
        ("users", "name", OPEN), ("playlists", "songIds", OPEN), ("sessions", "sessionCode", OPEN),
        ("accounts", "api_key", SECRET), ("accounts", "apiKeys", SECRET), ("accounts", "userAPIKey", SECRET),
        ("accounts", "password_hash", SECRET), ("accounts", "access_tokens", SECRET), ("accounts", "JWT", SECRET),
        ("accounts", "contactEmail", PERSONAL), ("accounts", "mobile_phone", PERSONAL),
        ("accounts", "shipping", OPEN), ("accounts", "tokenizer", OPEN), ("accounts", "emailer", OPEN),
    ],
)  # fmt: skip
def test_columns_are_known_by_name_in_our_tables_and_by_words_elsewhere(
    table: str, column: str, level: Sensitivity
) -> None:
    assert sensitivity(table, column) is level


@given(st.text(min_size=1) | st.binary(min_size=1) | st.integers())
def test_nothing_of_a_secret_is_shown(value: object) -> None:
    assert mask(value, SECRET) == MASK


@given(st.emails())
def test_an_address_keeps_its_shape_and_little_else(address: str) -> None:
    shown = mask(address, PERSONAL)
    assert isinstance(shown, str)
    assert "•••@" in shown
    assert len(shown) <= 10
    name, _, domain = address.rpartition("@")
    if len(name) > 1:
        assert name not in shown
    assert domain not in shown


def test_no_value_yes_and_no_and_times_are_no_secret() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    for level in (PERSONAL, SECRET):
        assert [mask(value, level) for value in (None, "", True, moment)] == [None, "", True, moment]
    assert mask("ana@mail.example", OPEN) == "ana@mail.example"


def test_other_personal_values_and_cut_ones_are_masked_whole() -> None:
    assert mask("+43 660 1234567", PERSONAL) == MASK
    assert mask(436601234567, PERSONAL) == MASK
    assert mask(Cut("a long refresh token", 10**6), SECRET) == MASK
    assert mask(Cut("a long note", 10**6), PERSONAL) == MASK
