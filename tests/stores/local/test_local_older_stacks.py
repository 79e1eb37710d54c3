"""A stack that an older version left is taken over in place: data, ports and passwords stay."""

from __future__ import annotations

import json
from dataclasses import replace

import psycopg
import pytest
from tests_of_local_stack import state_of

from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.local.status import ServerState, credentials_of, postgres_url
from soundcheck.stores.secret import Secret


def _trusting(stack: LocalStack, rule: str) -> None:
    """As an older version, or a hand, may have left it: verifiers of MD5, and a rule that lets more in than ours."""
    state = state_of(stack).postgres
    data = stack.places.cluster(state.data)
    (data / "pg_hba.conf").write_text(rule)
    with (data / "postgresql.conf").open("a") as file:
        file.write("password_encryption = md5\n")


@pytest.mark.parametrize("rule", ["host all all 127.0.0.1/32 trust\n", "host all all all md5\n", ""])
@pytest.mark.parametrize("is_running", [True, False])
async def test_a_cluster_that_lets_more_in_is_mended_in_place(
    broken_stack: LocalStack, rule: str, is_running: bool
) -> None:
    before = await broken_stack.up()
    url = postgres_url(state_of(broken_stack))
    with psycopg.connect(url.reveal(), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS stays (id int)")
    if not is_running:
        await broken_stack.down()
    _trusting(broken_stack, rule)
    after = await broken_stack.up()
    assert after.is_up
    assert not after.ports_changed
    assert before.postgres.pid != after.postgres.pid
    with psycopg.connect(url.reveal(), require_auth="scram-sha-256") as connection:
        assert connection.execute("SELECT count(*) FROM stays").fetchone() == (0,)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(replace(url, password=Secret("wrong")).reveal())


async def test_a_state_without_start_times_keeps_ports_and_passwords(own_stack: LocalStack) -> None:
    await own_stack.up()
    before = state_of(own_stack)
    file = own_stack.places.folder / "processes.json"
    known = json.loads(file.read_text())
    for part in known.values():
        del part["process"]["started"]
    file.write_text(json.dumps(known))
    lasting = json.loads(own_stack.places.state_file.read_text())
    del lasting["former_ports"]
    own_stack.places.state_file.write_text(json.dumps(lasting))
    assert (await own_stack.status()).postgres.state is ServerState.DOWN
    assert (await own_stack.up()).is_up
    after = state_of(own_stack)
    assert credentials_of(after) == credentials_of(before)
    assert (after.valkey.port, after.valkey.password) == (before.valkey.port, before.valkey.password)
    assert not after.former_ports
