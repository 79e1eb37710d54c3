"""Set-up through its four faces, each driven and read at its outermost edge.

A prompt on a pseudo-terminal, `--yes` on standard output, `--json` as a document, and the painted screen. Whoever
answers says yes to everything, and types each name that is asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import re
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from soundcheck.screens import cli, opening
from soundcheck.screens.aloud import aloud
from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.parts.paste_box import PasteBox
from soundcheck.screens.app.setup.consent_box import ConsentBox
from soundcheck.screens.app.setup.screen import SetupScreen
from soundcheck.screens.app.setup.step_pane import StepPane
from soundcheck.screens.app.start import Place, Start
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.project.project import Project, open_project
from soundcheck.wizard.setup import flow
from soundcheck.wizard.setup.session import load_session
from soundcheck.wizard.step import STEPS, StepId

FACES = ("prompt", "yes", "json", "screen")

RAIL = r"^ *│[^│]{20,24}│(?=│)"
MOST_ACTS = 25
SIZE = (110, 100)
"""High enough that no step scrolls: what is painted is all of it."""


@dataclass(frozen=True)
class Run:
    """What one face did: `said` is all that it showed, `asked` the questions as it put them, in their order."""

    said: str
    asked: tuple[str, ...] = ()
    code: int = 0
    done: Mapping[str, object] = field(default_factory=dict)
    kept: Mapping[str, object] = field(default_factory=dict)
    document: Mapping[str, Any] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    """The questions that an option answered, or what is there."""


@dataclass(frozen=True)
class Desk:
    """Where all four sit down one after the other: one folder, one home, one environment."""

    root: Path
    patch: pytest.MonkeyPatch
    until: StepId
    paste: str = ""
    """What is pasted on the screen, where what is there already does not answer."""

    @property
    def project(self) -> Project:
        """As the commands open it."""
        return open_project(self.root)

    def run(self, face: str, words: tuple[str, ...] = ()) -> Run:
        """Set up through one face, up to and with the step `until`."""
        self.patch.setattr(flow, "STEPS", STEPS[: 1 + list(StepId).index(self.until)])
        ran = getattr(self, f"_{face}")(words)
        return replace(ran, done=files(self.root), kept=kept(self.project))

    def _yes(self, words: tuple[str, ...]) -> Run:
        code, out, err = self._called("setup", "--yes", *words)
        return Run(out + err, code=code)

    def _json(self, words: tuple[str, ...]) -> Run:
        code, out, _ = self._called("setup", "--json", *words)
        document = json.loads(out)
        questions = [one for step in document["steps"] for one in step["questions"]]
        asked = tuple(one["text"].removesuffix("?") for one in questions)
        given = frozenset(one["text"].removesuffix("?") for one in questions if one["given"])
        return Run("\n".join(strings(document)), asked, code, document=document, given=given)

    def _called(self, *words: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = cli.main(words)
        return code, out.getvalue(), err.getvalue()

    def _prompt(self, words: tuple[str, ...]) -> Run:
        with Person() as person:
            code = cli.main(["setup", "--plain", *words])
        return Run(person.transcript, tuple(text.removesuffix("?") for text in person.asked), code)

    def _screen(self, words: tuple[str, ...]) -> Run:
        services, _ = opening.start_services(self.root, os.environ)
        if "--no-write" in words:
            project = replace(services.project, read_only=True, writes_env_file=False)
            services = replace(services, project=project)
        return asyncio.run(Visitor(SoundcheckApp(services, Start(Place.SETUP)), self.until, self.paste).go())


class Person:
    """Somebody at a pseudo-terminal in the place of the standard streams: Enter for a default, yes, or the name."""

    def __init__(self) -> None:
        self._text = ""
        self._read_up_to = 0
        self.asked: list[str] = []

    @property
    def transcript(self) -> str:
        """All that stood there, what was typed included."""
        return self._text.replace("\r\n", "\n")

    def __enter__(self) -> Person:
        self._main, side = os.openpty()
        self._side = os.fdopen(side, "r+b", buffering=0)
        self._before = sys.stdin, sys.stdout, sys.stderr
        sys.stdin = open(side, closefd=False)
        sys.stdout = sys.stderr = open(side, "w", closefd=False)
        self._thread = threading.Thread(target=self._answer)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        stdin, stdout = sys.stdin, sys.stdout
        sys.stdin, sys.stdout, sys.stderr = self._before
        stdout.close()
        stdin.close()
        self._side.close()
        self._thread.join()
        os.close(self._main)

    def _answer(self) -> None:
        while True:
            try:
                data = os.read(self._main, 65536)
            except OSError:  # the other side is closed
                return
            self._text += data.decode()
            if self._text.endswith("\n> "):
                os.write(self._main, f"{self._say()}\n".encode())

    def _say(self) -> str:
        new = self._text[self._read_up_to :].replace("\r\n", "\n").splitlines()[:-1]
        self._read_up_to = len(self._text)
        answers = [line for line in new if re.match(r"  \d\. ", line)]
        question = [line for line in new if line not in answers][-1]
        self.asked.append(question)
        if answers:
            return "" if any(line.endswith("(default)") for line in answers) else "yes"
        return named_in(question)


def named_in(text: str) -> str:
    """The name that is to be typed."""
    found = re.search(r"\btype (?:its name: )?(\S+?)\.?(?:\s|$)", text)
    assert found is not None, text
    return found[1]


class Visitor:
    """Somebody at the screen: presses Next, ticks what is asked for, types names. Reads what is painted."""

    def __init__(self, app: SoundcheckApp, until: StepId, paste: str) -> None:
        self._app = app
        self._until = until
        self._paste = paste
        self._painted: list[str] = []
        self._asked: list[str] = []
        app.animation_level = "none"

    async def go(self) -> Run:
        """Through all steps."""
        async with self._app.run_test(size=SIZE) as pilot:
            await self._wait(pilot, lambda: self._step is not None)
            self._look()
            await pilot.press("enter")
            for _ in range(MOST_ACTS):
                if not await self._settled(pilot):
                    break
                self._look()
                await self._act(pilot)
            else:
                raise AssertionError("\n".join([*self._painted[-3:], str(self._asked)]))
        return Run("\n".join(self._painted), tuple(self._asked))

    @property
    def _pane(self) -> StepPane | None:
        return self._app.screen.pane if isinstance(self._app.screen, SetupScreen) else None

    @property
    def _step(self) -> StepId | None:
        return None if self._pane is None else self._pane.STEP

    async def _settled(self, pilot: Pilot[Any]) -> bool:
        """Wait for a step that waits for an answer; False once the last one was passed."""

        def passed() -> bool:
            return load_session(self._app.services.project).done >= {self._until}

        def waits() -> bool:
            pane = self._pane
            if pane is None or pane.STEP is StepId.WELCOME or pane.busy:
                return False
            if pane.STEP is StepId.CREDENTIALS and self._paste:
                return True
            return pane.ready or self._open_box() is not None or self._field() is not None

        await self._wait(pilot, lambda: passed() or waits())
        return not passed()

    def _open_box(self) -> ConsentBox | None:
        boxes = self._pane.query("ConsentBox.needed").results(ConsentBox) if self._pane else ()
        return next((box for box in boxes if box.display and not box.value), None)

    def _field(self) -> Input | None:
        fields = self._pane.query("#typed-name").results(Input) if self._pane else ()
        return next((one for one in fields if one.display), None)

    def _look(self) -> None:
        painted = self._paint()
        if self._painted and self._painted[-1] == painted:
            return
        self._painted.append(painted)
        for line in painted.splitlines():
            if (box := re.search(r"\[[ ✓]\] (.+?)\s*│", line)) and box[1] not in self._asked:
                self._asked.append(box[1])
        for choice in re.finditer(r"([^│\n]+)\?[ │]*\n[ │]*(?:› )?Answer +[○●] ", painted):
            if (text := choice[1].strip()) not in self._asked:
                self._asked.append(text)

    def _paint(self) -> str:
        """What stands on the screen, without its empty lines."""
        strips = self._app.screen._compositor.render_strips()
        lines = ("".join(segment.text for segment in strip) for strip in strips)
        painted = (re.sub(RAIL, "", line) for line in lines)
        return "\n".join(line for line in painted if re.search(r"[^\s│█]", line))

    async def _act(self, pilot: Pilot[Any]) -> None:
        box, typed = self._open_box(), self._field()
        if self._step is StepId.CREDENTIALS and self._paste:
            self._app.screen.query_one(PasteBox).paste(self._paste)
            self._paste = ""
            await self._wait(pilot, lambda: self._pane and self._pane.ready)
            return
        if box is not None:
            box.focus()
            await pilot.press("space")
            await self._wait(pilot, lambda: box.value)
        elif typed is not None:
            question = self._painted[-1]
            self._asked.append(named_in(question))
            await self._wait(pilot, lambda: typed.has_focus)
            typed.value = named_in(question)
            await pilot.press("enter")
            await self._wait(pilot, lambda: self._painted[-1] != self._paint())
        else:
            self._asked.append(str(self._pane.next_label) if self._pane else "")
            await pilot.press("ctrl+n")
        await pilot.pause()

    async def _wait(self, pilot: Pilot[Any], holds: Callable[[], object], seconds: float = 20) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not holds():
            assert loop.time() < deadline, self._paint()
            await pilot.pause(0.01)
        await pilot.pause()


def files(root: Path) -> dict[str, object]:
    """Every file of a project with its rights and what is in it; of a generated client only that it is there."""
    found: dict[str, object] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if name.startswith(".git/") or path.is_dir():
            continue
        if name.startswith("prisma_client/"):
            found["prisma_client/"] = True
        else:
            found[name] = oct(path.stat().st_mode & 0o777), path.is_symlink(), path.read_bytes()
    return found


def kept(project: Project) -> dict[str, object]:
    """What is noted of a run: steps, answers, fingerprints; how many earlier env files."""
    noted = json.loads(project.session_file.read_text()) if project.session_file.exists() else {}
    noted.pop("updated_at", None)
    noted.get("answers", {}).pop("kind", None)  # `--yes` leaves to a person what a person was not sure of
    backups = project.backups
    return {**noted, "backups": len(list(backups.iterdir())) if backups.exists() else 0}


def tables(url: str) -> set[str]:
    """Every column of the database, as `table.column`."""
    with psycopg.connect(url) as connection:
        query = "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'"
        return {name for (name,) in connection.execute(query).fetchall()}


def letters_of(text: str) -> str:
    """A text as it can be found again wherever it was wrapped: no spaces, no frames, no times, symbols as words."""
    timeless = re.sub(r"\d+(\.\d+)? (ms|s)\b", "N ms", "\n".join(map(aloud, text.split("\n"))).replace(" (masked)", ""))
    return "".join(re.sub(r"[│╭╮╰╯─┌┐└┘█▇▆▅▄▃▂▁`]", " ", timeless).split())


def cleared(folder: Path, keep: frozenset[str] = frozenset()) -> None:
    """Empty a folder, but for what is named."""
    for path in folder.iterdir() if folder.exists() else ():
        if path.name in keep:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def strings(value: Any) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


def plan_of(document: Mapping[str, Any]) -> Iterator[str]:
    """What all plans in a document say, in pieces that stand together wherever they are said."""
    for step in document["steps"]:
        for line in step["plan"]:
            yield spelled(line["head"])
            yield spelled(line["text"]) if line["changes"] else ""
            yield from map(spelled, line.get("below", ()))
            yield spelled(line.get("hint", ""))
