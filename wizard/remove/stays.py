"""What `soundcheck remove` names and does not delete, with a link to where that can be done."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from soundcheck.stores.cloud.made import VENDORS, Half, MadeStore, known_stores
from soundcheck.stores.project.journal import Cloud, JournalRecord, Pushed
from soundcheck.stores.services import Services
from soundcheck.wizard.fix_journal import read_journal

CONSOLES: Final = {Half.DATABASE: "https://console.neon.tech", Half.CACHE: "https://console.upstash.com"}


@dataclass(frozen=True, slots=True)
class Stays:
    """What Soundcheck cannot or will not delete, and where that can be done."""

    what: str
    link: str = ""


def what_stays(services: Services, records: tuple[JournalRecord, ...]) -> tuple[Stays, ...]:
    """Databases, tables and accounts in the cloud, and what a fix took out of Git's index."""
    found = []
    clouds = {(record.provider, record.name): record for record in records if isinstance(record, Cloud)}
    for cloud in clouds.values():  # the last note of each, which has its id
        if not cloud.expires_at and not cloud.refused:
            found.append(Stays(f"{cloud.name} at {cloud.provider}: delete it in the console", cloud.link))
    found += [
        one for made in known_stores(services.project).values() if (one := _temporary(made, services)) is not None
    ]
    for endpoint, tables in _tables(records).items():
        found.append(Stays(f"{len(tables)} tables in {endpoint}, with their rows: {', '.join(sorted(tables))}"))
    credentials = services.credentials
    if credentials.database_url is not None and credentials.database_url.is_neon:
        what = f"the Neon project behind {credentials.database_url.endpoint}, and the account"
        found.append(Stays(what, CONSOLES[Half.DATABASE]))
    if credentials.rest_url is not None and credentials.rest_url.host.endswith(".upstash.io"):
        what = f"the Upstash database {credentials.rest_url.host}, and the account"
        found.append(Stays(what, CONSOLES[Half.CACHE]))
    for entry in read_journal(services.project):
        if entry.fix == "git.untrack":
            what = f"{services.project.shown(Path(entry.data['file']))} is out of Git's index"
            found.append(Stays(f"{what}; before you remove the notes: soundcheck doctor --undo git.untrack"))
    return tuple(dict.fromkeys(found))


def unclaimed(services: Services) -> str:
    """The temporary stores that can still be claimed, in words; "" where there is none."""
    now = services.clock.now()
    names = [
        f"the temporary {made.half} at {VENDORS[made.half]}"
        for made in known_stores(services.project).values()
        if made.claim_url is not None and not made.claimed and not made.ended(now)
    ]
    return " and ".join(names)


def _temporary(made: MadeStore, services: Services) -> Stays | None:
    """What is said of a temporary store; None where its time is over."""
    what = f"the temporary {made.half} at {VENDORS[made.half]}"
    if made.claimed:
        return Stays(f"{what}, which you claimed: delete it in the console", CONSOLES[made.half])
    if made.ends is None:
        return Stays(f"{what}, if there is one: its answer was lost, and it goes by itself within three days")
    if made.ended(services.clock.now()):
        return None
    ends = f"{made.ends:%Y-%m-%d %H:%M} UTC"
    return Stays(f"{what}, which goes by itself on {ends} unless you claim it: soundcheck claims")


def _tables(records: tuple[JournalRecord, ...]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for record in records:
        if isinstance(record, Pushed) and not record.local:
            found.setdefault(record.endpoint, set()).update(record.tables)
    return found
