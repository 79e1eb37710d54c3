"""docs/ci.md is run as it stands there: its lines pass on good credentials, and fail with a useful line on bad ones."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from ready_program import SOUNDCHECK

DOCUMENT = (Path(__file__).parents[2] / "docs" / "ci.md").read_text()
(LINES,) = re.findall(r"(?ms)^## In CI$.*?^```sh\n(.*?)^```$", DOCUMENT)


def run_recipe(desk, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """In a shell of its own, as CI runs it: no home to speak of, only the three secrets exported."""
    environ = {
        "PATH": f"{SOUNDCHECK.parent}{os.pathsep}{desk.environ['PATH']}",
        "HOME": str(desk.home),
        "CI": "true",
        "SOUNDCHECK_ENGINE": desk.environ["SOUNDCHECK_ENGINE"],
        **variables,
    }
    return subprocess.run(
        ["sh", "-e"], cwd=desk.project, env=environ, input=LINES, capture_output=True, text=True, timeout=100,
        check=False,
    )  # fmt: skip


def test_the_lines_pass_on_good_credentials_and_leave_the_checkout_as_it_was(
    desk, exported: Callable[[], dict[str, str]]
) -> None:
    done = run_recipe(desk, exported())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All 9 criteria are met." in done.stdout
    assert list(desk.project.iterdir()) == []


def test_a_broken_credential_ends_it_with_code_3_and_the_reason(desk, exported: Callable[[], dict[str, str]]) -> None:
    variables = exported() | {"UPSTASH_REDIS_REST_TOKEN": "hunter2-is-not-it"}
    done = run_recipe(desk, variables)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "UPSTASH_REDIS_REST_TOKEN" in done.stderr or "token" in done.stderr
    assert "Next: " in done.stderr
    assert "hunter2-is-not-it" not in done.stdout + done.stderr
    assert list(desk.project.iterdir()) == []


def test_the_job_for_github_runs_the_very_same_lines() -> None:
    (job,) = re.findall(r"(?ms)^```yaml\n(.*?)^```$", DOCUMENT)
    assert re.findall(r"- run: (.*)", job) == LINES.splitlines()


def test_every_command_that_the_page_names_is_one() -> None:
    from soundcheck.screens.cli import COMMANDS

    named = set(re.findall(r"soundcheck ([a-z]+)", DOCUMENT))
    assert named - set(COMMANDS) == set()
