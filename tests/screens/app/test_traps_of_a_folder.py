"""A repository full of traps, opened with every command and every key: nothing of it runs until it is trusted."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
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
from soundcheck.screens.app.sql.spelled_screen import SpelledScreen, SpellingBox
from soundcheck.screens.app.start import Place
from soundcheck.screens.cli import COMMANDS, main
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.client_place import STAMP_NAME
from soundcheck.stores.prisma.schema_text import fingerprint, read_schema
from soundcheck.stores.project.project import open_project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.services import Services
from tests.conftest import Rest
from tests.screens.app.driving import app_over, execute, opened, screen_text, until

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


USER: Final = "INSERT INTO users (id, email, password) VALUES ('a', 'a@b.c', 'x')"


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
    execute(eleven_url, USER)
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


def test_no_command_runs_anything_of_a_folder(traps: Traps, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = run_everything(tmp_path / "aside", capsys)
    assert traps.sprung == set(), "\n".join(said)
    whole = "\n".join(said)
    assert "All 9 criteria are met." in whole
    assert "Whether your backend connects was not tried: it would run the backend's Python (tools/python" in whole
    assert "soundcheck doctor --trust" in whole
    assert "Traceback" not in whole


def test_the_traps_are_live(traps: Traps) -> None:
    """What looks a program up as a shell does finds them all."""
    for name in OWN_PROGRAMS:
        assert Path(shutil.which(name) or "").resolve().is_relative_to(traps.root), name


@pytest.mark.parametrize(
    ("words", "lost", "expected"),
    [
        (["doctor", "--only", "client.connects", "--trust"], "", {"the-named-python"}),
        (["doctor", "--app", "tools/python main.py"], "", {"the-named-python"}),
        (["setup", "--yes", "--trust"], "prisma_client", {"the-named-partial-types", "the-named-python"}),
    ],
)
def test_what_was_agreed_to_runs_and_nothing_else(
    traps: Traps, words: list[str], lost: str, expected: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    if lost:
        shutil.rmtree(traps.root / lost)
    main(words)
    assert traps.sprung == expected, capsys.readouterr().out


def test_another_program_by_the_same_line_is_asked_about_anew(traps: Traps, capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor", "--only", "client.connects", "--trust"])
    traps.mark.unlink()
    config = traps.root / "soundcheck.toml"
    config.write_text(config.read_text().replace("tools/python", "bin/python"))
    main(["doctor", "--only", "client.connects"])
    assert traps.sprung == set()
    assert "doctor --trust" in capsys.readouterr().out


NOT_PRESSED: Final = {"ctrl+q", "ctrl+c", "tab", "shift+tab", "ctrl+p"}
"""What leaves the app, and what leads from the answer no, on which the cursor stands, to yes."""


async def press_every_key(pilot: Pilot[Any], app: SoundcheckApp, place: Place, tried: set[tuple[str, str]]) -> None:
    """A key for each action of the place, and of the page that comes of it; what was tried elsewhere is left out."""

    async def back() -> None:
        for _ in range(8):
            if isinstance(app.screen, ModalScreen) or len(app.screen_stack) > 2:
                await pilot.press("escape")
                await settled(pilot, app)
        await app.run_action(f"go('{place}')")
        await settled(pilot, app)

    async def press(key: str, action: str) -> None:
        tried.add((type(app.screen).__name__, action))
        await pilot.press(key)
        await settled(pilot, app)

    await back()
    for key, action in untried(app, tried):
        await back()
        await press(key, action)
        if not isinstance(app.screen, ModalScreen):
            continue
        for inner, inside in untried(app, tried):
            if not isinstance(app.screen, ModalScreen):
                await back()
                await press(key, action)
            await press(inner, inside)
    await back()


def untried(app: SoundcheckApp, tried: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """The keys that are taken now, one for each action, with those of the app itself known by that."""
    found = {}
    for active in app.screen.active_bindings.values():
        name = app.screen if active.node is not app else app
        if active.enabled and active.binding.key not in NOT_PRESSED:
            found.setdefault((type(name).__name__, active.binding.action), active.binding.key)
    fresh = {known: key for known, key in found.items() if known not in tried}
    tried |= fresh.keys()
    return [(key, action) for (_, action), key in fresh.items()]


async def settled(pilot: Pilot[Any], app: SoundcheckApp) -> None:
    """Whatever was begun has ended, but for the cache's numbers, which are asked for over and over."""
    await pilot.pause()

    def at_work() -> list[str]:
        return [worker.description for worker in app.workers if not worker.is_finished and worker.group != "cache"]

    await until(pilot, lambda: not at_work(), "rest")


async def test_no_key_runs_anything_of_a_folder(
    traps: Traps,
    eleven_url: PostgresUrl,  # noqa: F811
    rest: Rest,
) -> None:
    app = app_over(traps.services(eleven_url, rest), checks=default_registry(), table="users")
    tried: set[tuple[str, str]] = set()
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app, focus=False)
        for place in Place:
            await press_every_key(pilot, app, place, tried)
    assert traps.sprung == set(), tried
    assert {name for name, _ in tried} >= {"SetupScreen", "TablesScreen", "CacheScreen", "ChecksScreen", "CheckDetail"}
    assert {("SpelledScreen", "trust"), ("ChecksScreen", "trust")} <= tried
    assert any(name == "TrustScreen" for name, _ in tried)


async def test_the_page_of_spellings_asks_before_the_folder_s_client_compiles(
    traps: Traps,
    eleven_url: PostgresUrl,  # noqa: F811
    rest: Rest,
) -> None:
    """Set-up of a hostile repository leaves its own client where it says that it fits."""
    app = app_over(traps.services(eleven_url, rest), table="users")
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app, focus=False)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.focused, SpellingBox))
        await until(pilot, lambda: "t trusts this folder's client" in screen_text(app))
        assert traps.sprung == set()
        await pilot.press("t")
        await until(pilot, lambda: "the generated client (prisma_client)" in screen_text(app))
        await pilot.press("tab", "enter")
        await until(pilot, lambda: traps.sprung)
        await until(pilot, lambda: isinstance(app.screen, SpelledScreen))
    assert traps.sprung == {"the-client"}
