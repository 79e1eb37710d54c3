"""Which project this is: its root, its profile, the env file, and the folder of our own state.

State never lives in the project: synced folders, Windows mounts and image builds would break or leak it.

Whether a folder is Soundcheck's own checkout: then it is hardly the project that somebody wants to set up.
"""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from soundcheck.stores.errors import UsageError
from soundcheck.stores.plain_file import read_plain_text
from soundcheck.stores.private_folder import refuse_shared
from soundcheck.stores.project.config import CONFIG_NAME, read_config, typed
from soundcheck.stores.typed_path import typed_path

PREFERENCES: Final = "app.json"
"""In Soundcheck's own folder: how the app looks in every project."""

HOME_VARIABLE: Final = "SOUNDCHECK_HOME"


class ProfileKind(StrEnum):
    """What is at stake behind a profile. Unknown counts as production wherever something is written."""

    DEV = "dev"
    PRODUCTION = "production"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Profile:
    """One named set of settings out of `soundcheck.toml`; without that file there is `default`, of unknown kind."""

    name: str = "default"
    kind: ProfileKind = ProfileKind.UNKNOWN
    key_patterns: Mapping[str, str] = field(default_factory=dict)
    named: bool = False
    """Whether it was asked for by name: then it beats exported variables."""


@dataclass(frozen=True, slots=True)
class Project:
    """Built once at start; every module takes its paths from here.

    `schema` is None until one exists in the project or is named; `state` is this project's own folder, made by
    `prepare_state` with mode 0700.
    """

    root: Path
    profile: Profile
    env_file: Path
    state: Path
    home: Path
    schema: Path | None = None
    backend_python: Path | None = None
    """The backend's own interpreter, where it was named; else it is looked for."""
    read_only: bool = False
    """Nothing is written into the folder: it cannot be, or must not be. A client then goes into the state folder."""
    writes_env_file: bool = True
    """Whether the env file can and may be written; it may lie in another folder than the project."""
    allows_plain: bool = False
    """Whether `--allow-plain` was given: see `stores.project.plain_lines`."""
    chosen: tuple[str, ...] = ()
    """The options that a command needs besides the root to reach the same profile and files."""

    @property
    def name(self) -> str:
        """What the header shows."""
        return self.root.name or str(self.root)

    @property
    def session_file(self) -> Path:
        """Where the set-up stands; holds no secret."""
        return self.state / "session.json"

    @property
    def backups(self) -> Path:
        """The ring of earlier env files, 0700."""
        return self.state / "backups"

    @property
    def logs(self) -> Path:
        """The folder of our own log."""
        return self.state / "logs"

    @property
    def client_in_state(self) -> Path:
        """The client that is generated where the project itself is not written: proof that it can be."""
        return self.state / "client" / "prisma_client"

    @property
    def local(self) -> Path:
        """The local stack's data, state file and lock."""
        return self.state / "local"

    def shown(self, path: Path) -> str:
        """A path as people say it: relative to the project where it lies inside."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)

    def prepare_state(self) -> None:
        """Make the state folder and its parents, 0700. Raises `OSError` where that cannot be done."""
        for folder in (self.home, self.home / "projects", self.state, self.backups, self.logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.state, self.backups, self.logs):
            folder.chmod(0o700)


def soundcheck_home(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of all our state: `SOUNDCHECK_HOME`, else the user's data folder."""
    if override := environ.get(HOME_VARIABLE):
        return Path(os.path.realpath(typed_path(override)))  # which leaves a link without end as it is
    from platformdirs import user_data_path

    return user_data_path("soundcheck", appauthor=False)


def open_project(
    root: Path,
    *,
    profile: str | None = None,
    env_file: Path | None = None,
    schema: Path | None = None,
    backend_python: Path | None = None,
    allows_plain: bool = False,
    environ: Mapping[str, str] = os.environ,
) -> Project:
    """Read `soundcheck.toml` where there is one and settle every path. Touches nothing.

    Raises `UsageError` where the root is no folder, the file does not parse, or the profile is not in it, and
    `CouldNotRun` where others may write into the folder of our state.
    """
    root = typed_path(root).resolve()
    if not root.is_dir():
        raise UsageError(f"{root} is not a folder.", "Name the project's folder with --project DIR.")
    config = read_config(root / CONFIG_NAME)
    chosen = _profile(config, profile)
    section: Mapping[str, Any] = config.get("profiles", {}).get(chosen.name, {})
    home = soundcheck_home(environ)
    refuse_shared(typed_path(environ.get(HOME_VARIABLE) or home))
    options = {"--profile": profile, "--env-file": env_file, "--schema": schema, "--backend-python": backend_python}
    env_file = env_file or root / typed_path(_relative(section, "env_file", _default_env_file(root)))
    return Project(
        root=root,
        profile=chosen,
        env_file=env_file,
        state=home / "projects" / _state_name(root),
        home=home,
        schema=schema or find_schema(root, _named_schema(section)),
        backend_python=backend_python or _named_python(root, section),
        read_only=not can_write(root),
        writes_env_file=can_write(env_file.parent),
        allows_plain=allows_plain,
        chosen=tuple(word for name, value in options.items() if value is not None for word in (name, str(value))),
    )


