"""Done, Checks and the wizard say the same: a criterion is ticked by its check or not at all."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.check import Outcome
from soundcheck.checks.finding import Finding, Status
from soundcheck.stores.cloud.made import Half
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.setup.criteria import CRITERIA, CRITERIA_CHECKS, Browsed, places_of, tick
from soundcheck.wizard.setup.resume import judge_resume
from soundcheck.wizard.setup.session import Session
from soundcheck.wizard.step import STEPS, StepId

NOWHERE = frozenset[Half]()
NEON = "postgresql://app:pw@ep-a-1.eu-central-1.aws.neon.tech/neondb"
UPSTASH = "https://fit-mole-1.upstash.io"


def outcomes(**changes: tuple[Status, Mapping[str, str]]) -> dict[str, Outcome]:
    """Every check passes, but for those that are named, with `_` for the dot."""
    registry = default_registry()
    found = {}
    for check in registry:
        status, evidence = changes.get(check.id.replace(".", "_"), (Status.OK, {}))
        found[check.id] = Outcome(check, Finding(status, f"{check.id} is {status}"), dict(evidence), 1.0)
    return found


@pytest.mark.parametrize("failing", CRITERIA_CHECKS)
def test_no_criterion_is_ticked_whose_check_does_not_pass(failing: str) -> None:
    found = outcomes(**{failing.replace(".", "_"): (Status.FAIL, {})})
    for criterion, one in zip(CRITERIA, tick(found, local=NOWHERE, places={}, browsed=Browsed(11)), strict=True):
        assert (one.mark == "✓") is (failing not in criterion.checks)


@pytest.mark.parametrize(
    ("address", "rest", "local", "said"),
    [
        (NEON, UPSTASH, NOWHERE, ("A Neon account", "An Upstash account")),
        ("postgresql://app:pw@127.0.0.1:5432/d", UPSTASH, NOWHERE, ("at 127.0.0.1:5432", "An Upstash")),
        (NEON, "http://127.0.0.1:8079", NOWHERE, ("A Neon account", "at 127.0.0.1")),
        ("postgresql://app:pw@db.example.org/d", "https://cache.example.org", NOWHERE,
         ("at db.example.org:5432", "at cache.example.org")),
        ("postgresql://app:pw@127.0.0.1:5432/d", "http://127.0.0.1:8079", frozenset(Half),
         ("not needed: local", "not needed: local")),
    ],
)  # fmt: skip
def test_an_account_is_only_spoken_of_where_there_is_one(
    address: str, rest: str, local: frozenset[Half], said: tuple[str, str]
) -> None:
    held = Credentials(PostgresUrl.parse(address), None, RestUrl.parse(rest), Secret("t"))
    places = places_of(held, local)
    ticks = tick(outcomes(), local=local, places=places, browsed=Browsed(11))
    for one, words in zip(ticks[:2], said, strict=True):
        assert words in f"{one.criterion.text} {one.note}"
        assert one.mark == "✓"
    unmet = tick(outcomes(database_query=(Status.FAIL, {})), local=local, places=places, browsed=Browsed(11))
    assert unmet[0].mark == "✗", "wherever it is, its check decides"


@pytest.mark.parametrize(
    ("node", "mark", "note"),
    [
        (Status.OK, "✓", "your own Prisma"),
        (Status.WARN, "–", "yours to do"),
        (Status.FAIL, "–", "yours to do"),
        (Status.SKIP, "–", "no Python client"),
    ],
)
def test_generate_is_not_ticked_where_it_was_skipped(node: Status, mark: str, note: str) -> None:
    found = outcomes(prisma_client=(Status.OK, {"state": "not_wanted"}), backend_prisma=(node, {}))
    one = tick(found, local=NOWHERE, places={}, browsed=Browsed(11))[4]
    assert one.mark == mark
    assert note in one.note


def test_the_browser_is_ticked_by_what_it_reads() -> None:
    last = tick(outcomes(), local=NOWHERE, places={}, browsed=Browsed(problem="permission denied"))[-1]
    assert (last.mark, last.note) == ("✗", "permission denied")
    assert tick(outcomes(), local=NOWHERE, places={}, browsed=Browsed(11))[-1].mark == "✓"


@pytest.mark.parametrize(
    ("found", "changed", "step", "words"),
    [
        (outcomes(), "", StepId.DONE, ""),
        (outcomes(), "prisma/schema.prisma", StepId.DATABASE, "was changed"),
        (outcomes(prisma_client=(Status.WARN, {"state": "stale"})), "", StepId.DATABASE, "prisma.client"),
        (outcomes(database_tables=(Status.FAIL, {})), "", StepId.DATABASE, "database.tables"),
        (outcomes(files_values=(Status.FAIL, {})), "prisma/schema.prisma", StepId.ENV, "files.values"),
    ],
)
def test_a_schema_that_was_changed_since_leads_to_database(
    found: dict[str, Outcome], changed: str, step: StepId, words: str
) -> None:
    session = Session(done=frozenset(one.id for one in STEPS), finished=True)
    resume = judge_resume(found, session, changed_schema=changed)
    assert resume.step is step
    assert words in resume.reason
