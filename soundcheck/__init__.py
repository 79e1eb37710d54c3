"""Soundcheck: a terminal setup wizard and admin console for PostgreSQL and Redis.

The four rooms `stores`, `checks`, `wizard` and `screens` are subpackages; in a checkout they are links to the folders
at its top. Importing this package loads none of them.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("soundcheck-console")
except PackageNotFoundError:  # a source tree on the path, not installed
    __version__ = "0+unknown"
