"""A process of another language publishes by the example of docs/cache.md, as it stands there."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import psycopg

from soundcheck.stores.cache.measured.applications import ApplicationMeter
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.node import find_node
from soundcheck.stores.upstash.rest import RestClient

ROOT = Path(__file__).parents[3]
USE = """
import { count, publish } from "./publish-stats.mjs";
count("user:{id}", "l1"); count("user:{id}", "l1"); count("user:{id}", "loads"); count("search:{query}", "failed");
await publish();
"""


async def run(*words: str, cwd: Path, **environ: str) -> str:
    """Its output; it must end well, and soon."""
    child = await asyncio.create_subprocess_exec(
        *words,
        cwd=cwd,
        env={**os.environ, **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        out, _ = await child.communicate()
    assert child.returncode == 0, out.decode()
    return out.decode()


def variables(rest: Any) -> dict[str, str]:
    return {"UPSTASH_REDIS_REST_URL": str(rest.url), "UPSTASH_REDIS_REST_TOKEN": rest.token.reveal()}


async def test_the_example_in_javascript_is_seen_by_the_console(rest: Any, tmp_path: Path) -> None:
    docs = await asyncio.to_thread((ROOT / "docs" / "cache.md").read_text)
    example = re.search(r"```js\n// publish-stats\.mjs\n(.*?)```", docs, re.DOTALL)
    assert example is not None
    (tmp_path / "publish-stats.mjs").write_text(example[1])
    (tmp_path / "use.mjs").write_text(USE)
    await run(str(find_node().path), "use.mjs", cwd=tmp_path, **variables(rest))
    client = RestClient(rest.url, rest.token)
    seen = await ApplicationMeter(client, SystemClock()).read()
    await client.close()
    (instance,) = seen.instances
    assert instance.published.app == "node-api"
    assert {one.prefix: (one.l1_hits, one.loads, one.failed) for one in instance.published.prefixes} == {
        "user:{id}": (2, 1, 0),
        "search:{query}": (0, 0, 1),
    }


async def test_the_example_in_python_works_publishes_and_ends(rest: Any, tmp_path: Path) -> None:
    words = ("--app", "music-api", "--instance", "web-1", "--requests", "300", "--rate", "2000", "--interval", "1")
    out = await run(
        sys.executable,
        "-P",
        str(ROOT / "examples" / "publishing_app.py"),
        *words,
        cwd=tmp_path,
        REDIS_URL=rest.redis_url.reveal(),
        **variables(rest),
    )
    assert re.match(r"(RESP answers in [0-9.]+ ms, REST|REST answers in [0-9.]+ ms, RESP) in [0-9.]+ ms\.", out), out
    assert "300 requests: " in out
    client = RestClient(rest.url, rest.token)
    seen = await ApplicationMeter(client, SystemClock()).read()
    await client.close()
    (instance,) = seen.instances
    assert (instance.published.instance, instance.published.total.requests) == ("web-1", 300)
    assert instance.published.total.l1_hits > 0
    assert instance.published.total.failed == 0
    assert "answers in" in instance.published.note


async def test_the_example_reads_users_from_an_address_with_prisma_s_parameters(
    rest: Any, database_url: PostgresUrl, tmp_path: Path
) -> None:
    with psycopg.connect(database_url.reveal()) as line:
        line.execute("CREATE TABLE users (id text PRIMARY KEY, name text)")
        line.execute("INSERT INTO users SELECT n::text, 'user ' || n FROM generate_series(0, 3) AS n")
    address = database_url.reveal()
    address += f"{'&' if '?' in address else '?'}schema=public&connection_limit=5&pgbouncer=true"
    example, words = (
        str(ROOT / "examples" / "publishing_app.py"),
        ("--requests", "60", "--rate", "2000", "--users", "4"),
    )
    await run(sys.executable, "-P", example, *words, cwd=tmp_path, DATABASE_URL=address, **variables(rest))
    client = RestClient(rest.url, rest.token)
    (found,) = await client.pipeline([("MGET", *(f"user:{number}" for number in range(4)))], deadline=30.0)
    await client.close()
    assert isinstance(found.value, list)
    cached = [json.loads(str(text))["data"] for text in found.value if text is not None]
    assert cached
    assert all(user == {"id": user["id"], "name": f"user {user['id']}"} for user in cached)
