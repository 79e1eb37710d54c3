"""All benchmark tables, one after another: `make bench`, or `make bench ARGS="gateway"` for some of them."""

from __future__ import annotations

import subprocess
import sys

TABLES = (
    "first_frame",
    "setup_local",
    "move",
    "gateway",
    "browser",
    "terminal",
    "doctor",
    "client",
    "cache",
    "cache_transports",
)


def main() -> int:
    """Run the named tables, each in a process of its own so that none warms another."""
    wanted = sys.argv[1:] or list(TABLES)
    unknown = [name for name in wanted if name not in TABLES]
    if unknown:
        print(f"There is no table {unknown[0]!r}. Tables: {', '.join(TABLES)}", file=sys.stderr)
        return 2
    for name in wanted:
        subprocess.run([sys.executable, "-P", "-m", f"benchmarks.{name}"], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
