"""Soundcheck: a terminal setup wizard and admin console for PostgreSQL and Redis.

The four rooms `stores`, `checks`, `wizard` and `screens` are subpackages. In a checkout they are links to the folders
at its top; a wheel holds the files themselves. Importing this package loads none of them.
"""

from typing import Final

DISTRIBUTION: Final = "soundcheck-console"
"""The name on the package index; `soundcheck` is taken there by another project."""

__version__: str


def __getattr__(name: str) -> str:
    """Read `__version__` from the installed metadata, "source" where there is none; late, since it costs 10 ms."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "source"
