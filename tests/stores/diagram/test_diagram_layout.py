"""What is drawn: boxes that do not touch, lines that lead where the keys lead, at every size and with every name."""

from __future__ import annotations

import re

import pytest
from diagram_tables import ALONE, OURS, graph
from hypothesis import given, settings
from hypothesis import strategies as st

from soundcheck.stores.diagram.layout import Box, Drawing
from soundcheck.stores.diagram.relations_drawing import neighbours_drawing, neighbours_of, whole_drawing
from soundcheck.stores.rows.cells import display_width

SHAPES = {
    "─": "EW", "│": "NS", "╭": "ES", "╮": "WS", "╰": "EN", "╯": "WN", "├": "NES", "┤": "NWS", "┬": "ESW", "┴": "ENW",
    "┼": "NESW", "◄": "E",
}  # fmt: skip
STEPS = {"N": (0, -1, "S"), "E": (1, 0, "W"), "S": (0, 1, "N"), "W": (-1, 0, "E")}


def cells(drawing: Drawing) -> dict[tuple[int, int], str]:
    found = {}
    for y, line in enumerate(drawing.lines):
        x = 0
        for character in line:
            found[x, y] = character
            x += display_width(character)
    return found


def box_at(drawing: Drawing, x: int, y: int) -> Box | None:
    return next((b for b in drawing.boxes if b.x <= x < b.x + b.width and b.y <= y < b.y + b.height), None)


def followed(drawing: Drawing) -> set[tuple[str, str]]:
    """The pairs (table, target) that one reads off the lines: from `┤` at a box's left edge to the ◄ at its end.

    A crossing is walked straight through, at a branch one looks both ways.
    """
    sheet, found = cells(drawing), set()
    for box in drawing.boxes:
        for y in range(box.y + 1, box.y + box.height - 1):
            if sheet.get((box.x, y)) != "┤":
                continue
            ways, seen = [(box.x - 1, y, "W")], set()
            while ways:
                x, row, heading = ways.pop()
                if (x, row, heading) in seen:
                    continue
                seen.add((x, row, heading))
                mark = sheet.get((x, row), " ")
                assert mark in SHAPES, f"a line of {box.table} ends in nothing at {x}, {row}"
                assert STEPS[heading][2] in SHAPES[mark], f"{mark} does not go on at {x}, {row}"
                if mark == "◄":
                    target = box_at(drawing, x - 1, row)
                    assert target is not None
                    found.add((box.table[1], target.table[1]))
                    continue
                exits = [heading] if mark == "┼" else [w for w in SHAPES[mark] if w != STEPS[heading][2]]
                # What leads to the right is another box that shares the line.
                ways += [(x + STEPS[w][0], row + STEPS[w][1], w) for w in exits if w != "E"]
    return found


def no_box_touches_another(drawing: Drawing) -> bool:
    taken = [(x, y) for b in drawing.boxes for x in range(b.x, b.x + b.width) for y in range(b.y, b.y + b.height)]
    return len(taken) == len(set(taken))


@pytest.mark.parametrize("room", [56, 76, 116])
def test_the_eleven_tables_in_layers(room: int) -> None:
    catalog, relations = graph(OURS, *ALONE)
    drawing = whole_drawing(catalog, relations, room=room)
    assert followed(drawing) == {(path.split(".")[0], target) for path, target in OURS.items()}
    assert {box.table[1] for box in drawing.boxes} == {one.name for one in catalog}
    assert no_box_touches_another(drawing)
    assert drawing.width <= room or room < 76


