"""The shape of a password: enough to find a mistake in it from afar, never enough to guess it."""

from __future__ import annotations

import pytest

from soundcheck.stores.password_shape import shape_in, shape_of
from soundcheck.stores.secret import Secret


@pytest.mark.parametrize(
    ("password", "shape"),
    [
        ("", "no password"),
        ("npg", "3 characters: letters"),
        ("1", "1 character: digits"),
        ("a1%40b%2", "8 characters: letters, digits, 2 signs; 1 %XX code"),
        ("ü-", "2 characters: letters, 1 sign, letters beyond ASCII"),
    ],
)
def test_it_tells_length_kinds_and_codes(password: str, shape: str) -> None:
    assert shape_of(Secret(password)) == shape
    if password:
        assert not password.isalpha() or password not in shape


@pytest.mark.parametrize(
    ("address", "shape"),
    [
        ("postgresql://app:s3cr%40t@db.example/songs", "8 characters: letters, digits, 1 sign; 1 %XX code"),
        ("postgresql+asyncpg://app:a@b@db.example/songs", "3 characters: letters, 1 sign"),
        ("jdbc:postgresql://app:ab/c:d@db.example", "6 characters: letters, 2 signs"),
        (' "mongodb+srv://app:abc@old.example/songs"', "3 characters: letters"),
        ("postgresql://app:@db.example/songs", "no password"),
        ("postgresql://app@db.example/songs", None),
        ("https://rest.example", None),
        ("a-token", None),
        ("", None),
    ],
)
def test_an_address_tells_the_shape_as_it_is_written(address: str, shape: str | None) -> None:
    assert shape_in(Secret(address)) == shape
