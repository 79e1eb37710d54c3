"""`soundcheck doctor` with no terminal, a dumb one, a narrow one, as another user, and in a silent network."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import stat
import subprocess
import zipfile

import pexpect
import pytest
from ready_program import SOUNDCHECK

from tests.end_to_end.conftest import Desk
from tests.loopback_server import LoopbackServer

ESCAPE = "\x1b"


@pytest.mark.parametrize(
    "environ",
    [{"TERM": "dumb", "COLUMNS": "40"}, {"NO_COLOR": "1", "TERM": "xterm-256color"}, {"LC_ALL": "C"}],
    ids=lambda environ: " ".join(f"{k}={v}" for k, v in environ.items()),
)
def test_without_a_terminal_there_are_plain_lines_and_one_document(desk: Desk, environ: dict[str, str]) -> None:
    plain = desk.run("doctor", "--only", "files", "machine", **environ)
    assert plain.returncode == 3
    assert ESCAPE not in plain.stdout + plain.stderr
    assert "files.env" in plain.stdout
    document = desk.run("doctor", "--json", "--only", "files", **environ)
    assert json.loads(document.stdout)["kind"] == "doctor"
    assert document.stderr == ""


@pytest.mark.parametrize(("term", "color"), [("dumb", False), ("xterm-256color", True)])
def test_on_a_terminal_of_forty_columns_every_mode_ends(desk: Desk, term: str, color: bool) -> None:
    environ = {**desk.environ, "TERM": term}
    for words in (["doctor", "--only", "files"], ["doctor", "--history"]):
        child = pexpect.spawn(
            str(SOUNDCHECK),
            words,
            env=environ,
            cwd=str(desk.project),
            dimensions=(24, 40),
            encoding="utf-8",
            timeout=60,
        )
        shown = child.read()
        child.close()
        assert child.exitstatus in {0, 3}
        assert shown.strip()
        assert (ESCAPE in shown) == (color and "--history" not in words)


AS_NORMAL_USER = ["unshare", "-U", "--map-user=1000", "--map-group=1000", "--"]


def may_become_a_normal_user() -> bool:
    """Whether this machine lets us run as user 1000, without root's rights, over our own files."""
    if shutil.which("unshare") is None:
        return False
    seen = subprocess.run([*AS_NORMAL_USER, "id", "-u"], capture_output=True, text=True, check=False)
    return seen.stdout == "1000\n"


@pytest.mark.skipif(not may_become_a_normal_user(), reason="needs user namespaces")
def test_as_a_normal_user_it_makes_a_bundle_of_its_own(desk: Desk) -> None:
    file = desk.project / "report.zip"
    words = [*AS_NORMAL_USER, str(SOUNDCHECK), "doctor", "--bundle", str(file), "--only", "files", "machine", "--json"]
    ran = subprocess.run(
        words, cwd=desk.project, env=desk.environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 3, ran.stderr
    assert json.loads(ran.stdout)["kind"] == "doctor_bundle_written"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert zipfile.is_zipfile(file)


class Silence(LoopbackServer):
    """A port that takes everything and answers nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Not a word."""
        self.reached.set()
        await asyncio.Event().wait()


@pytest.mark.parametrize("words", [["--json"], ["--bundle", "report.zip"], ["--fix"]], ids=" ".join)
async def test_an_interrupt_in_a_silent_network_ends_it_at_once(desk: Desk, words: list[str]) -> None:
    async with Silence() as database, Silence() as cache:
        desk.env_file.write_text(
            f'DATABASE_URL="postgresql://singer:pw-of-singer@127.0.0.1:{database.port}/songs"\n'
            f'UPSTASH_REDIS_REST_URL="http://127.0.0.1:{cache.port}"\nUPSTASH_REDIS_REST_TOKEN="token-of-band"\n'
        )
        process = await asyncio.create_subprocess_exec(
            SOUNDCHECK, "doctor", *words,
            cwd=desk.project, env=desk.environ, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        await asyncio.wait_for(asyncio.gather(database.reached.wait(), cache.reached.wait()), 60)
        process.send_signal(signal.SIGINT)
        out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 130, "the report of a run that waited for its own deadlines ends with 3"
    assert err.decode().splitlines()[-1] == "interrupted"
    assert "Traceback" not in err.decode()
    assert words != ["--json"] or out == b""
    assert not (desk.project / "report.zip").exists()
