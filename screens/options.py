"""Options that commands share, and options that take a secret."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TextIO

from soundcheck.stores.credentials import ENV_NAMES, Credentials
from soundcheck.stores.errors import UsageError
from soundcheck.stores.project.project import Project, open_project
from soundcheck.stores.secret import Secret
from soundcheck.stores.typed_path import typed_path

SECRET_OPTIONS: Final = {
    "database_url": "--database-url",
    "direct_url": "--direct-url",
    "redis_url": "--redis-url",
    "redis_token": "--redis-token",
}

_NAMES: Final = dict(zip(SECRET_OPTIONS, ENV_NAMES, strict=True))

_MOST: Final = 64 * 1024
"""Characters of one value; a device such as /dev/zero never ends."""


def path_word(word: str) -> Path:
    """The type of an option that takes a path. An address pasted there may hold a password, so it is not repeated."""
    if "://" in word:
        raise argparse.ArgumentTypeError("that is an address, and a path is wanted")
    return Path(word)


def add_common(parser: argparse.ArgumentParser) -> None:
    """The options that every command takes, before or after its name."""
    group = parser.add_argument_group("common options")
    group.add_argument(
        "--project", type=path_word, metavar="DIR", default=argparse.SUPPRESS, help="the project (default: here)"
    )
    group.add_argument("--profile", metavar="NAME", default=argparse.SUPPRESS, help="a profile of soundcheck.toml")
    group.add_argument("--env-file", type=path_word, metavar="F", default=argparse.SUPPRESS, help="another env file")
    group.add_argument(
        "--schema", type=path_word, metavar="FILE", default=argparse.SUPPRESS, help="another schema.prisma"
    )
    group.add_argument(
        "--backend-python",
        type=path_word,
        metavar="PATH",
        default=argparse.SUPPRESS,
        help="your backend's own interpreter",
    )
    group.add_argument(
        "--allow-plain",
        action="store_true",
        default=argparse.SUPPRESS,
        help="send the password or token unencrypted where the line asks for it; kept for the profile",
    )
    group.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="one JSON document on stdout")
    group.add_argument("--plain", action="store_true", default=argparse.SUPPRESS, help="plain lines, never the app")
    group.add_argument("--no-color", action="store_true", default=argparse.SUPPRESS, help="no colour")


def project_of(args: argparse.Namespace, environ: Mapping[str, str]) -> Project:
    """The project that the common options name. Raises `UsageError`."""
    root = getattr(args, "project", None) or Path.cwd()
    return open_project(
        root,
        profile=getattr(args, "profile", None),
        env_file=_absolute(getattr(args, "env_file", None)),
        schema=_absolute(getattr(args, "schema", None)),
        backend_python=_absolute(getattr(args, "backend_python", None)),
        allows_plain=getattr(args, "allow_plain", False),
        environ=environ,
    )


def add_secrets(parser: argparse.ArgumentParser) -> None:
    """The four credentials. Their values never stand on a command line."""
    group = parser.add_argument_group("credentials", "Each takes - (standard input), @FILE or env:NAME.")
    group.add_argument("--database-url", metavar="FROM", help="the connection string of PostgreSQL")
    group.add_argument("--direct-url", metavar="FROM", help="the connection string past the pooler")
    group.add_argument("--redis-url", metavar="FROM", help="the REST address of Redis")
    group.add_argument("--redis-token", metavar="FROM", help="the REST token of Redis")


def read_secret(option: str, source: str, environ: Mapping[str, str], stdin: TextIO) -> Secret:
    """The value behind `-`, `@FILE` or `env:NAME`. Raises `UsageError` for anything else, without echoing it."""
    if source == "-":
        try:
            value = stdin.readline(_MOST + 1)
        except (OSError, UnicodeDecodeError):
            raise UsageError(f"{option}: standard input is not UTF-8 text.", "Give the value as one line.") from None
    elif source.startswith("@"):
        try:
            with typed_path(source[1:]).open("rb") as file:  # may be a pipe, as in @<(pass show music)
                value = file.read(_MOST + 1).decode("utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            reason = getattr(problem, "strerror", None) or "it is not UTF-8 text"
            raise UsageError(f"{option}: the file could not be read: {reason}.", "Name a readable text file.") from None
    elif source.startswith("env:"):
        name = source[4:]
        if name not in environ:
            raise UsageError(f"{option}: there is no variable {name} in the environment.", f"Export {name} first.")
        value = environ[name]
    else:
        raise UsageError(
            f"{option} takes no value of its own: it would stay in the shell's history and show in the process list.",
            f"Write {option} - and give the value on standard input, or {option} @FILE, or {option} env:NAME.",
        )
    if len(value) > _MOST:
        raise UsageError(f"{option}: that is far too long for one value.", "Give the value alone, on one line.")
    if not value.strip():
        raise UsageError(f"{option}: nothing was given.", f"Give the value after {option} {source} as one line.")
    return Secret(value.strip())


def given_credentials(args: argparse.Namespace, environ: Mapping[str, str], stdin: TextIO) -> Credentials:
    """What the four options give, typed. Raises `UsageError` for a value that is no such thing."""
    from soundcheck.wizard.recognise.one_value import joined, read_value

    sources = {name: getattr(args, name, None) for name in SECRET_OPTIONS}
    values = {
        name: read_secret(SECRET_OPTIONS[name], source, environ, stdin) for name, source in sources.items() if source
    }
    read = {_NAMES[option]: read_value(_NAMES[option], value) for option, value in values.items()}
    for option in values:
        problem = read[_NAMES[option]].problem
        if problem is not None:
            raise UsageError(f"{SECRET_OPTIONS[option]}: {problem.message}", problem.cure)
    return joined(read)


def _absolute(path: Path | None) -> Path | None:
    return typed_path(path).absolute() if path is not None else None
