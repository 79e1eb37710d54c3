"""What end-to-end tests share: the real command, a home and a project in empty folders, its own local stack."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from backend_fixture import music_client  # noqa: F401
from cloud_fixture import cloud_environ, neon, upstash  # noqa: F401
from engine_fixture import engine_folder, run_aside  # noqa: F401

pytest.register_assert_rewrite("pty_terminal", "terminal_state")  # only where this comes before its import

from ready_program import SOUNDCHECK, Forked, run  # noqa: E402

from soundcheck.stores.credentials import Credentials  # noqa: E402
from soundcheck.stores.local.stack import LocalStack  # noqa: E402
from soundcheck.stores.postgres.url import PostgresUrl  # noqa: E402


@dataclass
class Desk:
    """An empty project folder and an empty home: where a newcomer sits down."""

    project: Path
    home: Path
    environ: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        """Run `soundcheck WORDS` without a terminal."""
        return run([SOUNDCHECK, *words], cwd=self.project, env={**self.environ, **more}, stdin=stdin)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start `soundcheck WORDS`, its lines readable as they come."""
        return Forked(
            [SOUNDCHECK, *words], cwd=self.project, env=self.environ, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    @property
    def env_file(self) -> Path:
        """The env file that set-up writes."""
        return self.project / ".env"


@pytest.fixture
def desk(tmp_path: Path, engine_folder: Path) -> Iterator[Desk]:  # noqa: F811
    """A newcomer's desk; whatever local stack was started at it is stopped."""
    home = tmp_path / "home"
    project = tmp_path / "music-app"
    home.mkdir(mode=0o700)
    project.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    environ = {**kept, "HOME": str(home), "SOUNDCHECK_HOME": str(home / "sc"), "SOUNDCHECK_ENGINE": str(engine_folder)}
    desk = Desk(project, home, environ)
    yield desk
    for stack in (home / "sc").glob("projects/*/local"):  # by hand: `local down` takes a quarter of a second to start
        run_aside(LocalStack(stack).down())


@pytest.fixture
def equipped(desk: Desk, music_client: Path) -> Desk:  # noqa: F811
    """A desk whose project has our schema and its client, where making them is not the point."""
    shutil.copytree(music_client, desk.project, dirs_exist_ok=True)
    return desk


@pytest.fixture
def exported(database_url: PostgresUrl, rest: object) -> Callable[[], dict[str, str]]:
    """The four variables for a fresh database on the session's servers, as a shell would export them."""
    credentials = Credentials(database_url, None, rest.url, rest.token)  # type: ignore[attr-defined]
    return lambda: {name: value.reveal() for name, value in credentials.as_env().items()}
