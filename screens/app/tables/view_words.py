"""What a frame says of a view: the table, how many rows and how that is known, and their order.

The order after a press of the sort key: ascending, descending, off. Pure, but for `words_for_no_tables`.
"""

from __future__ import annotations

from dataclasses import replace

from soundcheck.stores import amounts
from soundcheck.stores.catalog.index_match import SortColumn
from soundcheck.stores.catalog.tables import Certainty, RowCount
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.project.project import Project
from soundcheck.stores.rows.filters import RowFilter
from soundcheck.stores.rows.order import row_order
from soundcheck.stores.rows.personal import mask
from soundcheck.stores.rows.search import plan_search, search_words
from soundcheck.stores.rows.view import TableView
from soundcheck.stores.sensitivity import Sensitivity, sensitivity


def title_of(view: TableView, rows: RowCount | None, name: str = "", *, counted: bool = False) -> str:
    """`users › cm1 › playlists · 12 rows, counted · by createdAt ▼`; `name` is said instead of the table's."""
    name = name or view.table.label
    return visible(f"{name} · {rows_of(rows, counted=counted)} · {order_of(view)}")


def rows_of(rows: RowCount | None, *, counted: bool = False) -> str:
    """`~1.2 M rows`; counted ones are said in full, with the sign of how they are known."""
    if rows is None:
        return "… rows"
    if not counted:
        one = rows.number == 1 and rows.certainty is Certainty.EXACT
        return f"{amounts.row_count(rows)} row{'' if one else 's'}"
    if rows.certainty is Certainty.AT_LEAST:
        return f"over {rows.number:,} rows, counted so far"
    return f"{amounts.number_of(rows.number, 'row')}, counted"


def words_for_none(view: TableView, command: str) -> str:
    """What to do where a view has no rows; `command` fills it, "" where nothing of ours does."""
    if view.narrowed:
        return "No row fits. Backspace takes the last filter away."
    if not command:
        return "This table has no rows."
    return f"This table has no rows. f fills all eleven with sample data, as `{command}` does; c copies that."


def words_for_no_tables(project: Project) -> str:
    """What to do where the database has none. Blocking: reads the project's schema."""
    from soundcheck.stores.prisma.schema_text import schema_in_use
    from soundcheck.wizard.seed.fitting import schema_has_them

    fills = schema_has_them(schema_in_use(project))
    then = "; `soundcheck seed` then fills them" if fills else ""
    return spelled(f"The database has no tables.\n\nPress 1 for Setup, which makes them{then}.")


def order_of(view: TableView) -> str:
    """`by createdAt ▼, id`."""
    if view.sort:
        return "by " + ", ".join(f"{one.name} {'▼' if one.descending else '▲'}" for one in view.sort)
    order = row_order(view)
    if order.order.whole:
        return "by the whole row"
    names = () if order.physical else tuple(key.name for key in order.keys)
    return f"by {', '.join(names) or 'no key'}"


def shown_filter(view: TableView, one: RowFilter, *, followed: bool) -> RowFilter:
    """A condition as it may be read: one that a relation brought along is masked like its column."""
    level = sensitivity(view.table.name, one.column)
    if not followed or level is Sensitivity.OPEN:
        return one
    return RowFilter(
        one.column, one.operator, str(mask(one.value, level)), tuple(str(mask(v, level)) for v in one.values)
    )


def conditions_of(view: TableView, followed: frozenset[RowFilter]) -> tuple[str, ...]:
    """All conditions in words, the search last."""
    said = [str(shown_filter(view, one, followed=one in followed)) for one in view.filters]
    return (*said, *([search_of(view)] if view.search.strip() else []))


def search_of(view: TableView) -> str:
    """`any column holds ana`; where the limit leaves some out, how many are asked."""
    found = plan_search(view.table, view.search, view.reveal, everywhere=view.everywhere)
    asked = f"{len(found.columns)} of {len(view.table.all_columns)} columns:" if found.over else "any column holds"
    return f"{asked} {view.search}"


def words_for_search(view: TableView) -> str:
    """Which columns a search leaves out and why, "" for none."""
    if not view.search.strip():
        return ""
    found = plan_search(view.table, view.search, view.reveal, everywhere=view.everywhere)
    return search_words(view.table, found, "A searches all.", most=3)


def can_search_more(view: TableView) -> bool:
    """Whether a search leaves out columns that can be asked for."""
    if view.everywhere or not view.search.strip():
        return False
    found = plan_search(view.table, view.search, view.reveal)
    return bool(found.over or found.secret or found.unfit)


def shown_view(view: TableView, followed: frozenset[RowFilter]) -> TableView:
    """The view as it may be spelled: what a relation brought along is masked where its column is."""
    return replace(view, filters=tuple(shown_filter(view, one, followed=one in followed) for one in view.filters))


def next_sort(sort: tuple[SortColumn, ...], name: str, *, add: bool = False) -> tuple[SortColumn, ...]:
    """Turn the column on, round or off; with `add` the others stay as they are, and a new one counts last."""
    found = next((one for one in sort if one.name == name), None)
    turned = None if found and found.descending else SortColumn(name, descending=found is not None)
    if not add:
        return (turned,) if turned else ()
    kept = tuple((turned if one.name == name else one) for one in sort) if found else (*sort, turned)
    return tuple(one for one in kept if one is not None)
