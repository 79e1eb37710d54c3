"""Where the values come from, where the env file lies, and whether it was ever committed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.evidence import SPREAD
from soundcheck.checks.explanation import Judgement, said
from soundcheck.checks.files import findings
from soundcheck.checks.files.env_file import NEEDED, EnvFile, env_file, env_reading, mounts
from soundcheck.checks.judging import Judging
from soundcheck.stores.credentials import DATABASE_URL, DIRECT_URL, ENV_NAMES, REST_TOKEN
from soundcheck.stores.daemon_thread import beside
from soundcheck.stores.project.folder_kind import on_windows_drive, synced_by
from soundcheck.stores.project.git_history import git_history
from soundcheck.stores.secret import Secret

_HISTORY_SECONDS: Final = 16.0
_FROM: Final = " from "
_LINE: Final = ", line"


def place_checks() -> tuple[Check, ...]:
    """`files.source`, `files.place` and `files.history`."""
    group, title = Group.FILES, "no password stands in Git's history"
    return (
        SOURCE.check("files.source", group, "it is known where each value comes from", _collect_source),
        PLACE.check("files.place", group, "the env file stays on this machine", _collect_place, ("files.env",)),
        HISTORY.check("files.history", group, title, _collect_history, ("files.ignored",), _HISTORY_SECONDS),
    )


@dataclass(frozen=True, slots=True)
class SourceEvidence:
    """Where each value comes from, as `NAME from PLACE`, and mounted ones that another beats, as `NAME in PLACE`.

    They are texts, because under the name of a secret redaction would mask the place.
    """

    env: EnvFile = field(default_factory=EnvFile, metadata=SPREAD)
    sources: tuple[str, ...] = ()
    beaten: tuple[str, ...] = ()


async def _collect_source(context: Context) -> SourceEvidence:
    reading, environ, project = env_reading(context), context.services.environ, context.services.project
    mounted = mounts(context)
    sources: list[str] = []
    beaten: list[str] = []
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
    return SourceEvidence(env_file(context), tuple(sources), tuple(beaten))


def _used(context: Context, name: str) -> str:
    written = env_reading(context).get(name)
    return written.reveal() if written else context.services.environ.get(name, "")


def judge_source(evidence: SourceEvidence) -> Judgement:
    """`files.source`: a mounted secret that another value beats is a warning; nothing at all is for `files.env`."""
    found = {name: place for name, _, place in (told.partition(_FROM) for told in evidence.sources)}
    if beaten := evidence.beaten:
        place = found.get(beaten[0].split()[0], "")
        return said("beaten" if place else "beaten_from_nowhere", mounts=beaten, place=place)
    if not any(name in found for name in NEEDED):
        return said("nothing")
    places: dict[str, list[str]] = {}
    for name, place in found.items():
        places.setdefault(place.partition(_LINE)[0], []).append(name)
    return said("known", sources=tuple(said("source", variables=tuple(n), place=p) for p, n in places.items()))


SOURCE: Final = Judging(SourceEvidence, judge_source, findings.SOURCE)


@dataclass(frozen=True, slots=True)
class PlaceEvidence:
    """Where the env file lies: behind a link, in a folder that a program copies away, or on a drive of Windows."""

    env: EnvFile = field(default_factory=EnvFile, metadata=SPREAD)
    link_target: str = ""
    outside: bool = False
    synced_by: str = ""
    windows_drive: bool = False


async def _collect_place(context: Context) -> PlaceEvidence:
    reading, project = env_reading(context), context.services.project
    target = reading.link_target
    return PlaceEvidence(
        env_file(context),
        link_target=project.shown(target) if target else "",
        outside=target is not None and not target.is_relative_to(project.root.resolve()),
        synced_by=synced_by(reading.path) if reading.exists else "",
        windows_drive=on_windows_drive(reading.path),
    )


def judge_place(evidence: PlaceEvidence) -> Judgement:
    """`files.place`."""
    file, target = evidence.env.file, evidence.link_target
    if not evidence.env.exists:
        return evidence.env.elsewhere if evidence.env.instead else said("absent", env_file=file)
    if evidence.synced_by:
        return said("synced", program=evidence.synced_by, env_file=file)
    if evidence.windows_drive:
        return said("windows_drive", env_file=file)
    if evidence.outside:
        return said("outside", env_file=file, target=target)
    if target:
        return said("linked", env_file=file, target=target)
    return said("inside", env_file=file)


PLACE: Final = Judging(PlaceEvidence, judge_place, findings.PLACE)


@dataclass(frozen=True, slots=True)
class HistoryEvidence:
    """What Git's history has of the env file; `in_use` are the secrets in it that are used today."""

    env: EnvFile = field(default_factory=EnvFile, metadata=SPREAD)
    repository: bool = False
    commits: int = 0
    last: str = ""
    day: str = ""
    in_use: tuple[str, ...] = ()
    silent_because: str = ""


async def _collect_history(context: Context) -> HistoryEvidence:
    reading = env_reading(context)
    credentials = context.services.credentials
    today: dict[str, Secret] = {}
    for name, url in ((DATABASE_URL, credentials.database_url), (DIRECT_URL, credentials.direct_url)):
        if url is not None and url.password is not None:
            today[name] = url.password
    if credentials.rest_token is not None:
        today[REST_TOKEN] = credentials.rest_token
    history = await beside(lambda: git_history(reading.path, today))
    return HistoryEvidence(
        env_file(context),
        history.repository,
        history.commits,
        history.last,
        history.day,
        tuple(history.in_use),
        history.silent_because,
    )


def judge_history(evidence: HistoryEvidence) -> Judgement:
    """`files.history`: an old password in it is a warning, the one in use today a failure."""
    file, commit, day = evidence.env.file, evidence.last, evidence.day
    if not evidence.repository:
        return said("no_repository")
    if evidence.silent_because:
        return said("unknown", reason=evidence.silent_because)
    if not evidence.commits:
        return said("never", env_file=file)
    if evidence.in_use:
        return said("in_use", secrets=evidence.in_use, commit=commit, day=day, env_file=file)
    return said("old", commit=commit, day=day, env_file=file)


HISTORY: Final = Judging(HistoryEvidence, judge_history, findings.HISTORY)
