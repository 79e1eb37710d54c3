"""A repository full of traps, opened with every command and every key: nothing of it runs until it is trusted."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest
from backend_fixture import music_client  # noqa: F401
from eleven_tables import eleven_template, eleven_url  # noqa: F401
from engine_fixture import engine_folder  # noqa: F401
from textual.pilot import Pilot
from textual.screen import ModalScreen

from soundcheck.checks.catalogue import default_registry
from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.grid.grid import Grid
from soundcheck.screens.app.sql.spelled_screen import SpelledScreen, SpellingBox
from soundcheck.screens.app.start import Place
from soundcheck.screens.app.trust_screen import TrustScreen
from soundcheck.screens.cli import COMMANDS, main
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.database import Database
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.client_place import STAMP_NAME, client_state
from soundcheck.stores.prisma.schema_text import fingerprint, read_schema
from soundcheck.stores.project.project import Project, open_project
from soundcheck.stores.project.trust import keep_trust
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.services import Services
from soundcheck.wizard.trust import trust_all
from tests.conftest import Rest
from tests.screens.app.driving import app_over, is_asking, opened, screen_text, until

WORDS: Final[dict[str, list[list[str]]]] = {
    "setup": [["--yes"], ["--yes", "--no-write"], ["--yes", "--engine", "native"]],
    "doctor": [
        [], ["--text"], ["--fix"], ["--fix", "backend.install", "backend.generate", "client.generate", "client.engine"],
        ["--bundle", "{aside}/report.zip"],
    ],
    "claims": [[]],
    "local": [["status"]],
    "run": [],  # it consents by itself
    "tables": [[]],
    "rows": [["users"]],
    "row": [["users", "nobody"]],
    "seed": [["--users", "1"]],
    "cache": [[]],
    "move": [["local"]],
    "remove": [[], ["--yes"]],
    "profiles": [[]],
    "completion": [["bash"]],
}  # fmt: skip
"""What each command is tried with; `remove` last, for it takes things away."""

OWN_PROGRAMS: Final = (
    "node", "npm", "npx", "git", "postgres", "initdb", "valkey-server", "redis-server", "unshare", "uv", "poetry",
    "xclip", "xsel", "wl-copy", "pbcopy", "clip.exe", "sh", "python", "python3", "prisma",
)  # fmt: skip
IMPORTED: Final = ("sitecustomize", "usercustomize", "httpx", "psycopg", "textual", "prisma", "pydantic", "dotenv")


@dataclass
class Traps:
    """The repository. Each of its traps adds its name to `mark` when it runs."""

    root: Path
    mark: Path
    environ: dict[str, str]

    @property
    def sprung(self) -> set[str]:
        return set(self.mark.read_text().split()) if self.mark.exists() else set()

    def program(self, path: str, name: str) -> None:
        trap = self.root / path
        trap.parent.mkdir(parents=True, exist_ok=True)
        trap.write_text(f"#!/bin/sh\necho {name} >> '{self.mark}'\nexit 1\n")
        trap.chmod(0o755)

    def module(self, path: str, name: str) -> None:
        trap = self.root / path
        trap.parent.mkdir(parents=True, exist_ok=True)
        trap.write_text(self.line(name) + (trap.read_text() if trap.exists() else ""))

    def line(self, name: str) -> str:
        return f"open({str(self.mark)!r}, 'a').write({name!r} + '\\n')\n"

    def services(self, url: PostgresUrl, rest: Rest) -> Services:
        project = open_project(self.root, environ=self.environ)
        credentials = Credentials(url, None, rest.url, rest.token)
        return Services(project, SystemClock(), SystemResolver(), credentials, environ=self.environ)


@pytest.fixture
def traps(
    tmp_path: Path,
    home: Path,
    music_client: Path,  # noqa: F811
    eleven_url: PostgresUrl,  # noqa: F811
    rest: Rest,
    monkeypatch: pytest.MonkeyPatch,
) -> Traps:
    root, aside = tmp_path / "music-app", tmp_path / "aside"
    shutil.copytree(music_client, root)
    aside.mkdir()
    path = os.pathsep.join(["", ".", "node_modules/.bin", str(root / "bin"), os.environ["PATH"]])
    for name, value in {"PATH": path, "HOME": str(aside), "VIRTUAL_ENV": str(root / ".venv")}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(root)
    made = Traps(root, aside / "sprung", dict(os.environ))
    for name in OWN_PROGRAMS:
        for folder in (*([] if name == "prisma" else ["."]), "bin", "node_modules/.bin"):
            made.program(f"{folder}/{name}", f"{folder}/{name}")
    made.program(".venv/bin/python", "the-environment's-python")
    made.program("tools/python", "the-named-python")
    made.program("tools/engine", "the-named-engine")
    made.program("prisma-query-engine-debian-openssl-3.0.x", "an-engine-that-lies-there")
    for name in IMPORTED:
        made.module(f"{name}.py", f"import-{name}")
    (root / "trap-1.0.dist-info").mkdir()
    made.module("prisma_client/__init__.py", "the-client")
    made.module("prisma/partial_types.py", "the-usual-partial-types")
    made.module("scripts/partials.py", "the-named-partial-types")
    shutil.rmtree(root / "prisma_client" / "__pycache__", ignore_errors=True)
    write_texts(made, eleven_url, rest)
    return made


def write_texts(made: Traps, url: PostgresUrl, rest: Rest) -> None:
    root, trap = made.root, made.root / "bin" / "sh"
    (root / "main.py").write_text(made.line("the-backend"))
    (root / "soundcheck.toml").write_text(
        '[profiles.default]\nkind = "dev"\nbackend_python = "tools/python"\nenv_file = ".env"\n'
    )
    (root / ".env").write_text(
        f'DATABASE_URL="{url.reveal()}"\nUPSTASH_REDIS_REST_URL="{rest.url}"\n'
        f'UPSTASH_REDIS_REST_TOKEN="{rest.token.reveal()}"\nPRISMA_QUERY_ENGINE_BINARY="{root}/tools/engine"\n'
    )
    scripts = dict.fromkeys(("preinstall", "install", "postinstall", "prepare", "start"), str(trap))
    (root / "package.json").write_text(
        json.dumps({"scripts": scripts, "dependencies": {"prisma": "^6.0.0", "@prisma/client": "^6.0.0"}})
    )
    (root / ".npmrc").write_text(f"script-shell={trap}\ngit={trap}\nnode-options=--require ./trap.cjs\n")
    (root / "trap.cjs").write_text(f"require('fs').appendFileSync({json.dumps(str(made.mark))}, 'node-options\\n')\n")
    (root / "prisma.config.ts").write_text("import './trap.cjs'\nexport default {}\n")
    (root / "pyproject.toml").write_text(
        f'[project]\nname = "trap"\nversion = "1"\n[tool.prisma]\nnodeenv_cache_dir = "{root}/bin"\n'
        'expected_engine_version = "none"\n'
    )
    schema = root / "prisma" / "schema.prisma"
    named = 'partial_type_generator = "scripts/partials.py"\n'
    text = schema.read_text().replace('prisma-client-py"\n', f'prisma-client-py"\n  {named}', 1)
    comment = f'/// """ + str({made.line("a-comment").strip()}) + """'
    text = text.replace("\nmodel ", f"\n{comment}\nmodel ", 1)
    schema.write_text(text + f'\ngenerator other {{\n  provider = "sh {trap}"\n}}\n')
    stamp = root / "prisma_client" / STAMP_NAME  # a client that says of itself that it fits
    note = json.loads(stamp.read_text())
    stamp.write_text(json.dumps(note | {"schema": fingerprint(read_schema(schema))}))


def run_everything(aside: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Every command in its turn; what was printed."""
    said = []
    for command, ways in WORDS.items():
        for words in ways:
            filled = [word.format(aside=aside) for word in words]
            try:
                main([command, *filled])
            except SystemExit:
                pytest.fail(f"{command} {words} is no command: {capsys.readouterr().err}")
            out = capsys.readouterr()
            said.append(f"$ {command} {' '.join(words)}\n{out.out}{out.err}")
    return said


def test_every_command_is_tried() -> None:
    assert WORDS.keys() == COMMANDS.keys()


def test_no_command_runs_anything_of_a_folder(
    traps: Traps, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = run_everything(tmp_path / "aside", capsys)
    assert traps.sprung == set(), "\n".join(said)
    whole = "\n".join(said)
    assert "All 9 criteria are met." in whole
    assert "Whether your backend connects was not tried: it would run the backend's Python (tools/python" in whole
    assert "soundcheck doctor --trust" in whole
    assert "Traceback" not in whole
