"""The guard before an exchange: what may be production wants its name, whichever of its files is written."""

from __future__ import annotations

from stores.cloud.made import Half
from stores.errors import SoundcheckError
from stores.project import ProfileKind, Project, open_project, profile_names
from wizard.asking import Asker, Question, Unattended, confirmed
from wizard.guard import Action, Consent, Intent, decide
from wizard.replace_plan import Exchange, FileChange


async def agreed(
    project: Project, exchange: Exchange, files: tuple[FileChange, ...], given: Consent, asker: Asker
) -> bool:
    """One question before the files are written: a yes, or the name of what may be production.

    Raises `Refused` where the name lacks and nobody can be asked, or another one was given.
    """
    names = ", ".join(file.shown for file in files)
    verdict = decide(intent_of(project, exchange, files), given)
    if verdict.allowed:
        return await confirmed(asker, f"Write {names}? Each is kept as it is now.", default=True)
    if isinstance(asker, Unattended):
        verdict.or_refuse()
    name = verdict.needs_production_name
    text = f"{verdict.question} To write {names}, each kept as it is now, type {name}."
    typed = await asker.ask(Question(text, typed_name=name, consent=f"--production {name}"))
    decide(intent_of(project, exchange, files), Consent(production=typed)).or_refuse()
    return True


def intent_of(project: Project, exchange: Exchange, files: tuple[FileChange, ...]) -> Intent:
    """The write as the guard wants it. No row changes, so an unknown kind passes as a push that only adds does."""
    from stores.local.stack import LocalStack
    from wizard.cache_write import name_of

    stack = LocalStack(project.local)
    endpoint = name = ""
    is_local = False
    if exchange.half is Half.CACHE and (rest := exchange.old.rest_url) is not None:
        endpoint, name, is_local = f"{rest.host}:{rest.effective_port}", name_of(rest), stack.owns_rest(rest)
    elif exchange.half is Half.DATABASE and (url := exchange.old.database_url) is not None:
        endpoint, name, is_local = f"{url.endpoint}/{url.database}", url.database, stack.owns(url)
    return Intent(
        action=Action.REPLACE,
        endpoint=endpoint,
        database=name,
        kind=_kind(project, files),
        is_local=is_local,
        only_adds=True,
        profile=project.profile.name,
    )


def _kind(project: Project, files: tuple[FileChange, ...]) -> ProfileKind:
    """Production where a file of any such profile is written, else what the profile in use is."""
    written = {file.path for file in files}
    for profile in profile_names(project.root):
        try:
            other = open_project(project.root, profile=profile)
        except SoundcheckError:
            continue  # its kind is misspelled; `soundcheck profiles` says so
        if other.profile.kind is ProfileKind.PRODUCTION and other.env_file in written:
            return ProfileKind.PRODUCTION
    return project.profile.kind
