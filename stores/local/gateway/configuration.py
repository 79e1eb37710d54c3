"""What the gateway is told at its start, on standard input: no secret is on a command line or in a file."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass, field, fields
from pathlib import Path

from soundcheck.stores.errors import UsageError
from soundcheck.stores.local.gateway.bounds import Bounds
from soundcheck.stores.local.gateway.limits import Limit, LimitKind
from soundcheck.stores.secret import Secret


@dataclass(frozen=True, slots=True)
class GatewayConfiguration:
    """Where to listen, where Valkey is, and the two tokens. `version` is what `/_soundcheck/version` answers.

    `state_file` says which process Valkey is: its password goes to no other; without one (in tests) to whoever
    listens. `limit` and other `bounds` are for tests: the plan that runs out, and bounds that are soon met.
    """

    host: str
    port: int
    redis_host: str
    redis_port: int
    redis_password: Secret
    token: Secret
    readonly_token: Secret | None
    version: str
    limit: Limit | None = None
    state_file: Path | None = None
    bounds: Bounds = field(default_factory=Bounds)

    @classmethod
    def parse(cls, text: str) -> GatewayConfiguration:
        """Read the JSON object. Raises `UsageError`; its text names the field and never holds a value."""
        try:
            fields = json.loads(text)
        except ValueError:
            raise UsageError("The gateway's configuration is not JSON.") from None
        if not isinstance(fields, dict):
            raise UsageError("The gateway's configuration is not a JSON object.")
        token = _text(fields, "token")
        readonly = _text(fields, "readonly_token", default="")
        if not token or token == readonly:
            raise UsageError("The gateway needs a token, and one that differs from the read-only token.")
        return cls(
            host=_loopback(fields, "host"),
            port=_port(fields, "port"),
            redis_host=_loopback(fields, "redis_host"),
            redis_port=_port(fields, "redis_port"),
            redis_password=Secret(_text(fields, "redis_password", default="")),
            token=Secret(token),
            readonly_token=Secret(readonly) if readonly else None,
            version=_text(fields, "version"),
            limit=_limit(fields.get("limit")),
            state_file=Path(state_file) if (state_file := _text(fields, "state_file", default="")) else None,
            bounds=_bounds(fields.get("bounds", {})),
        )


def _limit(value: object) -> Limit | None:
    """`{"kind": "requests", "after": 100}`; None where there is none."""
    if value is None:
        return None
    after = value.get("after", 0) if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(after, int) or value.get("kind") not in set(LimitKind):
        raise UsageError("limit in the gateway's configuration is not one.")
    return Limit(LimitKind(value["kind"]), after)


def _bounds(value: object) -> Bounds:
    known = {one.name for one in fields(Bounds)}
    if not isinstance(value, dict) or not known.issuperset(value):
        raise UsageError("bounds in the gateway's configuration are none.")
    return Bounds(**value)


def _text(fields: dict[str, object], name: str, default: str | None = None) -> str:
    value = fields.get(name, default)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise UsageError(f"{name} in the gateway's configuration is not a text.")
    return value


def _port(fields: dict[str, object], name: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 65536:
        raise UsageError(f"{name} in the gateway's configuration is not a port number.")
    return value


def _loopback(fields: dict[str, object], name: str) -> str:
    value = _text(fields, name)
    try:
        is_loopback = ipaddress.ip_address(value).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise UsageError(f"{name} in the gateway's configuration is not a loopback address.")
    return value
