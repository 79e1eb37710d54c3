"""From an empty folder to eleven tables with the real command, in a script's way: no terminal, no questions."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from backend_fixture import make_environment
from dotenv import dotenv_values

from soundcheck.wizard.setup.flow import NOTHING_TO_CHANGE

DOCS = Path(__file__).parents[2] / "docs" / "json"
PLAN_LINES = [
    "Connection successful!",
    "Query successful!",
    "Found 11 tables",
    "All tests passed!",
    "Redis connected!",
    "Cache write/read successful!",
    "Redis caching is ready!",
]


def files(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of a project: when it was written, and what is in it."""
    return {str(one): (one.stat().st_mtime_ns, one.read_bytes()) for one in folder.rglob("*") if one.is_file()}


def test_from_an_empty_folder_to_eleven_tables_on_this_machine(desk) -> None:
    done = desk.run("setup", "--local", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    at = [done.stdout.index(f"✓ ok: {line}\n") for line in PLAN_LINES]
    assert at == sorted(at)
    assert "All 9 criteria are met." in done.stdout
    assert stat.S_IMODE(desk.env_file.stat().st_mode) == 0o600
    assert ".env" in (desk.project / ".gitignore").read_text().split()
    assert (desk.project / "prisma" / "schema.prisma").is_file()
    assert (desk.project / "prisma_client" / "client.py").is_file()
    values = dotenv_values(desk.env_file)
    for name in ("DATABASE_URL", "UPSTASH_REDIS_REST_TOKEN"):
        assert values[name]
        assert values[name] not in done.stdout + done.stderr

    before, there = desk.env_file.read_bytes(), files(desk.project)
    again = desk.run("setup", "--yes")
    assert again.returncode == 0, again.stdout + again.stderr
    assert ".env is as it should be" in again.stdout
    assert "already in sync" in again.stdout
    assert "not needed: local" in again.stdout
    assert NOTHING_TO_CHANGE in again.stdout
    assert NOTHING_TO_CHANGE not in done.stdout
    assert desk.env_file.read_bytes() == before
    assert files(desk.project) == there

    tables = desk.run("tables", "--json")
    assert tables.returncode == 0, tables.stderr
    assert len(json.loads(tables.stdout)["tables"]) == 11

    undone = desk.run("setup", "--undo")
    assert undone.returncode == 0, undone.stderr
    assert not desk.env_file.exists()


def test_with_exported_credentials_as_in_ci(desk, exported: Callable[[], dict[str, str]]) -> None:
    done = desk.run("setup", "--from-env", "--yes", "--json", **exported())
    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads(done.stdout)
    jsonschema.validate(document, json.loads((DOCS / "setup.schema.json").read_text()))
    assert document["ok"]
    assert document["changed"]
    assert [step["step"] for step in document["steps"]][-1] == "Done"
    for secret in exported().values():
        if not secret.startswith("http"):
            assert secret not in done.stdout + done.stderr
            assert secret not in (desk.home / "sc").rglob("*.json").__repr__()

    there = files(desk.project)
    again = json.loads(desk.run("setup", "--from-env", "--yes", "--json", **exported()).stdout)
    jsonschema.validate(again, json.loads((DOCS / "setup.schema.json").read_text()))
    assert again["ok"]
    assert not again["changed"]
    assert again["steps"][-1]["lines"][-1]["text"] == NOTHING_TO_CHANGE
    assert files(desk.project) == there


def test_a_python_backend_ends_up_connected(desk, exported: Callable[[], dict[str, str]]) -> None:
    """Nothing was installed for it but prisma in its own environment; no native engine is there."""
    make_environment(desk.project / ".venv")
    (desk.project / "main.py").write_text("")
    done = desk.run("setup", "--from-env", "--yes", "--trust", **exported())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "+ add: PRISMA_QUERY_ENGINE_BINARY=" in done.stdout
    assert "Your backend connects" in done.stdout
    assert ".venv/bin/python printed: 0 users" in done.stdout
    for secret in exported().values():
        if not secret.startswith("http"):
            assert secret not in done.stdout + done.stderr

    lines = done.stdout.partition("these lines were just run.\n")[2].splitlines()[:5]
    copied = "\n".join(line[4:] for line in lines)
    alone = subprocess.run(
        [desk.project / ".venv" / "bin" / "python", "-c", copied], cwd=desk.project, env=desk.environ,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (alone.returncode, alone.stdout) == (0, "0 users\n"), alone.stderr

    undone = desk.run("doctor", "--undo", "client.engine", **exported())
    assert undone.returncode == 0, undone.stderr
    checked = desk.run("doctor", "--only", "client.connects", "--json", **exported())
    finding = json.loads(checked.stdout)["checks"][-1]["finding"]
    assert "BinaryNotFoundError" in finding["summary"]
    assert [fix["id"] for fix in finding["fixes"]] == ["client.engine"]


def test_credentials_may_come_by_standard_input_file_and_variable(
    equipped, exported: Callable[[], dict[str, str]], tmp_path: Path
) -> None:
    values = exported()
    token = tmp_path / "token"
    token.write_text(values["UPSTASH_REDIS_REST_TOKEN"] + "\n")
    done = equipped.run(
        "setup", "--yes", "--database-url", "-", "--redis-url", "env:HERE", "--redis-token", f"@{token}",
        stdin=values["DATABASE_URL"] + "\n", HERE=values["UPSTASH_REDIS_REST_URL"],
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert dotenv_values(equipped.env_file)["UPSTASH_REDIS_REST_TOKEN"] == values["UPSTASH_REDIS_REST_TOKEN"]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["setup", "--yes"], 3, "--local"),
        (["setup"], 2, "--yes"),
        (["setup", "--yes", "--from-env"], 2, "none of the variables is set"),
        (["setup", "--yes", "--database-url", "postgresql://u:hunter2secret@h/d"], 2, "env:NAME"),
        (["setup", "--yes", "--redis-token", "@/nowhere"], 2, "could not be read"),
        (["setup", "--yes", "--redis-token", "env:NOT_SET"], 2, "NOT_SET"),
        (["setup", "--undo"], 3, "no earlier"),
        (["setup", "--local", "--from-env"], 2, "exclude each other"),
        (["rows", "users"], 4, "soundcheck setup"),
        (["doctor", "--only", "nothing.there"], 2, "There is no check"),
        (["--profile", "live", "tables"], 2, "no profile"),
        (["--project", "/nowhere", "doctor"], 2, "is not a folder"),
    ],
)
def test_what_cannot_be_done_ends_in_a_word_a_next_step_and_its_code(
    desk, words: list[str], code: int, told: str
) -> None:
    done = desk.run(*words)
    assert done.returncode == code, done.stdout + done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter2secret" not in done.stdout + done.stderr
    assert done.stdout in {"", f"  Project: {desk.project}\n  1/8 Welcome\n"}


