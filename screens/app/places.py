"""Which screen stands in which place; each is imported when it is first opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from soundcheck.screens.app.start import Place

if TYPE_CHECKING:
    from textual.screen import Screen


def _setup() -> Screen[Any]:
    from soundcheck.screens.app.setup.screen import SetupScreen

    return SetupScreen()


def _tables() -> Screen[Any]:
    from soundcheck.screens.app.tables.screen import TablesScreen

    return TablesScreen()


def _cache() -> Screen[Any]:
    from soundcheck.screens.app.cache.screen import CacheScreen

    return CacheScreen()


def _checks() -> Screen[Any]:
    from soundcheck.screens.app.checks.screen import ChecksScreen

    return ChecksScreen()


PLACES: dict[str, str | Callable[[], Screen[Any]]] = {
    Place.SETUP: _setup,
    Place.TABLES: _tables,
    Place.CACHE: _cache,
    Place.CHECKS: _checks,
}
