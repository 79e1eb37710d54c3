"""The env file: there and readable, its values, what is exported besides, and whether Git would take it along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.evidence import SPREAD
from soundcheck.checks.explanation import Judgement, said
from soundcheck.checks.files import findings
from soundcheck.checks.files.value_fault import NO_SSLMODE, ValueFault, older_fault, value_fault
from soundcheck.checks.fixes import SSLMODE
from soundcheck.checks.judging import Judging
from soundcheck.stores.credentials import DATABASE_URL, ENV_NAMES, REST_TOKEN, REST_URL
from soundcheck.stores.daemon_thread import beside
from soundcheck.stores.envfile import EnvReading, read_env
from soundcheck.stores.envfile.neighbours import conflicts, neighbours
from soundcheck.stores.project.git_facts import git_facts
from soundcheck.stores.project.secret_mounts import Mounted, mounted_values

NEEDED: Final = (DATABASE_URL, REST_URL, REST_TOKEN)
"""What the plan has in the env file; DIRECT_URL is derived where it is missing."""


def file_checks() -> tuple[Check, ...]:
    """`files.env` to `files.ignored`, in order."""
    group, after = Group.FILES, ("files.env",)
    return (
        ENV.check("files.env", group, "the env file is there and can be read", _collect_env),
        VALUES.check("files.values", group, "its values can be used", _collect_values, after),
        OVERRIDE.check("files.override", group, "nothing else sets them otherwise", _collect_override, after),
        IGNORED.check("files.ignored", group, "Git does not take it along", _collect_ignored, after, 16.0),
    )


def env_reading(context: Context) -> EnvReading:
    """The env file, read once a run."""
    return context.share("env file", lambda: read_env(context.services.project.env_file))


def mounts(context: Context) -> dict[str, Mounted]:
    """What is handed over as files, read once a run."""
    return context.share("mounted values", lambda: mounted_values(ENV_NAMES, context.services.environ))


@dataclass(frozen=True, slots=True)
class EnvFile:
    """What every check of the env file knows: its name, and what comes from elsewhere.

    `mounted` has the place of each mounted value; `instead` says in words why there need be no file.
    """

    file: str = ""
    exists: bool = False
    exported: tuple[str, ...] = ()
    mounted: Mapping[str, str] = field(default_factory=dict)
    from_environment: bool = False
    instead: str = ""

    @property
    def elsewhere(self) -> Judgement:
        """That the values come from elsewhere."""
        return said("elsewhere", env_file=self.file, instead=self.instead or findings.FROM_ENVIRONMENT)


def env_file(context: Context) -> EnvFile:
    """The same of the project at hand."""
    services = context.services
    exists = env_reading(context).exists
    exported = tuple(name for name in ENV_NAMES if services.environ.get(name))
    mounted = {name: str(found.path) for name, found in mounts(context).items()}
    elsewhere = not exists and all(name in exported or name in mounted for name in NEEDED)
    instead = findings.FROM_MOUNT if mounted else findings.FROM_ENVIRONMENT
    shown = services.project.shown(services.project.env_file)
    return EnvFile(shown, exists, exported, mounted, elsewhere, instead if elsewhere else "")


@dataclass(frozen=True, slots=True)
class EnvEvidence:
    """The problem that reading it ended with, and its mode."""

    env: EnvFile = field(default_factory=EnvFile, metadata=SPREAD)
    code: str = ""
    message: str = ""
    hint: str = ""
    line: int | None = None
    mode: int | None = None
    link: bool = False


async def _collect_env(context: Context) -> EnvEvidence:
    reading = env_reading(context)
    found = EnvEvidence(env_file(context), mode=reading.mode, link=reading.link_target is not None)
    if not reading.problems:
        return found
    problem = reading.problems[0]
    return replace(found, code=problem.code, message=problem.message, hint=problem.hint, line=problem.line)


def judge_env(evidence: EnvEvidence) -> Judgement:
    """`files.env`: absent is fine where everything is exported; readable by others is a warning."""
    name, mode = evidence.env.file, evidence.mode or 0
    if evidence.env.from_environment:
        return evidence.env.elsewhere
    if evidence.code in {"missing", "no_folder"}:
        return said("missing", env_file=name)
    if evidence.message:
        return said("unreadable", message=evidence.message, hint=evidence.hint)
    if mode & 0o077:
        return said("open_to_others", env_file=name, mode=mode)
    return said("readable", env_file=name)


ENV: Final = Judging(EnvEvidence, judge_env, findings.ENV)


@dataclass(frozen=True, slots=True)
class ValuesEvidence:
    """Variables whose values cannot be used, are missing, read differently in two languages, or are set twice.

    `problems` are the faults as texts, in evidence that was kept before faults had codes.
    """

    env: EnvFile = field(default_factory=EnvFile, metadata=SPREAD)
    faults: tuple[ValueFault, ...] = ()
    missing: tuple[str, ...] = ()
    torn: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    problems: tuple[str, ...] | None = None


async def _collect_values(context: Context) -> ValuesEvidence:
    reading = env_reading(context)
    faults, missing, torn, repeated = [], [], [], []
    for name in ENV_NAMES:
        found = reading.values.get(name)
        if found is None:
            if name in NEEDED:
                missing.append(name)
            continue
        if fault := value_fault(name, found.value.reveal(), found.line):
            faults.append(fault)
        elif not found.agrees:
            torn.append(name)
        if len(found.lines) > 1:
            repeated.append(f"{name} (lines {', '.join(map(str, found.lines))})")
    return ValuesEvidence(env_file(context), tuple(faults), tuple(missing), tuple(torn), tuple(repeated))


def judge_values(evidence: ValuesEvidence) -> Judgement:
    """`files.values`."""
    env = evidence.env
    faults = (*evidence.faults, *map(older_fault, evidence.problems or ()))
    if env.from_environment:
        return env.elsewhere
    if faults:
        first, *others = (fault.judged for fault in faults)
        fixes = (SSLMODE,) if first.code == NO_SSLMODE else ()
        code = "several_unusable" if others else "unusable"
        return said(code, env_file=env.file, problem=first, others=tuple(others), fixes=fixes)
    missing = tuple(name for name in evidence.missing if name not in {*env.exported, *env.mounted})
    if missing:
        return said("missing", env_file=env.file, variables=missing)
    if evidence.torn:
        return said("torn", variables=evidence.torn)
    if evidence.repeated:
        return said("repeated", env_file=env.file, variable=evidence.repeated[0])
    return said("usable", env_file=env.file)


VALUES: Final = Judging(ValuesEvidence, judge_values, findings.VALUES)


@dataclass(frozen=True, slots=True)
class OverrideEvidence:
    """Variables that are exported with another value, and those that another file sets."""

    env: EnvFile = field(default_factory=EnvFile, metadata=SPREAD)
    differs: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


async def _collect_override(context: Context) -> OverrideEvidence:
    reading, environ = env_reading(context), context.services.environ
    differs = tuple(
        name
        for name, found in reading.values.items()
        if name in ENV_NAMES and environ.get(name) and environ[name] != found.value.reveal()
    )
    others = tuple(
        f"{conflict.name} in {context.services.project.shown(conflict.path)} (line {conflict.line})"
        for conflict in conflicts(reading, neighbours(reading.path))
        if conflict.name in ENV_NAMES
    )
    return OverrideEvidence(env_file(context), differs, others)


def judge_override(evidence: OverrideEvidence) -> Judgement:
    """`files.override`: whoever reads both takes the exported value, and Soundcheck takes the file's."""
    name, differs = evidence.env.file, evidence.differs
    if differs:
        return said("exported", variables=differs, count=len(differs), env_file=name)
    if evidence.others:
        return said("another_file", place=evidence.others[0], env_file=name)
    return said("alone")


