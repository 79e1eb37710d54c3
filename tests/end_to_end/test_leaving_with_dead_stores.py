"""Leaving while no store answers any more: the app asks nobody, prints nothing, and waits for no deadline."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest
from fake_rest import Answer, FakeRest
from fault_proxy import FaultProxy, Swallow, Until
from pty_terminal import Terminal
from ready_program import SOUNDCHECK
from terminal_state import assert_given_back, line_settings

from soundcheck.stores.postgres.url import PostgresUrl

BACK = b"\x1b[?1049l"
_SEQUENCE = re.compile(rb"\x1b(?:\[[0-9;?<>=]*[a-zA-Z]|[()][A-Z0-9]|[=>78]|\][^\x07]*\x07)")


def printed_after(raw: bytes) -> bytes:
    """What stands in the shell once the app has given its screen back."""
    return _SEQUENCE.sub(b"", raw.rpartition(BACK)[2]).strip()


@pytest.mark.parametrize("answers_first", [False, True], ids=["checks, dead from the start", "tables, dies later"])
async def test_leaving_prints_nothing_and_waits_for_nobody(
    desk, database_url: PostgresUrl, answers_first: bool
) -> None:
    loop = asyncio.get_running_loop()
    dies_later = Until(database_url.port or 5432)
    fault = dies_later if answers_first else Swallow()
    async with FaultProxy(fault) as database, FakeRest(lambda _: Answer("", hang=True)) as cache:
        desk.env_file.write_text(
            f"DATABASE_URL={replace(database_url, port=database.port).reveal()}\n"
            f"UPSTASH_REDIS_REST_URL=http://127.0.0.1:{cache.port}\nUPSTASH_REDIS_REST_TOKEN=tok\n"
        )

        def walk() -> bytes:
            size = {"columns": 80, "rows": 24}
            with Terminal(SOUNDCHECK, "--env-file", ".env", cwd=desk.project, environ=desk.environ, **size) as terminal:
                before = line_settings(terminal)
                if answers_first:
                    terminal.wait_for("No table is open", seconds=60)
                    loop.call_soon_threadsafe(dies_later.held.set)
                    terminal.press("ctrl+r")
                    terminal.wait_until(lambda _: dies_later.asked.is_set(), "a question that nobody answers")
                else:
                    terminal.wait_until(lambda _: database.open > 0, "a connection that nobody answers", seconds=60)
                    terminal.press("4")
                    terminal.wait_until(lambda _: cache.asked.is_set(), "a command that nobody answers", seconds=60)
                terminal.press("ctrl+q")
                assert terminal.wait_ended() == 0
                assert_given_back(terminal, before)
                return terminal.raw

        raw = await asyncio.to_thread(walk)
    assert printed_after(raw) == b""
