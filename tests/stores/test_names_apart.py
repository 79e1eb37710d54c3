"""Names cut to a width: as much of each as there is room for, and no two alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundcheck.stores.rows.cells import display_width
from soundcheck.stores.rows.names_apart import apart


@pytest.mark.parametrize(
    ("names", "width", "shown"),
    [
        (("users", "audit.users"), 11, ("users", "audit.users")),
        (("audit.user_settings",), 10, ("audit.use…",)),
        (("events_archive_2023", "events_archive_2024"), 12, ("events_arc…3", "events_arc…4")),
        (("analytics_a.users", "analytics_b.users"), 10, ("an…a.users", "an…b.users")),
        (("a" * 9 + "1" + "b" * 9, "a" * 9 + "2" + "b" * 9), 8, ("aaaaaa…1", "aaaaaa…2")),
        (("表表表表表一", "表表表表表二"), 8, ("表表…一", "表表…二")),
    ],
)
def test_a_name_shows_what_tells_it_apart(names: tuple[str, ...], width: int, shown: tuple[str, ...]) -> None:
    found = apart(frozenset(names), width)
    assert tuple(found[name] for name in names) == shown


@given(st.frozensets(st.text(alphabet="ab_表", min_size=1, max_size=12), max_size=40), st.integers(8, 20))
def test_no_two_look_alike_and_all_fit(names: frozenset[str], width: int) -> None:
    found = apart(names, width)
    assert found.keys() == names
    assert len(set(found.values())) == len(names)
    assert all(display_width(one) <= width for one in found.values())
    assert all(found[name] == name for name in names if display_width(name) <= width)
