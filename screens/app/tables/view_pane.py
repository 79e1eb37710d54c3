"""Which of a table's rows are shown, and in which order: sort, filter, search, go to, count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from textual import on
from textual.widget import Widget

from soundcheck.screens.app.grid.grid import Grid
from soundcheck.screens.app.parts.one_line import OneLine
from soundcheck.screens.app.parts.question import Asker
from soundcheck.screens.app.relation.crumbs import crumbs, crumbs_text
from soundcheck.screens.app.tables.cost_line import CostLine
from soundcheck.screens.app.tables.filter_line import ANYWHERE, FilterLine
from soundcheck.screens.app.tables.page_pane import PagePane
from soundcheck.screens.app.tables.rows_said import RowsSaid
from soundcheck.screens.app.tables.seek_line import SeekLine
from soundcheck.screens.app.tables.view_bar import ViewBar
from soundcheck.screens.app.tables.view_words import (
    can_search_more,
    conditions_of,
    next_sort,
    title_of,
    words_for_none,
    words_for_search,
)
from soundcheck.screens.app.tables.wish import Wish
from soundcheck.stores.catalog.histogram import load_histogram
from soundcheck.stores.catalog.tables import Certainty, RowCount
from soundcheck.stores.clock import Clock
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.rows.cost import MANY_ROWS, Cost, page_cost
from soundcheck.stores.rows.counting import count_capped, count_exact, estimate
from soundcheck.stores.rows.filters import RowFilter
from soundcheck.stores.rows.order import row_order
from soundcheck.stores.rows.paging import FIRST, Page, Place
from soundcheck.stores.rows.percentile import Jump, jump_to
from soundcheck.stores.rows.view import TableView


@dataclass(frozen=True, slots=True)
class _Seek:
    """A place in a view that is being looked for: a share of its rows, or where a value stands."""

    view: TableView
    target: float | Place


class ViewPane(PagePane):
    """What a key does to the view stands here; a view is read by one query, and priced first where it may be dear."""

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(clock, id=id)
        self._counted = False
        self.trail: tuple[str, ...] = ()
        """The way here; empty for a table that was simply opened."""
        self.followed: frozenset[RowFilter] = frozenset()
        """The conditions that a relation brought along."""

    def compose_lines(self) -> Iterable[Widget]:
        """What narrows the rows, and the lines that ask."""
        yield ViewBar()
        yield FilterLine()
        yield SeekLine()
        yield CostLine()
        yield Asker("Asking the planner", id="aside")
        yield Asker("Counting rows", id="counts")

    @property
    def _aside(self) -> Asker:
        return self.query_one("#aside", Asker)

    def view_changed(self) -> None:
        """The bar names the conditions; an estimate of a narrowed view comes from the planner, which reads no row."""
        for line in self.query(OneLine):
            line.close()
        view, database = self.view, self._database
        self._counted = False
        self.query_one("#counts", Asker).cancel()
        self.query_one(ViewBar).conditions = conditions_of(view, self.followed) if view else ()
        if view is not None and database is not None and view.narrowed:
            self.query_one("#counts", Asker).ask((view, False), lambda: estimate(database, view))

    def words_about(self, wish: Wish, page: Page) -> str:
        """And which columns a search left out."""
        return f"{super().words_about(wish, page)} {words_for_search(wish.view)}".strip()

    def words_of_rows(self) -> str:
        """And what to do where there are none; with the first one, that is gone."""
        view, words = self.view, super().words_of_rows()
        if view is None or self.said.elapsed_ms is None or len(self.grid.window):
            return words
        return f"{words_for_none(view, just_looking=self.app.start.just_looking)} {words}".strip()

    def page_came(self, wish: Wish, page: Page) -> None:
        """Where a table ends with its first page, its rows are counted already."""
        if wish.place is FIRST and not page.has_more_after and (page.keys or not page.rows) and wish.view.narrowed:
            self._rows, self._counted = RowCount(len(page.rows), Certainty.EXACT), True
            self.query_one("#counts", Asker).cancel()

    # ── another view ──

    def begin(self, view: TableView) -> None:
        """Rows that only the whole row tells apart are priced before they are put in order."""
        database = self._database
        if database is None or view.as_it_comes or not row_order(view).order.whole or not _may_be_dear(view):
            super().begin(view)
        else:
            self._aside.ask(view, lambda: page_cost(database, view))

    def _begin_as_it_comes(self, view: TableView) -> None:
        """The first rows alone, for which nothing is put in order."""
        first_rows = replace(view, as_it_comes=True)
        self.tell(RowsSaid(first_rows))
        super().begin(first_rows)

    def want(self, view: TableView) -> None:
        """Show a view, or say first what it will cost."""
        database, view = self._database, replace(view, as_it_comes=False)
        try:
            dear = _may_be_dear(view)
        except SoundcheckError as problem:
            self.say_problem(problem)
            return
        if dear and database is not None:
            self._aside.ask(view, lambda: page_cost(database, view))
        else:
            self.show(view)

    @on(Asker.Answered, "#aside")
    def _aside_answered(self, event: Asker.Answered) -> None:
        event.stop()
        if isinstance(event.answer, Cost):
            if event.answer.is_heavy:
                if not self.grid.columns:
                    self._begin_as_it_comes(event.what)
                self.query_one(CostLine).say(event.what, event.answer)
            else:
                self.show(event.what)
        elif event.what.view == self.view:  # a place among other rows is none of these
            self._jump_as_answered(event.what, event.answer)
        self.draw_words()

    def _jump_as_answered(self, seek: _Seek, answer: Any) -> None:
        target = seek.target
        if isinstance(answer, Jump) and isinstance(target, float):
            self.jump(answer.place, target, answer.note)
        elif isinstance(target, Place) and target.cursor is not None:
            share = answer.fraction(target.cursor.values[0]) if answer else None
            turned = row_order(seek.view).keys[0].descending
            self.jump(target, 1 - share if turned and share is not None else share)

    @on(Asker.Failed, "#aside")
    @on(Asker.Failed, "#counts")
    def _aside_failed(self, event: Asker.Failed) -> None:
        event.stop()
        if isinstance(event.what, TableView) and not self.grid.columns:
            self._begin_as_it_comes(event.what)  # what it costs is not known; if it cannot be read, that will say why
        else:
            self.failed(event.problem, Wish(event.what, FIRST) if isinstance(event.what, TableView) else None)
        self.draw_words()

    @on(CostLine.Accepted)
    def _accept_cost(self, event: CostLine.Accepted) -> None:
        event.stop()
        self.show(event.view)

    @on(CostLine.ValueWanted)
    def _ask_value(self, event: CostLine.ValueWanted) -> None:
        event.stop()
        if self.table is not None:
            self.query_one(FilterLine).ask(self.table, event.column)

    @on(FilterLine.Chosen)
    def _add_filter(self, event: FilterLine.Chosen) -> None:
        event.stop()
        if self.view is not None and event.row_filter not in self.view.filters:
            self.want(replace(self.view, filters=(*self.view.filters, event.row_filter)))

    @on(FilterLine.SearchChosen)
    def _search(self, event: FilterLine.SearchChosen) -> None:
        event.stop()
        if self.view is not None:
            self.want(replace(self.view, search=event.term, reveal=self.grid.revealed, everywhere=False))

    @on(ViewBar.Removed)
    def _remove(self, event: ViewBar.Removed) -> None:
        event.stop()
        view = self.view
        if view is None:
            return
        if event.index < len(view.filters):
            kept = tuple(one for place, one in enumerate(view.filters) if place != event.index)
            self.want(replace(view, filters=kept))
        else:
            self.want(replace(view, search=""))

    @on(SeekLine.Chosen)
    def _go(self, event: SeekLine.Chosen) -> None:
        event.stop()
        view, database, target = self.view, self._database, event.target
        if view is None or database is None:
            return
        if isinstance(target, float):
            self._aside.ask(_Seek(view, target), lambda: jump_to(database, view, target))
        elif view.narrowed:
            self.jump(target, None)
        else:
            name = row_order(view).keys[0].name
            self._aside.ask(_Seek(view, target), lambda: load_histogram(database, view.table, name))
        self.query_one(SeekLine).close()

    @on(OneLine.Closed)
    def _line_closed(self, event: OneLine.Closed) -> None:
        event.stop()
        self.grid.focus()

    @on(Asker.Answered, "#counts")
    def _show_count(self, event: Asker.Answered) -> None:
        event.stop()
        view, self._counted = event.what
        if view == self.view:
            self._rows = event.answer
            self.grid.window.estimate = self._estimate()
        self.draw_words()

    # ── what the keys do ──

    def action_cancel(self) -> None:
        """Stop whatever runs, on the server as well."""
        for asker in self.query(Asker):
            if asker is not self.pages:
                asker.cancel()
        self.stop_reading()
        self.draw_words()

    def action_sort(self, add: bool = False) -> None:
        """By the column under the cursor: ascending, descending, off."""
        if self.view is not None and self.grid.column is not None:
            waits = self.pages.waits_for
            view = waits.view if waits is not None else self.view
            self.want(replace(view, sort=next_sort(view.sort, self.grid.column.name, add=add)))

    def action_filter(self) -> None:
        """A condition on the column under the cursor."""
        if self.table is not None and self.grid.column is not None:
            self.query_one(FilterLine).ask(self.table, self.grid.column.name)

    def action_search(self) -> None:
        """A term in any column."""
        if self.table is not None:
            self.query_one(FilterLine).ask(self.table, ANYWHERE)

    def action_search_all(self) -> None:
        """The same term in every column, also those over the limit and of types that are no text."""
        if self.view is not None:
            self.want(replace(self.view, everywhere=True, reveal=self.grid.revealed))

    @property
    def can_search_all(self) -> bool:
        """Whether a search left out columns that can be asked for."""
        return self.view is not None and can_search_more(self.view)

    @property
    def can_unfilter(self) -> bool:
        """Whether somebody narrowed the rows further than they came."""
        return self.view is not None and (bool(self.view.search) or not self.followed.issuperset(self.view.filters))

    def action_unfilter(self) -> None:
        """Take the last condition away."""
        bar = self.query_one(ViewBar)
        if bar.conditions:
            bar.post_message(ViewBar.Removed(len(bar.conditions) - 1))

    def action_go_to(self) -> None:
        """Ask where to."""
        if self.view is not None:
            self.query_one(SeekLine).ask(self.view)

    def action_count(self) -> None:
        """Up to a limit; once more, to the end."""
        view, database = self.view, self._database
        if view is None or database is None:
            return
        exact = self._counted and self._rows is not None and self._rows.certainty is not Certainty.EXACT
        count = count_exact if exact else count_capped
        self.query_one("#counts", Asker).ask((view, True), lambda: count(database, view))

    def action_read_again(self) -> None:
        """From the first row, with the widths of today's content; rows that came in no order are asked for in one."""
        if self.view is not None and self.view.as_it_comes:
            self.want(self.view)
        elif self.view is not None:
            self._ask(Wish(self.view, FIRST, jump=True, anew=True))

    # ── what the frame says ──

    @on(Grid.HeaderClicked)
    def _sort_by_header(self, event: Grid.HeaderClicked) -> None:
        event.stop()
        self.action_sort()

    @on(Grid.CursorMoved)
    def _cursor_moved(self, event: Grid.CursorMoved) -> None:
        event.stop()
        self.draw_words()

    def title(self) -> str:
        """Where this is, how many rows, in which order."""
        return (
            title_of(
                self.view, self._rows, crumbs_text(crumbs(*self.trail, self.view.table.label)), counted=self._counted
            )
            if self.view
            else ""
        )


def _may_be_dear(view: TableView) -> bool:
    """Whether the planner should be asked: many rows, or who knows how many, and no index that gives the order."""
    rows = view.table.rows
    if rows.certainty is Certainty.EXACT or (rows.certainty is Certainty.ESTIMATE and rows.number < MANY_ROWS):
        row_order(view)
        return False
    order = row_order(view)
    return view.narrowed or order.order.whole or (bool(view.sort) and not order.order.indexed)
