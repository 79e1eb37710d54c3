"""A Valkey that runs and answers late is busy, on a loaded machine or a slow disk: it is not down."""

from __future__ import annotations

import os
from pathlib import Path

from soundcheck.stores.local import valkey_server
from soundcheck.stores.local.places import Places
from soundcheck.stores.local.process_identity import ProcessIdentity
from soundcheck.stores.local.state_file import ValkeyState
from soundcheck.stores.secret import Secret
from tests.fault_proxy import black_hole


async def test_a_server_that_runs_and_does_not_answer_in_time_is_up_for_a_status_and_not_ready_for_a_start(
    tmp_path: Path,
) -> None:
    places = Places(tmp_path)
    places.valkey.mkdir()
    with black_hole() as port:
        late = ValkeyState(port, Secret("word"), process=ProcessIdentity.of(os.getpid()))
        assert await valkey_server.is_healthy(late, places, late=True)
        assert not await valkey_server.is_healthy(late, places)
    assert not await valkey_server.is_healthy(late, places, late=True), "refused is not late"
    gone = ValkeyState(port, Secret("word"), process=None)
    assert not await valkey_server.is_healthy(gone, places, late=True)
