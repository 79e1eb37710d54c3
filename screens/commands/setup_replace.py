"""`soundcheck setup --replace database | cache`: a rotated credential, tested and put everywhere it stood."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TextIO

from soundcheck.checks.finding import Json
from soundcheck.checks.report.known_secrets import known_secrets
from soundcheck.checks.report.redaction import Redactor
from soundcheck.screens.commands.output import write_json
from soundcheck.screens.commands.running import printer_for, wants_json
from soundcheck.screens.replaced_words import replacement_lines
from soundcheck.stores.cloud.made import Half
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.errors import Refused, SoundcheckError
from soundcheck.stores.exit_codes import ExitCode
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import Asker, WentBack
from soundcheck.wizard.guard import Consent
from soundcheck.wizard.progress import silent
from soundcheck.wizard.replace.flow import Replaced, replace_credential
from soundcheck.wizard.replace.plan import CredentialExchange
from soundcheck.wizard.setup.local_step import wake_local


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
        consent = Consent(production=args.production)
        done = await replace_credential(services, half, given, asker, report, consent=consent)
    except SoundcheckError as error:
        problem = error
    except WentBack:
        problem = Refused("Nothing was written; the old one is still in use.", "Run it again when you are ready.")
    if wants_json(args):
        redactor = Redactor([*secrets, *_secrets(done)])
        write_json(stdout, redactor.scrub_json(replacement_document(half, done, problem)))
    if problem is not None:
        raise problem
    if done is not None and not wants_json(args):
        for event in replacement_lines(done):
            printer.progress(event)
    return ExitCode.OK


def _secrets(done: Replaced | None) -> list[Secret]:
    return [] if done is None else [*done.exchange.old.secrets(), *done.exchange.new.secrets()]


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


def _endpoints(exchange: CredentialExchange) -> tuple[str | None, str | None]:
    if exchange.half is Half.CACHE:
        return tuple(str(one.rest_url) if one.rest_url else None for one in (exchange.old, exchange.new))  # type: ignore[return-value]
    old, new = exchange.old.database_url, exchange.new.database_url
    return (
        f"{old.endpoint}/{old.database}" if old else None,
        f"{new.endpoint}/{new.database}" if new else None,
    )
