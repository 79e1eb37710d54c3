"""What the cache saves for one row: the price first, then the same value read so many times from either store."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from soundcheck.screens.app.parts.command_text import CommandText
from soundcheck.screens.app.parts.key_line import KeyLine
from soundcheck.screens.app.parts.store_question import StoreQuestion
from soundcheck.stores import amounts
from soundcheck.stores.errors import SoundcheckError, StepFailed
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.keys import KnownKey
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.upstash.saving import TIMES, Saving, commands_of, measure_saving

if TYPE_CHECKING:
    from soundcheck.stores.catalog.tables import Catalog
    from soundcheck.stores.services import Services


class SavingScreen(ModalScreen[None]):
    """Nothing is read before the button is pressed; Esc stops it."""

    CSS_PATH = "saving.tcss"
    AUTO_FOCUS = "#saving-start"
    HELP = (
        "The key is read from the cache and the row from the database, in turn, as this machine sees them: network "
        "and all. p50 is the median; one read in twenty takes longer than p95."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", tooltip="Stop measuring, back to the row"),
    ]

    def __init__(self, services: Services, catalog: Catalog, known: KnownKey, key: str) -> None:
        super().__init__()
        self._services = services
        self._catalog = catalog
        self._known = known
        self._key = key
        self._measuring: StoreQuestion[str, Saving] = StoreQuestion(
            self, "Measuring the cache", answered=self._show, failed=self._fail
        )

    def compose(self) -> ComposeResult:
        """The price, the figures, two buttons."""
        number = commands_of()
        price = f"Reads this key {TIMES} times from the cache and its rows {TIMES} times from the database, in turn."
        cost = f"Costs {number} Redis commands and {number} queries."
        with Vertical(id="saving") as box:
            box.border_title = Content("What does the cache save here?")
            yield Static(Content(f"{visible(self._key)}\n\n{price}\n{cost}"), id="saving-price")
            yield CommandText(id="saving-result", markup=False)
            with Horizontal(id="saving-buttons"):
                yield Button(f"Measure: {number} commands", id="saving-start", compact=True)
                yield Button("Close", id="saving-close", compact=True)
        yield KeyLine()

    def on_mount(self) -> None:
        """A name for help."""
        self.title = "What the cache saves"

    @on(Button.Pressed, "#saving-start")
    def _start(self) -> None:
        self.query_one("#saving-start", Button).disabled = True
        self.query_one("#saving-close").focus()
        self._say(Content.styled("\n◐ measuring…  esc stops", "$warning"))
        self._measuring.ask(self._key, self._measure)

    async def _measure(self) -> Saving:
        from soundcheck.stores.copies.key_source import read_source

        cache, database = self._services.cache, self._services.database
        if cache is None or database is None:
            raise StepFailed("Both stores are needed.", "Press 1 for Setup.")
        return await measure_saving(cache, self._key, lambda: read_source(database, self._catalog, self._known))

    def _show(self, _key: str, saving: Saving) -> None:
        self._say(result_text(saving))
        self._once_more()

    def _fail(self, _key: str, problem: SoundcheckError) -> None:
        self._say(Content.assemble(("\n✗ ", "bold $error"), visible(problem.message), f" {spelled(problem.hint)}"))
        self._once_more()

    def _once_more(self) -> None:
        self.query_one("#saving-start", Button).disabled = False

    def _say(self, text: Content) -> None:
        self.query_one("#saving-result", Static).update(text)

    @on(Button.Pressed, "#saving-close")
    def _close(self) -> None:
        self.dismiss()


def result_text(saving: Saving) -> Content:
    """Two lines of figures, and what they mean."""
    rows = [("", "p50", "p95")]
    for name, times in (("cache", saving.cache), ("database", saving.database)):
        rows.append((name, amounts.milliseconds(times.p50), amounts.milliseconds(times.p95)))
    lines = [Content("")]
    for number, (name, left, right) in enumerate(rows):
        lines.append(Content.styled(f"  {name:<10}{left:>9}{right:>9}", "$muted" if not number else ""))
    lines += [Content(""), Content(meaning(saving))]
    return Content("\n").join(lines)


def meaning(saving: Saving) -> str:
    """One sentence, honest where the cache is slower or held nothing."""
    if not saving.was_cached:
        return "The key was not there each time: these are misses. Warm it (w) and measure again."
    saved = saving.database.p50 - saving.cache.p50
    if saved <= 0:
        return f"From here the database answers sooner, by {amounts.milliseconds(-saved)}: the cache saves no time."
    return (
        f"A hit saves {amounts.milliseconds(saved)} a read, {saving.database.p50 / saving.cache.p50:.1f} times as fast."
    )
