"""A certificate that nobody here trusts: whose file it takes, asked for where a store's certificate was refused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from soundcheck.checks.check import Outcome
from soundcheck.checks.evidence import from_json
from soundcheck.checks.layer_facts import LayerFacts
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.project.authority import NODE, OPENSSL, OPTION, keep_authority, kept_authority, trust_here
from soundcheck.stores.project.project import Project
from soundcheck.stores.services import Services
from soundcheck.stores.typed_path import typed_path
from soundcheck.wizard.asking import Asker, Question, Unattended
from soundcheck.wizard.progress import Mark, Progress, Reporter

UNKNOWN: Final = "tls_unknown_ca"
"""How a layer ends whose certificate was issued by somebody that this machine does not trust."""

ASKED: Final = (
    "The certificate is issued by someone this machine does not trust. If that is your company, name the file of its "
    "certificate authority; it is trusted beside the others, for this profile. Empty: go on without."
)


def refused_issuer(outcomes: Iterable[Outcome]) -> bool:
    """Whether it is an unknown issuer that stands in the way."""
    return any(from_json(LayerFacts, one.evidence).code == UNKNOWN for one in outcomes if one.finding.stands_in_the_way)


def trusting(services: Services, path: Path) -> Services:
    """The services that trust the authority in this file, which is kept. Blocking. Raises `CouldNotRun`."""
    keep_authority(services.project, typed_path(str(path)))
    return replace(services, environ=trust_here(services.project, services.environ))


async def given_authority(
    services: Services, asker: Asker, outcomes: Iterable[Outcome], report: Reporter
) -> Services | None:
    """Ask for the file where that is what stood in the way; None where it is not, or none was named."""
    if isinstance(asker, Unattended) or not refused_issuer(outcomes):
        return None
    while True:
        typed = (await asker.ask(Question(ASKED, default="", consent=f"Give it with {OPTION} FILE."))).strip()
        if not typed:
            return None
        try:
            trusted = await asyncio.to_thread(trusting, services, Path(typed))
        except SoundcheckError as problem:
            report(Progress(problem.message, Mark.FAIL, hint=problem.hint))
            continue
        report(Progress(f"The authority in {typed} is trusted too, for this profile", Mark.OK))
        return trusted


def backend_needs(project: Project, environ: Mapping[str, str]) -> tuple[str, ...]:
    """What the backend needs to trust the same authority; nothing where none was given."""
    if kept_authority(project) is None or OPENSSL not in environ:
        return ()
    return (
        "Your backend has to trust the same certificate authority: start it with `soundcheck run`, or with",
        *(f"  export {name}={environ[name]}" for name in (OPENSSL, NODE) if name in environ),
    )
