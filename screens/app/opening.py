"""Opens what a route names. The one file of the app that knows every screen; each is imported when it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundcheck.screens.app.parts import later
from soundcheck.screens.app.places import PLACES
from soundcheck.screens.app.routes import (
    OpenDiagram,
    OpenDrift,
    OpenKeys,
    OpenRecord,
    OpenRows,
    OpenSetup,
    OpenStructure,
    Route,
)
from soundcheck.screens.app.start import Place
from soundcheck.stores.errors import SoundcheckError

if TYPE_CHECKING:
    from soundcheck.screens.app.removal_screen import RemovalChoice
    from soundcheck.screens.app.shell import Shell
    from soundcheck.stores.cloud.made import Half
    from soundcheck.stores.services import Services
    from soundcheck.wizard.step import StepId


async def open_route(app: Shell, route: Route) -> None:
    """Put the screen of a route on top; Esc leads back to the one below, which kept everything."""
    match route:
        case OpenSetup():
            await _open_setup_at(app, route.step)
        case OpenRecord():
            _open_record(app, route)
        case OpenRows():
            _open_rows(app, route)
        case OpenStructure():
            from soundcheck.screens.app.structure.screen import StructureScreen

            app.push_screen(StructureScreen(route.table, catalog=route.catalog))
        case OpenDiagram():
            from soundcheck.screens.app.diagram.screen import DiagramScreen

            app.push_screen(DiagramScreen(route.table, catalog=route.catalog))
        case OpenDrift():
            from soundcheck.screens.app.structure.drift_screen import DriftScreen

            app.push_screen(DriftScreen())
        case OpenKeys():
            from soundcheck.screens.app.keys.screen import KeysScreen

            app.push_screen(KeysScreen())


def _open_record(app: Shell, route: OpenRecord) -> None:
    from soundcheck.screens.app.record.screen import RecordScreen

    record = RecordScreen(route.table, route.key, known=route.known, way=route.way, changes=route.changes)
    closed = route.closed
    if closed is None:
        app.push_screen(record)
    else:
        later.ask(app, record, lambda _: closed())


def _open_rows(app: Shell, route: OpenRows) -> None:
    table, values = route.table, {one.column: one.value for one in route.filters}
    if table.primary_key and set(values) == set(table.primary_key):
        key = [values[name] for name in table.primary_key]
        _open_record(app, OpenRecord(table, key, route.known, route.way))
        return
    from soundcheck.screens.app.tables.related_screen import RelatedScreen
    from soundcheck.stores.rows.view import TableView

    app.push_screen(RelatedScreen(TableView(table, filters=route.filters), route.known, route.way))


def setup_is_busy(app: Shell) -> bool:
    """Whether Setup is at work on something, in whichever place one is."""
    from soundcheck.screens.app.setup.screen import SetupScreen

    try:
        screens = app.get_screen_stack(Place.SETUP)
    except KeyError:
        return False
    panes = [screen.pane for screen in screens if isinstance(screen, SetupScreen)]
    return any(pane is not None and pane.busy for pane in panes)


def unwritten_in_setup(app: Shell) -> tuple[str, ...]:
    """The names of what was given to Setup and is not written yet; it is not kept beyond the app."""
    try:
        screens = app.get_screen_stack(Place.SETUP)
    except KeyError:
        return ()  # it was never opened: leaving does not wait for its imports
    from soundcheck.screens.app.setup.screen import SetupScreen

    return tuple(name for screen in screens if isinstance(screen, SetupScreen) for name in screen.unwritten)


async def close_idle_setup(app: Shell) -> bool:
    """Close Setup in the other place, which also lets its lock go; False where it is at work on something.

    What was verified there is kept in its session, so it goes on where it was when it is opened next.
    """
    try:
        app.get_screen_stack(Place.SETUP)
    except KeyError:
        return True
    if setup_is_busy(app):
        return False
    await app.remove_mode(Place.SETUP)
    app.add_mode(Place.SETUP, PLACES[Place.SETUP])
    return True


async def _open_setup_at(app: Shell, step: StepId) -> None:
    from soundcheck.screens.app.setup.screen import SetupScreen

    if app.current_mode == Place.SETUP:
        return
    if await close_idle_setup(app):
        await app.remove_mode(Place.SETUP)
        app.add_mode(Place.SETUP, lambda: SetupScreen(start_at=step))
    else:
        app.notify("Setup is at work; open the step when that is done.", markup=False)
    app.switch_mode(Place.SETUP)


def move_words(services: Services) -> str:
    """The command that moves both stores to where they are not."""
    from soundcheck.wizard.move.cloud import LOCAL, database_place

    here = database_place(services.project, services.credentials.database_url) == LOCAL
    command = f"`soundcheck move --to {'cloud' if here else 'local'}`"
    return f"In a terminal: {command}; it shows both ends and asks first."


async def choose_removal(app: Shell) -> RemovalChoice | None:
    """What is to be undone of what Soundcheck created; None for nothing."""
    from soundcheck.screens.app.removal_screen import RemovalScreen
    from soundcheck.wizard.remove.plan import plan_removal

    plan = await plan_removal(app.services)
    if plan.items:
        return await app.push_screen_wait(RemovalScreen(plan))
    app.notify("There is nothing here that Soundcheck created.", markup=False)
    return None


async def open_replacement(app: Shell, half: Half) -> None:
    """Open the exchange of a credential; where it cannot be, say why.

    Setup holds the project's lock, so it is closed first, and the addresses are read again from the files.
    """
    from soundcheck.screens.app.replace.screen import ReplaceScreen
    from soundcheck.stores.cloud.made import Half

    if setup_is_busy(app):
        app.notify("Setup is at work; replace it when that is done, or stop it with esc.", markup=False)
        return
    if app.current_mode == Place.SETUP:
        await app.switch_mode(Place.TABLES)
    await close_idle_setup(app)
    try:
        await app.renew_clients()
    except SoundcheckError as problem:
        app.notify(f"{problem.message} {problem.hint}", severity="error", markup=False)
        return
    held = app.services.credentials
    if not (held.has_database if half is Half.DATABASE else held.has_cache):
        app.notify(f"There is no {half} here whose credential could be replaced. Setup (1) adds one.", markup=False)
        return
    app.push_screen(ReplaceScreen(half))
