"""The mends that findings offer, as data. Their executors stand in `wizard/fixes/apply.py`, one for each id.

`inputs` narrow what an executor does; everything else (project, env file, credentials in use) it takes from the
services at the time it is applied, so that a fix out of an old report never carries an old value. Only what is safe is
applied by `--fix` alone; a destructive one has to be named.
"""

from __future__ import annotations

from typing import Final

from soundcheck.checks.finding import Fix, FixKind

MODE: Final = Fix("env.mode", "Let nobody but you read the env file (mode 600)")
"""The file behind a symbolic link, where the env file is one."""

IGNORE: Final = Fix("env.ignore", "Add the env file to .gitignore")
"""One line in the .gitignore next to the repository's root or the env file's folder; the others stay."""

POOL: Final = Fix("env.pooler", "Let DATABASE_URL go through the pooler", inputs={"variable": "DATABASE_URL"})
"""`PostgresUrl.pooled()` of the value in the env file."""

UNPOOL: Final = Fix("env.pooler", "Let DIRECT_URL go past the pooler", inputs={"variable": "DIRECT_URL"})
"""`PostgresUrl.direct()` of the value in the env file."""

SSLMODE: Final = Fix("env.sslmode", "Write sslmode=require into DATABASE_URL", inputs={"variable": "DATABASE_URL"})
"""`with_params({"sslmode": "require"})` of the value in the env file."""

LOCAL_UP: Final = Fix("local.up", "Start the local stack")

INSTALL_ENGINE: Final = Fix("engine.install", "Fetch Prisma's schema engine from npm (8 MB)")

GENERATE_CLIENT: Final = Fix("client.generate", "Generate the Prisma client")

PLACE_ENGINE: Final = Fix("client.engine", "Put the stand-in for Prisma's query engine where the client finds it")
"""Installed once in the user's data folder, and named in the env file, whose earlier state is kept."""

INSTALL_LIBRARY: Final = Fix(
    "backend.install", "Install what the backend's environment lacks", FixKind.DESTRUCTIVE, {"runtime": "python"}
)
"""It changes an environment that is not ours, so it has to be named. `runtime` is python or node."""

INSTALL_NODE_CLIENT: Final = Fix(
    "backend.install", "Install Prisma for the Node backend", FixKind.DESTRUCTIVE, {"runtime": "node"}
)

PRISMA_CONFIG: Final = Fix(
    "prisma.config", "Write prisma.config.ts and take the address out of the schema", FixKind.DESTRUCTIVE
)
"""Both files as they were are kept, and can be put back."""

RUN_GENERATE: Final = Fix("backend.generate", "Run the Node backend's own prisma generate", FixKind.DESTRUCTIVE)
"""It runs a program of theirs, so it has to be named."""

PUSH_TABLES: Final = Fix("tables.push", "Create the tables that are missing")
"""Applied only where the plan of the push loses nothing; otherwise its executor refuses."""

UNTRACK: Final = Fix("git.untrack", "Take the env file out of Git's index (it stays on disk)", FixKind.DESTRUCTIVE)

ALL: Final = (
    MODE, IGNORE, POOL, UNPOOL, SSLMODE, LOCAL_UP, INSTALL_ENGINE, GENERATE_CLIENT, PLACE_ENGINE, INSTALL_LIBRARY,
    INSTALL_NODE_CLIENT, PRISMA_CONFIG, RUN_GENERATE, PUSH_TABLES, UNTRACK,
)  # fmt: skip
"""Every fix that any check offers; a test holds that each id has an executor."""
