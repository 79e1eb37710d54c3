"""The commands to go on with. The edge that prints them spells `soundcheck` as it works there."""

from __future__ import annotations

from dataclasses import dataclass

from soundcheck.stores.prisma.schema_text import schema_in_use
from soundcheck.stores.project.project import Project
from soundcheck.wizard.seed.fitting import schema_has_them
from soundcheck.wizard.seed.plan import USERS


@dataclass(frozen=True, slots=True)
class NextCommand:
    """What to type, and what it is for."""

    text: str
    what: str


def commands_for(project: Project, *, local: bool) -> tuple[NextCommand, ...]:
    """What somebody needs who has just finished; the first is what they will type most."""
    commands = [
        NextCommand("soundcheck", "open the tables and the cache"),
        NextCommand("soundcheck doctor", "what is wrong, whose move it is, what to do"),
    ]
    if schema_has_them(schema_in_use(project)):
        commands.append(NextCommand(f"soundcheck seed --users {USERS}", "sample data in all eleven tables"))
    if local:
        commands.insert(
            1, NextCommand("soundcheck local up", "start the local stack again, for instance after a reboot")
        )
        commands.insert(2, NextCommand(f"soundcheck run -- {_start(project)}", "the local stack up, then your backend"))
    if project.writes_env_file:
        commands.append(
            NextCommand("soundcheck setup --undo", f"put back the {project.shown(project.env_file)} of before")
        )
    return tuple(commands)


def _start(project: Project) -> str:
    """How this backend is likely started; nothing is run."""
    places = [place for place in (project.root / "backend", project.root) if place.is_dir()]
    if not any((place / "package.json").is_file() for place in places):
        for place in places:
            for name, more in (("manage.py", " runserver"), ("main.py", ""), ("app.py", "")):
                if (place / name).is_file():
                    return f"python {project.shown(place / name)}{more}"
    return "npm run dev"
