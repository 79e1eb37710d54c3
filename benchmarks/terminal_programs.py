"""The programs that `benchmarks.terminal` drives: how each is started, and which keys do the same work in it.

Peers live in environments of their own (`make bench-peers`), since they need other versions than we do. They have no
way to open a table at its end, to page through it or to sort it, so their part is the SQL that a person would type,
with LIMIT 500: without one they fetch the whole table.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from soundcheck.stores.postgres.url import PostgresUrl

ROOT = Path(__file__).parents[1]
PEERS = ROOT / ".peers"
LIMIT = 500

Typing = Callable[[str], tuple[str, ...]]
"""From a statement to what is pressed before the key that runs it."""


@dataclass(frozen=True)
class Program:
    """One line of the table. Keys are names, single characters, or `paste:…` for a whole text.

    `ready` stands on the screen when it can take keys. With `typing` the work is done by SQL, run by `run`; without it
    by `steps`: (keys before, the key that is timed) by the name of the step.
    """

    name: str
    command: tuple[str, ...]
    ready: str
    environ: Mapping[str, str] = field(default_factory=dict)
    typing: Typing | None = None
    run: str = ""
    to_rows: tuple[str, ...] = ()
    steps: Mapping[str, tuple[tuple[str, ...], str]] = field(default_factory=dict)
    has_tables: bool = True
    away: tuple[str, ...] = ()
    """Keys that put another screen in front of the rows."""


def programs(url: PostgresUrl, first: str, folder: Path, beside: Path | None = None) -> list[Program]:
    """All that are installed here; `first` is a text of the first row, `folder` for a file with the password.

    `beside` is another checkout of Soundcheck, which becomes a program of its own.
    """
    plain = f"postgresql://{url.user}@{url.host}:{url.port}/{url.database}"
    secret = url.password.reveal() if url.password else ""
    passwords = folder / "passwords"
    passwords.touch(mode=0o600)
    passwords.write_text(f"*:*:*:*:{secret}\n")
    password = {"PGPASSFILE": str(passwords), "PGPASSWORD": secret}
    own = Program(
        "soundcheck",
        (str(Path(sys.executable).with_name("soundcheck")), plain + "?sslmode=disable"),
        first,
        password,
        to_rows=("enter",),
        steps={
            "last row": ((), "end"),
            "first row again": ((), "home"),
            "sort by an index": (("right", "right"), "s"),
            "filter by an index": (("/", "5"), "enter"),
        },
        away=("3",),
    )
    found = [own]
    if beside is not None:
        other = beside.resolve() / ".venv" / "bin" / "soundcheck"
        found.append(replace(own, name="soundcheck beside", command=(str(other), *own.command[1:])))
    found += [
        Program(
            "line API floor",
            (sys.executable, "-P", "-m", "benchmarks.line_api_floor"),
            "row-00000001",
            has_tables=False,
        ),
    ]
    if psql := shutil.which("psql"):
        found.append(
            Program(
                "psql",
                (psql, "-X", "-P", "pager=off", plain + "?sslmode=disable"),
                "=>",
                password,
                typing=lambda statement: (f"type:{statement};",),
                run="enter",
            )
        )
    harlequin = PEERS / "harlequin" / "bin" / "harlequin"
    if harlequin.exists():
        found.append(
            Program(
                "harlequin",
                (str(harlequin), "--no-download-tzdata", "--locale", "C", "-a", "postgres", plain),
                url.database,
                password,
                typing=lambda statement: ("f2", "ctrl+a", f"paste:{statement}"),
                run="ctrl+j",
                to_rows=("f5",),
            )
        )
    sqlit = PEERS / "sqlit" / "bin" / "sqlit"
    if sqlit.exists():
        place = ("--server", url.host, "--port", str(url.port), "--username", url.user, "--database", url.database)
        asks = ("--name", "bench", "--password-command", "printenv PGPASSWORD")
        found.append(
            Program(
                "sqlit",
                (str(sqlit), "connect", "postgresql", *place, *asks),
                "Sequences",
                password,
                typing=lambda statement: ("q", "N", "i", f"type:{statement}", "escape"),
                run="enter",
                to_rows=("r",),
            )
        )
    return found
