"""Place 3: is the cache doing its job."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from soundcheck.screens.app.cache.facts import nothing_yet, server_facts
from soundcheck.screens.app.cache.panel import BigFigure
from soundcheck.screens.app.cache.record_replay import RecordReplay
from soundcheck.screens.app.cache.traffic import Levels, PrefixTable
from soundcheck.screens.app.cache_reading import CacheReading, State
from soundcheck.screens.app.parts import later
from soundcheck.screens.app.parts.command_text import CommandText
from soundcheck.screens.app.parts.hanging_text import HangingText
from soundcheck.screens.app.parts.store_question import StoreQuestion
from soundcheck.screens.app.place_screen import PlaceScreen
from soundcheck.screens.app.routes import OpenKeys
from soundcheck.screens.app.start import Place
from soundcheck.screens.cache_words import monitored_words
from soundcheck.stores import amounts
from soundcheck.stores.cache.measured.monitored import SECONDS, Monitored, monitor
from soundcheck.stores.cache.measured.prefix_sample import CacheSample, price, take_sample
from soundcheck.stores.cache.measured.prefix_table import prefix_lines
from soundcheck.stores.cache.measured.recording import NAME
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.keys import KEY_PLAN, KeyRule, key_plan
from soundcheck.stores.project.own_command import spelled

if TYPE_CHECKING:
    from soundcheck.checks.cache.vendor_usage import Usage
    from soundcheck.stores.services import Services
    from soundcheck.stores.upstash.rest_url import RestUrl


class CacheScreen(PlaceScreen):
    """Three large figures, what applications publish, the key table with what was measured, and the server."""

    PLACE: ClassVar[Place] = Place.CACHE
    CSS_PATH = "cache.tcss"
    AUTO_FOCUS = "#cache"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "browse", "Browse keys", tooltip="The keys of the cache by prefix; costs a few commands"),
        Binding("s", "sample", "Sample", tooltip="Entries, bytes and lives by prefix: a bounded SCAN, its price first"),
        Binding("m", "monitor", "Monitor", tooltip="The hottest keys: MONITOR for 5 s, after a yes"),
        Binding("p", "hold", "Pause", tooltip="Ask nothing more until p is pressed again"),
        Binding("f", "fastest", "Faster way", tooltip="Measure REST against Redis' own protocol: 12 commands"),
        Binding("u", "usage", "Usage", tooltip="What both vendors say of your plan; needs their API keys, no command"),
        Binding("r", "read_again", "Refresh", show=False, tooltip="Refresh (reload): ask the cache now"),
        Binding("Y", "record", "Record", show=False, tooltip="Record what this screen shows, or end it"),
        Binding("y", "replay", "Replay", show=False, tooltip="Show the recording again; not one command meanwhile"),
        Binding("escape", "stop", "Stop", show=False, tooltip="Stop what was asked for, or the replay"),
    ]
    watches_cache: ClassVar[bool] = True
    watches_applications: ClassVar[bool] = True
    """What applications published is looked at while this screen is on top: a further command a look."""
    HELP = (
        "The three figures are of the last interval, not of the server's whole life: out of one INFO a look, less "
        "our own reads. A dash means that nobody read anything.\n\n"
        "Levels and prefixes are what applications publish (docs/cache.md): every request ends in one of L1, L2, "
        "loads, coalesced, stale or failed. 'could be' is the hit rate that the plan's TTL reaches with this traffic "
        "once the cache is warm: a renewal model over the keys that were asked for, whose popularity is taken to "
        "follow Zipf's law (0.8). "
        "s adds entries, size and what keys have left to live; ! marks more than the plan gives.\n\n"
        "Every look is two or three billed commands. Without a key for a minute, in the background or on another "
        "screen there is none; p pauses. Upstash has no SLOWLOG and names no hot keys: 'missed most' takes their "
        "place, or m, which listens to every command for 5 s.\n\n"
        "Y records what is shown here into the state folder, y shows it again."
    )

    def __init__(self) -> None:
        super().__init__()
        self.sample: CacheSample | None = None
        self._asked: RestUrl | None = None
        """The cache that `sample` and `told` are about."""
        self.told: dict[str, str] = {}
        """What was asked for with a key: the faster way, the vendors' figures."""
        self._replay = RecordReplay(self, clock=lambda: self.app.services.clock, played=self._draw)
        self._sampling: StoreQuestion[str, CacheSample] = StoreQuestion(
            self, "Sampling the cache", answered=self._take_sample, failed=self._say_why_not
        )
        self._measuring: StoreQuestion[str, str] = StoreQuestion(
            self, "Measuring the ways to Redis", answered=self._take_way, failed=self._say_why_not
        )
        self._listening: StoreQuestion[str, Monitored] = StoreQuestion(
            self, "Listening to Redis", answered=self._take_monitored, failed=self._say_why_not
        )
        self._accounting: StoreQuestion[str, Sequence[Usage]] = StoreQuestion(
            self, "Asking the vendors", answered=self._take_usage, failed=self._say_why_not
        )

    def compose_body(self) -> ComposeResult:
        """Figures, applications, prefixes, facts."""
        yield CommandText(id="cache-off", classes="pane", markup=False)
        with VerticalScroll(id="cache"):
            with Horizontal(id="figures"):
                yield BigFigure("Hit rate", "less our own reads", id="hits")
                yield BigFigure("Operations", "by others than us", id="operations")
                yield BigFigure("Our call", "there and back", id="latency")
            yield Levels(id="levels")
            yield PrefixTable(id="prefixes")
            yield HangingText(id="facts", classes="pane")

    def on_mount(self) -> None:
        """Follow the app."""
        self.query_one("#facts").border_title = Content("Server and plan")
        self.query_one("#cache-off").border_title = Content("Cache")
        self.watch(self.app, "reading", self._show)
        self.watch(self.app, "services", self._forget)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There must be a cache to ask."""
        if action == "record":
            return self.app.reading.snapshot is not None
        if action in {"browse", "sample", "hold", "fastest", "monitor"}:
            return self.app.services.cache is not None
        return super().check_action(action, parameters)

    @property
    def plan(self) -> tuple[KeyRule, ...]:
        """The key table of the profile."""
        try:
            return key_plan(self.app.services.project.profile.key_patterns)
        except SoundcheckError:
            return KEY_PLAN

    def action_browse(self) -> None:
        """The keys, on top; Esc leads back."""
        self.app.post_message(OpenKeys())

    def action_hold(self) -> None:
        """Pause, or go on."""
        self.app.cache_held = not self.app.cache_held

    def action_sample(self) -> None:
        """The price, then the sample."""
        client, snapshot, plan = self.app.services.cache, self.app.reading.snapshot, self.plan
        if client is None:
            return
        self._priced(
            "Look at up to 5,000 keys and closer at up to 20 of each prefix?",
            price(snapshot.keys if snapshot is not None else None, plan),
            lambda: self._sampling.ask("sample", lambda: take_sample(client, plan)),
        )

    def action_fastest(self) -> None:
        """The price, then the measuring."""
        from soundcheck.checks.cache.faster_way import PRICE, faster_way

        services = self.app.services
        self._priced(
            "Measure which way to Redis is the faster one from here?",
            PRICE,
            lambda: self._measuring.ask("faster way", lambda: faster_way(services)),
        )

    def action_monitor(self) -> None:
        """The question, then the listening."""
        services, plan = self.app.services, self.plan
        url, token = services.credentials.rest_url, services.credentials.rest_token
        if url is None or token is None:
            return
        self._priced(
            f"Listen to every command for {SECONDS:g} s? Redis is slower meanwhile. Values pass by and are not kept. "
            "How Upstash bills the stream is not documented.",
            1,
            lambda: self._listen(lambda: monitor(url, token, services.resolver, plan)),
        )

    def _listen(self, listening: Callable[[], Awaitable[Monitored]]) -> None:
        self._listening.ask("monitored", listening)
        self._tell({"monitored": f"◐ listening for {SECONDS:g} s, esc stops it"})

    def action_usage(self) -> None:
        """The vendors' own figures; they cost no command and no query."""
        from soundcheck.checks.cache.vendor_usage import vendor_usage

        services = self.app.services
        self._accounting.ask("usage", lambda: vendor_usage(services))
        self._tell({"usage": "◐ asking the vendors…"})

    def action_stop(self) -> None:
        """Whatever was asked for with a key, and the replay."""
        replay = self._replay
        if replay.is_playing:
            replay.stop()
            self.app.cache_held = False
            self._show(self.app.reading)
            return
        for question in (self._sampling, self._measuring, self._listening, self._accounting):
            if (what := question.cancel()) is not None:
                self._tell({what: "stopped"})

    def action_record(self) -> None:
        """Begin, or end."""
        replay, project = self._replay, self.app.services.project
        if replay.is_recording:
            self.notify(f"{replay.end()} looks recorded; y shows them again.", markup=False)
        else:
            try:
                project.prepare_state()
                replay.begin(project.state / NAME)
            except (SoundcheckError, OSError) as problem:
                self.notify(f"Nothing is recorded: {problem}", severity="warning", markup=False)
                return
            replay.keep(self.app.reading)
        self._show(self.app.reading)

    def action_replay(self) -> None:
        """From the start of the recording; the present waits."""
        replay = self._replay
        replay.end()
        try:
            looks = replay.play(self.app.services.project.state / NAME)
        except SoundcheckError as problem:
            self.notify(f"{problem.message} {problem.hint}", severity="warning", markup=False)
            return
        if looks:
            self.app.cache_held = True
        else:
            self.notify("Nothing is recorded yet; Y records what is shown here.", markup=False)

    def _priced(self, question: str, commands: int, start: Callable[[], object]) -> None:
        from soundcheck.screens.app.keys.ttl_screen import PriceScreen

        def answered(yes: bool | None) -> None:
            if yes:
                start()

        later.ask(self, PriceScreen(question, commands), answered)

    def _take_sample(self, _what: str, sample: CacheSample) -> None:
        self.sample = sample
        self._show(self.app.reading)

    def _take_way(self, what: str, way: str) -> None:
        self._tell({what: way})

    def _take_monitored(self, what: str, found: Monitored) -> None:
        self._tell({what: monitored_words(found)})

    def _take_usage(self, _what: str, found: Sequence[Usage]) -> None:
        self.told.pop("usage", None)
        self._tell({one.store: one.words for one in found})

    def _say_why_not(self, what: str, problem: SoundcheckError) -> None:
        self._tell({what: f"{problem.message} {spelled(problem.hint)}"})

    def _tell(self, words: dict[str, str]) -> None:
        self.told.update(words)
        self._show(self.app.reading)

    def _forget(self, services: Services) -> None:
        """Another cache: nothing that was measured holds."""
        before, self._asked = self._asked, services.credentials.rest_url
        if before != self._asked:
            self.sample = None
            self.told.clear()

    def read_again(self) -> None:
        """One look now: two or three commands; a pause of the user's own ends."""
        self.app.cache_held = False
        self.app.look_at_cache()

    def _show(self, reading: CacheReading) -> None:
        """The present, unless a replay is shown."""
        replay = self._replay
        try:
            replay.keep(reading)
        except SoundcheckError as problem:
            replay.end()
            self.notify(f"{problem.message} {problem.hint}", severity="warning", markup=False)
        if not replay.is_playing:
            self._draw(reading, replay.words)

    def _draw(self, reading: CacheReading, replay: str) -> None:
        off = self.query_one("#cache-off", Static)
        off.display = reading.snapshot is None
        self.query_one("#cache").display = reading.snapshot is not None
        if reading.snapshot is None:
            off.update(nothing_yet(reading))
            return
        self.set_class(reading.state is not State.LIVE, "-old")
        latency = reading.snapshot.latency_ms
        rate, _, unit = reading.hit_rate.partition(" ")
        self.query_one("#hits", BigFigure).show(rate, unit, reading.hit_rates)
        self.query_one("#operations", BigFigure).show(reading.operations_per_second, "a second", reading.operations)
        number, _, unit = amounts.milliseconds(latency).partition(" ")
        self.query_one("#latency", BigFigure).show(number, unit, reading.latencies)
        self.query_one(Levels).show(reading.applications, replay)
        lines = prefix_lines(self.plan, reading.applications, self.sample)
        self.query_one(PrefixTable).show(lines, reading.applications, self._sampled())
        facts = self.query_one("#facts", HangingText)
        rest = self.app.services.credentials.rest_url
        facts.show(server_facts(reading, self.told, free=rest is not None and rest.is_loopback))
        facts.border_subtitle = Content(reading.state_words)

    def _sampled(self) -> str:
        if self._sampling.waits_for:
            return "◐ sampling, esc stops it"
        sample = self.sample
        if sample is None:
            return "s: entries, size and lives"
        if sample.problem:
            return f"! {visible(sample.problem)[:60]}"
        part = "all" if sample.is_whole else f"{sample.keys:,} of {sample.total or 0:,}"
        return f"{part} keys sampled, {sample.commands:,} commands"