def profile_now(project: Project) -> Profile:
    """The profile in use as `soundcheck.toml` has it now. Raises `UsageError` where the file is broken."""
    profile, config = project.profile, read_config(project.root / CONFIG_NAME)
    is_there = profile.name in config.get("profiles", {})
    now = _profile(config, profile.name) if is_there else Profile(profile.name)
    return replace(now, named=profile.named)


def can_write(folder: Path) -> bool:
    """Whether files can be made in a folder, mounted read-only or not; one that is missing is made where its parent is.

    By `access(2)`, which answers for root too where the file system is read-only.
    """
    while not os.path.exists(folder) and folder != folder.parent:  # noqa: PTH110 - raises for no folder at all
        folder = folder.parent
    return os.access(folder, os.W_OK | os.X_OK)


def profile_names(root: Path) -> tuple[str, ...]:
    """The profiles of `soundcheck.toml`, in the order of the file; none without it. Raises `UsageError`."""
    return tuple(read_config(root / CONFIG_NAME).get("profiles", {}))


def find_schema(root: Path, configured: str | None = None) -> Path | None:
    """The project's own Prisma schema: a file, or the folder of a multi-file schema; None where it has none."""
    if configured:
        return root / configured
    names = ["prisma/schema.prisma", "backend/prisma/schema.prisma", "schema.prisma", "backend/schema.prisma"]
    names[:0] = _schemas_of_package_json(root)
    for name in names:
        if (root / name).is_file():
            return root / name
    for folder in ("prisma/schema", "backend/prisma/schema"):
        if any((root / folder).glob("*.prisma")):
            return root / folder
    return None


def _schemas_of_package_json(root: Path) -> list[str]:
    """What `prisma.schema` of a package.json names, relative to the project's root."""
    import json

    found = []
    for folder in (".", "backend"):
        try:
            value = json.loads(read_plain_text(root / folder / "package.json")).get("prisma", {}).get("schema")
        except (OSError, ValueError, AttributeError):
            continue
        if isinstance(value, str):
            found.append(os.path.normpath(f"{folder}/{value}"))
    return found


def _named_schema(section: Mapping[str, Any]) -> str:
    return str(typed_path(name)) if (name := _relative(section, "schema", "")) else ""


def _named_python(root: Path, section: Mapping[str, Any]) -> Path | None:
    return root / typed_path(_relative(section, "backend_python", "")) if "backend_python" in section else None


def _default_env_file(root: Path) -> str:
    return "backend/.env" if (root / "backend").is_dir() else ".env"


def _relative(section: Mapping[str, Any], key: str, default: str) -> str:
    text: str = typed(section, key, str, default, f'{key} = "{default or "path"}"')
    return text


def _profile(config: Mapping[str, Any], name: str | None) -> Profile:
    profiles = config.get("profiles", {})
    chosen = name or config.get("default_profile") or "default"
    if name and name not in profiles:
        known = ", ".join(sorted(profiles)) or "none"
        raise UsageError(f"There is no profile {name!r} in {CONFIG_NAME} (there: {known}).", "Name one that is there.")
    section = profiles.get(chosen, {})
    kind = section.get("kind", ProfileKind.UNKNOWN)
    try:
        kind = ProfileKind(kind)
    except ValueError:
        raise UsageError(
            f"kind = {str(kind)[:40]!r} of profile {chosen} is not known.", "Write dev, production or unknown."
        ) from None
    patterns = typed(section, "cache_keys", dict, {}, f"[profiles.{chosen}.cache_keys]", of=f"profile {chosen}")
    return Profile(chosen, kind, dict(patterns), named=name is not None)


def _state_name(root: Path) -> str:
    """Readable and unique: the folder's name, and a hash of its real path."""
    readable = re.sub(r"[^A-Za-z0-9-]+", "-", root.name).strip("-").lower()[:24] or "project"
    return f"{readable}-{hashlib.sha256(os.fsencode(root)).hexdigest()[:10]}"


def is_own_checkout(root: Path) -> bool:
    """Whether `root` holds the source of this program. Reads one file; False for anything that cannot be read."""
    try:
        text = read_plain_text(root / "pyproject.toml")
        name = tomllib.loads(text).get("project", {}).get("name")
        return bool(name == "soundcheck-console") and (root / "stores").is_dir()
    except (OSError, ValueError, AttributeError):
        return False
