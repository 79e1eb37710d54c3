"""A path as a person types it, completed from the folders that are there."""

from __future__ import annotations

from pathlib import Path

from soundcheck.stores.typed_path import common_beginning, folders_beginning


def test_the_folders_that_fit_what_is_typed(tmp_path: Path) -> None:
    for name in ("music", "musical", ".hidden", "my app"):
        (tmp_path / name).mkdir()
    (tmp_path / "mu.txt").write_text("")
    (tmp_path / "music" / "backend").mkdir()
    table = {
        "mu": ("music/", "musical/"),
        "": ("music/", "musical/", "my app/"),
        ".": (".hidden/",),
        "music/": ("music/backend/",),
        f"{tmp_path}/my": (f"{tmp_path}/my app/",),
        "none/": (),
        "nobody": (),
        "~": ("~/",),
        "~nobody-at-all/x": (),
        "\0/": (),
    }
    assert {typed: folders_beginning(typed, tmp_path) for typed in table} == table
    assert common_beginning(("music/", "musical/")) == "music"
    assert common_beginning(()) == ""
