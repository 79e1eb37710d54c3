"""A warm `setup --local --yes` against the sum of its parts: initdb, generate, push.

`python -m benchmarks.setup_local [--runs N]`. The engine is installed before; each run starts in an empty project and
an empty home. The parts are measured in the same runs, alone: the local stack brought up cold, the client generated,
the tables pushed. Target: setup ≤ the sum + 1 s.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.prisma.client import generate_client
from soundcheck.stores.prisma.engine import PrismaEngine
from soundcheck.stores.prisma.node import find_node
from soundcheck.stores.prisma.schema_text import packaged_schema

SOUNDCHECK = Path(sys.executable).with_name("soundcheck")


async def parts(folder: Path, engine: PrismaEngine) -> dict[str, float]:
    """Seconds of each part, alone, in a folder of its own."""
    folder.mkdir()
    stack = LocalStack(folder / "stack")
    took = {}
    began = time.perf_counter()
    status = await stack.up()
    took["local stack, cold"] = time.perf_counter() - began
    try:
        assert status.credentials is not None  # noqa: S101 - up() raises otherwise
        url = status.credentials.direct
        assert url is not None  # noqa: S101
        began = time.perf_counter()
        await generate_client(engine, packaged_schema(), folder)
        took["prisma generate"] = time.perf_counter() - began
        began = time.perf_counter()
        plan = await engine.plan_push(url, packaged_schema())
        await engine.push(url, packaged_schema(), plan)
        took["plan and push"] = time.perf_counter() - began
    finally:
        await stack.down()
    return took


def whole(folder: Path, engine_folder: Path) -> float:
    """Seconds from the empty folder to both tests passed."""
    project = folder / "project"
    project.mkdir(parents=True)
    environ = {**os.environ, "SOUNDCHECK_HOME": str(folder / "home"), "SOUNDCHECK_ENGINE": str(engine_folder)}
    run = [str(SOUNDCHECK), "setup", "--local", "--yes"]
    try:
        began = time.perf_counter()
        subprocess.run(run, cwd=project, env=environ, check=True, capture_output=True, timeout=120)
        return time.perf_counter() - began
    finally:
        subprocess.run([str(SOUNDCHECK), "local", "down"], cwd=project, env=environ, check=False, capture_output=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory(prefix="bench-setup-") as temporary:
        root = Path(temporary)
        os.environ["SOUNDCHECK_ENGINE"] = str(root / "engine")
        engine = PrismaEngine(root, find_node())
        asyncio.run(engine.install())
        wholes, measured = [], []
        for number in range(runs):
            measured.append(asyncio.run(parts(root / f"parts-{number}", engine)))
            wholes.append(whole(root / f"whole-{number}", root / "engine"))
    names = list(measured[0])
    total = median(sum(run.values()) for run in measured)
    print(f"\nsetup --local --yes, warm install ({runs} runs, medians, seconds)")
    for name in names:
        print(f"  {name:<24} {median(run[name] for run in measured):6.2f}")
    print(f"  {'sum of the parts':<24} {total:6.2f}")
    print(f"  {'the whole command':<24} {median(wholes):6.2f}")
    print(f"  {'above the sum':<24} {median(wholes) - total:+6.2f}   target ≤ +1.00")
    print(f"  {'ratio':<24} {median(wholes) / total:6.2f}")


if __name__ == "__main__":
    main()
