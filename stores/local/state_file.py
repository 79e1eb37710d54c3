"""What a local stack remembers between runs: ports, passwords, tokens, and which processes are its own.

The only file of ours that holds secrets besides the env file: 0600, written atomically, never printed.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from soundcheck.stores.atomic_file import write_atomically
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.local.process_identity import ProcessIdentity
from soundcheck.stores.plain_file import refuse_special
from soundcheck.stores.secret import Secret

VERSION: Final = 1
ROLE: Final = "soundcheck"
DATABASE: Final = "music_app"
SUPERUSER: Final = "soundcheck_admin"
MOST_FORMER_PORTS: Final = 50


@dataclass(frozen=True, slots=True)
class PostgresState:
    """`password` is the application role's; nobody but initdb and the tests uses the superuser's.

    `data` is where the cluster lies when it is not the usual place. `needs_passwords` says that the cluster was made
    with passwords of a state file that is lost.
    """

    port: int
    password: Secret
    superuser_password: Secret
    data: Path | None = None
    runs_as: str = ""
    version: str = ""
    needs_passwords: bool = False
    process: ProcessIdentity | None = None


@dataclass(frozen=True, slots=True)
class ValkeyState:
    """One password for the default user; the gateway is its only regular client."""

    port: int
    password: Secret
    version: str = ""
    process: ProcessIdentity | None = None


@dataclass(frozen=True, slots=True)
class GatewayState:
    """`serves` is a digest of the code and the configuration the running gateway was started with."""

    port: int
    token: Secret
    readonly_token: Secret
    serves: str = ""
    process: ProcessIdentity | None = None


@dataclass(frozen=True, slots=True)
class LocalState:
    """The whole file. `former_ports` are those that the stack has left: old env files may still name them."""

    postgres: PostgresState
    valkey: ValkeyState
    gateway: GatewayState
    former_ports: tuple[int, ...] = ()

    @property
    def ports(self) -> frozenset[int]:
        """Of all three servers."""
        return frozenset({self.postgres.port, self.valkey.port, self.gateway.port})


def new_state(ports: tuple[int, int, int]) -> LocalState:
    """Fresh passwords and tokens, all URL-safe. A cluster that is there all the same gets them at the next start."""
    return LocalState(
        PostgresState(ports[0], _generated(), _generated(), needs_passwords=True),
        ValkeyState(ports[1], _generated()),
        GatewayState(ports[2], _generated(), _generated()),
    )


def _generated() -> Secret:
    return Secret(secrets.token_urlsafe(24))


def read_state(path: Path) -> LocalState | None:
    """The state, or None where there is none or where it does not parse (then passwords are made anew).

    Raises `CouldNotRun` where it cannot be read, or where a newer Soundcheck wrote it.
    """
    document = _read(path)
    if document is None:
        return None
    version = document.get("version")
    if isinstance(version, int) and version > VERSION:
        raise CouldNotRun(
            "The local stack was set up by a newer Soundcheck.", f"Use that version, or remove the file {path}"
        )
    fleeting = _read(_fleeting(path)) or {}
    try:
        parts = [_fields({**document[name], **fleeting.get(name, {})}) for name in _PARTS]
        former = tuple(int(port) for port in document.get("former_ports", ()))
        return LocalState(PostgresState(**parts[0]), ValkeyState(**parts[1]), GatewayState(**parts[2]), former)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def write_state(path: Path, state: LocalState) -> None:
    """Write what changed, 0600. Raises `CouldNotRun`.

    What must last goes to `path`, synced to the disk; which processes run goes to a file beside it, unsynced: an `up`
    notes that a dozen times, and the life locks tell it anyway.
    """
    parts = {name: _plain(getattr(state, name)) for name in _PARTS}
    fleeting = {name: {k: part.pop(k) for k in _FLEETING & part.keys()} for name, part in parts.items()}
    lasting = {"version": VERSION, **parts, "former_ports": list(state.former_ports)}
    if _read(path) != lasting:
        write_atomically(path, json.dumps(lasting, indent=1).encode() + b"\n")
    neighbour = _fleeting(path).with_suffix(".new")
    neighbour.unlink(missing_ok=True)
    with os.fdopen(os.open(neighbour, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as file:
        json.dump(fleeting, file, indent=1)
    refuse_special(_fleeting(path))
    neighbour.replace(_fleeting(path))


_PARTS: Final = ("postgres", "valkey", "gateway")
_SECRETS: Final = frozenset({"password", "superuser_password", "token", "readonly_token"})
_FLEETING: Final = frozenset({"process", "serves"})


def _fleeting(path: Path) -> Path:
    return path.with_name("processes.json")


def _read(path: Path) -> dict[str, Any] | None:
    try:
        document = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    except OSError as problem:
        raise CouldNotRun(
            f"{path} cannot be read: {problem.strerror or problem}.", "Give the file back to your user."
        ) from problem
    return document if isinstance(document, dict) else None


def _plain(part: PostgresState | ValkeyState | GatewayState) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name in part.__slots__:
        value = getattr(part, name)
        if isinstance(value, Secret):
            value = value.reveal()
        elif isinstance(value, Path):
            value = str(value)
        elif isinstance(value, ProcessIdentity):
            value = {"pid": value.pid, "name": value.name, "started": value.started}
        plain[name] = value
    return plain


def _fields(plain: dict[str, Any]) -> dict[str, Any]:
    fields = dict(plain)
    for name in _SECRETS & fields.keys():
        fields[name] = Secret(str(fields[name]))
    if fields.get("data") is not None:
        fields["data"] = Path(fields["data"])
    fields["process"] = _process(fields.get("process"))
    fields["port"] = int(fields["port"])
    return fields


def _process(plain: Any) -> ProcessIdentity | None:
    """A process that is not wholly described is none of ours: the life lock still finds it."""
    try:
        return ProcessIdentity(int(plain["pid"]), str(plain["name"]), str(plain["started"]))
    except (ValueError, KeyError, TypeError):
        return None


class StateFile:
    """The state of one `up` while its parts start side by side: each change goes to the file at once."""

    def __init__(self, path: Path, state: LocalState) -> None:
        self._path = path
        self.state = state

    def postgres(self, **changes: Any) -> PostgresState:
        """Change PostgreSQL's part and write."""
        self._write(replace(self.state, postgres=replace(self.state.postgres, **changes)))
        return self.state.postgres

    def valkey(self, **changes: Any) -> ValkeyState:
        """Change Valkey's part and write."""
        self._write(replace(self.state, valkey=replace(self.state.valkey, **changes)))
        return self.state.valkey

    def gateway(self, **changes: Any) -> GatewayState:
        """Change the gateway's part and write."""
        self._write(replace(self.state, gateway=replace(self.state.gateway, **changes)))
        return self.state.gateway

    def _write(self, state: LocalState) -> None:
        left = self.state.ports - state.ports
        former = [port for port in (*state.former_ports, *sorted(left)) if port not in state.ports]
        self.state = replace(state, former_ports=tuple(former[-MOST_FORMER_PORTS:]))
        write_state(self._path, self.state)