OVERRIDE: Final = Judging(OverrideEvidence, judge_override, findings.OVERRIDE)


@dataclass(frozen=True, slots=True)
class IgnoredEvidence:
    """What Git says of the env file; `silent_because` where it says nothing."""

    env: EnvFile = field(default_factory=EnvFile, metadata=SPREAD)
    repository: bool = False
    tracked: bool | None = None
    ignored: bool | None = None
    silent_because: str = ""


async def _collect_ignored(context: Context) -> IgnoredEvidence:
    facts = await beside(lambda: git_facts(context.services.project.env_file))
    in_one = facts.repository is not None
    return IgnoredEvidence(env_file(context), in_one, facts.tracked, facts.ignored, facts.silent_because)


def judge_ignored(evidence: IgnoredEvidence) -> Judgement:
    """`files.ignored`."""
    file = evidence.env.file
    name = file.rsplit("/", 1)[-1]
    if evidence.env.from_environment:
        return evidence.env.elsewhere
    if not evidence.repository:
        return said("no_repository", env_file=file)
    if evidence.tracked:
        return said("tracked", env_file=file)
    if evidence.silent_because:
        return said("unknown", env_file=file, reason=evidence.silent_because, name=name)
    if not evidence.ignored:
        return said("not_ignored", env_file=file, name=name)
    return said("ignored", env_file=file)


IGNORED: Final = Judging(IgnoredEvidence, judge_ignored, findings.IGNORED)
