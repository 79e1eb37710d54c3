"""What a local stack remembers between runs: ports, passwords, tokens, and which processes are its own.

The only file of ours that holds secrets besides the env file: 0600, written atomically, never printed.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
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
MOST_FORMER: Final = 50


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
class FormerPlace:
    """A port that one of the servers has left, with the secrets that were good there: env files may still name them.

    `server` is empty, and there are no secrets, where an older version noted the port alone.
    """

    server: str
    port: int
    secrets: tuple[Secret, ...] = ()


@dataclass(frozen=True, slots=True)
class LocalState:
    """The whole file. `former` are the places that the stack has left, the oldest first."""

    postgres: PostgresState
    valkey: ValkeyState
    gateway: GatewayState
    former: tuple[FormerPlace, ...] = ()

    @property
    def former_ports(self) -> tuple[int, ...]:
        """The ports that nobody of ours uses any more."""
        return tuple(place.port for place in self.former if place.port not in self.ports)

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
        former = tuple(_former(document))
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
    former = [
        {"server": place.server, "port": place.port, "secrets": [secret.reveal() for secret in place.secrets]}
        for place in state.former
    ]
    lasting = {"version": VERSION, **parts, "former_ports": list(state.former_ports), "former": former}
    if _read(path) != lasting:
        write_atomically(path, json.dumps(lasting, indent=1).encode() + b"\n")
    neighbour = _fleeting(path).with_suffix(".new")
    neighbour.unlink(missing_ok=True)
    with os.fdopen(os.open(neighbour, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as file:
        json.dump(fleeting, file, indent=1)
    refuse_special(_fleeting(path))
    neighbour.replace(_fleeting(path))


def _former(document: dict[str, Any]) -> Iterator[FormerPlace]:
    """Those of before there were secrets in them first."""
    known = document.get("former", ())
    ports = {int(place["port"]) for place in known}
    yield from (FormerPlace("", int(port)) for port in document.get("former_ports", ()) if int(port) not in ports)
    for place in known:
        held = tuple(Secret(str(secret)) for secret in place["secrets"])
        yield FormerPlace(str(place["server"]), int(place["port"]), held)


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
    """The state of one `up` while its parts start side by side: each change goes to the file at once.

    A server that takes another port gets other secrets: whoever has the old port may have been sent the old ones.
    """

    def __init__(self, path: Path, state: LocalState) -> None:
        self._path = path
        self.state = state

    def postgres(self, **changes: Any) -> PostgresState:
        """Change PostgreSQL's part and write. With another port it also needs its new passwords set."""
        if self._moves("postgres", changes):
            changes |= {"password": _generated(), "superuser_password": _generated(), "needs_passwords": True}
        self._write(replace(self.state, postgres=replace(self.state.postgres, **changes)))
        return self.state.postgres

    def valkey(self, **changes: Any) -> ValkeyState:
        """Change Valkey's part and write."""
        if self._moves("valkey", changes):
            changes |= {"password": _generated()}
        self._write(replace(self.state, valkey=replace(self.state.valkey, **changes)))
        return self.state.valkey

    def gateway(self, **changes: Any) -> GatewayState:
        """Change the gateway's part and write."""
        if self._moves("gateway", changes):
            changes |= {"token": _generated(), "readonly_token": _generated()}
        self._write(replace(self.state, gateway=replace(self.state.gateway, **changes)))
        return self.state.gateway

    def _moves(self, server: str, changes: dict[str, Any]) -> bool:
        """Whether the port changes; the place that is left is remembered then."""
        part = getattr(self.state, server)
        if changes.get("port", part.port) == part.port:
            return False
        left = FormerPlace(server, part.port, secrets_of(part))
        self.state = replace(self.state, former=(*self.state.former, left)[-MOST_FORMER:])
        return True

    def _write(self, state: LocalState) -> None:
        self.state = state
        write_state(self._path, self.state)


def secrets_of(part: PostgresState | ValkeyState | GatewayState) -> tuple[Secret, ...]:
    """What opens a server, the application's own first."""
    return tuple(getattr(part, name) for name in part.__slots__ if name in _SECRETS)


def ever_had(state: LocalState, secret: Secret | None, *servers: str) -> bool:
    """Whether a secret is, or was before a move, that of one of these servers; of any where none is named."""
    wanted = servers or _PARTS
    return bool(secret) and (
        any(secret in secrets_of(getattr(state, server)) for server in wanted)
        or any(secret in place.secrets for place in state.former if place.server in wanted)
    )
