"""`soundcheck setup --replace database | cache`: a rotated credential, tested and put everywhere it stood."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import TextIO

from checks.finding import Json
from checks.known_secrets import known_secrets
from checks.redaction import Redactor
from checks.services import Services
from screens.commands.running import printer_for, wants_json
from screens.exit_codes import ExitCode
from stores.cloud.made import Half
from stores.credentials import Credentials
from stores.errors import Refused, SoundcheckError
from stores.own_command import spelled
from stores.secret import Secret
from wizard.asking import Asker, WentBack
from wizard.local_step import wake_local
from wizard.old_credential import OldState
from wizard.progress import Mark, Progress, silent
from wizard.replace import Replaced, replace_credential
from wizard.replace_plan import Exchange

_MARKS = {
    OldState.REFUSED: Mark.OK,
    OldState.ACCEPTED: Mark.WARN,
    OldState.ELSEWHERE: Mark.INFO,
    OldState.UNKNOWN: Mark.WARN,
}


async def run_replace(
    args: argparse.Namespace, services: Services, given: Credentials, asker: Asker, stdout: TextIO, stderr: TextIO
) -> int:
    """Do it and tell it. Raises what `replace_credential` raises, after the document where JSON is wanted."""
    half = Half(args.replace)
    secrets = [*known_secrets(services), *given.secrets()]
    printer = printer_for(args, services, stderr if wants_json(args) else stdout, secrets)
    report = silent if wants_json(args) else printer.progress
    services = await wake_local(services, report)
    done: Replaced | None = None
    problem: SoundcheckError | None = None
    try:
        done = await replace_credential(services, half, given, asker, report)
    except SoundcheckError as error:
        problem = error
    except WentBack:
        problem = Refused("Nothing was written; the old one is still in use.", "Run it again when you are ready.")
    if wants_json(args):
        redactor = Redactor([*secrets, *_secrets(done)])
        json.dump(redactor.scrub_json(replacement_document(half, done, problem)), stdout, indent=2, ensure_ascii=False)
        stdout.write("\n")
    if problem is not None:
        raise problem
    if done is not None and not wants_json(args):
        for event in replacement_lines(done):
            printer.progress(event)
    return ExitCode.OK


def _secrets(done: Replaced | None) -> list[Secret]:
    return [] if done is None else [*done.exchange.old.secrets(), *done.exchange.new.secrets()]


def replacement_lines(done: Replaced) -> list[Progress]:
    """What people read at the end: the tables, the old one, the backups, and where it still occurs."""
    lines = [Progress(text, Mark.WARN) for text in done.warnings]
    lines.append(Progress(done.old.text, _MARKS[done.old.state], hint=done.old.hint))
    number = done.purged.rewritten + done.purged.masked
    if number:
        states = "one kept state" if number == 1 else f"{number} kept states"
        lines.append(Progress(f"The old one is out of {states} of your files; the new one stands there", Mark.OK))
    for path in done.purged.failed:
        lines.append(Progress(f"{path} still holds the old one", Mark.WARN, hint="Delete that file."))
    if not done.remnants:
        lines.append(
            Progress("It was found nowhere else: variables, this project, shell files, Git's history", Mark.OK)
        )
    for one in done.remnants:
        numbers = ", ".join(str(line) for line in one.lines[:10]) + (" …" if len(one.lines) > 10 else "")
        where = f"{one.where}, line {numbers}" if one.lines else one.where
        kind = {"variable": "the exported variable ", "history": "the shell history "}.get(one.place, "")
        lines.append(Progress(f"The old one still stands in {kind}{where}", Mark.WARN, hint=spelled(one.advice)))
    return lines


def replacement_document(half: Half, done: Replaced | None, problem: SoundcheckError | None) -> Mapping[str, Json]:
    """docs/json/replacement.schema.json."""
    before, after = _endpoints(done.exchange) if done else (None, None)
    return {
        "kind": "replacement",
        "schema_version": 1,
        "store": str(half),
        "ok": problem is None,
        "before": before,
        "after": after,
        "files": [
            {"path": file.shown, "names": list(file.names), "difference": list(file.lines)}
            for file in (done.files if done else ())
        ],
        "left": [{"path": one.shown, "reason": one.reason} for one in (done.left if done else ())],
        "warnings": list(done.warnings) if done else [],
        "old": {"state": str(done.old.state), "text": done.old.text, "hint": done.old.hint or None} if done else None,
        "kept_states_purged": done.purged.rewritten + done.purged.masked if done else 0,
        "found": [
            {"place": one.place, "where": one.where, "lines": list(one.lines), "advice": one.advice}
            for one in (done.remnants if done else ())
        ],
        "error": None if problem is None else {"message": problem.message, "hint": problem.hint},
    }


def _endpoints(exchange: Exchange) -> tuple[str | None, str | None]:
    if exchange.half is Half.CACHE:
        return tuple(str(one.rest_url) if one.rest_url else None for one in (exchange.old, exchange.new))  # type: ignore[return-value]
    old, new = exchange.old.database_url, exchange.new.database_url
    return (
        f"{old.endpoint}/{old.database}" if old else None,
        f"{new.endpoint}/{new.database}" if new else None,
    )
