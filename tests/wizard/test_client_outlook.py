"""Done says whether the generated client can connect from here, and what it still needs."""

from dataclasses import replace

import pytest

from soundcheck.checks.backend.client_connects import CLIENT_CONNECTS
from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.check import Outcome
from soundcheck.checks.finding import Evidence, Status
from soundcheck.stores.prisma.schema_text import packaged_schema
from soundcheck.stores.project.project import Project
from soundcheck.wizard.setup.client_outlook import client_outlook


def test_without_a_schema_there_is_nothing_to_say(project: Project) -> None:
    assert client_outlook({}, replace(project, schema=None), {}).lines == ()


def test_a_schema_without_a_python_client_needs_none(project: Project) -> None:
    schema = project.root / "schema.prisma"
    schema.write_text('generator client {\n  provider = "prisma-client-js"\n}\n')
    assert client_outlook({}, replace(project, schema=schema), {}).lines == ()


def test_what_is_missing_is_named_with_the_line_to_type(project: Project) -> None:
    schema = project.root / "schema.prisma"
    schema.write_bytes(packaged_schema().read_bytes())
    environ = {"HOME": str(project.root), "PATH": ""}
    head, *needs = client_outlook({}, replace(project, schema=schema), environ).lines
    assert head.startswith("Before your backend connects")
    assert any("soundcheck setup" in line for line in needs)
    assert any("pip install prisma==0.15.0" in line for line in needs)


@pytest.mark.parametrize("status", [None, Status.SKIP, Status.WARN])
def test_done_warns_of_an_engine_only_where_the_check_does_and_by_its_words(
    project: Project, status: Status | None
) -> None:
    """Else Done named a fix that `doctor --fix` did not know, while Checks were all fine."""
    schema = project.root / "schema.prisma"
    schema.write_bytes(packaged_schema().read_bytes())
    check = default_registry()[CLIENT_CONNECTS]
    evidence: dict[str, Evidence] = {
        "skip": {"wanted": True},
        "warn": {"wanted": True, "has_backend": True, "interpreter": "python", "code": "no_engine", "kind": "x"},
    }
    outcomes = {}
    if status is not None:
        finding = check.judge(evidence[status.value])
        assert finding.status is status
        outcomes = {check.id: Outcome(check, finding, evidence[status.value], 0.0)}
    environ = {"HOME": str(project.root), "PATH": ""}
    lines = client_outlook(outcomes, replace(project, schema=schema), environ).lines
    offered = [fix.id for one in outcomes.values() for fix in one.finding.fixes]
    assert any("BinaryNotFoundError" in line for line in lines) is (status is Status.WARN)
    assert any("client.engine" in line for line in lines) is ("client.engine" in offered)
