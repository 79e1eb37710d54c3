"""Ranges of versions are read as packaging, the tool of the index, reads them."""

from __future__ import annotations

import importlib.metadata
from itertools import product

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from soundcheck.checks.machine.version_range import is_within, ranges

VERSIONS = (
    "0.9",
    "3.2",
    "3.3",
    "3.3.0",
    "3.3.9",
    "3.10",
    "4.0rc1",
    "4.0.dev3",
    "4",
    "4.0.0",
    "4.0.post1",
    "4.1",
    "10.0",
)
CLAUSES = (">=3.3", "<4", ">3.3", "<=4", "==3.3", "!=3.3", ">=3.3,<4", ">=3.3,<4,!=3.3.9", "==4.0.post1", ">=4.0rc1")


@pytest.mark.parametrize(("version", "wanted"), product(VERSIONS, CLAUSES))
def test_a_version_is_judged_as_the_index_judges_it(version: str, wanted: str) -> None:
    assert is_within(version, wanted) is SpecifierSet(wanted).contains(version, prereleases=True)


@pytest.mark.parametrize("version", ["unknown", "", "2026.1+local.patch"])
def test_what_cannot_be_read_is_not_held_against_anybody(version: str) -> None:
    assert is_within(version, ">=3.3")


@pytest.mark.parametrize("wanted", ["", "~=3.3", "===weird", "any"])
def test_a_clause_that_we_never_write_is_passed_over(wanted: str) -> None:
    assert is_within("1.0", wanted)


def test_a_bare_version_stands_for_itself() -> None:
    assert is_within("3.3.9", "3.3.9")
    assert not is_within("3.3.10", "3.3.9")


def test_the_ranges_of_our_own_metadata_are_all_read() -> None:
    lines = importlib.metadata.requires("soundcheck-console") or []
    wanted = {one.name: one for one in map(Requirement, lines) if "extra" not in str(one.marker)}
    found = ranges(lines)
    assert found.keys() == wanted.keys()
    for name, text in found.items():
        assert SpecifierSet(text) == wanted[name].specifier
        assert is_within(importlib.metadata.version(name), text)
        assert not is_within("0.0.1", text)


def test_extras_markers_and_spaces_are_not_part_of_a_range() -> None:
    lines = ["psycopg[binary] (>=3.3, <4)", "uvloop<1,>=0.21; sys_platform != 'win32'", "node>=20; extra == 'x'", "h11"]
    assert ranges(lines) == {"psycopg": ">=3.3,<4", "uvloop": "<1,>=0.21"}
