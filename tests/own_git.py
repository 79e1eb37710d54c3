"""Git in a test's folder: under a name of its own, deaf to the GIT_ variables and the habits of whoever runs it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_HABITS = ("user.name=t", "user.email=t@example.com", "init.defaultBranch=main", "commit.gpgsign=false")


def git(folder: Path, *words: str) -> str:
    """What `git` says on its standard output. Raises `CalledProcessError` where it fails."""
    habits = [word for habit in _HABITS for word in ("-c", habit)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(["git", *habits, *words], cwd=folder, env=environ, check=True, capture_output=True, text=True)
    return done.stdout
