"""A screen has its size's classes before its widgets are mounted; Textual then has nothing to style anew."""

from __future__ import annotations

import pytest
from textual.geometry import Size

from soundcheck.screens.app.start import Place
from soundcheck.screens.app.theme import SIDEWAYS, UPWARDS, classes_for
from soundcheck.stores.services import Services
from tests.screens.app.driving import app_over, opened


@pytest.mark.parametrize(
    ("width", "sideways"), [(39, "-tiny"), (40, "-cards"), (79, "-narrow"), (80, "-normal"), (500, "-wide")]
)
@pytest.mark.parametrize(("height", "upwards"), [(11, "-flat"), (12, "-short"), (29, "-medium"), (30, "-tall")])
def test_one_class_for_the_width_and_one_for_the_height(width: int, sideways: str, height: int, upwards: str) -> None:
    given = classes_for(Size(width, height))
    assert {name for name, has in given.items() if has} == {sideways, upwards}
    assert given.keys() == {name for _, name in (*SIDEWAYS, *UPWARDS)}


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (41, 13)])
async def test_they_are_those_that_textual_gives(services: Services, size: tuple[int, int]) -> None:
    app = app_over(services, Place.TABLES)
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app)
        own = {name for name, has in classes_for(Size(*size)).items() if has}
        assert own == app.screen.classes & classes_for(Size(*size)).keys()
