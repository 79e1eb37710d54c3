"""A hint is data: what is run, pasted or pressed is told apart from the words around it, and each face spells it."""

from __future__ import annotations

import string
from collections.abc import Iterator

import pytest

from soundcheck.checks.advice import Advice, Do, Face, Shortcut, spelled
from soundcheck.checks.explanation import DEEDS, Explanation, said, word
from soundcheck.checks.finding import Blame, Finding, Status
from soundcheck.checks.findings import ANY
from soundcheck.checks.report.json import report_document
from soundcheck.checks.report.redaction import Redactor
from soundcheck.checks.run import run_checks
from soundcheck.stores.project.own_command import OwnCommand
from tests.checks.conftest import MakeServices
from tests.checks.test_finding_tables import judgings
from tests.checks.test_run import check


def hint(template: str, **fields: str) -> Advice:
    return word({"a": Explanation("s", "c", Blame.YOU, template)}, said("a", **fields)).advice


@pytest.mark.parametrize(
    ("template", "parts", "anywhere", "in_setup"),
    [
        (
            "{paste} it again.",
            (Do.PASTE, " it again."),
            "Open Setup (key 1, or `soundcheck setup`) and paste it again.",
            "Paste it again.",
        ),
        (
            "Check {what}, then {press:again}.",
            ("Check ", "the network", ", then ", Do.PRESS(Shortcut.AGAIN), "."),
            "Check the network, then run `soundcheck doctor` again.",
            "Check the network, then test again.",
        ),
        (
            "{press:back_to_database} and creates them.",
            (Do.PRESS(Shortcut.BACK_TO_DATABASE), " and creates them."),
            "Run `soundcheck setup`: it goes on at the step Database and creates them.",
            "Go back to the step Database; it shows what is missing and creates them.",
        ),
        (
            "{press:database_step} installs it.",
            (Do.PRESS(Shortcut.DATABASE_STEP), " installs it."),
            "Run `soundcheck setup`: the step Database installs it.",
            "The step Database installs it.",
        ),
        (
            "Type: {run:move --to local --only {what}}",
            ("Type: ", Do.RUN("move --to local --only the network")),
            "Type: soundcheck move --to local --only the network",
            "Type: soundcheck move --to local --only the network",
        ),
        ("Compare the host.", ("Compare the host.",), "Compare the host.", "Compare the host."),
    ],
)
def test_a_hint_reads_right_where_it_is_read(template: str, parts: Advice, anywhere: str, in_setup: str) -> None:
    found = hint(template, what="the network")
    assert found == parts
    assert spelled(found) == anywhere
    assert spelled(found, Face.SETUP) == in_setup


def test_a_command_is_called_as_it_is_called_there() -> None:
    advice = hint("{paste} it, or type: {run:local up}, then {press:again}.")
    own = OwnCommand("/opt/soundcheck", "--project /app")
    assert spelled(advice, own=own) == (
        "Open Setup (key 1, or `/opt/soundcheck --project /app setup`) and paste it, or type: "
        "/opt/soundcheck --project /app local up, then run `/opt/soundcheck --project /app doctor` again."
    )
    assert own.spelled(spelled(advice, own=own)) == spelled(advice, own=own), "twice changes nothing more"
    assert own.command() == "/opt/soundcheck --project /app"


def templates() -> Iterator[tuple[str, str]]:
    for name, rows in {"any": ANY, **{name: judging.rows for name, judging in judgings().items()}}.items():
        for code, row in rows.items():
            yield from ((f"{name} {code}", text) for text in (row.summary, row.cause, row.hint, row.because))


def test_no_table_writes_a_command_of_ours_as_text() -> None:
    """So no face has to look for one in a sentence."""
    elsewhere = OwnCommand("/opt/soundcheck")
    written = {
        place
        for place, template in templates()
        for words, _, _, _ in string.Formatter().parse(template)
        if elsewhere.spelled(words) != words or "key 1" in words
    }
    assert written == set()


def test_every_deed_in_a_table_is_one() -> None:
    for place, template in templates():
        for _, name, form, _ in string.Formatter().parse(template):
            if name in DEEDS:
                assert isinstance(DEEDS[name](form or ""), Do), place
    with pytest.raises(ValueError, match="nowhere"):
        Do.PRESS("nowhere")


async def test_a_document_has_what_to_do_beside_the_hint(make_services: MakeServices) -> None:
    advice = ("Check it, then ", Do.PRESS(Shortcut.AGAIN), "; or type: ", Do.RUN("local up"), ", or ", Do.PASTE)
    found = Finding(Status.FAIL, "s", "c", Blame.YOU, advice)
    report = await run_checks([check("a.one", found)], make_services())
    checks = report_document(report, Redactor())["checks"]
    assert isinstance(checks, list)
    assert checks[0]["finding"]["hint"] == found.hint
    assert checks[0]["finding"]["do"] == [
        {"deed": "press", "what": "again"},
        {"deed": "run", "what": "local up"},
        {"deed": "paste"},
    ]
