"""Setup as Checks needs it: opened at a step, or out of the way of a fix. What is at work there is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundcheck.screens.app.places import PLACES
from soundcheck.screens.app.start import Place
from soundcheck.wizard.step import StepId

if TYPE_CHECKING:
    from soundcheck.screens.app.app import SoundcheckApp


def setup_is_busy(app: SoundcheckApp) -> bool:
    """Whether Setup is at work on something, in whichever place one is."""
    from soundcheck.screens.app.setup.screen import SetupScreen

    try:
        screens = app.get_screen_stack(Place.SETUP)
    except KeyError:
        return False
    panes = [screen.pane for screen in screens if isinstance(screen, SetupScreen)]
    return any(pane is not None and pane.busy for pane in panes)


async def close_idle_setup(app: SoundcheckApp) -> bool:
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


async def open_setup_at(app: SoundcheckApp, step: StepId) -> None:
    """Open Setup at a step. Where it is at work, it is shown as it stands."""
    from soundcheck.screens.app.setup.screen import SetupScreen

    if app.current_mode == Place.SETUP:
        return
    if await close_idle_setup(app):
        await app.remove_mode(Place.SETUP)
        app.add_mode(Place.SETUP, lambda: SetupScreen(start_at=step))
    else:
        app.notify("Setup is at work; open the step when that is done.", markup=False)
    app.switch_mode(Place.SETUP)
