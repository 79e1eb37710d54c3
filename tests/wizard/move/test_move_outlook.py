"""Which tables move in which order, and whether there is room: decided without a database."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from soundcheck.stores.moving.room import MEBIBYTE, TargetRoom
from soundcheck.stores.moving.tables import MovingKey, MovingTable, copy_order, dependants
from soundcheck.wizard.move.outlook import room_sentence

NAMES = "abcdefgh"


def table(name: str, to: frozenset[str]) -> MovingTable:
    keys = tuple(MovingKey(f"{name}_{other}", other, deferrable=False) for other in sorted(to))
    return MovingTable(name, "public", name, ("id",), (), False, 0, keys, ())


references = st.fixed_dictionaries({name: st.frozensets(st.sampled_from(NAMES + "z"), max_size=3) for name in NAMES})


@given(references)
def test_every_table_comes_after_all_that_it_refers_to_or_together_with_it(graph: dict[str, frozenset[str]]) -> None:
    tables = {name: table(name, to) for name, to in graph.items()}
    groups = copy_order(tables)
    assert sorted(key for group in groups for key in group) == sorted(NAMES)
    at = {key: number for number, group in enumerate(groups) for key in group}
    for name, to in graph.items():
        assert all(at[other] <= at[name] for other in to if other in at)


@given(references)
def test_what_is_emptied_leaves_no_reference_into_the_void(graph: dict[str, frozenset[str]]) -> None:
    tables = {name: table(name, to) for name, to in graph.items()}
    emptied = dependants(frozenset("a"), tables)
    assert "a" in emptied
    for name, to in graph.items():
        assert name in emptied or not to & emptied


def test_the_room_is_the_server_s_own_limit_else_neon_s_plan_else_the_disk_else_unknown() -> None:
    limited = TargetRoom("17.5", 90 * MEBIBYTE, 100 * MEBIBYTE, True, "me", False)
    free = TargetRoom("17.5", 90 * MEBIBYTE, None, True, "me", False)
    assert room_sentence(11 * MEBIBYTE, limited, is_neon=True, disk_free=None)[1] is False
    assert room_sentence(9 * MEBIBYTE, limited, is_neon=True, disk_free=None)[1] is True
    assert room_sentence(500 * MEBIBYTE, free, is_neon=True, disk_free=None)[1] is False
    assert room_sentence(500 * MEBIBYTE, free, is_neon=False, disk_free=MEBIBYTE)[1] is False
    said, fits = room_sentence(500 * MEBIBYTE, free, is_neon=False, disk_free=None)
    assert fits
    assert "cannot be seen" in said
