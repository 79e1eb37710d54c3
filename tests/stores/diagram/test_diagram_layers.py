"""Which table stands in which layer, circles and all."""

from __future__ import annotations

from diagram_tables import ALONE, OURS, graph, key
from hypothesis import given
from hypothesis import strategies as st

from soundcheck.stores.catalog.tables import TableName
from soundcheck.stores.diagram.layering import layered


def named(*names: str) -> list[TableName]:
    return [("public", name) for name in names]


def test_what_others_name_stands_further_left() -> None:
    catalog, relations = graph(OURS, *ALONE)
    found = layered([(one.schema, one.name) for one in catalog], relations.keys)
    assert [name for _, name in found.layers[0]] == ["users"]
    assert {name for _, name in found.layers[2]} == {"session_participants", "chat_messages"}
    assert [name for _, name in found.alone] == list(ALONE)
    assert not found.in_words


def test_a_table_that_names_itself_is_told_in_words_and_is_not_alone() -> None:
    own = key("staff.bossId", "staff")
    found = layered(named("staff", "other"), [own])
    assert found.layers == (tuple(named("staff")),)
    assert found.in_words == (own,)
    assert found.alone == tuple(named("other"))


def test_a_circle_is_opened_at_one_key() -> None:
    keys = [key("a.x", "b"), key("b.x", "c"), key("c.x", "a"), key("d.x", "a")]
    found = layered(named("a", "b", "c", "d"), keys)
    assert len(found.in_words) == 1
    assert len(found.drawn) == 3
    assert sum(map(len, found.layers)) == 4


def test_a_key_to_a_table_that_is_not_seen_is_left_out() -> None:
    assert layered(named("a"), [key("a.x", "hidden")]).layers == ()


def test_a_chain_of_a_thousand_tables_has_a_thousand_layers() -> None:
    names = named(*(f"t{number}" for number in range(1000)))
    keys = [key(f"t{number + 1}.x", f"t{number}") for number in range(999)]
    assert len(layered(names, keys).layers) == 1000


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=40))
def test_every_key_is_drawn_to_the_left_or_told_and_every_table_stands_once(pairs: list[tuple[int, int]]) -> None:
    names = named(*(f"t{number}" for number in range(12)))
    keys = [key(f"t{source}.c{at}", f"t{target}") for at, (source, target) in enumerate(pairs)]
    found = layered(names, keys)
    layer = {name: at for at, names_ in enumerate(found.layers) for name in names_}
    assert sorted([*layer, *found.alone]) == sorted(names)
    assert sorted([*found.drawn, *found.in_words], key=keys.index) == keys
    assert all(layer[one.table] > layer[one.target] for one in found.drawn)
    if not any(source == target for source, target in pairs) and all(source > target for source, target in pairs):
        assert not found.in_words
