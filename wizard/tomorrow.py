"""The commands for tomorrow. The edge that prints them spells `soundcheck` as it works there."""

from __future__ import annotations

from dataclasses import dataclass

from stores.project import Project


@dataclass(frozen=True, slots=True)
class Command:
    """What to type, and what it is for."""

    text: str
    what: str


def commands_for(project: Project, *, local: bool) -> tuple[Command, ...]:
    """What somebody needs who has just finished; the first is what they will type most."""
    commands = [
        Command("soundcheck", "open the tables and the cache"),
        Command("soundcheck doctor", "what is wrong, whose move it is, what to do"),
        Command("soundcheck seed --users 1000", "sample data in all eleven tables"),
    ]
    if local:
        commands.insert(1, Command("soundcheck local up", "start the local stack again, for instance after a reboot"))
        commands.insert(2, Command("soundcheck run -- npm run dev", "the local stack up, then your backend"))
    commands.append(Command("soundcheck setup --undo", f"put back the {project.shown(project.env_file)} of before"))
    return tuple(commands)
