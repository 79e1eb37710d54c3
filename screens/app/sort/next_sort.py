"""The order after a press of the sort key: ascending, descending, off. Pure."""

from __future__ import annotations

from stores.index_match import SortColumn


def next_sort(sort: tuple[SortColumn, ...], name: str, *, add: bool = False) -> tuple[SortColumn, ...]:
    """Turn the column on, round or off; with `add` the others stay as they are, and a new one counts last."""
    found = next((one for one in sort if one.name == name), None)
    turned = None if found and found.descending else SortColumn(name, descending=found is not None)
    if not add:
        return (turned,) if turned else ()
    kept = tuple((turned if one.name == name else one) for one in sort) if found else (*sort, turned)
    return tuple(one for one in kept if one is not None)
