"""The child that runs Prisma Client Python's own generator: its data as JSON in, {"done"} or {"error"} as JSON out.

Run as `python -P -m soundcheck.stores.prisma.generate_child`, so that nothing in the user's folder is imported by
accident.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import Any


def main() -> int:
    """Read, generate, answer. The generator's own prints go to standard error."""
    data: dict[str, Any] = json.loads(sys.stdin.buffer.read())
    answer: dict[str, Any] = {"done": True}
    with contextlib.redirect_stdout(sys.stderr):
        try:
            _generate(data)
        except Exception as problem:  # noqa: BLE001 - a child's boundary: the parent logs what it is told
            answer = {"error": _first_lines(problem)}
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0 if "done" in answer else 1


def _generate(data: dict[str, Any]) -> None:
    os.environ["PRISMA_GENERATOR_INVOCATION"] = "1"
    from prisma import config
    from prisma._compat import model_parse
    from prisma.generator.generator import Generator
    from prisma.generator.models import PythonData

    Generator().generate(model_parse(PythonData, data | {"version": config.expected_engine_version}))


def _first_lines(problem: Exception) -> str:
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    return " ".join(lines[:6])[:600] or type(problem).__name__


if __name__ == "__main__":
    sys.exit(main())
