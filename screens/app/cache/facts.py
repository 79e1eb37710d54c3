"""What the server says of itself, and what the plan leaves: lines of names and values."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content

from soundcheck.screens import cache_words as words
from soundcheck.screens.app.cache_reading import CacheReading, State
from soundcheck.screens.app.parts.hanging_text import HangingRow
from soundcheck.stores import amounts
from soundcheck.stores.hidden_characters import visible

_BAR = 10


def nothing_yet(reading: CacheReading) -> Content:
    """The whole screen while there is no look."""
    if reading.state is State.OFF and reading.why:
        return Content.assemble(
            ("! The cache cannot be used\n\n", "bold $warning"),
            visible(reading.why),
            ("\n\nPress 1 for Setup, which reads it again.", "$muted"),
        )
    if reading.state is State.OFF:
        return Content.assemble(
            ("Not set up\n\n", "bold"),
            "The browser works without a cache. To add one, press 1 for Setup and paste the REST URL and the token.",
        )
    if reading.state is State.FAILED:
        return Content.assemble(
            ("✗ The cache does not answer\n\n", "bold $error"),
            visible(reading.why),
            ("\n\nIt is asked again by itself. Press 4 for Checks to see where it stops.", "$muted"),
        )
    return Content.styled("◐ asking…" if reading.state is State.WAITING else reading.state_words, "$muted")


def server_facts(reading: CacheReading, told: Mapping[str, str], *, free: bool) -> list[HangingRow]:
    """Of a reading with a look. `told` is what was asked for with a key; `free` says that commands cost nothing."""
    snapshot = reading.snapshot
    assert snapshot is not None  # noqa: S101 - only called with one

    def known(number: int | None) -> str:
        return "—" if number is None else f"{number:,}"

    memory = "—" if snapshot.used_memory is None else amounts.size(snapshot.used_memory)
    if snapshot.max_memory is not None:
        share = (snapshot.used_memory or 0) / snapshot.max_memory
        filled = min(_BAR, round(share * _BAR))
        memory += f" of {amounts.size(snapshot.max_memory)}  {'▓' * filled}{'░' * (_BAR - filled)} {share:.0%}"
    rows = [
        ("server", visible(f"{snapshot.server} {snapshot.version}".strip())),
        ("keys", known(snapshot.keys)),
        ("memory", memory),
        ("eviction", words.eviction(snapshot.policy)),
        ("expired", f"{known(snapshot.expired)}, evicted {known(snapshot.evicted)}, since the server's start"),
        ("this console", words.month_words(snapshot.commands_used, reading.per_month, free=free)),
        *((name, visible(text)) for name, text in told.items()),
    ]
    if snapshot.is_upstash:
        rows.append(("not offered", words.NOT_OFFERED))
    if reading.state is State.FAILED:
        rows.insert(0, ("! not answering", visible(reading.why)))
    return [(Content.styled(f"{name:<14}", "$muted"), Content(value)) for name, value in rows]
