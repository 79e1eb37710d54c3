"""Soundcheck recognises its own source."""

from pathlib import Path

import pytest

from soundcheck.stores.project.project import is_own_checkout

ROOT = Path(__file__).parents[2]


def test_this_checkout_is_recognised() -> None:
    assert is_own_checkout(ROOT)


@pytest.mark.parametrize("text", ["", "[project]\nname = 'music'", "project = 3", "[", "\x00"])
def test_another_project_is_not(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    (tmp_path / "stores").mkdir()
    assert not is_own_checkout(tmp_path)


def test_an_empty_folder_is_not(tmp_path: Path) -> None:
    assert not is_own_checkout(tmp_path)