def test_a_table_stands_between_those_that_it_names_and_those_that_name_it() -> None:
    catalog, relations = graph(OURS, *ALONE)
    drawing = neighbours_drawing(catalog, relations, catalog.find("sessions"), room=76)
    by_name = {box.table[1]: box for box in drawing.boxes}
    assert set(by_name) == {"users", "sessions", "session_participants", "chat_messages"}
    assert by_name["users"].x < by_name["sessions"].x < by_name["chat_messages"].x
    assert "hostId · cascade" in "\n".join(drawing.lines)
    assert followed(drawing) == {
        ("sessions", "users"), ("chat_messages", "sessions"), ("session_participants", "sessions"),
    }  # fmt: skip
    assert drawing.width <= 76
    assert len(drawing.lines) <= 16
    assert {one.name for one in neighbours_of(catalog, relations, catalog.find("sessions"))} == set(by_name)


def test_a_table_without_relations_stands_alone() -> None:
    catalog, relations = graph(OURS, *ALONE)
    drawing = neighbours_drawing(catalog, relations, catalog.find("lyrics"), room=76)
    assert [box.table[1] for box in drawing.boxes] == ["lyrics"]
    assert whole_drawing(*graph({}, "a", "b"), room=76).lines[0] == "No table names another."
    assert whole_drawing(*graph({}), room=76).boxes == ()


def test_circles_composite_keys_and_a_key_to_the_table_itself() -> None:
    catalog, relations = graph(
        {"staff.bossId": "staff", "a.x": "b", "b.y": "a", "line.order,number": "goods", "line.staffId": "staff"}
    )
    text = "\n".join(whole_drawing(catalog, relations, room=100).lines)
    assert "bossId ↻ itself" in text
    assert len(re.findall(r"[xy] ⇢ [ab]", text)) == 1, "one of the two is drawn, the other told"
    assert "order, number" in text
    drawing = neighbours_drawing(catalog, relations, catalog.find("a"), room=100)
    assert [box.table[1] for box in drawing.boxes] == ["b", "a", "b"], "it names b, and b names it"
    assert followed(drawing) == {("a", "b"), ("b", "a")}


def test_odd_names_keep_their_cells_and_send_nothing() -> None:
    names = ['a "b"', "[/foo]", "李小龍的歌單", "x\x1b[31m", "e\u202e", "t" * 200, "👩‍🎤"]
    catalog, relations = graph({f"{name}.id of 李": "users" for name in names if "." not in name})
    drawing = whole_drawing(catalog, relations, room=76)
    assert not re.search("[\x00-\x1f\x7f\u202e]", "".join(drawing.lines))
    assert followed(drawing) == {(name, "users") for name in names}
    for box in drawing.boxes:
        edge = [cells(drawing).get((box.x + box.width - 1, y)) for y in range(box.y + 1, box.y + box.height - 1)]
        assert set(edge) == {"│"}, f"the right edge of {box.table} is straight"


def test_sixty_tables_are_drawn_whole() -> None:
    links = {f"t{n}.a{n}": f"t{(n * 7) % n}" for n in range(1, 60)}
    links |= {f"t{n}.b{n}": f"t{n // 2}" for n in range(2, 60) if n // 2 != (n * 7) % n}
    catalog, relations = graph(links)
    drawing = whole_drawing(catalog, relations, room=76)
    assert len(drawing.boxes) == 60
    assert no_box_touches_another(drawing)
    assert followed(drawing) == {(path.split(".")[0], target) for path, target in links.items()}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25, unique=True), st.integers(40, 120))
def test_whatever_refers_to_whatever_the_lines_say_just_that(pairs: list[tuple[int, int]], room: int) -> None:
    links = {f"t{source}.c{at}": f"t{target}" for at, (source, target) in enumerate(pairs)}
    catalog, relations = graph(links)
    drawing = whole_drawing(catalog, relations, room=room)
    text = "\n".join(drawing.lines)
    told = {(a, b) for a, b in ((f"t{s}", f"t{t}") for s, t in pairs) if (a, b) not in followed(drawing)}
    assert followed(drawing) <= {(f"t{source}", f"t{target}") for source, target in pairs}
    assert len(told) == text.count("⇢") + text.count("↻")
    assert no_box_touches_another(drawing)
