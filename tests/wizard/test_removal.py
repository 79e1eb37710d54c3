"""What `soundcheck remove` takes away, what it leaves, and that it can be killed anywhere."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pytest

from soundcheck.screens.opening import open_services
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import CouldNotRun, Refused
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.client_folder import replace_client
from soundcheck.stores.prisma.schema_text import read_schema
from soundcheck.stores.project.git_facts import git_facts
from soundcheck.stores.project.journal import Journal, Kind
from soundcheck.stores.project.project import ProfileKind, Project, open_project
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.discover import discover
from soundcheck.wizard.env.ignore_files import plan_ignores, write_ignores
from soundcheck.wizard.env.step import EnvConsent, plan_env, undo_env, write_env
from soundcheck.wizard.env.values import plan_values
from soundcheck.wizard.guard import Consent
from soundcheck.wizard.progress import Progress, silent
from soundcheck.wizard.remove import flow as removal
from soundcheck.wizard.remove.flow import RemovalOutcome, choose, remove
from soundcheck.wizard.remove.plan import RemovalPlan, plan_removal
from soundcheck.wizard.setup.database_step import choose_schema, place_schema
from soundcheck.wizard.setup.team_files import plan_team_files, write_team_files

ENV = b"# mine\r\nPORT=3000\r\nDATABASE_URL=mongodb://u:p@h/db\r\n"
NEON = Credentials(
    PostgresUrl.parse("postgresql://app:pa55word@ep-x-pooler.eu-central-1.aws.neon.tech/neondb"),
    None,
    RestUrl.parse("https://fine.upstash.io"),
    Secret("a-token-of-upstash"),
)


def tree(folder: Path) -> dict[str, tuple[int, bytes | None]]:
    """Every path below with its mode and its content; None for a folder."""
    return {
        str(path.relative_to(folder)): (stat.S_IMODE(path.stat().st_mode), None if path.is_dir() else path.read_bytes())
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def lived_in(project: Project) -> Project:
    """A project with an env file, readable by others, and a .gitignore without a last line end."""
    (project.root / ".env").write_bytes(ENV)
    (project.root / ".env").chmod(0o640)
    (project.root / ".gitignore").write_bytes(b"node_modules")
    return project


def set_up(project: Project) -> None:
    """What set-up writes into a project, by its own functions, without a server."""
    plan = plan_env(project, NEON, local=False)
    write_env(project, plan, EnvConsent(replace=True, ignore_files=False))
    write_ignores(plan_ignores(project.env_file, project.root, git_facts(project.env_file)), Journal(project))
    write_team_files(plan_team_files(project, kind=ProfileKind.DEV))
    schema = place_schema(project, choose_schema(project)).schema
    assert schema is not None
    output = project.root / "prisma_client"
    Journal(project).note_tree(Kind.CLIENT, output)

    async def generate(place: Path) -> None:
        await asyncio.to_thread(place.mkdir)
        await asyncio.to_thread((place / "client.py").write_text, "x = 1\n")

    asyncio.run(replace_client(output, read_schema(schema), generate))
    write_env(
        open_project(project.root),
        plan_values(project, {"PRISMA_QUERY_ENGINE_BINARY": Secret("/somewhere/query-engine")}),
        EnvConsent(replace=True),
    )


def services_of(project: Project, kind: ProfileKind = ProfileKind.DEV) -> Services:
    project = replace(project, profile=replace(project.profile, kind=kind))
    return open_services(project, {}, discover(project, {}).credentials)


def removed(
    project: Project,
    edited: Collection[str] = (),
    only: Collection[Kind] = (),
    keep: Collection[Kind] = (),
    **more: ProfileKind | Consent,
) -> tuple[RemovalPlan, tuple[RemovalOutcome, ...]]:
    """Look, choose and undo, in a loop of its own, as one run of the command does."""

    async def run() -> tuple[RemovalPlan, tuple[RemovalOutcome, ...]]:
        services = services_of(project, ProfileKind(more.get("kind", ProfileKind.DEV)))
        consent = more.get("consent", Consent())
        assert isinstance(consent, Consent)
        try:
            plan = await plan_removal(services, edited)
            return plan, await remove(services, plan, choose(plan, only, keep, edited), consent, silent)
        finally:
            await services.close()

    return asyncio.run(run())


def test_an_env_file_of_before_is_what_it_was_bytes_and_mode(lived_in: Project) -> None:
    before = tree(lived_in.root)
    set_up(lived_in)
    assert "MONGODB_URI" in (lived_in.root / ".env").read_text()
    removed(lived_in)
    assert tree(lived_in.root) == before
    assert not lived_in.state.exists()
    plan, outcomes = removed(lived_in)
    assert (plan.items, outcomes) == ((), ())
    assert not lived_in.state.exists()


def test_lines_of_yours_stay_and_ours_go(lived_in: Project) -> None:
    set_up(lived_in)
    with (lived_in.root / ".env").open("ab") as file:
        file.write(b"MINE=1\r\n")
    with (lived_in.root / ".gitignore").open("ab") as file:
        file.write(b"dist\n")
    removed(lived_in)
    assert (lived_in.root / ".env").read_bytes() == ENV + b"MINE=1\r\n"
    assert (lived_in.root / ".gitignore").read_bytes() == b"node_modules\ndist\n"
    assert not lived_in.state.exists()


def test_an_edited_line_is_told_and_stays_until_it_is_named(lived_in: Project) -> None:
    set_up(lived_in)
    env = lived_in.root / ".env"
    env.write_bytes(env.read_bytes().replace(b"a-token-of-upstash", b"my-other-token"))
    plan, outcomes = removed(lived_in)
    item = next(item for item in plan.items if item.kind is Kind.ENV)
    assert item.edited == ("UPSTASH_REDIS_REST_TOKEN",)
    assert "--edited .env" in item.reason
    assert env.read_bytes() == ENV + b'UPSTASH_REDIS_REST_TOKEN="my-other-token"\r\n'
    assert "journal" in outcomes[-1].reason
    assert Journal(lived_in).file.exists()
    assert not lived_in.backups.exists()

    removed(lived_in, edited=[".env"])
    assert env.read_bytes() == ENV
    assert not lived_in.state.exists()


def test_a_whole_file_that_was_edited_stays_until_it_is_named(project: Project) -> None:
    set_up(project)
    config = project.root / "soundcheck.toml"
    config.write_text(config.read_text() + "# ours\n")
    _, outcomes = removed(project)
    left = [outcome for outcome in outcomes if outcome.state == "left"]
    assert [outcome.item.name for outcome in left] == ["soundcheck.toml"]
    assert sorted(path.name for path in project.root.iterdir()) == ["soundcheck.toml"]
    removed(project, edited=["soundcheck.toml"])
    assert list(project.root.iterdir()) == []


def test_a_client_with_files_of_yours_in_it_stays(project: Project) -> None:
    set_up(project)
    (project.root / "prisma_client" / "mine.py").write_text("")
    (project.root / "prisma" / "notes.md").write_text("")
    _, outcomes = removed(project)
    assert {outcome.item.name for outcome in outcomes if outcome.state == "left"} == {"prisma_client"}
    assert (project.root / "prisma_client" / "client.py").exists()
    assert [path.name for path in (project.root / "prisma").iterdir()] == ["notes.md"]


def test_what_was_taken_back_already_is_not_taken_twice(lived_in: Project) -> None:
    set_up(lived_in)
    undo_env(lived_in)
    undo_env(lived_in)
    (lived_in.root / ".env").chmod(0o640)
    plan, _ = removed(lived_in)
    assert Kind.ENV not in {item.kind for item in plan.items}
    assert (lived_in.root / ".env").read_bytes() == ENV


def test_a_kind_can_be_kept_or_named_alone(project: Project) -> None:
    set_up(project)
    removed(project, only=[Kind.CLIENT, Kind.TEAM])
    assert sorted(path.name for path in project.root.iterdir()) == [".env", ".gitignore", "prisma"]
    removed(project, keep=[Kind.ENV])
    assert [path.name for path in project.root.iterdir()] == [".env"]
    removed(project)
    assert list(project.root.iterdir()) == []
    assert not project.state.exists()


@pytest.mark.parametrize("after", range(7))
def test_killed_after_any_item_it_goes_on(lived_in: Project, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    before = tree(lived_in.root)
    set_up(lived_in)
    one, done = removal._one, 0

    async def until(*words: object, **how: object) -> RemovalOutcome:
        nonlocal done
        if done == after:
            raise KeyboardInterrupt
        done += 1
        return await one(*words, **how)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(removal, "_one", until)
        with pytest.raises(KeyboardInterrupt):
            removed(lived_in)
    removed(lived_in)
    assert tree(lived_in.root) == before
    assert not lived_in.state.exists()


def test_killed_between_the_act_and_its_note_it_goes_on(lived_in: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree(lived_in.root)
    set_up(lived_in)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    for _ in range(3):
        with monkeypatch.context() as patch:
            patch.setattr(Journal, "note_undone", killed)
            with pytest.raises(KeyboardInterrupt):
                removed(lived_in)
    removed(lived_in)
    assert tree(lived_in.root) == before


def test_what_a_kill_left_half_written_goes_too(lived_in: Project) -> None:
    before = tree(lived_in.root)
    set_up(lived_in)
    (lived_in.root / ".prisma_client.0123abcd.tmp").mkdir()
    (lived_in.root / "..env.0123abcd.tmp").write_text("")
    (lived_in.root / ".prisma_client.mine.tmp").write_text("")
    removed(lived_in)
    assert tree(lived_in.root).keys() - before.keys() == {".prisma_client.mine.tmp"}


def secrets_kept(project: Project) -> list[str]:
    """Files of ours that hold what stood in the env file."""
    places = [path for path in project.home.rglob("*") if path.is_file()]
    return [path.name for path in places if b"p@h/db" in path.read_bytes()]


def test_no_copy_of_a_secret_is_left(lived_in: Project) -> None:
    set_up(lived_in)
    assert secrets_kept(lived_in)
    removed(lived_in)
    assert not secrets_kept(lived_in)


def test_a_copy_that_is_needed_later_is_named_and_goes_when_asked(lived_in: Project) -> None:
    set_up(lived_in)
    _, outcomes = removed(lived_in, keep=[Kind.ENV])
    assert secrets_kept(lived_in)
    assert "with its secrets" in outcomes[-1].reason
    assert outcomes[-1].reason.endswith("soundcheck remove --only state")
    removed(lived_in, only=[Kind.STATE])
    assert not secrets_kept(lived_in)


def test_a_credential_that_was_replaced_still_goes(lived_in: Project) -> None:
    from soundcheck.stores.cloud.made import Half
    from soundcheck.wizard.replace.plan import CredentialExchange, plan_files
    from soundcheck.wizard.replace.write import purge, write_changes

    set_up(lived_in)
    project = open_project(lived_in.root)
    held = discover(project, {}).credentials
    exchange = CredentialExchange(Half.CACHE, held, replace(held, rest_token=Secret("another-token")))
    files, _ = plan_files(project, exchange)
    write_changes(project, files, services_of(project).clock)
    purge(project, exchange)
    assert "another-token" in (project.root / ".env").read_text()
    plan, _ = removed(project)
    assert all(not item.edited for item in plan.items)
    assert (project.root / ".env").read_bytes() == ENV


def test_production_wants_its_name_and_local_or_dev_does_not(project: Project) -> None:
    set_up(project)
    with pytest.raises(Refused, match="neondb"):
        removed(project, kind=ProfileKind.PRODUCTION)
    assert (project.root / ".env").exists()
    removed(project, kind=ProfileKind.UNKNOWN, only=[Kind.CLIENT])
    removed(project, kind=ProfileKind.PRODUCTION, consent=Consent(production="neondb"))
    assert list(project.root.iterdir()) == []


def test_what_it_does_not_delete_is_named_with_a_link(project: Project) -> None:
    set_up(project)
    journal = Journal(project)
    journal.note_cloud("Neon", "music-streaming-app", link="https://console.neon.tech/app/projects")
    journal.note_cloud("Neon", "music-streaming-app", ident="p-1", link="https://console.neon.tech/app/projects/p-1")
    journal.note_pushed("ep-x.neon.tech:5432/neondb", ("users", "songs"), local=False)
    journal.note_pushed("127.0.0.1:5432/music_app", ("users",), local=True)
    plan, _ = removed(project)
    stays = {one.what: one.link for one in plan.stays}
    assert stays["music-streaming-app at Neon: delete it in the console"].endswith("/p-1")
    assert "2 tables in ep-x.neon.tech:5432/neondb, with their rows: songs, users" in stays
    assert not any("127.0.0.1" in what for what in stays)
    assert "https://console.upstash.com" in stays.values()


def test_the_notes_stay_while_they_hold_a_claim_link(project: Project) -> None:
    from datetime import UTC, datetime, timedelta

    from soundcheck.stores.cloud.made import Half, MadeStore, keep_made

    set_up(project)
    now = datetime.now(UTC)
    keep_made(
        project,
        MadeStore(Half.CACHE, now, Secret("k"), Secret("https://claim.example/secret"), now + timedelta(hours=72)),
    )
    plan, outcomes = removed(project)
    left = [outcome for outcome in outcomes if outcome.state == "left"]
    assert [outcome.item.name for outcome in left] == ["state"]
    assert "claim link of the temporary cache at Upstash" in left[0].reason
    assert any("soundcheck claims" in one.what for one in plan.stays)
    assert "claim.example" not in repr(plan) + repr(outcomes)
    assert list(project.root.iterdir()) == []
    removed(project, only=[Kind.STATE])
    assert not project.state.exists()


def test_engines_that_another_project_uses_stay_unless_they_are_named(project: Project, tmp_path: Path) -> None:
    set_up(project)
    engine = project.home / "engine" / "0123"
    engine.mkdir(parents=True)
    other = tmp_path / "other"
    other.mkdir()
    open_project(other).prepare_state()
    _, outcomes = removed(project)
    assert "1 other project here use" in next(one.reason for one in outcomes if one.item.kind is Kind.ENGINE)
    assert engine.exists()
    project.prepare_state()
    removed(project, only=[Kind.ENGINE])
    assert not engine.exists()


def test_what_cannot_be_removed_is_told_and_the_rest_goes_on(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(project)
    undo = removal._undo_file

    def stuck(services: Services, item: object) -> str:
        if getattr(item, "name", "") == ".gitignore":
            raise CouldNotRun("the disk is full", "Free some space.")
        return undo(services, item)  # type: ignore[arg-type]

    monkeypatch.setattr(removal, "_undo_file", stuck)
    _, outcomes = removed(project)
    states = {outcome.item.name: outcome.state for outcome in outcomes}
    assert states.pop(".gitignore") == "failed"
    assert set(states.values()) == {"removed"}
    assert Journal(project).file.exists()


def test_a_file_that_changes_while_the_question_stands_is_not_touched(project: Project) -> None:
    set_up(project)
    told: list[Progress] = []

    async def run() -> tuple[RemovalOutcome, ...]:
        services = services_of(project)
        plan = await plan_removal(services)
        with (project.root / ".env").open("a") as file:
            file.write("MINE=1\n")
        return await remove(services, plan, choose(plan, only=[Kind.ENV]), Consent(), told.append)

    outcomes = asyncio.run(run())
    assert outcomes[0].state == "failed"
    assert "changed since it was shown" in outcomes[0].reason
    assert "MINE=1" in (project.root / ".env").read_text()
