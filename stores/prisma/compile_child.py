"""The child that lets a project's generated client build the queries of calls; nothing is connected or sent.

Run as `python -P -m soundcheck.stores.prisma.compile_child`: {client, calls} as JSON in, {"built": […]} or {"error"}
out.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import importlib
import inspect
import json
import sys
import warnings
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from soundcheck.stores.prisma.imported_client import NAME, client_in


class Built(BaseException):
    """Carries the query out of the call, before it would be sent."""


def main() -> int:
    """Read, build, answer. Whatever the client prints goes to standard error."""
    asked: dict[str, Any] = json.loads(sys.stdin.buffer.read())
    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings(action="ignore"):
        try:
            answer: dict[str, Any] = {"built": built(asked)}
        except Exception as problem:  # noqa: BLE001 - a child's boundary: the parent is told
            answer = {"error": f"{type(problem).__name__}: {problem}"[:300]}
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


def built(asked: dict[str, Any]) -> list[dict[str, str]]:
    """For each call the query that the client's own builder makes of it, or why it makes none."""
    package = client_in(Path(asked["client"]))

    class Recording(package.Prisma):  # type: ignore[misc, name-defined]
        def _make_query_builder(self, **given: Any) -> Any:
            raise Built(super()._make_query_builder(**given).build_query())

    names = {
        "db": Recording(use_dotenv=False),
        "datetime": datetime,
        "Decimal": Decimal,
        "Json": package.Json,
        "Base64": importlib.import_module(f"{NAME}.fields").Base64,
    }
    return [_one(call, names) for call in asked["calls"]]


def _one(call: str, names: dict[str, Any]) -> dict[str, str]:
    try:
        code = compile(call, "<call>", "eval", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        result = eval(code, dict(names))  # noqa: S307 - our own spelling of literals, in a child without credentials
        if inspect.iscoroutine(result):
            asyncio.run(result)
    except Built as done:
        return {"query": str(done)}
    except Exception as problem:  # noqa: BLE001 - whatever the client says of it is the answer
        return {"refused": f"{type(problem).__name__}: {' '.join(str(problem).split())}"[:300]}
    return {"refused": "it makes no query"}


if __name__ == "__main__":
    sys.exit(main())
