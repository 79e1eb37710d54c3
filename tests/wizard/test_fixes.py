"""Fixes: shown first, kept a copy of, applied, asked again, taken back; and never what was not shown or named."""

from __future__ import annotations

import asyncio
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from engine_fixture import engine, engine_folder  # noqa: F401

from soundcheck.checks import fixes as offered_fixes
from soundcheck.checks.catalogue import default_registry
from soundcheck.checks.check import Check, Group, Outcome
from soundcheck.checks.finding import Blame, Fix, FixKind, Status
from soundcheck.checks.run import Report, run_checks
from soundcheck.checks.verdict import conclude
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.errors import CouldNotRun, Refused, StepFailed, UsageError
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.services import Services
from soundcheck.wizard.fix_journal import read_journal
from soundcheck.wizard.fixes.apply import EXECUTORS, Offer, apply_fix, named_offers, offers, preview_fix, undo_fix
from soundcheck.wizard.lock import WizardLock
from tests.findings import fail
from tests.own_git import git

PASSWORD = "s3cret/of@the#band"
NEON = "postgresql://singer:s3cret%2Fof%40the%23band@ep-cool-1.us-east-2.aws.neon.tech/songs"
ENV = f"""# the band
DATABASE_URL="{NEON}?connection_limit=100"
OTHER=1
"""


@pytest.fixture
def here(project: Project) -> Project:
    """A project with an env file that everyone may read."""
    project.env_file.write_text(ENV)
    project.env_file.chmod(0o644)
    return project


@pytest.fixture
def services(here: Project) -> Services:
    return Services(here, SystemClock(), SystemResolver())


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_every_fix_of_a_check_has_one_executor_and_none_is_left_over() -> None:
    assert {fix.id for fix in offered_fixes.ALL} == set(EXECUTORS)
    named = {value.id for value in vars(offered_fixes).values() if isinstance(value, Fix)}
    assert named == {fix.id for fix in offered_fixes.ALL}
    assert all(executor.id == name for name, executor in EXECUTORS.items())


def test_the_mend_of_the_checks_is_the_one_that_is_carried_out() -> None:
    """A fix made anywhere else than in `checks/fixes.py` would have no executor."""
    rooms = Path(__file__).parents[2] / "checks"
    makers = [p.name for p in sorted(rooms.rglob("*.py")) if "Fix(" in p.read_text().replace("class Fix", "")]
    assert set(makers) <= {"fixes.py", "stored_run.py"}


async def test_the_mode_is_mended_and_given_back(services: Services, here: Project) -> None:
    preview = await preview_fix(services, offered_fixes.MODE)
    assert preview.lines == ("chmod 600 .env   (now 644)",)
    assert mode_of(here.env_file) == 0o644
    result = await apply_fix(services, preview, "files.env")
    assert mode_of(here.env_file) == 0o600
    assert result.outcome is not None
    assert result.outcome.finding.status is Status.OK
    again = await apply_fix(services, preview, "files.env")
    assert not again.applied
    entry, said = await undo_fix(services)
    assert (entry.fix, mode_of(here.env_file)) == ("env.mode", 0o644)
    assert "644" in said


async def test_a_url_is_sent_through_the_pooler_with_nothing_else_touched(services: Services, here: Project) -> None:
    preview = await preview_fix(services, offered_fixes.POOL)
    assert PASSWORD not in repr(preview)
    assert "s3cret" not in repr(preview)
    assert any(line.startswith("- ") and "ep-cool-1.us-east-2" in line for line in preview.lines)
    assert any(line.startswith("+ ") and "ep-cool-1-pooler.us-east-2" in line for line in preview.lines)
    assert here.env_file.read_text() == ENV
    result = await apply_fix(services, preview)
    assert result.can_undo
    assert here.env_file.read_text() == ENV.replace("ep-cool-1.", "ep-cool-1-pooler.")
    assert mode_of(here.env_file) == 0o600
    assert not (await preview_fix(services, offered_fixes.POOL)).needed
    await undo_fix(services, "env.pooler")
    assert here.env_file.read_text() == ENV


async def test_sslmode_is_added_and_its_check_is_asked_again(services: Services, here: Project) -> None:
    assert "sslmode=require is missing" in (await finding(services, "files.values")).summary
    preview = await preview_fix(services, offered_fixes.SSLMODE)
    result = await apply_fix(services, preview, "files.values")
    assert f'DATABASE_URL="{NEON}?connection_limit=100&sslmode=require"' in here.env_file.read_text()
    assert result.outcome is not None
    assert "sslmode" not in result.outcome.finding.summary


async def finding(services: Services, check_id: str):
    report = await run_checks(default_registry().select([check_id]), services)
    return report.outcomes[-1].finding


