"""A client that the schema has written outside the project: asked first, by whatever way the path leads there."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from engine_fixture import engine, engine_folder  # noqa: F401

from soundcheck.checks.fixes import GENERATE_CLIENT
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import Refused
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.client_place import ClientState, client_folder, client_state
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import NO, YES, Unattended, ask_all
from soundcheck.wizard.fixes.apply import preview_fix
from soundcheck.wizard.progress import Mark, Progress, silent
from soundcheck.wizard.setup import push_step
from soundcheck.wizard.setup.database_step import client_outside, outputs_outside
from soundcheck.wizard.setup.last_steps import go_through
from soundcheck.wizard.setup.session import Session
from soundcheck.wizard.setup.state import SetupOptions, SetupState

SCHEMA = """
generator py {{
  provider = "prisma-client-py"
  output   = {output}
}}
datasource db {{
  provider = "postgresql"
  url      = env("DATABASE_URL")
}}
model artists {{
  id String @id
}}
"""


@dataclass(frozen=True)
class Way:
    """What stands behind `output`, and where that leads from the folder above the project."""

    output: str
    place: str = ""
    """"" where it stays inside."""
    environ: Mapping[str, str] = field(default_factory=dict)


WAYS = [
    Way('"./prisma_client"'),
    Way('"../generated/client"'),
    Way('"~/client"'),
    Way('"../linked_inside/client"'),
    Way('env("OUT")', environ={"OUT": "generated"}),
    Way('"../../elsewhere/client"', "elsewhere/client"),
    Way('"./../../elsewhere/../elsewhere/client"', "elsewhere/client"),
    Way('"../../music-app-of-mine/client"', "music-app-of-mine/client"),
    Way('"{above}/elsewhere/client"', "elsewhere/client"),
    Way('"../linked_outside/client"', "elsewhere/client"),
    Way('"../linked_inside/../linked_outside/client"', "elsewhere/client"),
    Way('env("OUT")', "elsewhere/client", {"OUT": "../elsewhere/client"}),
    Way('env("OUT")', "elsewhere/client", {"OUT": "{above}/elsewhere/client"}),
]


def services_with(project: Project, way: Way, url: PostgresUrl | None = None) -> Services:
    """A project whose schema has its client there."""
    above = project.root.parent
    schema = project.root / "prisma" / "schema.prisma"
    schema.parent.mkdir(exist_ok=True)
    (above / "elsewhere").mkdir(exist_ok=True)
    (project.root / "own").mkdir(exist_ok=True)
    for name, target in {"linked_outside": above / "elsewhere", "linked_inside": project.root / "own"}.items():
        (project.root / name).symlink_to(target)
    schema.write_text(SCHEMA.format(output=way.output.format(above=above)))
    environ = {name: value.format(above=above) for name, value in way.environ.items()}
    own = replace(project, schema=schema)
    return Services(own, SystemClock(), SystemResolver(), Credentials(database_url=url), environ=environ)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.output} {dict(way.environ)}")
async def test_every_way_out_is_seen_and_fixes_do_not_go_it(project: Project, way: Way) -> None:
    services = services_with(project, way)
    schema = services.project.schema
    assert schema is not None
    expected = (project.root.parent / way.place).resolve() if way.place else None
    assert client_outside(services, schema) == expected
    if not way.environ:  # which the two read from different folders
        assert outputs_outside(services, schema) == (() if expected is None else (expected,))
    untouched = replace(services, project=replace(services.project, read_only=True))
    assert client_outside(untouched, schema) is None
    if expected is None:
        await preview_fix(services, GENERATE_CLIENT)
    else:
        with pytest.raises(Refused, match="outside this project") as refusal:
            await preview_fix(services, GENERATE_CLIENT)
        assert str(expected) in refusal.value.message


def test_stock_generate_writes_what_every_generator_names(project: Project) -> None:
    services = services_with(project, Way('"./prisma_client"'))
    schema = services.project.schema
    assert schema is not None
    more = 'generator js {\n  provider = "prisma-client-js"\n  output = "../../node/client"\n}\n'
    schema.write_text(schema.read_text() + more)
    assert client_outside(services, schema) is None
    assert outputs_outside(services, schema) == ((project.root.parent / "node/client").resolve(),)


async def test_a_no_makes_it_in_our_own_folder_and_a_yes_there(
    project: Project,
    engine_folder: Path,  # noqa: F811
    database_url: PostgresUrl,
) -> None:
    services = services_with(project, Way('"../../elsewhere/client"', "elsewhere/client"), database_url)
    schema = services.project.schema
    assert schema is not None
    place = (project.root.parent / "elsewhere" / "client").resolve()

    async def step(options: SetupOptions) -> list[Progress]:
        said: list[Progress] = []
        state = SetupState(services, Session(), options=options)
        await go_through(push_step.look, push_step.apply, state, Unattended(), said.append)
        return said

    said = await step(SetupOptions())
    assert not place.exists()
    skip = next(one for one in said if one.mark is Mark.SKIP and one.key == "outside")
    assert str(place) in skip.text
    assert "--generate-outside" in skip.hint
    assert client_folder(services.project, schema, services.environ) == project.client_in_state
    assert client_state(services.project, schema, services.environ) is ClientState.GENERATED

    again = await push_step.look(SetupState(services, Session()), silent)
    assert push_step.OUTSIDE not in [one.id for one in again.questions], "there is nothing to generate any more"
    shutil.rmtree(project.client_in_state)
    asked = await push_step.look(SetupState(services, Session()), silent)
    question = next(one for one in asked.questions if one.id == push_step.OUTSIDE)
    assert (question.default, question.with_yes, question.given) == (NO.key, NO.key, "")
    assert str(place) in question.text

    await step(SetupOptions(outside=True))
    assert (place / "client.py").is_file()
    assert client_folder(services.project, schema, services.environ) == place
    given = push_step._outside_question((place,), given=True)
    assert await ask_all([given], Unattended(), silent) == {push_step.OUTSIDE: YES.key}
