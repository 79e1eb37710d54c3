"""Runs in the backend's own Python, handed over on standard input: a few lines that use its generated client.

Stands alone, Python 3.8, and imports nothing of Soundcheck's. The last line of its output is JSON behind a mark: what
the lines printed, or what they ended with, and the packages that the client needs and this environment lacks.
"""

# ruff: noqa: BLE001
from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import re
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote

MARK = "soundcheck-app-probe:"
NEEDED = ("httpx", "jinja2", "pydantic", "click", "dotenv", "typing_extensions", "tomlkit", "nodeenv")
"""What a client of prisma 0.15.0 imports (its own `Requires-Dist`)."""


def use(asked: dict[str, Any]) -> dict[str, Any]:
    """Run the lines as a program in the backend's folder would be run."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    sys.path.insert(0, asked["path"])
    said: dict[str, Any] = {"version": "Python " + sys.version.split()[0], "missing": missing}
    if importlib.util.find_spec("prisma") is not None:
        said["library"] = version("prisma")
    printed = Printed()
    started = time.perf_counter()
    try:
        refuse_another(asked)
        code = compile(asked["lines"], "<soundcheck>", "exec")
        with contextlib.redirect_stdout(printed):
            exec(code, {"__name__": "__main__"})  # noqa: S102 - the lines that are shown to the person, and ours
    except ModuleNotFoundError as problem:
        said.update(status="failed", kind="ModuleNotFoundError", module=problem.name or "", text=str(problem))
    except BaseException as problem:
        text = masked(f"{problem}" or type(problem).__name__, asked["secrets"])
        said.update(status="failed", kind=type(problem).__name__, text=text[:600])
    else:
        said.update(status="ok", output=printed.getvalue()[:200])
    said["elapsed_ms"] = round((time.perf_counter() - started) * 1000, 1)
    return said


def refuse_another(asked: dict[str, Any]) -> None:
    """Raise `ModuleNotFoundError` where the name is found, and leads to another folder than the client's own."""
    found = importlib.util.find_spec(asked["module"])
    origin = Path(found.origin).resolve().parent if found and found.origin else None
    expected = Path(asked["path"], *asked["module"].split(".")).resolve()
    if origin not in (None, expected):
        raise ModuleNotFoundError(f"{asked['module']} is not in {expected}, only in {origin}", name=asked["module"])


class Printed(io.StringIO):
    """Keeps what is printed; a child that is handed this as its standard output writes to the real one."""

    def fileno(self) -> int:
        """The real one's."""
        assert sys.__stdout__ is not None  # noqa: S101 - it was handed over as a pipe
        return sys.__stdout__.fileno()


def version(name: str) -> str:
    """The installed version of a distribution, "" where it is not there."""
    from importlib import metadata

    try:
        return metadata.version(name)
    except (ModuleNotFoundError, ValueError):
        return ""


def masked(text: str, names: list[str]) -> str:
    """The text without the addresses that the environment holds, and without their passwords in either spelling."""
    import os

    for value in (os.environ.get(name, "") for name in names):
        if not value:
            continue
        text = text.replace(value, "the address")
        found = re.match(r"[A-Za-z0-9+.-]*://[^:/@]*:(.*)@", value)
        for secret in {found[1], unquote(found[1])} if found else ():
            if secret:
                text = text.replace(secret, "*****")
    return " ".join(text.split())


def main(asked: dict[str, Any]) -> None:
    """Use it, and say on one line how it went."""
    line = MARK + json.dumps(use(asked))
    sys.stdout.write("\n" + line + "\n")
    sys.stdout.flush()
