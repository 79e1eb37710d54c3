"""A newcomer at a real terminal: keys in, screen out, from an empty folder to the grid."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Callable

import pytest
from dotenv import dotenv_values
from pty_terminal import Terminal
from ready_program import SOUNDCHECK
from set_up_by_keys import READY, go_on, heading, set_up


def app(desk, columns: int = 80, rows: int = 24, **more: str) -> Terminal:
    return Terminal(SOUNDCHECK, cwd=desk.project, environ={**desk.environ, **more}, columns=columns, rows=rows)


def secrets_of(desk) -> list[str]:
    values = dotenv_values(desk.env_file)
    password = (values["DATABASE_URL"] or "").split(":")[2].split("@")[0]
    token = values["UPSTASH_REDIS_REST_TOKEN"] or ""
    assert len(password) > 16
    assert len(token) > 16
    return [password, token]


def test_from_an_empty_folder_to_the_grid_by_keys_alone(desk) -> None:
    with app(desk) as terminal:
        set_up(terminal)
        terminal.wait_for("chat_messages", seconds=30)
        terminal.press("ctrl+q")
        assert terminal.wait_ended() == 0
        for secret in secrets_of(desk):
            assert secret.encode() not in terminal.raw
    again = desk.run("doctor")
    assert again.returncode == 0, again.stdout


def test_killed_in_any_step_it_goes_on_at_the_first_one_that_does_not_pass(desk) -> None:
    """One set-up with a power cut in every step, in the middle of the push too."""

    def sit_down(at: str) -> Terminal:
        terminal = app(desk)
        terminal.wait_for(heading(at), seconds=60)
        terminal.wait_for(READY[at], seconds=60)
        return terminal

    with sit_down("Welcome"):
        pass  # leaving the block kills the program
    with sit_down("Welcome") as terminal:
        go_on(terminal, "Welcome")
        terminal.wait_for(READY["Credentials"], seconds=60)
    with sit_down(".env"):
        pass
    with sit_down(".env") as terminal:
        go_on(terminal, ".env")
        terminal.wait_for(READY["Database"], seconds=60)
    with sit_down("Database") as terminal:
        terminal.press("ctrl+n")
        assert terminal.read(10), "the work begins"
    with app(desk) as terminal:
        terminal.wait_until(lambda s: READY["Database"] in s or READY["Done"] in s, "an open step", seconds=60)
        if READY["Database"] in terminal.text:
            go_on(terminal, "Database")
            terminal.wait_for(READY["Connection test"], seconds=60)
    with sit_down("Done"):
        pass
    with sit_down("Done") as terminal:
        go_on(terminal, "Done")
        terminal.wait_for("chat_messages")
    with app(desk) as terminal:
        terminal.wait_for("chat_messages")  # once finished, start opens the tables
        terminal.press("ctrl+q")
        assert terminal.wait_ended() == 0
    assert dotenv_values(desk.env_file)["DATABASE_URL"]
    assert desk.run("doctor").returncode == 0


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_it_works_inside_tmux(desk, tmp_path) -> None:
    name = f"sc-{desk.project.parent.name[-20:]}"
    socket_folder = {"TMUX_TMPDIR": str(tmp_path)}
    try:
        environ = {**desk.environ, **socket_folder}
        words = ["tmux", "-u", "-L", name, "-f", "/dev/null", "new-session", str(SOUNDCHECK)]
        with Terminal(*words, cwd=desk.project, environ=environ, columns=100, rows=30) as terminal:
            for step in ("Welcome", "Credentials", ".env"):
                terminal.wait_for(heading(step), seconds=60)
                go_on(terminal, step)
            terminal.wait_for(heading("Database"), seconds=60)
            terminal.press("ctrl+q")
            terminal.wait_ended()
    finally:
        subprocess.run(["tmux", "-L", name, "kill-server"], env=environ, capture_output=True, check=False)
    assert desk.env_file.exists()


def test_leaving_in_the_middle_of_a_black_hole_is_immediate(desk) -> None:
    """A server that takes the connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as hole:
        port = hole.getsockname()[1]
        with app(desk) as terminal:
            terminal.wait_for(READY["Welcome"])
            terminal.press("down", "enter")
            terminal.wait_for(heading("Credentials"))
            terminal.paste(f"DATABASE_URL=postgresql://app:pass-word-1@127.0.0.1:{port}/music?sslmode=require\n")
            terminal.wait_for("port open")
            terminal.press("ctrl+q")
            assert terminal.wait_ended(seconds=5) == 0  # its deadline is 15 s


def test_pasted_credentials_are_tested_and_never_drawn(desk, exported: Callable[[], dict[str, str]]) -> None:
    values = exported()
    with app(desk, columns=120, rows=40) as terminal:
        terminal.wait_for(READY["Welcome"])
        terminal.press("down", "enter")
        terminal.wait_for(heading("Credentials"))
        terminal.paste("\r\n".join(f'{name}="{value}"' for name, value in values.items()))
        terminal.wait_for("✓ write, read", seconds=60)
        terminal.press("ctrl+q")
        terminal.wait_ended()
    for secret in (values["UPSTASH_REDIS_REST_TOKEN"], values["DATABASE_URL"].split(":")[2].split("@")[0]):
        assert secret.encode() not in terminal.raw
        for path in (desk.home / "sc").rglob("*"):
            if path.is_file():
                assert secret.encode() not in path.read_bytes(), path


def test_just_looking_opens_the_tables_and_writes_nothing(desk, exported: Callable[[], dict[str, str]]) -> None:
    url = exported()["DATABASE_URL"]
    with Terminal(SOUNDCHECK, url, cwd=desk.project, environ=desk.environ, columns=100, rows=30) as terminal:
        terminal.wait_for("╭─ Tables ─")
        terminal.press("ctrl+q")
        assert terminal.wait_ended() == 0
    assert list(desk.project.iterdir()) == []
    assert not (desk.home / "sc").exists()


def test_one_question_at_a_time_at_a_plain_prompt(desk) -> None:
    with Terminal(SOUNDCHECK, "setup", "--plain", cwd=desk.project, environ=desk.environ) as terminal:
        for question, answer in (
            ("How do you want to start?", "1"),
            ("Add .env to .gitignore?", "back"),
            ("How do you want to start?", "1"),
            ("Add .env to .gitignore?", ""),
            ("For your team: ", ""),
            ("Write .env?", "yes"),
            ("Copy ours to prisma/schema.prisma?", ""),
            ("Generate and push?", ""),
        ):
            terminal.answer(question, answer)
        terminal.wait_for("All 9 criteria are met.", seconds=60)
        assert terminal.wait_ended() == 0


def test_a_dumb_terminal_gets_plain_lines(desk) -> None:
    with Terminal(SOUNDCHECK, cwd=desk.project, environ={**desk.environ, "TERM": "dumb"}) as terminal:
        terminal.wait_for("soundcheck setup --local --yes")
        assert terminal.wait_ended() == 0
        assert b"\x1b" not in terminal.raw
