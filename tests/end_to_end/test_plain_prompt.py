"""Secrets at a plain prompt: pasted as people paste them, never shown, and the terminal left as it was."""

from __future__ import annotations

import os
import signal
import termios
from collections.abc import Callable
from pathlib import Path

import pytest
from pty_terminal import Terminal
from ready_program import SOUNDCHECK
from terminal_state import line_settings

BLOCK = (
    "# from the console\r\n"
    "DATABASE_URL=“postgresql://app:sesame-open@127.0.0.1:1/db?sslmode=disable”\r\n"
    "\r\n"
    "UPSTASH_REDIS_REST_URL=http://127.0.0.1:1\r\n"
    "UPSTASH_REDIS_REST_TOKEN=“tok-aaaa-bbbb-cccc-dddd”\r\n"
)


def _at_the_hidden_prompt(terminal: Terminal) -> None:
    terminal.wait_for("How do you want to start?")
    terminal.type("2\n")
    terminal.wait_for("Enter on an empty line ends it")
    terminal.wait_until(lambda _: not _shows_typing(terminal), "a silent terminal")


def _shows_typing(terminal: Terminal) -> bool:
    return bool(termios.tcgetattr(terminal._main)[3] & termios.ECHO)


def test_a_pasted_block_with_empty_lines_and_crlf_arrives_whole_and_unseen(desk) -> None:
    with Terminal(SOUNDCHECK, "setup", "--plain", cwd=desk.project, environ=desk.environ) as terminal:
        _at_the_hidden_prompt(terminal)
        terminal.type(BLOCK.replace("\n", "\r"))  # a terminal without bracketed paste sends what the Enter key sends
        terminal.type("\n")
        terminal.wait_for("UPSTASH_REDIS_REST_TOKEN from line")
        screen = terminal.wait_until(lambda s: s.count("Enter on an empty line ends it") == 2, "the question again")
        assert "Taken: 4 lines." in screen
        assert "DATABASE_URL from line 2: postgresql://app:•••••@127.0.0.1:1/db" in screen
        assert b"sesame-open" not in terminal.raw
        assert b"tok-aaaa" not in terminal.raw


def test_leaving_at_the_hidden_prompt_gives_the_terminal_its_echo_back(desk) -> None:
    with Terminal(SOUNDCHECK, "setup", "--plain", cwd=desk.project, environ=desk.environ) as terminal:
        _at_the_hidden_prompt(terminal)
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.wait_ended() == 130
        assert _shows_typing(terminal)


def test_a_repaired_value_is_shown_and_asked_for(desk) -> None:
    with Terminal(SOUNDCHECK, "setup", "--plain", cwd=desk.project, environ=desk.environ) as terminal:
        _at_the_hidden_prompt(terminal)
        terminal.type("rediss://default:AbCdEf1234567890@fit-mole-1.upstash.io:6379\n\n")
        terminal.wait_for("Use the repaired value, as shown above?")
        assert "https://fit-mole-1.upstash.io" in terminal.text
        terminal.type("no\n")
        screen = terminal.wait_until(lambda s: s.count("Enter on an empty line ends it") == 2, "the question again")
        assert screen.count("Missing: DATABASE_URL, UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN.") == 2
        assert b"AbCdEf1234567890" not in terminal.raw


def test_back_leads_to_the_question_before_not_in_circles(desk) -> None:
    with Terminal(SOUNDCHECK, "setup", "--plain", cwd=desk.project, environ=desk.environ) as terminal:
        _at_the_hidden_prompt(terminal)
        terminal.type("back\n")
        terminal.wait_until(lambda s: s.count("How do you want to start?") == 2, "the first question again")
        terminal.type("3\n")
        terminal.wait_for("I have them, go on")
        terminal.type("1\n")
        terminal.wait_until(lambda s: s.count("Enter on an empty line ends it") == 2, "the hidden prompt")
        terminal.wait_until(lambda _: not _shows_typing(terminal), "a silent terminal")
        terminal.type("back\n")
        terminal.wait_until(lambda s: s.count("I have them, go on") == 2, "the accounts again")


def test_an_address_of_something_else_is_refused_without_repeating_its_password(desk) -> None:
    done = desk.run("mysql://app:sesame-open@127.0.0.1/db")
    assert done.returncode == 2
    assert "mysql:// is no address of a PostgreSQL database." in done.stderr
    assert "sesame-open" not in done.stdout + done.stderr


def test_with_migrations_the_way_to_the_tables_is_named_instead_of_a_circle(
    desk, exported: Callable[[], dict[str, str]]
) -> None:
    migration = desk.project / "prisma" / "migrations" / "1_init" / "migration.sql"
    migration.parent.mkdir(parents=True)
    migration.write_text("CREATE TABLE x (id int);\n")
    (desk.project / "prisma" / "schema.prisma").write_text((Path(__file__).parents[2] / "schema.prisma").read_text())
    done = desk.run("setup", "--from-env", "--yes", **exported())
    assert done.returncode == 3
    assert "npx prisma@6 migrate deploy" in done.stderr
    assert "Table doesn't exist" in done.stderr


def _at_a_question(terminal: Terminal) -> None:
    terminal.wait_until(lambda s: s.rstrip().endswith("\n>"), "the prompt")


each_prompt = pytest.mark.parametrize("prompt", [_at_a_question, _at_the_hidden_prompt], ids=["question", "hidden"])
each_signal = pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT], ids=lambda number: number.name
)


@each_signal
@each_prompt
def test_a_signal_leaves_the_terminal_as_it_was(
    desk, prompt: Callable[[Terminal], None], number: signal.Signals
) -> None:
    with Terminal(SOUNDCHECK, "setup", "--plain", cwd=desk.project, environ=desk.environ) as terminal:
        before = line_settings(terminal)
        prompt(terminal)
        terminal.process.send_signal(number)
        assert terminal.wait_ended(60) == 128 + number
        assert line_settings(terminal) == before
        said = {signal.SIGINT: "interrupted", signal.SIGHUP: ">"}.get(number, f"ended by {number.name}")
        assert terminal.text.rstrip().endswith(said)
        assert "Traceback" not in terminal.text


@each_prompt
def test_a_terminal_that_is_gone_ends_a_question(desk, prompt: Callable[[Terminal], None]) -> None:
    with Terminal(SOUNDCHECK, "setup", "--plain", cwd=desk.project, environ=desk.environ) as terminal:
        prompt(terminal)
        os.close(terminal._main)
        try:
            assert terminal.process.wait(60) != 0  # the end of the input may be seen before the signal
        finally:
            terminal._main = os.open(os.devnull, os.O_RDONLY)
