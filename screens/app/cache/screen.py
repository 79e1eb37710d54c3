"""Place 3: is the cache doing its job."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from screens.app import amounts
from screens.app.cache.figure import Figure
from screens.app.cache.reading import CacheReading, State
from screens.app.place_screen import PlaceScreen
from screens.app.start import Place
from stores.cells import visible


class CacheScreen(PlaceScreen):
    """Three large figures, and what the server says of itself."""

    PLACE: ClassVar[Place] = Place.CACHE
    CSS_PATH = "cache.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "browse", "Browse keys", tooltip="The keys of the cache by prefix; costs a few commands"),
    ]
    watches_cache: ClassVar[bool] = True
    HELP = (
        "What the cache does now, out of one INFO a look. The hit rate is that of the last interval, not of the "
        "server's whole life, and our own reads are taken out. A dash means that nobody read anything.\n\n"
        "Every look is one billed command. Without a key for a minute, in the background or on another screen "
        "there is none. b browses the keys."
    )

    def compose_body(self) -> ComposeResult:
        """Figures, then facts."""
        yield Static(id="cache-off", classes="pane", markup=False)
        with Vertical(id="cache"):
            with Horizontal(id="figures"):
                yield Figure("Hit rate", "less our own reads", id="hits")
                yield Figure("Operations", "by others than us", id="operations")
                yield Figure("Our call", "there and back", id="latency")
            yield Static(id="facts", classes="pane", markup=False)

    def on_mount(self) -> None:
        """Follow the app."""
        self.query_one("#facts").border_title = Content("Server")
        self.query_one("#cache-off").border_title = Content("Cache")
        self.watch(self.app, "reading", self._show)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There must be a cache to browse."""
        if action == "browse":
            return self.app.services.cache is not None
        return super().check_action(action, parameters)

    def action_browse(self) -> None:
        """The keys, on top; Esc leads back."""
        from screens.app.keys.screen import KeysScreen

        self.app.push_screen(KeysScreen())

    def _show(self, reading: CacheReading) -> None:
        off = self.query_one("#cache-off", Static)
        off.display = reading.snapshot is None
        self.query_one("#cache").display = reading.snapshot is not None
        if reading.snapshot is None:
            off.update(_nothing_yet(reading))
            return
        self.set_class(reading.state is not State.LIVE, "-old")
        latency = reading.snapshot.latency_ms
        rate, _, unit = reading.hit_rate.partition(" ")
        self.query_one("#hits", Figure).show(rate, unit, reading.hit_rates)
        self.query_one("#operations", Figure).show(reading.operations_per_second, "a second", reading.operations)
        number, _, unit = amounts.milliseconds(latency).partition(" ")
        self.query_one("#latency", Figure).show(number, unit, reading.latencies)
        facts = self.query_one("#facts", Static)
        facts.update(_facts(reading))
        facts.border_subtitle = Content(reading.state_words)


def _nothing_yet(reading: CacheReading) -> Content:
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


def _facts(reading: CacheReading) -> Content:
    snapshot = reading.snapshot
    assert snapshot is not None  # noqa: S101 - only called with one

    def known(number: int | None) -> str:
        return "—" if number is None else f"{number:,}"

    memory = "—" if snapshot.used_memory is None else amounts.size(snapshot.used_memory)
    if snapshot.max_memory is not None:
        share = (snapshot.used_memory or 0) / snapshot.max_memory
        filled = round(share * 10)
        memory += f" of {amounts.size(snapshot.max_memory)}  {'▓' * filled}{'░' * (10 - filled)} {share:.0%}"
    rows = [
        ("server", visible(f"{snapshot.server} {snapshot.version}".strip())),
        ("keys", known(snapshot.keys)),
        ("memory", memory),
        ("expired", f"{known(snapshot.expired)} since the server's start"),
        ("evicted", f"{known(snapshot.evicted)} since the server's start"),
        ("this console", f"{snapshot.commands_used:,} commands sent"),
    ]
    if reading.state is State.FAILED:
        rows.insert(0, ("! not answering", visible(reading.why)))
    return Content("\n").join(Content.assemble((f"{name:<14}", "$muted"), value) for name, value in rows)
