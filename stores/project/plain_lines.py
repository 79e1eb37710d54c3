"""Lines on which a password or a token may be sent unencrypted, because the person said so: by profile and endpoint.

A line is in question where others may read it, or stand in between: `http://`, or a PostgreSQL that does not prove by
its certificate who it is. This machine's own addresses are none. PostgreSQL's password is unencrypted only where the
server asks for it so, which none should; that is seen when it does.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.settings import is_proven
from soundcheck.stores.postgres.url import DEFAULT_PORT, PostgresUrl
from soundcheck.stores.project.kept_file import KeptFile, NotReadable
from soundcheck.stores.project.project import Project
from soundcheck.stores.upstash.rest_url import RestUrl

NAME: Final = "plain_lines.json"
OPTION: Final = "--allow-plain"
"""What agrees on a command line, for the profile in use."""

Agreed = Mapping[str, frozenset[str]]


def plain_lines(credentials: Credentials) -> tuple[str, ...]:
    """The endpoints of these that are in question, as they are shown and kept."""
    found = [
        _endpoint(url)
        for url in (credentials.database_url, credentials.direct_url, credentials.rest_url)
        if url is not None and _is_in_question(url)
    ]
    return tuple(dict.fromkeys(found))


def guarded_lines(credentials: Credentials) -> tuple[str, ...]:
    """Those of them on which nothing is sent unencrypted, since nobody agreed to it."""
    urls = (credentials.database_url, credentials.direct_url, credentials.rest_url)
    return tuple(dict.fromkeys(_endpoint(url) for url in urls if url is not None and url.is_guarded))


def guarded(project: Project, credentials: Credentials) -> Credentials:
    """The same, with `is_guarded` on each address whose line is in question and was not agreed to. Blocking.

    Where the project was opened with `allows_plain`, the lines are agreed to by that, and remembered.
    """
    lines = plain_lines(credentials)
    if not lines:
        return credentials
    agreed = agreed_lines(project)
    if project.allows_plain and not agreed.issuperset(lines):
        agree(project, lines)
        agreed |= frozenset(lines)
    return replace(
        credentials,
        database_url=_guarded(credentials.database_url, agreed),
        direct_url=_guarded(credentials.direct_url, agreed),
        rest_url=_guarded_rest(credentials.rest_url, agreed),
    )


def agree(project: Project, lines: tuple[str, ...]) -> None:
    """Remember that these may be used for the profile in use. Blocking. Raises `CouldNotRun`."""
    known = _kept(project)
    name = project.profile.name
    _file(project).write({**known, name: known.get(name, frozenset()) | frozenset(lines)})


def agreed_lines(project: Project) -> frozenset[str]:
    """Those that were agreed to for the profile in use; none where that cannot be read."""
    return _kept(project).get(project.profile.name, frozenset())


def _kept(project: Project) -> Agreed:
    with contextlib.suppress(NotReadable):
        return _file(project).read() or {}
    return {}


def _file(project: Project) -> KeptFile[Agreed]:
    return KeptFile(project.state / NAME, _to_json, _from_json)


def _to_json(agreed: Agreed) -> dict[str, Any]:
    return {"profiles": {name: sorted(lines) for name, lines in sorted(agreed.items())}}


def _from_json(document: Mapping[str, Any]) -> Agreed:
    return {str(name): frozenset(map(str, lines)) for name, lines in document["profiles"].items()}


def _is_in_question(url: PostgresUrl | RestUrl) -> bool:
    if url.is_loopback:
        return False
    if isinstance(url, RestUrl):
        return url.scheme == "http"
    return bool(url.password) and not url.host.startswith("/") and not is_proven(url)


def _endpoint(url: PostgresUrl | RestUrl) -> str:
    if isinstance(url, RestUrl):
        return f"{url.scheme}://{url.host}:{url.effective_port}"
    return f"postgresql://{url.host}:{url.port or DEFAULT_PORT}"


def _guarded(url: PostgresUrl | None, agreed: frozenset[str]) -> PostgresUrl | None:
    if url is None:
        return None
    return replace(url, is_guarded=_is_in_question(url) and _endpoint(url) not in agreed)


def _guarded_rest(url: RestUrl | None, agreed: frozenset[str]) -> RestUrl | None:
    if url is None:
        return None
    return replace(url, is_guarded=_is_in_question(url) and _endpoint(url) not in agreed)
