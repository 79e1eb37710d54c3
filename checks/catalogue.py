"""All checks, in the order in which they rest on each other."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from soundcheck.checks.backend.backend_prisma import backend_prisma_check
from soundcheck.checks.backend.client_connects import client_connects_check
from soundcheck.checks.backend.prisma import prisma_checks
from soundcheck.checks.cache.claims import database_claim_check
from soundcheck.checks.cache.layers import cache_checks
from soundcheck.checks.check import Registry
from soundcheck.checks.database.indexes import index_check
from soundcheck.checks.database.latency import database_latency_checks
from soundcheck.checks.database.layers import database_layer_checks
from soundcheck.checks.database.pooling import pooling_check
from soundcheck.checks.database.state import database_state_checks
from soundcheck.checks.database.tables import database_table_checks
from soundcheck.checks.files.env_file import file_checks
from soundcheck.checks.files.place import place_checks
from soundcheck.checks.machine.packages import machine_checks
from soundcheck.checks.run import Observer, Report, run_checks, unobserved
from soundcheck.stores.probe.postgres import ProbeDeadlines
from soundcheck.stores.services import Services


@cache
def default_registry(deadlines: ProbeDeadlines | None = None) -> Registry:
    """The registry of the program, made once; a test hands in shorter deadlines."""
    seconds = deadlines or ProbeDeadlines()
    return Registry(
        (
            *file_checks(),
            *place_checks(),
            *prisma_checks(),
            database_claim_check(seconds),
            *database_layer_checks(seconds),
            *database_latency_checks(seconds),
            *database_state_checks(seconds),
            pooling_check(seconds),
            *database_table_checks(seconds),
            index_check(seconds),
            client_connects_check(),
            backend_prisma_check(),
            *cache_checks(seconds),
            *machine_checks(),
        )
    )


async def ask(services: Services, ids: Iterable[str], observer: Observer = unobserved) -> Report:
    """Run the named checks, or groups of them, with all that they rest on. Raises `UsageError` for an unknown name."""
    return await run_checks(default_registry().select(ids), services, observer)
