"""Addresses that came in pieces: PGHOST and PGUSER, `host=… password=…`, a Redis endpoint with its password."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote

from soundcheck.stores.credentials import DATABASE_URL
from soundcheck.stores.secret import Secret
from soundcheck.wizard.recognise.recognition import Piece, Problem, Severity, Written

_UPSTASH = ".upstash.io"


@dataclass(slots=True)
class AddressParts:
    """Pieces by family (`PG`, `POSTGRES`, `DB`, …); of a piece that comes twice the last counts."""

    pieces: dict[str, dict[str, Piece]] = field(default_factory=dict)
    databases: list[tuple[Secret, int, Written]] = field(default_factory=list)
    caches: list[Piece] = field(default_factory=list)
    findings: list[Problem] = field(default_factory=list)

    def add(self, part: str, piece: Piece) -> None:
        """Put a piece where it belongs; `part` is family and piece, as `PG.host`."""
        family, _, name = part.partition(".")
        if name == "host" and piece.value.reveal().lower().partition(":")[0].endswith(_UPSTASH):
            family = "REDIS"
        self.pieces.setdefault(family, {})[name] = piece

    def finish(self) -> None:
        """Build an address of every family that has a host."""
        password = self.pieces.get("plain", {}).get("password")
        for family, pieces in self.pieces.items():
            host = pieces.get("host")
            if family == "REDIS":
                self._cache(pieces, password)
            elif host is not None and (family != "plain" or _is_database_host(host, pieces)):
                self._database(pieces, host)
            elif family == "PG" and {"user", "password"} & pieces.keys():
                first = next(iter(pieces.values()))
                message = "A user or password of PostgreSQL was pasted without its host."
                cure = "Paste PGHOST too, or the whole connection string."
                self.findings.append(Problem("no_host", message, cure, Severity.WARN, DATABASE_URL, first.line))

    def _database(self, pieces: dict[str, Piece], host: Piece) -> None:
        def encoded(name: str) -> str:
            return quote(pieces[name].value.reveal(), safe="") if name in pieces else ""

        name = host.value.reveal()
        at = f"{encoded('user')}:{encoded('password')}@" if "password" in pieces else f"{encoded('user')}@"
        port = f":{encoded('port')}" if "port" in pieces and ":" not in name else ""
        query = f"?sslmode={encoded('sslmode')}" if "sslmode" in pieces else ""
        url = f"postgresql://{at if at != '@' else ''}{name}{port}/{encoded('database')}{query}"
        how = host.how if host.how is Written.PSQL else Written.PARTS
        self.databases.append((Secret(url), host.line, how))

    def _cache(self, pieces: dict[str, Piece], plain_password: Piece | None) -> None:
        host = pieces.get("host")
        if host is None:
            return
        name = host.value.reveal().partition(":")[0]
        password = pieces.get("password", plain_password)
        if password is None:
            self.caches.append(Piece("", Secret(name), host.line, host.how))
            return
        url = f"rediss://default:{quote(password.value.reveal(), safe='')}@{name}:6379"
        self.caches.append(Piece("", Secret(url), host.line, host.how))


def _is_database_host(host: Piece, pieces: dict[str, Piece]) -> bool:
    """Whether unprefixed pieces are a database's: the host is Neon's, or user and database stand beside it."""
    name = host.value.reveal().lower()
    return name.endswith((".neon.tech", ".neon.build")) or {"user", "password", "database"} <= pieces.keys()
