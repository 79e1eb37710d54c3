"""A value of which only a part was copied: which end is missing. Nothing here repeats a part of the value."""

from __future__ import annotations

import re
from typing import Final

from soundcheck.stores.postgres.url import PostgresUrl

COPY_AGAIN: Final = "Copy the whole line again, to its last character."

_QUOTES: Final = frozenset("\"'`")
_NEON_ENDS: Final = (
    "aws.neon.tech",
    "azure.neon.tech",
    "aws.neon.build",
    "azure.neon.build",
    "neon.tech",
    "neon.build",
)
_UPSTASH_END: Final = "upstash.io"
_NEON_ENDPOINT: Final = re.compile(r"ep-[a-z0-9]+-[a-z0-9-]+")
_CELL_OR_REGION: Final = re.compile(
    r"c(?:-\d*)?"
    r"|(?:[aceimsu]|us|eu|ap|sa|ca|me|af|il|mx)(?:(?<=..)-(?:[a-z]+(?:-\d*)?)?)?"
    r"|(?:east|west|north|south|central|germany)[a-z]*\d?|gwc"
)
"""A cell (`c-2`) or a region of AWS or Azure, whole or begun."""
_WHOLE_VALUES: Final = {
    "sslmode": ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "channel_binding": ("disable", "prefer", "require"),
}


def quote_stays_open(line: str, value: str) -> bool:
    """Whether a quote opens right before the value and does not come again: the end of the line was left behind."""
    at = line.find(value)
    quote = line[at - 1 : at] if at > 0 else ""
    return quote in _QUOTES and quote not in line[at + len(value) :]


def begins_too_late(scheme: str) -> bool:
    """Whether a scheme is the rest of `postgresql`, whose first letters were left behind."""
    return bool(scheme) and scheme != "postgresql" and "postgresql".endswith(scheme)


def missing_end(url: PostgresUrl, *, stays_open: bool, names_database: bool) -> str:
    """What of an address is missing at its end, in words; "" where it is whole as far as can be known."""
    if _is_cut_neon(url.host):
        return "the end of the host; one of Neon's ends in .neon.tech"
    if stays_open and not names_database:
        return missing_name(url.host)
    if url.params:
        name, value = url.params[-1]
        known = _WHOLE_VALUES.get(name, ())
        if value not in known and any(whole.startswith(value) for whole in known):
            return f"the end of {name}"
    return ""


def missing_name(host: str) -> str:
    """What is missing of an address that stops before the database's name, behind a host that may be whole."""
    is_whole = "." in host or ":" in host or host == "localhost"
    return "the name of the database" if is_whole else "the end of the host, and the name of the database"


def missing_host_end(host: str, *, stays_open: bool) -> bool:
    """Whether the host of a REST address stops before `.upstash.io` does: `fit-mole-1.upst`."""
    label, dot, rest = host.partition(".")
    if not dot:
        return stays_open and label != "localhost"
    return rest != _UPSTASH_END and _UPSTASH_END.startswith(rest)


def _is_cut_neon(host: str) -> bool:
    """Whether a host begins as Neon's do and stops before `.neon.tech`: `ep-cool-dark-1.eu-central-1.aws.ne`."""
    endpoint, *labels = host.rstrip(".").split(".")
    if _NEON_ENDPOINT.fullmatch(endpoint) is None:
        return False
    while labels and _CELL_OR_REGION.fullmatch(labels[0]):
        del labels[0]
    rest = ".".join(labels)
    return rest not in _NEON_ENDS and any(end.startswith(rest) for end in _NEON_ENDS)
