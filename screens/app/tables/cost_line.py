"""What a view will cost, said before it is paid: read anyway, take the way an index serves, or leave it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Static

from soundcheck.screens.app.parts.one_line import OneLine
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.rows.cost import Cost
from soundcheck.stores.rows.filters import RowFilter
from soundcheck.stores.rows.view import TableView


class CostLine(OneLine):
    """One sentence and its buttons; the first one has the focus."""

    DEFAULT_CSS = """
    CostLine #cost-words { height: auto; padding: 0 1; color: $warning; }
    """

    @dataclass
    class Accepted(Message):
        """A view is to be read, whatever it costs."""

        view: TableView

    @dataclass
    class ValueWanted(Message):
        """The neighbour needs a condition on this column, whose value only a person knows."""

        column: str

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._view: TableView | None = None
        self._cost: Cost | None = None

    def compose_line(self) -> ComposeResult:
        """The sentence, the buttons."""
        yield Static(id="cost-words", markup=False)
        with Horizontal():
            yield Button("Read anyway", id="cost-read", compact=True)
            yield Button("", id="cost-instead", compact=True)
            yield Button("Leave it", id="cost-leave", compact=True)

    def say(self, view: TableView, cost: Cost) -> None:
        """Name the price of a view."""
        self._view, self._cost = view, cost
        self.opened()
        near = cost.neighbour
        words = f"{cost} {near.text if near else ''}"
        self.query_one("#cost-words", Static).update(Content.assemble(("! ", "bold"), visible(words.strip())))
        instead = self.query_one("#cost-instead", Button)
        instead.display = near is not None
        if near is not None:
            what = f"Sort by {near.sort[0].name}" if near.sort else f"Filter by {near.filter.column}"  # type: ignore[union-attr]
            instead.label = Content(visible(what))
        self.query_one("#cost-read", Button).focus()

    @on(Button.Pressed, "#cost-read")
    def _read(self, event: Button.Pressed) -> None:
        event.stop()
        assert self._view is not None  # noqa: S101 - the line is open
        self.post_message(self.Accepted(self._view))
        self.close()

    @on(Button.Pressed, "#cost-instead")
    def _instead(self, event: Button.Pressed) -> None:
        event.stop()
        assert self._view is not None  # noqa: S101 - the line is open
        near = self._cost.neighbour if self._cost else None
        self.close()
        if near is not None and near.sort is not None:
            self.post_message(self.Accepted(replace(self._view, sort=near.sort)))
        elif near is not None and near.filter is not None and near.filter.value:
            self.post_message(self.Accepted(replace(self._view, filters=_with(self._view, near.filter))))
        elif near is not None and near.filter is not None:
            self.post_message(self.ValueWanted(near.filter.column))

    @on(Button.Pressed, "#cost-leave")
    def _leave(self, event: Button.Pressed) -> None:
        event.stop()
        self.close()


def _with(view: TableView, better: RowFilter) -> tuple[RowFilter, ...]:
    """The conditions, those on the neighbour's column replaced by the one that its index serves."""
    return (*(one for one in view.filters if one.column != better.column), better)
