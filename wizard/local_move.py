"""The local stack had to leave a port: its secrets changed with it, and the files that held the old ones follow.

Whoever took the port may have been sent the old ones. Nobody is asked: the files would only name what is gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from soundcheck.stores.addressing import LOOPBACK_NUMBER, UrlProblem
from soundcheck.stores.clock import Clock
from soundcheck.stores.errors import Refused, SoundcheckError
from soundcheck.stores.local.ports import HOST
from soundcheck.stores.local.state_file import LocalState, secrets_of
from soundcheck.stores.local.status import RedisUrl
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Project
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.progress import Mark, Progress, Reporter
from soundcheck.wizard.replace.plan import FileChange, plan_files
from soundcheck.wizard.replace.write import purge_secrets, write_changes


@dataclass(frozen=True, slots=True)
class LocalMove:
    """What each value of an env file becomes, by the places that the stack has left."""

    state: LocalState

    def in_place_of(self, name: str, value: str) -> str | None:
        """The new address or secret; None for what was never the stack's, or is right."""
        text = value.strip()
        for old, new in self._secrets():
            if text == old.reveal():
                return new.reveal()
        scheme = text.partition("://")[0].lower()
        if scheme in {"postgres", "postgresql"}:
            return self._database(text)
        if scheme in {"redis", "rediss"}:
            return self._redis(text)
        return self._rest(text) if scheme in {"http", "https"} else None

    def former_secrets(self) -> tuple[Secret, ...]:
        """Those that are good nowhere any more."""
        return tuple(old for old, _ in self._secrets())

    def _secrets(self) -> Iterator[tuple[Secret, Secret]]:
        """Each that was, with what it is now."""
        for place in self.state.former:
            if place.server:
                yield from zip(place.secrets, secrets_of(getattr(self.state, place.server)), strict=False)

    def _was(self, server: str, port: int | None, secret: Secret | None = None) -> bool:
        """Whether this is a place that the server has left; where a secret goes there, a secret of that place."""
        return any(
            place.server == server and place.port == port and (secret is None or secret in place.secrets)
            for place in self.state.former
        )

    def _database(self, text: str) -> str | None:
        try:
            url = PostgresUrl.parse(text)
        except UrlProblem:
            return None
        postgres = self.state.postgres
        if not url.is_loopback or not self._was("postgres", url.port, url.password or Secret("")):
            return None
        return replace(url, port=postgres.port, password=self._now(url.password)).reveal()

    def _now(self, secret: Secret | None) -> Secret | None:
        return next((new for old, new in self._secrets() if old == secret), secret)

    def _redis(self, text: str) -> str | None:
        try:
            parts = urlsplit(text)
            host, port, password = parts.hostname or "", parts.port, Secret(parts.password or "")
        except ValueError:
            return None
        valkey = self.state.valkey
        if not (host == "localhost" or LOOPBACK_NUMBER.fullmatch(host)) or not self._was("valkey", port, password):
            return None
        return RedisUrl(HOST, valkey.port, valkey.password).reveal()

    def _rest(self, text: str) -> str | None:
        try:
            url = RestUrl.parse(text)
        except UrlProblem:
            return None
        if not url.is_loopback or not self._was("gateway", url.effective_port):
            return None
        return str(replace(url, port=self.state.gateway.port))


def follow_local(project: Project, state: LocalState | None, clock: Clock, report: Reporter) -> tuple[FileChange, ...]:
    """Bring every env file of the project up to date that holds an old address or secret. Blocking.

    Each has a backup and a note, and the kept states of earlier times lose the old secrets too. What cannot be written
    is told, and found again by the next call.
    """
    if state is None or not state.former:
        return ()
    move = LocalMove(state)
    try:
        files, left = plan_files(project, move)
        if files and project.writes_env_file:
            try:
                write_changes(project, files, clock)
            except Refused:  # another Soundcheck was quicker
                files, left = plan_files(project, move)
                write_changes(project, files, clock)
            purge_secrets(project, move, move.former_secrets())
    except SoundcheckError as problem:
        report(_by_hand("An env file", problem.message))
        return ()
    for one in left:
        report(_by_hand(one.shown, one.reason))
    for file in files:
        if project.writes_env_file:
            names = ", ".join(file.names)
            report(Progress(f"{file.shown}: the local stack moved to another port; {names} written anew", Mark.OK))
        else:
            report(_by_hand(file.shown, "its folder cannot be written"))
    return files if project.writes_env_file else ()


def _by_hand(shown: str, reason: str) -> Progress:
    return Progress(
        f"{shown} still names where the local stack was, and is left: {reason}",
        Mark.WARN,
        hint="The new addresses: soundcheck local status --show-secrets",
    )
