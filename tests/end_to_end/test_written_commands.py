"""The commands in the pages run as they stand, once the program is on the PATH as the README says."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from printed_commands import takes
from ready_program import ROOT, SOUNDCHECK

PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    "examples/README.md",
    *(f"docs/{page.name}" for page in ROOT.glob("docs/*.md")),
]

_BLOCK = re.compile(r"^(?:    |\s*- run: )?(?:[^#`\n]*\| )?(?P<command>(?:\S*/)?soundcheck(?: [^#\n]*)?)(?:#.*)?$")
_INLINE = re.compile(r"`(?P<command>(?:\S*/)?soundcheck [^`]*)`")


def written_in(text: str) -> list[str]:
    """Lines of code blocks, and what stands in backticks, also across a line's end."""
    lines = [found["command"] for line in text.splitlines() if (found := _BLOCK.match(line))]
    return lines + [" ".join(found["command"].split()) for found in _INLINE.finditer(text)]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_a_page_is_one_that_the_program_takes(page: str) -> None:
    for line in written_in((ROOT / page).read_text("utf-8")):
        program, *words = shlex.split(line.replace("…", "x"))
        assert program in {"soundcheck", ".venv/bin/soundcheck"}, line
        if "|" in words:  # a choice, as in `local up | down`
            words = words[: words.index("|")]
        words = [word.split("|")[0] for word in words]
        if words and words[0].startswith("postgresql://"):
            continue
        assert takes(words), f"{page}: {line}"


def test_the_readme_has_commands_of_every_kind() -> None:
    found = written_in((ROOT / "README.md").read_text("utf-8"))
    assert {"setup", "doctor", "local", "rows", "profiles"} <= {word for line in found for word in line.split()[1:2]}


def test_what_the_readme_gives_to_the_shell_makes_the_command_known(tmp_path: Path) -> None:
    export = next(line for line in (ROOT / "README.md").read_text("utf-8").splitlines() if "export PATH=" in line)
    ran = subprocess.run(
        ["sh", "-c", f"{export}\ncd {shlex.quote(str(tmp_path))}\ncommand -v soundcheck"],
        cwd=SOUNDCHECK.parents[2], env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.stdout.strip() == str(SOUNDCHECK)
