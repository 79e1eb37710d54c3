"""The short facts of set-up's lines are named after fields of the evidence: a wrong name would read as no fact."""

from __future__ import annotations

import pytest

from soundcheck.screens.app.setup.check_lines import FACTS
from tests.checks.test_finding_tables import known_fields
from tests.checks.test_recorded_evidence import judging_of


@pytest.mark.parametrize(
    ("check_id", "name"), [*FACTS.items(), ("database.tcp", "elapsed_ms"), ("cache.tcp", "elapsed_ms")]
)
def test_a_short_fact_is_a_field_of_its_checks_evidence(check_id: str, name: str) -> None:
    assert name in known_fields(judging_of(check_id).kind)
