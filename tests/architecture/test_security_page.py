"""Each promise of docs/security.md names what holds it, and that is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")


def promises() -> list[list[str]]:
    """The rows of the table of promises, by their cells."""
    table = PAGE.partition("## What is promised")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if "|" in line]
    return rows[2:]


def test_every_promise_names_tests_that_exist() -> None:
    assert len(promises()) > 10
    for promise, _, held in promises():
        named = re.findall(r"`([\w/]+(?:\.py|/))`", held)
        assert named, promise
        for name in named:
            found = ROOT / "tests" / name
            assert found.is_file() or any(found.rglob("test_*.py")), name


def test_the_way_to_report_is_linked_both_ways() -> None:
    assert "SECURITY.md" in PAGE
    assert "docs/security.md" in (ROOT / "SECURITY.md").read_text("utf-8")
