"""A name that is not found: without DNS the answer is the same as for a wrong name, so the network is named first."""

from __future__ import annotations

from soundcheck.stores.postgres.problem import connect_problem
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.resolver import ResolveError, ResolveFailure


def test_a_name_that_is_not_found_does_not_put_the_blame_on_the_address_alone() -> None:
    url = PostgresUrl.parse("postgresql://app:sesame-open@ep-cool-1.us-east-2.aws.neon.tech/neondb")
    problem = connect_problem(ResolveError(ResolveFailure.UNKNOWN_NAME, url.host), url)
    assert "does not exist" not in problem.message
    assert problem.hint.index("network") < problem.hint.index("DATABASE_URL")
    assert "`soundcheck doctor`" in problem.hint
    assert "sesame-open" not in problem.message + problem.hint
