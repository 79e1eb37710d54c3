"""The status line says the cell under the cursor whole where it fits, and how to see the rest where it does not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from soundcheck.screens.app.grid.column import GridColumn
from soundcheck.screens.app.grid.here import Here
from soundcheck.screens.app.tables.status_line import cell_line
from soundcheck.stores.rows.cell_columns import Cut
from soundcheck.stores.rows.follow import SeenRow
from soundcheck.stores.sensitivity import Sensitivity

MOMENT = datetime(2026, 11, 19, 8, 12, 44, 120000, tzinfo=UTC)


def line(value: Any, width: int, type_name: str = "text", sensitivity: Sensitivity = Sensitivity.OPEN) -> str:
    column = GridColumn("a_name", type_name, 0, False, sensitivity)
    return cell_line(Here(row=SeenRow((value,), None), column=column, has_columns=True), width).plain


@pytest.mark.parametrize(
    ("value", "width", "said"),
    [
        ("short", 60, "a_name  text  short"),
        (None, 60, "a_name  text  ∅ NULL, no value"),
        ("", 60, 'a_name  text  "" the empty text'),
        ("twenty-six letters are here", 41, "a_name  text  twenty-six letters are here"),
        ("twenty-six letters are here", 40, "a_name  twenty-six letters are here"),
        ("twenty-six letters are here", 34, "twenty-six letters are here"),
        ("twenty-six letters are here", 26, "twenty-six l…  enter Whole"),
        ("x" * 90, 60, "a_name  " + "x" * 38 + "…  enter Whole"),
        ("李小龍" * 9, 30, "李小龍李小龍李小…  enter Whole"),
        (Cut("x" * 90, 4_000_000), 60, "a_name  " + "x" * 30 + "…  4.0 MB  enter Whole"),
        ("x" * 90, 8, "xxxxxxx…"),
        ("x" * 90, 1, ""),
    ],
)
def test_the_value_goes_first_and_what_is_cut_says_how_to_see_all_of_it(value: Any, width: int, said: str) -> None:
    assert line(value, width) == said


def test_a_time_is_exact_and_a_masked_value_names_its_key() -> None:
    assert line(MOMENT, 60, "timestamptz") == "a_name  timestamptz  2026-11-19 08:12:44.12+00"
    assert line("ana@mail.example", 60, sensitivity=Sensitivity.PERSONAL).endswith("  r reveals")
