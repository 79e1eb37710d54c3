"""`soundcheck local up | down | status | reset`: PostgreSQL, Valkey and the REST gateway on this machine."""

from __future__ import annotations

import argparse
import asyncio
from typing import TextIO

from soundcheck.screens.commands.output import write_json
from soundcheck.screens.commands.running import printer_for, wants_json
from soundcheck.stores.errors import Refused
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.local.status import LocalStatus
from soundcheck.stores.project.journal import Journal, Kind
from soundcheck.stores.project.own_command import spelled
from soundcheck.stores.secret import MASK, Secret
from soundcheck.stores.services import Services
from soundcheck.wizard.local_move import follow_local
from soundcheck.wizard.progress import Progress

EPILOG = """examples:
  soundcheck local up                      start what is not running; safe to repeat
  soundcheck local status --json           addresses and states; secrets masked
  soundcheck local status --show-secrets   the same with passwords and tokens
  soundcheck local reset --yes             stop, and delete the local data
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's own options."""
    parser.epilog = EPILOG
    parser.add_argument("action", choices=["up", "down", "status", "reset"], help="what to do")
    parser.add_argument("--show-secrets", action="store_true", help="print passwords and tokens instead of dots")
    parser.add_argument("--yes", action="store_true", help="for reset: delete the data without asking")


async def run(args: argparse.Namespace, services: Services, stdout: TextIO, stderr: TextIO) -> int:
    """Do it, then show the state of all three."""
    printer = printer_for(args, services, stderr)
    stack = LocalStack(services.project.local)
    if args.action == "up":
        Journal(services.project, services.clock).note_tree(Kind.LOCAL, stack.places.folder)
        status = await stack.up(lambda line: printer.progress(Progress(line)))
        await asyncio.to_thread(follow_local, services.project, stack.state(), services.clock, printer.progress)
    elif args.action == "down":
        await stack.down()
        status = await stack.status()
    elif args.action == "reset":
        await _confirm_reset(args, services)
        await stack.reset()
        status = await stack.status()
    else:
        status = await stack.status()
    if wants_json(args):
        write_json(stdout, status_document(status, show_secrets=args.show_secrets))
    else:
        for line in status_lines(status, show_secrets=args.show_secrets):
            stdout.write(spelled(line) + "\n")
        if args.action in {"down", "reset"}:
            printer.line("  It stays down until `soundcheck local up`, or the next command that needs it.")
    return ExitCode.OK


def status_document(status: LocalStatus, *, show_secrets: bool) -> dict[str, object]:
    """The JSON document `local`: three services with their state; every secret masked unless asked for."""

    def shown(secret: Secret | None) -> str | None:
        return None if secret is None else secret.reveal() if show_secrets else MASK

    postgres, redis, rest = status.postgres, status.redis, status.rest
    url = postgres.url
    redis_url = redis.url
    return {
        "kind": "local",
        "schema_version": 1,
        "postgres": {
            "state": str(postgres.state),
            "url": None if url is None else url.reveal() if show_secrets else url.masked(),
            "pid": postgres.pid,
        },
        "redis": {
            "state": str(redis.state),
            "url": None if redis_url is None else redis_url.reveal() if show_secrets else redis_url.masked(),
            "pid": redis.pid,
        },
        "rest": {
            "state": str(rest.state),
            "url": None if rest.url is None else str(rest.url),
            "token": shown(rest.token),
            "readonly_token": shown(rest.readonly_token),
            "pid": rest.pid,
        },
        "runs_as": status.runs_as,
    }


def status_lines(status: LocalStatus, *, show_secrets: bool) -> list[str]:
    """The same for people."""
    document = status_document(status, show_secrets=show_secrets)
    lines = []
    for name, title in (("postgres", "PostgreSQL"), ("redis", "Valkey"), ("rest", "REST gateway")):
        part = document[name]
        assert isinstance(part, dict)  # noqa: S101 - built above
        lines.append(f"{title:<13} {part['state']:<7} {part['url'] or ''}".rstrip())
        if name == "rest" and part["token"]:
            lines.append(f"{'':<13} {'':<7} token {part['token']}")
            lines.append(f"{'':<13} {'':<7} read-only token {part['readonly_token']}")
    if status.runs_as:
        lines.append(status.runs_as)
    if not show_secrets and rest_is_known(status):
        lines.append("Passwords and tokens: soundcheck local status --show-secrets")
    return lines


def rest_is_known(status: LocalStatus) -> bool:
    """Whether there is anything to show."""
    return status.rest.token is not None


async def _confirm_reset(args: argparse.Namespace, services: Services) -> None:
    if args.yes:
        return
    from soundcheck.screens.asking_plain import plain_asker
    from soundcheck.wizard.asking import confirmed

    asker = plain_asker(services.environ)
    question = f"Delete the local database and cache of {services.project.name}, with all their data?"
    if asker is None or not await confirmed(asker, question, default=False, consent="--yes"):
        raise Refused("Nothing was deleted.", "To delete the local data: soundcheck local reset --yes")
