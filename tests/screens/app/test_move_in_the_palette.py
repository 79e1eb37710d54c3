"""Moving from the app: the palette tells the command that fits where the database is."""

from __future__ import annotations

from driving import app_over, screen_text, until

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.start import Place
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.services import Services


def told(app: SoundcheckApp) -> str:
    return " ".join(one.message for one in app._notifications)


async def test_the_palette_tells_the_command_to_this_machine_from_elsewhere(services: Services) -> None:
    app = app_over(services, Place.CHECKS)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.current_mode == Place.CHECKS, "the place")
        await pilot.press("f6")
        await until(pilot, lambda: "Command" in type(app.screen).__name__, "the palette")
        await pilot.press(*"move")
        await until(pilot, lambda: "Database and cache to the cloud" in screen_text(app), "the entry")
        await pilot.press("enter")
        await until(pilot, lambda: "soundcheck move --to local" in told(app), "the command")


async def test_from_this_machine_it_goes_to_the_cloud(services: Services, stack: LocalStack) -> None:
    credentials = stack.credentials()
    assert credentials is not None
    services.project.prepare_state()
    services.project.local.symlink_to(stack.places.folder)
    home = services.using(credentials)
    app = app_over(home, Place.CHECKS)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.current_mode == Place.CHECKS, "the place")
        app.action_move()
        await until(pilot, lambda: "soundcheck move --to cloud" in told(app), "the command")
    services.project.local.unlink()
    await home.close()
