"""Which database the screens speak of, in the room that the header has: host and name, never a user or a password."""

from __future__ import annotations

from stores.cells import visible
from stores.postgres_url import PostgresUrl

THIS_MACHINE = "this machine"


def endpoint_words(url: PostgresUrl | None, room: int) -> str:
    """The fullest form that fits into `room` columns; "" without a database, or where not even its name fits.

    What tells one database from another is kept longest: the beginning of the host, then the database's name.
    """
    if url is None:
        return ""
    if url.is_loopback:
        return THIS_MACHINE if len(THIS_MACHINE) <= room else ""
    host, name = visible(url.host), visible(url.database)
    label, _, domain = host.partition(".")
    provider = ".".join(domain.split(".")[-2:])
    for form in (f"{host}/{name}", f"{label}…{provider}/{name}", f"{label}…/{name}"):
        if len(form) <= room:
            return form
    kept = room - len(name) - 2
    if kept >= 6:
        return f"{label[:kept]}…/{name}"
    return f"{label[: room - 1]}…" if room >= 8 else ""
