"""Soundcheck: a terminal setup wizard and admin console for PostgreSQL and Redis, and the cache that goes with it.

Applications import `soundcheck.cache`. The four rooms `stores`, `checks`, `wizard` and `screens` are subpackages: in a
checkout they are links to the folders at its top, and two wheels hold the files themselves, `soundcheck-cache` those
that the cache needs and `soundcheck-console` all others. Importing this package loads none of them.
"""

from typing import Final

DISTRIBUTION: Final = "soundcheck-console"
"""The name on the package index; `soundcheck` is taken there by another project."""

CACHE_DISTRIBUTION: Final = "soundcheck-cache"
"""What applications install. The console needs it in its own version."""

__version__: str


def __getattr__(name: str) -> str:
    """Read `__version__` from the installed metadata, "source" where there is none; late, since it costs 10 ms."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version

    for distribution in (DISTRIBUTION, CACHE_DISTRIBUTION):
        try:
            return version(distribution)
        except PackageNotFoundError:
            continue
    return "source"
