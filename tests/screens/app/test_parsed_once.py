"""The style sheet parses a source again only where the colours are others."""

from __future__ import annotations

import pytest
from textual.css.stylesheet import Stylesheet

from soundcheck.screens.app.parsed_once import ParsedOnce

RED, BLUE = {"line": "#ff0000"}, {"line": "#0000ff"}


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sources that were really parsed."""
    found: list[str] = []

    def parse(scope: str, css: str, *args: object, **options: object) -> list[object]:
        found.append(css)
        return []

    monkeypatch.setattr("textual.css.stylesheet.parse", parse)
    monkeypatch.setattr(Stylesheet, "_parse_rules", _PARSE)
    return found


_PARSE = Stylesheet._parse_rules


def test_nothing_is_parsed_twice_for_the_same_colours_however_many_sources_there_are(parsed: list[str]) -> None:
    sheet = ParsedOnce(variables=dict(RED))
    for number in range(100):
        sheet.add_source(f"A{number} {{ color: $line; }}", ("file", str(number)))
        sheet.set_variables(dict(RED))
        sheet.reparse()
        assert sheet.rules_map == {}
    assert len(parsed) == 100


def test_other_colours_have_all_of_it_parsed_again(parsed: list[str]) -> None:
    sheet = ParsedOnce(variables=dict(RED))
    sheet.add_source("A { color: $line; }", ("file", "a"))
    sheet.reparse()
    sheet.set_variables(dict(BLUE))
    sheet.reparse()
    assert parsed == ["A { color: $line; }"] * 2


def test_rules_follow_the_colours() -> None:
    sheet = ParsedOnce(variables=dict(RED))
    sheet.add_source("A { color: $line; }", ("file", "a"))
    assert "#FF0000" in sheet.css.upper()
    sheet.set_variables(dict(BLUE))
    sheet.reparse()
    assert "#0000FF" in sheet.css.upper()
