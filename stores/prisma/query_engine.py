"""The query engine that Prisma Client Python talks to, without Prisma's native binary.

The unmodified generated client starts the program named by `PRISMA_QUERY_ENGINE_BINARY`. Ours is a small launcher that
runs Node over the WebAssembly build of the very engine version the client expects; docs/prisma-client.md tells what
differs from the native one.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from soundcheck.stores.atomic_file import write_atomically
from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.prisma import install as installation
from soundcheck.stores.prisma.install import NodePackage
from soundcheck.stores.prisma.node import OLDEST, Node, wheel_command

BINARY_VARIABLE: Final = "PRISMA_QUERY_ENGINE_BINARY"
"""Read by the generated client; a program named there is used without a check of its version."""

EXPECTED_VERSION: Final = "393aa359c9ad4a4bb28630fb5613f9c281cde053"
"""The commit of Prisma's engines (5.17.0) that prisma 0.15.0 is written for; the npm package is built from it."""

INSTALLED_SIZE: Final = 7_000_000
"""Bytes on disk, measured; npm downloads 2.6 MB."""

_PLACE: Final = Path(__file__).parent
_PACKAGE: Final = NodePackage(
    "the query engine",
    _PLACE / "node_query_engine",
    "node_modules/@prisma/query-engine-wasm/postgresql/query_engine_bg.wasm",
    "7 MB",
    tuple(_PLACE / "node" / name for name in ("encryption.mjs", "failures.mjs", "gone_client.mjs", "scram.mjs")),
)

_LAUNCHER: Final = """\
#!/bin/sh
# Written by Soundcheck: starts its query engine for Prisma Client Python. Named by {variable}.
case " $* " in *" --version "*) echo "query-engine {version}"; exit 0 ;; esac
node={node}
[ -x "$node" ] || node=$(command -v node) || {{
  echo {without_node} >&2
  exit 127
}}
main={main}
[ -f "$main" ] || {{ echo "query-engine: $main is missing. Run: soundcheck setup" >&2; exit 127; }}
unset NODE_OPTIONS NODE_PATH
stacks={stacks}
[ -z "$SOUNDCHECK_HOME" ] || stacks=$SOUNDCHECK_HOME/projects
exec "$node" "$main" --parent "$PPID" --stacks "$stacks" "$@"
"""


def _say_nothing(_: str) -> None:
    """Nobody listens."""


class QueryEngine:
    """The query engine of one Soundcheck home; it lies in one folder, with its launcher beside it."""

    def __init__(self, home: Path, node: Node, *, environ: Mapping[str, str] = os.environ) -> None:
        self.node = node
        self._environ = environ
        self._stacks = home / "projects"
        engines = installation.engines_folder(home, environ)
        self.folder = engines / _PACKAGE.key
        self.launcher: Path = engines / "query-engine"
        """What the variable names: the same path for every version."""

    @property
    def is_installed(self) -> bool:
        """Whether this very version can be started, all of it as we pinned it. Reads 7 MB, 20 ms."""
        return self._launcher_fits() and _PACKAGE.is_intact(self.folder)

    @property
    def size_bytes(self) -> int:
        """What it takes on disk; before it is installed, what it will take."""
        if not _PACKAGE.is_complete(self.folder):
            return INSTALLED_SIZE
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

    def environ(self) -> dict[str, str]:
        """What a program that uses the generated client needs in its environment."""
        return {BINARY_VARIABLE: str(self.launcher)}

    async def install(
        self, report: Callable[[str], None] = _say_nothing, *, deadline: float = installation.INSTALL_DEADLINE
    ) -> None:
        """Install it from npm where it is missing, about 3 s, and write the launcher.

        Raises `CouldNotRun` in words: npm missing, blocked, offline, out of time, disk full, a folder not writable.
        """
        await installation.install(
            _PACKAGE, self.folder, self.node, environ=self._environ, report=report, deadline=deadline
        )
        if not self._launcher_fits():
            text = self._launcher_text().encode()
            await asyncio.to_thread(write_atomically, self.launcher, text, mode=0o700)

    def remove(self) -> None:
        """Take it away again, launcher included. Raises `CouldNotRun` where a folder cannot be written."""
        try:
            self.launcher.unlink(missing_ok=True)
            if self.folder.exists():
                shutil.rmtree(self.folder)
        except OSError as problem:
            raise CouldNotRun(
                f"The query engine could not be removed from {self.folder.parent}: {problem.strerror}.",
                "Mend the folder's rights, or delete it by hand.",
            ) from problem

    @property
    def _main(self) -> str:
        return shlex.quote(str(self.folder / "main.mjs"))

    def _launcher_text(self) -> str:
        return _LAUNCHER.format(
            variable=BINARY_VARIABLE,
            version=EXPECTED_VERSION,
            without_node=shlex.quote(
                f"query-engine: Node {OLDEST} or newer is needed and was not found. Install it from nodejs.org, "
                f"or run: {wheel_command()}"
            ),
            node=shlex.quote(str(self.node.path)),
            main=self._main,
            stacks=shlex.quote(str(self._stacks)),
        )

    def _launcher_fits(self) -> bool:
        """Whether it starts this version. With which Node is its own affair: it finds another where that is gone."""
        try:
            text = self.launcher.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return False
        return os.access(self.launcher, os.X_OK) and f"\nmain={self._main}\n" in text
