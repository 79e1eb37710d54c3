"""Inside set-up no hint sends people to set-up."""

from __future__ import annotations

import pytest

from soundcheck.wizard.setup.check_progress import hint_in_setup


@pytest.mark.parametrize(
    ("hint", "here"),
    [
        ("Open Setup (key 1, or `soundcheck setup`) and paste it again.", "Paste it again."),
        ("Check the network, then run `soundcheck doctor` again.", "Check the network, then test again."),
        (
            "Fine for development. For a database in the cloud run `soundcheck setup`.",
            "Fine for development. For a database in the cloud paste its address.",
        ),
        (
            "Run `soundcheck setup`: it goes on at the step Database and creates them.",
            "Go back to the step Database; it shows what is missing and creates them.",
        ),
        ("Compare the host.", "Compare the host."),
    ],
)
def test_a_hint_reads_right_where_it_is_read(hint: str, here: str) -> None:
    assert hint_in_setup(hint) == here
