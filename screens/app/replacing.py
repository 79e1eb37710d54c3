"""The way to the exchange of a credential: Setup out of the way, and the addresses as the files hold them now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundcheck.screens.app.checks.setup_again import close_idle_setup, setup_is_busy
from soundcheck.screens.app.start import Place
from soundcheck.stores.cloud.made import Half
from soundcheck.stores.errors import SoundcheckError

if TYPE_CHECKING:
    from soundcheck.screens.app.app import SoundcheckApp


async def open_replacement(app: SoundcheckApp, half: Half) -> None:
    """Open it; where it cannot be, say why. From Setup, which holds the project's lock, it opens over the tables."""
    from soundcheck.screens.app.replace.screen import ReplaceScreen

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
