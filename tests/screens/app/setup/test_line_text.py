"""Lines of work as text: nothing is cut that matters, nothing from outside is obeyed."""

from __future__ import annotations

from soundcheck.screens.app.parts.hanging_text import hang, row
from soundcheck.screens.app.parts.line_text import Line, draw
from soundcheck.wizard.progress import Mark


def plain(lines: list[Line], width: int) -> list[str]:
    return [row.plain for row in draw(lines, width)]


def test_columns_line_up_with_the_time_right_aligned() -> None:
    drawn = plain([Line("a", "TLS", Mark.OK, "R11", 4.0), Line("b", "signing in", Mark.OK, "app", 120.0)], 60)
    assert drawn == ["✓ TLS           4 ms  R11", "✓ signing in  120 ms  app"]


def test_what_is_to_come_and_what_was_skipped_are_told_apart_without_colour() -> None:
    drawn = plain([Line("a", "TLS", None), Line("b", "TLS", Mark.SKIP), Line("c", "TLS", Mark.FAIL)], 60)
    assert [text.split() for text in drawn] == [["○", "TLS"], ["–", "TLS", "skipped"], ["✗", "TLS", "failed"]]


def test_a_failure_explains_itself_below_its_line_and_ends_in_what_to_do() -> None:
    line = Line("a", "signing in", Mark.FAIL, explanation=("It was refused.", "The password is old.", "Copy it again."))
    assert plain([line], 60)[1:] == ["  It was refused.", "  The password is old.", "  → Copy it again."]


def test_every_row_fits_the_width() -> None:
    line = Line("a", "a title that is far too long for any column", Mark.FAIL, "x" * 90, 9.0, ("word " * 40, "y" * 90))
    assert max(len(text) for text in plain([line], 40)) <= 40


def test_control_characters_are_not_sent_to_the_terminal() -> None:
    drawn = plain([Line("a", "up\x1b[31m", Mark.OK, "\x07\n\tred", explanation=("\x1b]0;x",))], 60)
    assert not any(ord(c) < 0x20 for text in drawn for c in text)


def test_wrapped_words_hang_beside_their_mark() -> None:
    drawn = [text.plain for text in hang([row("→ ", "", "one two three four")], 12)]
    assert drawn == ["→ one two", "  three four"]


def test_a_word_longer_than_the_line_is_broken_not_lost() -> None:
    drawn = [text.plain for text in hang([row("+ ", "", "x" * 25)], 12)]
    assert "".join(text[2:] for text in drawn) == "x" * 25
