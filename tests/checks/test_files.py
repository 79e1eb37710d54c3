"""The env file's checks, on real files and a real Git."""

from __future__ import annotations

import pytest

from soundcheck.checks.check import Outcome
from soundcheck.checks.files.value_fault import value_fault
from soundcheck.checks.finding import Blame, Status
from soundcheck.checks.run import run_checks
from tests.checks.conftest import CHECKS, MakeServices
from tests.own_git import git

GOOD = """\
DATABASE_URL="postgresql://singer:pw-of-singer@ep-a-b-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require"
UPSTASH_REDIS_REST_URL="https://clear-fox-12345.upstash.io"
UPSTASH_REDIS_REST_TOKEN="AYNgAAIjcDE0123456789"
"""


async def outcomes_of(make: MakeServices, text: str | None, **options: object) -> dict[str, Outcome]:
    services = make(**options)
    if text is not None:
        services.project.env_file.write_text(text)
        services.project.env_file.chmod(0o600)
    report = await run_checks(CHECKS.select(["files"]), services)
    return {o.check.id: o for o in report.outcomes}


async def test_a_good_file_passes_every_check(make_services: MakeServices) -> None:
    found = await outcomes_of(make_services, GOOD)
    skipped = {name: o.finding.skipped_because for name, o in found.items() if o.finding.status is Status.SKIP}
    assert skipped == {"files.history": "the project is in no Git repository"}
    assert {o.finding.status for name, o in found.items() if name not in skipped} == {Status.OK}


async def test_no_file_and_nothing_exported_leads_to_set_up(make_services: MakeServices) -> None:
    found = await outcomes_of(make_services, None)
    assert found["files.env"].finding.status is Status.FAIL
    assert "soundcheck setup" in found["files.env"].finding.hint
    others = {found[name].finding.skipped_because for name in found if name not in {"files.env", "files.source"}}
    assert others == {"files.env"}


async def test_no_file_is_fine_where_everything_is_exported(make_services: MakeServices) -> None:
    environ = {"DATABASE_URL": "x", "UPSTASH_REDIS_REST_URL": "y", "UPSTASH_REDIS_REST_TOKEN": "z"}
    found = await outcomes_of(make_services, None, environ=environ)
    assert found["files.env"].finding.status is Status.SKIP
    assert found["files.values"].finding.status is Status.SKIP
    assert found["files.ignored"].finding.skipped_because == found["files.env"].finding.skipped_because


async def test_a_broken_file_is_told_with_its_line(make_services: MakeServices) -> None:
    found = await outcomes_of(make_services, GOOD + 'BROKEN="never closed\n')
    finding = found["files.env"].finding
    assert finding.status is Status.FAIL
    assert "line 4" in finding.summary
    assert finding.blame is Blame.YOU
    assert finding.hint


async def test_a_file_that_others_may_read_is_a_warning_with_the_cure(make_services: MakeServices) -> None:
    services = make_services()
    services.project.env_file.write_text(GOOD)
    services.project.env_file.chmod(0o644)
    report = await run_checks(CHECKS.select(["files.env"]), services)
    assert report.outcomes[0].finding.status is Status.WARN
    assert report.outcomes[0].finding.hint == "Type: chmod 600 .env"


VALUES = [
    (GOOD.replace("pw-of-singer", "pw@of/singer"), "unencoded @"),
    (GOOD.replace("singer:pw-of-singer", "USER:PASSWORD"), "placeholder"),
    (GOOD.replace("?sslmode=require", ""), "sslmode=require is missing"),
    (GOOD.replace("https://clear", "rediss://default:pw-of-fox@clear"), "does not start with https://"),
    (GOOD.replace("AYNgAAIjcDE0123456789", ""), "UPSTASH_REDIS_REST_TOKEN (line 3): it is empty"),
    (GOOD.replace("postgresql://singer", "mongodb://singer"), "old MongoDB address"),
    (GOOD.replace("postgresql://", "mysql://"), "does not start with postgresql://"),
    ("\n".join(GOOD.splitlines()[:2]), "has no UPSTASH_REDIS_REST_TOKEN"),
]


@pytest.mark.parametrize(("text", "words"), VALUES, ids=[row[1][:24] for row in VALUES])
async def test_a_value_that_cannot_be_used_is_told_without_being_shown(
    make_services: MakeServices, text: str, words: str
) -> None:
    found = await outcomes_of(make_services, text)
    outcome = found["files.values"]
    assert outcome.finding.status is Status.FAIL
    assert words in outcome.finding.summary + outcome.finding.cause
    for secret in ("pw-of-singer", "pw@of", "pw-of-fox", "PASSWORD@", "AYNgAA"):
        assert secret not in repr(outcome)


async def test_the_same_name_twice_and_a_value_with_two_readings_are_warnings(make_services: MakeServices) -> None:
    twice = await outcomes_of(make_services, GOOD + GOOD.splitlines()[2] + "\n")
    assert "lines 3, 4" in twice["files.values"].finding.summary
    torn = await outcomes_of(make_services, GOOD.replace('"AYNgAAIjcDE0123456789"', "AYNgAA#IjcDE0123456789"))
    assert torn["files.values"].finding.status is Status.WARN
    assert "reads differently in Python and in Node" in torn["files.values"].finding.summary


async def test_an_exported_value_that_differs_says_who_takes_which(make_services: MakeServices) -> None:
    environ = {"DATABASE_URL": "postgresql://singer:pw-exported@h/other"}
    found = await outcomes_of(make_services, GOOD, environ=environ)
    finding = found["files.override"].finding
    assert finding.status is Status.WARN
    assert "unset DATABASE_URL" in finding.hint
    assert "pw-exported" not in repr(found)


async def test_another_env_file_with_another_value_is_named_with_its_line(make_services: MakeServices) -> None:
    services = make_services()
    (services.project.root / ".env.local").write_text("\nDATABASE_URL=postgresql://a:pw-local@h/d\n")
    found = await outcomes_of(make_services, GOOD)
    assert "DATABASE_URL in .env.local (line 2)" in found["files.override"].finding.summary
    assert "pw-local" not in repr(found)


async def test_git_is_asked_whether_it_would_take_the_file_along(make_services: MakeServices) -> None:
    root = make_services().project.root
    git(root, "init", "-q")
    would = await outcomes_of(make_services, GOOD)
    assert would["files.ignored"].finding.status is Status.WARN
    (root / ".gitignore").write_text(".env\n")
    ignored = await outcomes_of(make_services, GOOD)
    assert ignored["files.ignored"].finding.status is Status.OK
    git(root, "add", "-f", ".env")
    tracked = await outcomes_of(make_services, GOOD)
    assert tracked["files.ignored"].finding.status is Status.FAIL
    assert "git rm --cached .env" in tracked["files.ignored"].finding.hint


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql://singer:x@ep-a.eu.aws.neon.tech/neondb?sslmode=require&channel_binding=require"),
        ("DATABASE_URL", "postgresql://singer:x@localhost:5432/songs"),
        ("UPSTASH_REDIS_REST_URL", "https://clear-fox-12345.upstash.io"),
        ("UPSTASH_REDIS_REST_TOKEN", "AYNgAAIjcDE0123456789=="),
    ],
)
def test_good_values_have_no_problem(name: str, value: str) -> None:
    assert value_fault(name, value, 1) is None