def test_two_databases_at_once_are_not_guessed_between(desk, exported: Callable[[], dict[str, str]]) -> None:
    desk.env_file.write_text('DATABASE_URL="postgresql://u:p@db.example.org/other"\n')
    done = desk.run("setup", "--yes", **exported())
    assert done.returncode == 3
    assert "db.example.org" in done.stderr
    assert "127.0.0.1" in done.stderr


def test_a_working_value_is_replaced_only_with_its_consent(equipped, exported: Callable[[], dict[str, str]]) -> None:
    before = 'DATABASE_URL="postgresql://u:p@db.example.org/other"\nJWT_SECRET=kept\n'
    equipped.env_file.write_text(before)
    refused = equipped.run("setup", "--from-env", "--yes", **exported())
    assert refused.returncode == 3
    assert "--replace" in refused.stderr
    assert equipped.env_file.read_text() == before
    done = equipped.run("setup", "--from-env", "--yes", "--replace", **exported())
    assert done.returncode == 0, done.stdout + done.stderr
    assert dotenv_values(equipped.env_file)["JWT_SECRET"] == "kept"
    assert equipped.run("setup", "--undo").returncode == 0
    assert equipped.env_file.read_text() == before


def test_killed_in_every_step_it_goes_on_and_damages_nothing(desk, exported: Callable[[], dict[str, str]]) -> None:
    """One set-up with a power cut in each step, one after the other."""
    desk.env_file.write_text("JWT_SECRET=kept\n")
    desk.environ |= exported()
    for step in range(1, 9):
        with desk.start("setup", "--from-env", "--yes") as run:
            assert run.stdout is not None
            heading = next((line for line in run.stdout if line.strip().startswith(f"{step}/8")), None)
            assert heading is not None, step
            run.send_signal(signal.SIGKILL)
        assert dotenv_values(desk.env_file)["JWT_SECRET"] == "kept", step
    done = desk.run("setup", "--from-env", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All 9 criteria are met." in done.stdout
    assert dotenv_values(desk.env_file)["JWT_SECRET"] == "kept"
    left = {path.name for path in desk.project.iterdir()}
    assert left == {".env", ".env.example", ".gitignore", "prisma", "prisma_client", "soundcheck.toml"}


def test_every_command_s_help_has_an_example(desk) -> None:
    from soundcheck.screens.cli import COMMANDS

    for command in COMMANDS:
        shown = desk.run(command, "--help")
        assert shown.returncode == 0, shown.stderr
        assert f"soundcheck {command}" in shown.stdout.split("examples:")[1]


def test_without_a_terminal_the_bare_command_says_where_things_stand(desk) -> None:
    done = desk.run()
    assert done.returncode == 0
    assert "soundcheck setup --local --yes" in done.stdout
    assert list(desk.project.iterdir()) == []


def test_without_node_on_the_path_the_wheel_s_serves(
    desk, exported: Callable[[], dict[str, str]], tmp_path: Path
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("git", "sh", "env"):
        if found := shutil.which(name):
            (tools / name).symlink_to(found)
    reaching_npm = {
        n: v for n, v in os.environ.items() if n.startswith(("NODE_", "npm_", "NPM_", "SSL_")) or "PROXY" in n.upper()
    }
    desk.environ |= {**reaching_npm, "PATH": str(tools), "SOUNDCHECK_ENGINE": str(tmp_path / "engine")}
    done = desk.run("setup", "--from-env", "--yes", **exported())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All 9 criteria are met." in done.stdout
    assert "(installed with Soundcheck)" in done.stdout


def test_make_run_without_a_terminal_sets_up_and_lists_the_tables() -> None:
    recipe = (Path(__file__).parents[2] / "Makefile").read_text()
    assert "setup --yes --local-if-none --plain && $(SOUNDCHECK) tables --plain" in recipe
    assert "[ -t 0 ] && [ -t 1 ]" in recipe


def test_what_make_run_does_without_a_terminal_and_the_stack_that_it_leaves(desk) -> None:
    done = desk.run("setup", "--yes", "--local-if-none", "--plain")
    assert done.returncode == 0, done.stdout + done.stderr
    listed = desk.run("tables", "--plain")
    assert listed.returncode == 0
    assert len(listed.stdout.splitlines()) == 12
    assert "users" in listed.stdout
    run_hands_the_backend_the_credentials_and_its_exit_code(desk)
    local_status_masks_its_secrets_unless_asked(desk)


def run_hands_the_backend_the_credentials_and_its_exit_code(desk) -> None:
    stopped = desk.run("local", "down")
    assert stopped.returncode == 0
    assert "It stays down until" in stopped.stderr
    done = desk.run(
        "run", "--", "sh", "-c", 'test -n "$DATABASE_URL" && echo "token ${#UPSTASH_REDIS_REST_TOKEN}"; exit 7'
    )
    assert done.returncode == 7
    assert "token 32" in done.stdout


def local_status_masks_its_secrets_unless_asked(desk) -> None:
    assert desk.run("local", "up").returncode == 0
    masked, shown = desk.run("local", "status", "--json"), desk.run("local", "status", "--json", "--show-secrets")
    schema = json.loads((DOCS / "local.schema.json").read_text())
    for done in (masked, shown):
        jsonschema.validate(json.loads(done.stdout), schema)
    there = json.loads(shown.stdout)
    assert there["postgres"]["state"] == there["redis"]["state"] == there["rest"]["state"] == "up"
    for secret in (
        there["rest"]["token"],
        there["rest"]["readonly_token"],
        there["postgres"]["url"],
        there["redis"]["url"],
    ):
        assert secret
        assert secret not in masked.stdout
    refused = desk.run("local", "reset")
    assert refused.returncode == 3
    assert "--yes" in refused.stderr
    assert desk.run("local", "reset", "--yes").returncode == 0
    assert json.loads(desk.run("local", "status", "--json").stdout)["postgres"]["state"] == "absent"
