"""A secret shows itself nowhere but through `reveal`."""

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundcheck.stores.secret import MASK, Secret

VALUES = st.text(min_size=8).filter(lambda v: v not in MASK and MASK not in v)


@given(VALUES)
def test_no_printed_form_holds_the_value(value: str) -> None:
    secret = Secret(value)
    for shown in (str(secret), repr(secret), f"{secret}", f"{secret!r:>20}", f"{[secret]}", f"{secret}"):
        assert value not in shown


@given(VALUES)
def test_the_value_comes_out_by_reveal_alone(value: str) -> None:
    assert Secret(value).reveal() == value


@given(VALUES, VALUES)
def test_secrets_and_fingerprints_are_equal_exactly_when_values_are(one: str, other: str) -> None:
    assert (Secret(one) == Secret(other)) is (one == other)
    assert (Secret(one).fingerprint() == Secret(other).fingerprint()) is (one == other)


def test_a_secret_is_neither_pickled_nor_json() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret("x"))
    with pytest.raises(TypeError):
        json.dumps({"token": Secret("x")})


def test_a_secret_does_not_equal_its_text() -> None:
    assert Secret("x") != "x"


def test_it_has_no_attribute_dictionary_to_leak_through() -> None:
    assert not hasattr(Secret("x"), "__dict__")
