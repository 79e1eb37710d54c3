"""What a certificate says of itself, read from its DER bytes without trusting it.

Python's `ssl` gives the parsed form only of a certificate that it verified, and here the unverified one is the
interesting one: its issuer names the company proxy that stands in between. Only the fields that are shown are read
(RFC 5280, section 4.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_COMMON_NAME: Final = b"\x55\x04\x03"
_ORGANISATION: Final = b"\x55\x04\x0a"
_SEQUENCE: Final = 0x30
_EXPLICIT_VERSION: Final = 0xA0
_UTC_TIME: Final = 0x17
_OID: Final = 0x06
_BMP_STRING: Final = 0x1E


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """Who issued it, to whom, and until when. Names are empty where the certificate gives none."""

    issuer_organisation: str
    issuer_name: str
    subject_name: str
    not_after: datetime

    @property
    def issuer(self) -> str:
        """The issuer as it is shown: organisation and name, each once."""
        return " ".join(dict.fromkeys(part for part in (self.issuer_organisation, self.issuer_name) if part))


def read_certificate(der: bytes) -> CertificateFacts:
    """Read the shown fields of an X.509 certificate. Raises `ValueError` where the bytes are none."""
    try:
        certificate = _children(_only(der, _SEQUENCE))
        fields = _children(next(certificate)[1])
        tag, _ = next(fields)
        if tag == _EXPLICIT_VERSION:  # absent in version 1, where the serial number comes first
            next(fields)
        next(fields)  # the signature's algorithm
        issuer = _names(next(fields)[1])
        _, validity = next(fields)
        subject = _names(next(fields)[1])
        _, not_after = _children(validity)
    except (StopIteration, IndexError, RuntimeError):
        raise ValueError("not a certificate") from None
    return CertificateFacts(
        issuer_organisation=issuer.get(_ORGANISATION, ""),
        issuer_name=issuer.get(_COMMON_NAME, ""),
        subject_name=subject.get(_COMMON_NAME, ""),
        not_after=_time(*not_after),
    )


def _children(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The elements of a constructed value, as tag and content."""
    at = 0
    while at < len(content):
        tag, length, at = content[at], content[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(content[at : at + size], "big"), at + size
        if at + length > len(content):
            raise ValueError("an element is longer than what holds it")
        yield tag, content[at : at + length]
        at += length


def _only(der: bytes, tag: int) -> bytes:
    found, content = next(_children(der))
    if found != tag:
        raise ValueError("not a certificate")
    return content


def _names(content: bytes) -> dict[bytes, str]:
    """The attributes of a name by their type, the first one of each."""
    names: dict[bytes, str] = {}
    for _, relative in _children(content):
        for _, attribute in _children(relative):
            (kind, oid), (form, value) = _children(attribute)
            if kind == _OID:
                names.setdefault(oid, value.decode("utf-16-be" if form == _BMP_STRING else "utf-8", "replace"))
    return names


def _time(tag: int, content: bytes) -> datetime:
    text = content.decode("ascii", "replace")
    if tag == _UTC_TIME:  # two digits: 50 to 99 are of the last century
        text = ("19" if text[:2] >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
