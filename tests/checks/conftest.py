"""What the tests of checks share: services over any credentials, a resolver to set, and a certificate authority."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import trustme

from soundcheck.checks.catalogue import default_registry
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.probe.postgres import ProbeDeadlines
from soundcheck.stores.project.project import Project
from soundcheck.stores.resolver import Address, ResolveError, ResolveFailure, Resolver
from soundcheck.stores.services import Services

NEON_HOST = "ep-quiet-sea-a1b2c3d4.eu-central-1.aws.neon.tech"
UPSTASH_HOST = "clear-fox-12345.upstash.io"

PATIENT = ProbeDeadlines(dns=10, tcp=10, tls=10, authentication=10, query=10, ping=10, pause=0.05)
"""For failures that come as an answer."""
CHECKS = default_registry(PATIENT)


def silent_at(*layers: str) -> ProbeDeadlines:
    """For failures that are a silence in these layers; what comes before them has all the time it needs."""
    return replace(PATIENT, **dict.fromkeys(layers, 0.3))


@dataclass
class FakeResolver:
    """Every name is this machine, but for those in `failing`; a name in `silent` is never answered."""

    failing: Mapping[str, ResolveFailure] = field(default_factory=dict)
    otherwise: ResolveFailure | None = None
    silent: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list)
    addresses: tuple[Address, ...] = (Address("127.0.0.1"),)

    async def resolve(self, host: str, *, deadline: float = 5.0) -> tuple[Address, ...]:
        self.asked.append(host)
        if host in self.silent:
            try:
                await asyncio.wait_for(asyncio.Event().wait(), deadline)
            except TimeoutError:
                raise ResolveError(ResolveFailure.TIMEOUT, host) from None
        failure = self.failing.get(host, self.otherwise)
        if failure is not None:
            raise ResolveError(failure, host)
        return self.addresses


MakeServices = Callable[..., Services]


@pytest.fixture
def make_services(project: Project) -> MakeServices:
    """Services over credentials, with nothing exported and a resolver to choose."""

    def make(
        credentials: Credentials | None = None,
        *,
        resolver: Resolver | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Services:
        return Services(
            project=project,
            clock=SystemClock(),
            resolver=resolver or FakeResolver(),
            credentials=credentials or Credentials(),
            environ=environ or {},
        )

    return make


@dataclass(frozen=True)
class Authority:
    """A certificate authority of the test, and its certificate as a file."""

    ca: trustme.CA
    file: Path

    def server(self, certificate: trustme.LeafCert) -> ssl.SSLContext:
        """A server's context with a certificate of this authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        return context


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """One authority for the session."""
    ca = trustme.CA(organization_name="Band Test Authority")
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    ca.cert_pem.write_to_path(str(file))
    return Authority(ca, file)
