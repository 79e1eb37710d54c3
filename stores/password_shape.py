"""What may be said of a password without saying it: how long it is, and what kinds of characters are in it. Pure."""

from __future__ import annotations

import re
from typing import Final

from soundcheck.stores.amounts import number_of
from soundcheck.stores.secret import Secret

_CODE: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_IN_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.:-]*://[^:/@]*:(.*)@", re.DOTALL)
_WORDS: Final = {" ": "a space", "\t": "a tab"}


def shape_of(password: Secret | None) -> str:
    """`12 characters: letters, digits, 2 signs; 1 %XX code`; the signs themselves are not named."""
    text = password.reveal() if password is not None else ""
    if not text:
        return "no password"
    signs = sum(not letter.isalnum() for letter in text)
    kinds = [
        "letters" if any(letter.isalpha() for letter in text) else "",
        "digits" if any(letter.isdigit() for letter in text) else "",
        number_of(signs, "sign") if signs else "",
        "letters beyond ASCII" if any(letter.isalpha() and not letter.isascii() for letter in text) else "",
    ]
    codes = len(_CODE.findall(text))
    said = f"{number_of(len(text), 'character')}: {', '.join(kind for kind in kinds if kind)}"
    return f"{said}; {number_of(codes, '%XX code')}" if codes else said


def shape_in(address: Secret) -> str | None:
    """The shape of the password in an address, as it is written there; None where the text is no address with one.

    Works on broken addresses too: the password ends at the last @.
    """
    found = _IN_ADDRESS.search(address.reveal())
    return shape_of(Secret(found[1])) if found else None


def signs_in(text: str) -> tuple[str, ...]:
    """The signs of a text that can be named on a line, each once, sorted so that they say nothing of their places."""
    named = (_WORDS.get(letter, letter) for letter in sorted(set(text)) if letter.isascii() and not letter.isalnum())
    return tuple(word for word in named if word.isprintable())
