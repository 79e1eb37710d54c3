"""Process start to the first frame in a terminal, against an empty Textual app: `python -m benchmarks.first_frame`.

Each run is a fresh process in a pty of 120×40; the programs take turns, so that load on the machine hits all alike.
The clock stops when a word that only the painted screen holds comes out of the pty. Target: ≤ 1.5 × the empty app.
`--beside DIR` adds the Soundcheck of another checkout.
"""

from __future__ import annotations

import argparse
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from fcntl import ioctl
from pathlib import Path
from statistics import median

EMPTY = """
from textual.app import App
from textual.widgets import Footer, Header, Static

class Empty(App):
    def compose(self):
        yield Header()
        yield Static("painted-now")
        yield Footer()

Empty().run()
"""
DEADLINE = 30.0
"""Seconds; a program that has not painted by then has failed."""


def first_frame(command: list[str], word: bytes, environ: dict[str, str], folder: Path) -> float:
    """Seconds from fork to `word` on the screen. Raises `TimeoutError`."""
    leader, follower = pty.openpty()
    ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    began = time.perf_counter()
    child = subprocess.Popen(
        command, stdin=follower, stdout=follower, stderr=follower, cwd=folder, env=environ, start_new_session=True
    )
    os.close(follower)
    try:
        seen = b""
        while word not in seen:
            left = DEADLINE - (time.perf_counter() - began)
            if left <= 0 or not select.select([leader], [], [], left)[0]:
                raise TimeoutError(f"{command[0]} painted nothing within {DEADLINE:g} s")
            seen += os.read(leader, 65536)
        return time.perf_counter() - began
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        os.close(leader)


def main() -> int:
    """Print one table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first_frame")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--beside", type=Path, metavar="DIR", help="another checkout, installed in its own .venv")
    args = parser.parse_args()
    runs = args.runs
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "music-app"
        folder.mkdir()
        environ = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "LC_ALL"}}
        environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "SOUNDCHECK_HOME": f"{root}/home"}
        url = "postgresql://nobody@127.0.0.1:1/nowhere?sslmode=disable"
        console = str(Path(sys.executable).with_name("soundcheck"))
        programs = {
            "empty Textual app": ([sys.executable, "-P", "-c", EMPTY], b"painted-now"),
            "soundcheck postgresql://…  (Tables)": ([console, url], b"Checks"),
            "soundcheck, empty folder  (Setup)": ([console], b"Checks"),
        }
        if args.beside is not None:
            other = str(args.beside.resolve() / ".venv" / "bin" / "soundcheck")
            programs["  the one beside  (Tables)"] = ([other, url], b"Checks")
            programs["  the one beside  (Setup)"] = ([other], b"Checks")
        took: dict[str, list[float]] = {name: [] for name in programs}
        for run in range(runs + 1):
            for name, (command, word) in programs.items():
                seconds = first_frame(command, word, environ, folder)
                if run:  # the first one warms the file cache
                    took[name].append(seconds)
    floor = median(took["empty Textual app"])
    print(f"First frame in a terminal, median of {runs} (lowest – highest); target ≤ 1.5 × the empty app")
    for name, seconds_all in took.items():
        middle = median(seconds_all)
        print(
            f"  {name:<38} {middle * 1000:6.0f} ms  ({min(seconds_all) * 1000:.0f} – {max(seconds_all) * 1000:.0f})"
            f"  {middle / floor:.2f} ×"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
