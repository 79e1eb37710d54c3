"""The child that runs Prisma Client Python's own generator, and imports what it wrote.

Asked `{"generate": …, "prove": …}` as JSON, either of them may be null; answers {"done"} or {"error"}. Run as
`python -P -m soundcheck.stores.prisma.generate_child`, so that nothing in the user's folder is imported by accident.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any, Final

from soundcheck.stores.prisma.imported_client import prove

_SELDOM: Final = 200_000
"""Objects before garbage is looked for: what is made here is kept until the end, and looking took a sixth of it."""


def main() -> int:
    """Read, generate, import, answer. The generator's own prints go to standard error."""
    gc.set_threshold(_SELDOM)
    asked: dict[str, Any] = json.loads(sys.stdin.buffer.read())
    answer: dict[str, Any] = {"done": True}
    with contextlib.redirect_stdout(sys.stderr):
        try:
            if asked["generate"] is not None:
                _generate(asked["generate"])
        except Exception as problem:  # noqa: BLE001 - a child's boundary: the parent logs what it is told
            answer = {"error": _first_lines(problem)}
        else:
            with contextlib.suppress(KeyError):
                del os.environ["PRISMA_GENERATOR_INVOCATION"]
            if asked["prove"] is not None:
                answer = _proof(asked["prove"])
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0 if "done" in answer else 1


def _generate(data: dict[str, Any]) -> None:
    os.environ["PRISMA_GENERATOR_INVOCATION"] = "1"
    from prisma import config
    from prisma._compat import model_parse
    from prisma.generator.generator import Generator
    from prisma.generator.models import PythonData

    Generator().generate(model_parse(PythonData, data | {"version": config.expected_engine_version}))


def _proof(asked: dict[str, Any]) -> dict[str, Any]:
    sys.dont_write_bytecode = True
    with warnings.catch_warnings(action="ignore"):
        try:
            prove(Path(asked["folder"]), asked["models"])
        except Exception as problem:  # noqa: BLE001 - whatever keeps it from being imported is the answer
            return {"error": _first_lines(problem), "generated": True}
    return {"done": True}


def _first_lines(problem: Exception) -> str:
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    return " ".join(lines[:6])[:600] or type(problem).__name__


if __name__ == "__main__":
    sys.exit(main())
