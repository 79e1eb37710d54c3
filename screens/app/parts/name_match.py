"""Which of many names is meant by the first letters of one. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def best_match(names: Sequence[str], typed: str) -> int | None:
    """The place of the best name: the whole of it, one that begins so, one with such a word, one that holds it.

    Case and underscores do not count; None where nothing was typed or nothing fits.
    """
    wanted = _plain(typed)
    if not wanted:
        return None
    plain = [_plain(name) for name in names]
    words = [[_plain(word) for word in _words(name)] for name in names]
    fits = [
        (
            plain[at] == wanted,
            plain[at].startswith(wanted),
            any(word.startswith(wanted) for word in words[at]),
            wanted in plain[at],
        )
        for at in range(len(names))
    ]
    return next((at for way in range(4) for at in range(len(names)) if fits[at][way]), None)


def _plain(text: str) -> str:
    return text.strip().casefold().replace("_", "")


def _words(name: str) -> list[str]:
    """`createdAt` and `created_at` as `created`, `at`."""
    spread = "".join(f" {letter}" if letter.isupper() else letter for letter in name)
    return spread.replace("_", " ").split()
