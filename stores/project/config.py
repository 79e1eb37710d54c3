"""`soundcheck.toml` as it is read: every value has the type it must have, or one line says which has not.

What is wrong with the file as a whole is told whichever profile is asked for; what is wrong with one profile is told
when that one is used, so that a colleague's half-written profile stops nobody else.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from soundcheck.stores.errors import UsageError
from soundcheck.stores.plain_file import read_plain

CONFIG_NAME: Final = "soundcheck.toml"

_TYPES: Final[Mapping[type, str]] = {str: "a text", dict: "a table"}


def read_config(path: Path) -> Mapping[str, Any]:
    """The file's content, empty where there is no file. Raises `UsageError` as `parse_config` does."""
    try:
        data = read_plain(path)
    except FileNotFoundError:
        return {}
    except OSError as problem:
        raise _unreadable(problem.strerror or type(problem).__name__, "Mend it, or move it away.") from None
    try:
        return parse_config(data.decode("utf-8"))
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise _unreadable(f"line {line} is not UTF-8", "Save the file as UTF-8.") from None


def parse_config(text: str) -> dict[str, Any]:
    """The text as TOML. Raises `UsageError` where it is none, or its profiles are not tables."""
    try:
        config = tomllib.loads(text)
    except (ValueError, RecursionError) as problem:  # a number of 5000 digits and a thousand brackets are neither TOML
        reason = "it is nested too deeply" if isinstance(problem, RecursionError) else str(problem)
        raise _unreadable(reason, "Mend that line, or move the file away.") from None
    typed(config, "default_profile", str, "", 'default_profile = "dev"')
    profiles = typed(config, "profiles", dict, {}, "[profiles.dev]")
    for name in profiles:
        typed(profiles, name, dict, {}, f"[profiles.{name}]", of="profiles")
    return config


def typed(section: Mapping[str, Any], key: str, kind: type, default: Any, example: str, *, of: str = "") -> Any:
    """The value of a key, `default` where it is not there. Raises `UsageError` where it is of another type."""
    value = section.get(key, default)
    if not isinstance(value, kind):
        where = f"{key} of {of}" if of else key
        raise UsageError(f"{where} in {CONFIG_NAME} is not {_TYPES[kind]}.", f"Write it as {example}")
    if isinstance(value, str) and "\0" in value:
        raise UsageError(f"{key} in {CONFIG_NAME} holds a NUL character.", f"Write it as {example}")
    return value


def _unreadable(reason: str, hint: str) -> UsageError:
    return UsageError(f"{CONFIG_NAME} cannot be read: {reason}.", hint)
