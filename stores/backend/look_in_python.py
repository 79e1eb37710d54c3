"""Runs in the backend's own Python, handed over on standard input: what it sees, as hashes. Stands alone, Python 3.8.

It imports nothing of Soundcheck's. The last line of its output is JSON behind a mark: fingerprints, versions, and the
end of one connection. The values themselves never leave.
"""

# ruff: noqa: BLE001
from __future__ import annotations

import hashlib
import importlib
import inspect
import json
import os
import re
import sys
import time
from typing import Any

MARK = "soundcheck-app-probe:"
NOT_LIBPQ = ("connection_limit", "pool_timeout", "pgbouncer", "schema", "socket_timeout", "statement_cache_size")


def look(asked: dict[str, Any]) -> dict[str, Any]:
    """Load the env files as the backend does, then tell."""
    names = asked["names"]
    sources = {name: "exported" for name in names if os.environ.get(name)}
    missing = load(asked["loads"], names, sources)
    seen = {name: fingerprint(os.environ[name]) for name in names if os.environ.get(name)}
    return {
        "version": "Python " + sys.version.split()[0],
        "seen": seen,
        "sources": sources,
        "loader_missing": missing,
        "drivers": {name: found for name in asked["versions"] if (found := version(name))},
        "connect": connect(asked),
    }


def fingerprint(value: str) -> str:
    """As `Secret.fingerprint`."""
    return hashlib.sha256(b"soundcheck\0" + value.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def load(loads: list[dict[str, Any]], names: list[str], sources: dict[str, str]) -> bool:
    """Set what the files set; note which file set each name. Whether a library for it is missing."""
    missing = False
    for one in loads:
        try:
            from dotenv import load_dotenv
        except ImportError:
            missing = missing or bool(one["library"])
            continue
        before = {name: os.environ.get(name) for name in names}
        load_dotenv(one["path"], override=one["override"])
        for name in names:
            if os.environ.get(name) != before[name]:
                sources[name] = one["shown"]
    return missing


def version(name: str) -> str:
    """The installed version of a distribution, "" where it is not there."""
    from importlib import metadata

    try:
        return metadata.version(name)
    except (ModuleNotFoundError, ValueError):  # PackageNotFoundError is a ModuleNotFoundError
        return ""


def connect(asked: dict[str, Any]) -> dict[str, Any]:
    """One connection with the first driver that is there."""
    url = os.environ.get(asked["names"][0], "")
    if not url:
        return {"status": "no_url"}
    for driver in asked["drivers"]:
        way = WAYS.get(driver["name"])
        if way is None:
            continue
        started = time.perf_counter()
        said: dict[str, Any] = {"driver": driver["name"]}
        try:
            way(url if driver["exact"] else without_foreign(url), asked)
        except ModuleNotFoundError as problem:
            if driver["name"] != "prisma":
                continue
            said.update(status="failed", code="no_client", text=f"There is no module called {problem.name}.")
        except BaseException as problem:
            text = masked(f"{type(problem).__name__}: {problem}", url)
            said.update(status="failed", text=text[:600], kind=type(problem).__name__)
        else:
            said["status"] = "ok"
        said["elapsed_ms"] = round((time.perf_counter() - started) * 1000, 1)
        return said
    return {"status": "no_driver", "looked_for": ", ".join(driver["name"] for driver in asked["drivers"])}


def without_foreign(url: str) -> str:
    """Without what only Prisma knows: where nobody says that the driver gets the address as it is."""
    head, mark, query = url.partition("?")
    kept = [part for part in query.split("&") if part.partition("=")[0] not in NOT_LIBPQ]
    return head + (mark if query and any(kept) else "") + "&".join(kept)


def with_psycopg(url: str, asked: dict[str, Any]) -> None:
    """With psycopg 3."""
    psycopg = importlib.import_module("psycopg")
    with psycopg.connect(url, connect_timeout=asked["seconds"]) as connection:
        connection.execute("select 1")


def with_psycopg2(url: str, asked: dict[str, Any]) -> None:
    """With psycopg2."""
    psycopg2 = importlib.import_module("psycopg2")
    connection = psycopg2.connect(url, connect_timeout=asked["seconds"])
    connection.cursor().execute("select 1")
    connection.close()


def with_asyncpg(url: str, asked: dict[str, Any]) -> None:
    """With asyncpg."""
    import asyncio

    asyncpg = importlib.import_module("asyncpg")

    async def once() -> None:
        connection = await asyncpg.connect(url, timeout=asked["seconds"])
        await connection.fetchval("select 1")
        await connection.close()

    asyncio.run(once())


def with_prisma(url: str, asked: dict[str, Any]) -> None:
    """The generated client, whichever interface it was generated with."""
    import asyncio

    client = importlib.import_module(asked["prisma"]).Prisma()

    async def once() -> None:
        for step in (client.connect, lambda: client.query_raw("select 1"), client.disconnect):
            answer = step()
            if inspect.isawaitable(answer):
                await answer

    asyncio.run(once())


WAYS = {"psycopg": with_psycopg, "psycopg2": with_psycopg2, "asyncpg": with_asyncpg, "prisma": with_prisma}


def masked(text: str, url: str) -> str:
    """The text without the address and its password, in either spelling."""
    from urllib.parse import unquote

    text = text.replace(url, "the address")
    found = re.match(r"[A-Za-z0-9+.-]*://[^:/@]*:(.*)@", url)
    for secret in {found[1], unquote(found[1])} if found else ():
        if secret:
            text = text.replace(secret, "*****")
    return " ".join(text.split())


def main(asked: dict[str, Any]) -> None:
    """Look, and say it on one line."""
    line = MARK + json.dumps(look(asked))
    sys.stdout.write("\n" + line + "\n")
    sys.stdout.flush()
