"""What tests of set-up's steps share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest_url import RestUrl

Own = Callable[[Credentials], None]


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch, services: Services) -> Own:
    """The stores of these credentials are the local stack's own."""
    services.project.local.mkdir(parents=True, exist_ok=True)

    def set_own(ours: Credentials) -> None:
        class Stack:
            def __init__(self, _: object) -> None:
                """One folder is like another."""

            def owns(self, url: PostgresUrl) -> bool:
                return url == ours.database_url

            def owns_rest(self, url: RestUrl) -> bool:
                return url == ours.rest_url

        monkeypatch.setattr("soundcheck.stores.local.stack.LocalStack", Stack)

    return set_own
