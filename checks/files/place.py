"""Where the values come from, where the env file lies, and whether it was ever committed."""

from __future__ import annotations

from typing import Final

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.files.env_file import NEEDED, common_evidence, env_reading, mounts
from soundcheck.checks.finding import Blame, Evidence, Finding, Json, fail, flag, number, ok, skip, text, texts, warn
from soundcheck.stores.credentials import DATABASE_URL, DIRECT_URL, ENV_NAMES, REST_TOKEN
from soundcheck.stores.daemon_thread import beside
from soundcheck.stores.project.folder_kind import on_windows_drive, synced_by
from soundcheck.stores.project.git_history import git_history
from soundcheck.stores.secret import Secret

_HISTORY_SECONDS: Final = 16.0


def place_checks() -> tuple[Check, ...]:
    """`files.source`, `files.place` and `files.history`."""
    after = ("files.env",)
    return (
        Check("files.source", Group.FILES, "it is known where each value comes from", _collect_source, judge_source),
        Check("files.place", Group.FILES, "the env file stays on this machine", _collect_place, judge_place, after),
        Check(
            "files.history",
            Group.FILES,
            "no password stands in Git's history",
            _collect_history,
            judge_history,
            ("files.ignored",),
            _HISTORY_SECONDS,
        ),
    )


async def _collect_source(context: Context) -> Evidence:
    reading, environ, project = env_reading(context), context.services.environ, context.services.project
    mounted = mounts(context)
    sources: list[Json] = []  # as texts: under the name of a secret, redaction would mask the place
    beaten: list[Json] = []
    for name in ENV_NAMES:
        places = []
        if (found := reading.values.get(name)) is not None and found.value:
            places.append(f"{project.shown(reading.path)}, line {found.line}")
        if environ.get(name):
            places.append("the environment")
        if name in mounted:
            places.append(str(mounted[name].path))
        if places:
            sources.append(f"{name} from {places[0]}")
        if len(places) > 1 and name in mounted and mounted[name].value.reveal() != _used(context, name):
            beaten.append(f"{name} in {mounted[name].path}")
    return {**common_evidence(context), "sources": sources, "beaten": beaten}


def _used(context: Context, name: str) -> str:
    written = env_reading(context).get(name)
    return written.reveal() if written else context.services.environ.get(name, "")


def judge_source(evidence: Evidence) -> Finding:
    """`files.source`: a mounted secret that another value beats is a warning; nothing at all is for `files.env`."""
    found = {name: place for name, _, place in (told.partition(" from ") for told in texts(evidence, "sources"))}
    if beaten := texts(evidence, "beaten"):
        return warn(
            f"A mounted secret is not used: {' and '.join(beaten)}.",
            cause=f"{found.get(beaten[0].split()[0], 'Another place')} holds another value and comes first here; your"
            " backend may take the mounted one.",
            blame=Blame.YOU,
            hint="Keep one of the two: inside a container the mounted secret, on your own machine the env file.",
        )
    if not any(name in found for name in NEEDED):
        return skip("There is no value yet.", "neither a file, nor the environment, nor a mount has one")
    places: dict[str, list[str]] = {}
    for name, place in found.items():
        places.setdefault(place.partition(", line")[0], []).append(name)
    return ok("; ".join(f"{', '.join(names)} from {place}" for place, names in places.items()) + ".")


async def _collect_place(context: Context) -> Evidence:
    reading, project = env_reading(context), context.services.project
    target = reading.link_target
    return {
        **common_evidence(context),
        "link_target": project.shown(target) if target else "",
        "outside": target is not None and not target.is_relative_to(project.root.resolve()),
        "synced_by": synced_by(reading.path) if reading.exists else "",
        "windows_drive": on_windows_drive(reading.path),
    }


def judge_place(evidence: Evidence) -> Finding:
    """`files.place`."""
    file = text(evidence, "file")
    if not flag(evidence, "exists"):
        return skip(f"There is no {file}.", text(evidence, "instead") or "there is no file")
    if program := text(evidence, "synced_by"):
        return warn(
            f"{program} copies {file} to its servers and to your other machines.",
            cause=f"It lies in a folder that {program} keeps in step, with the passwords in it.",
            blame=Blame.YOU,
            hint=f"Move the project out of that folder, or leave {file} out in {program}'s settings.",
        )
    if flag(evidence, "windows_drive"):
        return warn(
            f"{file} lies on a drive of Windows, under /mnt.",
            cause="Every user of that Windows may read it unless the drive is mounted with metadata, and reading many"
            " small files through WSL is slow.",
            blame=Blame.YOU,
            hint="Move the project into Linux's own file system, for example to ~/projects.",
        )
    if flag(evidence, "outside"):
        return warn(
            f"{file} is a link to {text(evidence, 'link_target')}, outside of the project.",
            cause="Who may write there decides with which database your backend talks, and what Git ignores here does"
            " not hold there.",
            blame=Blame.YOU,
            hint=f"Fine where you made the link yourself; else put a file of its own in place of {file}.",
        )
    if target := text(evidence, "link_target"):
        return ok(f"{file} is a link to {target}, and no program copies it away.")
    return ok(f"{file} lies in the project, and no program copies it away.")


async def _collect_history(context: Context) -> Evidence:
    reading = env_reading(context)
    credentials = context.services.credentials
    today: dict[str, Secret] = {}
    for name, url in ((DATABASE_URL, credentials.database_url), (DIRECT_URL, credentials.direct_url)):
        if url is not None and url.password is not None:
            today[name] = url.password
    if credentials.rest_token is not None:
        today[REST_TOKEN] = credentials.rest_token
    history = await beside(lambda: git_history(reading.path, today))
    return {
        **common_evidence(context),
        "repository": history.repository,
        "commits": history.commits,
        "last": history.last,
        "day": history.day,
        "in_use": list(history.in_use),
        "silent_because": history.silent_because,
    }


def judge_history(evidence: Evidence) -> Finding:
    """`files.history`: an old password in it is a warning, the one in use today a failure."""
    file = text(evidence, "file")
    if not flag(evidence, "repository"):
        return skip("Not needed here.", "the project is in no Git repository")
    if silent := text(evidence, "silent_because"):
        return skip("Not known.", silent)
    commits = int(number(evidence, "commits") or 0)
    if not commits:
        return ok(f"{file} was never committed.")
    where = f"commit {text(evidence, 'last')} of {text(evidence, 'day')}"
    if in_use := texts(evidence, "in_use"):
        return fail(
            f"The history of Git holds the {' and the '.join(in_use)} that is in use today ({where}).",
            cause=f"{file} was committed. Deleting it later takes nothing out of the history: everyone who has the"
            " repository has it.",
            blame=Blame.YOU,
            hint="Reset the password (Neon: Roles; Upstash: Reset credentials) and run `soundcheck setup` with the new"
            " one. To clean the history as well, see git filter-repo.",
        )
    return warn(
        f"{file} was committed before ({where}); what is in use today is not in it.",
        cause="The old passwords stand in the history for everyone who has the repository.",
        blame=Blame.YOU,
        hint="Make sure that they were reset. To clean the history, see git filter-repo.",
    )
