"""The stack is down, and strangers sit on the ports that `.env` names: no command, nor the app, sends them a byte."""

from __future__ import annotations

import pytest
from dotenv import dotenv_values
from pty_terminal import Terminal
from ready_program import SOUNDCHECK

from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.local.state_file import LocalState, read_state
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import open_project
from soundcheck.stores.upstash.rest_url import RestUrl
from tests.end_to_end.conftest import Desk
from tests.squatter import squatting

COMMANDS = (
    ("local", "status"),
    ("run", "--", "true"),  # starts the stack, on other ports; what comes after it finds an env file of old addresses
    ("doctor", "--json"),
    ("tables",),
    ("rows", "users"),
    ("cache", "--json"),
    ("seed", "--users", "2", "--production", "music_app"),
)


def state_of(desk: Desk) -> LocalState:
    project = open_project(desk.project, environ=desk.environ)
    state = read_state(LocalStack(project.local).places.state_file)
    assert state is not None
    return state


def ports_in_env(desk: Desk) -> tuple[int, int]:
    values = dotenv_values(desk.env_file)
    url = PostgresUrl.parse(values["DATABASE_URL"] or "")
    return url.port or 0, RestUrl.parse(values["UPSTASH_REDIS_REST_URL"] or "").effective_port


@pytest.mark.timeout(400)  # a dozen starts of the program
def test_strangers_hear_nothing_and_the_env_file_follows_the_stack(desk: Desk) -> None:
    made = desk.run("setup", "--local", "--yes", "--plain")
    assert made.returncode == 0, made.stdout + made.stderr
    old = state_of(desk).ports
    assert desk.run("local", "down").returncode == 0
    with squatting(*old) as squatters:

        def heard() -> bytes:
            return b"".join(squatter.heard for squatter in squatters)

        for words in COMMANDS:
            ran = desk.run(*words)
            assert "Traceback" not in ran.stderr
            assert heard() == b"", words
        assert not state_of(desk).ports & old
        with Terminal(SOUNDCHECK, cwd=desk.project, environ=desk.environ) as terminal:
            terminal.wait_for("Tables", seconds=60)
            terminal.press("ctrl+q")
            terminal.wait_ended()
        assert heard() == b""
        state = state_of(desk)
        assert ports_in_env(desk) == (state.postgres.port, state.gateway.port)
        assert desk.run("run", "--", "true").returncode == 0
        assert heard() == b""
