"""TLS over plain streams, and what the certificate says, for both stores."""

from __future__ import annotations

import ssl
from typing import Final

from soundcheck.stores.probe.certificate import read_certificate
from soundcheck.stores.probe.layer import Fact, LayerError
from soundcheck.stores.proven_stream import TcpStream

# OpenSSL's X509_V_ERR_* numbers (openssl/x509_vfy.h)
_EXPIRED: Final = frozenset({9, 10})
_WRONG_NAME: Final = frozenset({62, 64})


async def shake_hands(stream: TcpStream, context: ssl.SSLContext, host: str) -> ssl.SSLObject:
    """A TLS handshake over plain streams. Raises `ssl.SSLCertVerificationError` as it is, other TLS errors as failures.

    In memory rather than by `start_tls`, so that the certificate's error arrives as itself on every Python.
    """
    reader, writer = stream
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context.wrap_bio(incoming, outgoing, server_hostname=host)
    while True:
        try:
            session.do_handshake()
            writer.write(outgoing.read())
            return session
        except ssl.SSLWantReadError:
            writer.write(outgoing.read())
            await writer.drain()
            received = await reader.read(16384)
            if not received:
                raise LayerError("cut", "the connection ended in the middle of the handshake") from None
            incoming.write(received)
        except ssl.SSLCertVerificationError:
            raise
        except ssl.SSLError as problem:
            raise LayerError("tls_broken", problem.reason or "the handshake failed") from None


def reading_context() -> ssl.SSLContext:
    """Takes any certificate, to look at it; nothing is sent through it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def distrust_code(problem: ssl.SSLCertVerificationError) -> str:
    """Why a certificate was not trusted: `tls_wrong_host`, `tls_expired` or `tls_unknown_ca`."""
    if problem.verify_code in _WRONG_NAME:
        return "tls_wrong_host"
    return "tls_expired" if problem.verify_code in _EXPIRED else "tls_unknown_ca"


def certificate_facts(session: ssl.SSLObject) -> dict[str, Fact]:
    """TLS version, issuer, subject and end date, for people to read."""
    facts: dict[str, Fact] = {"encrypted": True, "tls_version": session.version() or ""}
    der = session.getpeercert(binary_form=True)
    if not der:
        return facts
    try:
        certificate = read_certificate(der)
    except ValueError:
        return facts | {"issuer": "unreadable"}
    return facts | {
        "issuer": certificate.issuer,
        "subject": certificate.subject_name,
        "not_after": certificate.not_after.isoformat(),
    }
