"""All checks, in the order in which they rest on each other."""

from __future__ import annotations

from checks.backend_prisma import backend_prisma_check
from checks.cache import cache_checks
from checks.claims import database_claim_check
from checks.client_connects import client_connects_check
from checks.database_indexes import index_check
from checks.database_layers import database_layer_checks
from checks.database_pooling import pooling_check
from checks.database_state import database_state_checks
from checks.database_tables import database_table_checks
from checks.files import file_checks
from checks.files_place import place_checks
from checks.latency import database_latency_checks
from checks.machine import machine_checks
from checks.prisma import prisma_checks
from checks.registry import Registry
from stores.probe.postgres import ProbeDeadlines


def default_registry(deadlines: ProbeDeadlines | None = None) -> Registry:
    """The registry of the program; a test hands in shorter deadlines."""
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
