"""What the app's tests share: tables with rows that once broke something, and services over them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.geometry import Region
from textual.screen import Screen

from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Profile, ProfileKind, Project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest import RestClient
from tests.conftest import Rest
from tests.lent_databases import LentDatabases
from tests.screens.app.driving import TABLES, CountingDatabase, FixedClock, execute


@pytest.fixture(autouse=True, scope="session")
def _style_sheets_are_parsed_once() -> Iterator[None]:
    """Each app that starts parses the same sheets several times, an eighth of these tests' time; rules never change."""
    parse = Stylesheet._parse_rules
    parsed: dict[tuple[object, ...], list[RuleSet]] = {}

    def parse_once(sheet: Stylesheet, *args: Any, **options: Any) -> list[RuleSet]:
        known = (*sorted(sheet._variables.items()), *args, *sorted(options.items()))
        if known not in parsed:
            parsed[known] = parse(sheet, *args, **options)
        return parsed[known]

    patch = pytest.MonkeyPatch()
    patch.setattr(Stylesheet, "_parse_rules", parse_once)
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def _what_a_slow_machine_reads_is_cheap_too() -> Iterator[None]:
    """Whether a read is repeated when somebody comes back must not depend on how busy the machine is."""
    patch = pytest.MonkeyPatch()
    patch.setattr("soundcheck.screens.app.tables.opened_table.CHEAP", 1e6)
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def _rules_are_hashed_by_python_itself() -> Iterator[None]:
    """By identity, as in Textual, but without a call: each time a widget is styled it asks for 200 of them."""
    patch = pytest.MonkeyPatch()
    patch.setattr(RuleSet, "__hash__", object.__hash__)
    yield
    patch.undo()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "drawn: its screens are drawn as they change, not only when they are looked at")


@pytest.fixture(autouse=True)
def _what_nobody_looks_at_is_not_drawn(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing was a fifth of these tests' time. What a test reads off the screen is drawn then, widget by widget.

    With the mark `drawn`, widgets draw their dirty lines as ever; they are not cut up for the terminal, which a test
    lacks.
    """
    whole, draws = Compositor.render_update, request.node.get_closest_marker("drawn") is not None

    def draw(
        compositor: Compositor, full: bool = False, screen_stack: list[Screen[Any]] | None = None, **options: Any
    ) -> object:
        if full:  # a picture
            return whole(compositor, full, screen_stack, **options)
        visible_screen_stack.set(screen_stack or [])
        dirty = compositor._dirty_regions.copy() if draws else set()
        compositor._dirty_regions.clear()
        for widget, (region, clip) in compositor.visible_widgets.items() if dirty else ():
            seen = region.intersection(clip)
            parts = [part for part in map(seen.intersection, dirty) if part]
            if parts:
                widget.render_lines(Region.from_union(parts).translate(-region.offset))
        return None

    monkeypatch.setattr(Compositor, "render_update", draw)


@pytest.fixture(scope="session")
def filled_template(lent_databases: LentDatabases) -> Iterator[str]:
    """The name of a database with the tables and their statistics, which is copied; nobody connects to it."""
    with lent_databases.lend() as url:
        execute(url, TABLES)
        yield url.database


@pytest.fixture
def filled_url(filled_template: str, lent_databases: LentDatabases) -> Iterator[PostgresUrl]:
    with lent_databases.lend(filled_template) as url:
        yield url


@pytest.fixture
async def database(filled_url: PostgresUrl) -> AsyncIterator[CountingDatabase]:
    made = CountingDatabase(filled_url)
    yield made
    await made.close()


@pytest.fixture
def services(project: Project, database: CountingDatabase) -> Services:
    """A development project with a database and no cache."""
    return Services(
        project=replace(project, profile=Profile("default", ProfileKind.DEV)),
        clock=FixedClock(),
        resolver=SystemResolver(),
        credentials=Credentials(database_url=database.url),
        database=database,
        environ={},
    )


@pytest.fixture
async def cached_services(services: Services, rest: Rest) -> AsyncIterator[Services]:
    """The same with a cache."""
    client = RestClient(rest.url, rest.token)
    credentials = replace(services.credentials, rest_url=rest.url, rest_token=rest.token)
    yield replace(services, cache=client, credentials=credentials)
    await client.close()