async def test_a_direct_url_is_taken_off_the_pooler(services: Services, here: Project) -> None:
    pooled = NEON.replace("ep-cool-1.", "ep-cool-1-pooler.")
    here.env_file.write_text(f"{ENV}DIRECT_URL='{pooled}'\n")
    await apply_fix(services, await preview_fix(services, offered_fixes.UNPOOL))
    assert here.env_file.read_text() == f"{ENV}DIRECT_URL='{NEON}'\n"


@pytest.mark.parametrize("content", ["OTHER=1\n", "DATABASE_URL=postgresql://u:p@h:port/x\n", 'what is this ==\n"\n'])
async def test_an_env_file_that_cannot_be_changed_safely_is_left_alone(
    services: Services, here: Project, content: str
) -> None:
    here.env_file.write_text(content)
    with pytest.raises(Refused):
        await preview_fix(services, offered_fixes.SSLMODE)
    assert here.env_file.read_text() == content


async def test_a_link_is_not_written_through(services: Services, here: Project, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere.env"
    real.write_text(ENV)
    here.env_file.unlink()
    here.env_file.symlink_to(real)
    with pytest.raises(Refused, match="is a link"):
        await preview_fix(services, offered_fixes.POOL)
    await apply_fix(services, await preview_fix(services, offered_fixes.MODE))
    assert mode_of(real) == 0o600


async def test_what_changed_since_it_was_shown_is_not_overwritten(services: Services, here: Project) -> None:
    preview = await preview_fix(services, offered_fixes.POOL)
    edited = ENV.replace("ep-cool-1", "ep-warm-2")
    here.env_file.write_text(edited)
    with pytest.raises(Refused, match="changed since it was shown"):
        await apply_fix(services, preview)
    assert here.env_file.read_text() == edited


async def test_an_undo_never_takes_back_what_came_after(services: Services, here: Project) -> None:
    await apply_fix(services, await preview_fix(services, offered_fixes.POOL))
    here.env_file.write_text(here.env_file.read_text() + "NEW=1\n")
    with pytest.raises(Refused, match="changed after the fix"):
        await undo_fix(services)
    assert "NEW=1" in here.env_file.read_text()
    assert len(read_journal(here)) == 1


async def test_gitignore_gets_one_line_and_loses_it_again(services: Services, here: Project) -> None:
    git(here.root, "init", "-q")
    (here.root / ".gitignore").write_bytes(b"node_modules\r\n")
    preview = await preview_fix(services, offered_fixes.IGNORE)
    assert preview.lines == ("+ .env   (in .gitignore)",)
    result = await apply_fix(services, preview, "files.ignored")
    assert (here.root / ".gitignore").read_bytes() == b"node_modules\r\n.env\r\n"
    assert result.outcome is not None
    assert result.outcome.finding.status is Status.OK
    assert not (await preview_fix(services, offered_fixes.IGNORE)).needed
    await undo_fix(services)
    assert (here.root / ".gitignore").read_bytes() == b"node_modules\r\n"


async def test_a_gitignore_that_was_not_there_is_gone_after_the_undo(services: Services, here: Project) -> None:
    git(here.root, "init", "-q")
    await apply_fix(services, await preview_fix(services, offered_fixes.IGNORE))
    assert (here.root / ".gitignore").read_text() == ".env\n"
    await undo_fix(services)
    assert not (here.root / ".gitignore").exists()


async def test_untracking_has_to_be_named_and_can_be_taken_back(services: Services, here: Project) -> None:
    git(here.root, "init", "-q")
    git(here.root, "add", "-f", ".env")
    git(here.root, "commit", "-qm", "all of it")
    before = git(here.root, "ls-files", "--stage")
    preview = await preview_fix(services, offered_fixes.UNTRACK)
    with pytest.raises(Refused) as refused:
        await apply_fix(services, preview)
    assert "--fix git.untrack" in refused.value.hint
    harmless = replace(preview, fix=replace(preview.fix, kind=FixKind.SAFE))
    with pytest.raises(Refused):
        await apply_fix(services, harmless)
    assert git(here.root, "ls-files", "--stage") == before
    await apply_fix(services, preview, named=True)
    assert git(here.root, "ls-files") == ""
    assert here.env_file.read_text() == ENV
    await undo_fix(services)
    assert git(here.root, "ls-files", "--stage") == before


async def test_a_repository_s_own_programs_do_not_run(services: Services, here: Project, tmp_path: Path) -> None:
    git(here.root, "init", "-q")
    git(here.root, "add", "-f", ".env")
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    git(here.root, "config", "core.fsmonitor", str(trap))
    git(here.root, "config", "filter.x.clean", str(trap))
    (here.root / ".gitattributes").write_text(".env filter=x\n")
    await apply_fix(services, await preview_fix(services, offered_fixes.UNTRACK), named=True)
    assert git(here.root, "-c", "core.fsmonitor=false", "ls-files") == ""
    assert not (tmp_path / "sprung").exists()


async def test_two_at_once_apply_it_once(services: Services, here: Project) -> None:
    preview = await preview_fix(services, offered_fixes.POOL)
    results = await asyncio.gather(*(apply_fix(services, preview) for _ in range(4)), return_exceptions=True)
    done = [result for result in results if not isinstance(result, BaseException)]
    assert len([result for result in done if result.applied]) == 1
    assert all(isinstance(result, CouldNotRun) for result in results if isinstance(result, BaseException))
    assert here.env_file.read_text() == ENV.replace("ep-cool-1.", "ep-cool-1-pooler.")
    assert len(read_journal(here)) == 1


async def test_nothing_is_fixed_while_set_up_is_at_work(services: Services, here: Project) -> None:
    preview = await preview_fix(services, offered_fixes.MODE)
    with WizardLock(here), pytest.raises(CouldNotRun, match="already running"):
        await apply_fix(services, preview)
    assert mode_of(here.env_file) == 0o644


async def test_a_full_disk_leaves_the_file_and_no_journal(
    services: Services, here: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise CouldNotRun("no space left", "free some")

    monkeypatch.setattr("soundcheck.stores.project.journal.write_over", full)
    with pytest.raises(CouldNotRun):
        await apply_fix(services, await preview_fix(services, offered_fixes.POOL))
    assert here.env_file.read_text() == ENV
    assert read_journal(here) == ()


async def test_the_journal_and_the_backups_are_yours_alone(services: Services, here: Project) -> None:
    await apply_fix(services, await preview_fix(services, offered_fixes.POOL))
    journal = here.state / "fixes.json"
    assert mode_of(journal) == 0o600
    assert "s3cret" not in journal.read_text()
    assert [mode_of(file) for file in here.backups.iterdir()] == [0o600]
    journal.write_text("{half")
    with pytest.raises(Refused, match="no fix to take back"):
        await undo_fix(services)


async def test_a_stack_that_cannot_be_woken_does_not_hide_that_the_fix_was_made(
    services: Services, here: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> Services:
        raise CouldNotRun("PostgreSQL does not start", "look at its log")

    monkeypatch.setattr("soundcheck.wizard.fixes.apply.wake_local", broken)
    result = await apply_fix(services, await preview_fix(services, offered_fixes.MODE), "files.env")
    assert result.applied
    assert result.outcome is not None
    assert result.outcome.finding.status is Status.OK
    assert mode_of(here.env_file) == 0o600


def outcome(check_id: str, *fixes: Fix) -> Outcome:
    found = fail("broken", cause="because", blame=Blame.YOU, hint="mend it", fixes=fixes)

    async def collect(_: object) -> dict[str, str]:
        return {}

    return Outcome(Check(check_id, Group.FILES, "a fact", collect, lambda _: found), found, {}, 1.0)


def report_of(*outcomes: Outcome) -> Report:
    return Report("7f3a", SystemClock().now(), 1.0, outcomes, conclude(outcomes))


def test_each_fix_of_a_run_is_offered_once_and_found_by_either_name() -> None:
    report = report_of(
        outcome("files.env", offered_fixes.MODE),
        outcome("files.values", offered_fixes.SSLMODE, offered_fixes.MODE),
        outcome("database.pooling", offered_fixes.POOL, offered_fixes.UNPOOL),
    )
    every = offers(report)
    assert [(offer.check, offer.fix.id) for offer in every] == [
        ("files.env", "env.mode"),
        ("files.values", "env.sslmode"),
        ("database.pooling", "env.pooler"),
        ("database.pooling", "env.pooler"),
    ]
    assert named_offers(["env.mode"], every) == (Offer("files.env", offered_fixes.MODE),)
    assert len(named_offers(["database.pooling", "env.pooler"], every)) == 2
    assert named_offers(["git.untrack"], every) == ()
    with pytest.raises(UsageError, match="No fix is called"):
        named_offers(["env.everything"], every)


async def test_a_mode_that_cannot_be_kept_is_said(here: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a file system that knows no modes: the same thing is found again."""
    services = Services(here, SystemClock(), SystemResolver())
    preview = await preview_fix(services, offered_fixes.MODE)
    monkeypatch.setattr("soundcheck.wizard.fixes.env._chmod", lambda *_: None)
    with pytest.raises(StepFailed, match="put back"):
        await apply_fix(services, preview, "files.env")


async def test_sslmode_goes_into_the_direct_address_that_follows(services: Services, here: Project) -> None:
    pooled = NEON.replace("ep-cool-1.", "ep-cool-1-pooler.")
    here.env_file.write_text(f'DATABASE_URL="{pooled}"\nDIRECT_URL="{NEON}"\n')
    await apply_fix(services, await preview_fix(services, offered_fixes.SSLMODE))
    text = here.env_file.read_text()
    assert text.count("sslmode=require") == 2
