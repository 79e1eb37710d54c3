"""The env file: there and readable, its values, what is exported besides, and whether Git would take it along.

What is wrong with one value of the env file, said without the value. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.finding import Blame, Evidence, Finding, Json, fail, flag, number, ok, skip, text, texts, warn
from soundcheck.checks.fixes import IGNORE, MODE, SSLMODE, UNTRACK
from soundcheck.stores.credentials import DATABASE_URL, DIRECT_URL, ENV_NAMES, REST_TOKEN, REST_URL, RestUrl
from soundcheck.stores.daemon_thread import beside
from soundcheck.stores.envfile import EnvReading, read_env
from soundcheck.stores.envfile.neighbours import conflicts, neighbours
from soundcheck.stores.postgres.url import PostgresUrl, UrlProblem
from soundcheck.stores.project.git_facts import git_facts
from soundcheck.stores.project.secret_mounts import Mounted, mounted_values

NO_SSLMODE: Final = "sslmode=require is missing, and Neon takes encrypted connections only"

_PLACEHOLDER: Final = re.compile(
    r"<[^>]*>|\byour[-_ ]|[-_]here\b|\bchange[-_]?me\b|\bplaceholder\b|x{5,}"
    r"|//USER(NAME)?:PASS(WORD)?@|@HOST\b|\.\.\.|…",
    re.IGNORECASE,
)


def value_problem(name: str, value: str) -> str:
    """Why a value cannot be used, "" where it can. The words hold no part of it."""
    if not value.strip():
        return "it is empty"
    if name in {DATABASE_URL, DIRECT_URL} and value.startswith("mongodb"):
        return "it is the old MongoDB address, which Setup keeps as MONGODB_URI"
    if _PLACEHOLDER.search(value):
        return "it is still the example's placeholder"
    try:
        if name in {DATABASE_URL, DIRECT_URL}:
            return _database_problem(PostgresUrl.parse(value))
        if name == REST_URL:
            RestUrl.parse(value)
    except UrlProblem as problem:
        return problem.message
    if name == REST_TOKEN and not all(0x21 <= ord(letter) <= 0x7E for letter in value):
        return "it has a blank, a line break or a letter that no token has in it"
    return ""


def _database_problem(url: PostgresUrl) -> str:
    if url.is_neon and url.param("sslmode") in {None, "disable", "allow", "prefer"}:
        return NO_SSLMODE
    return ""


NEEDED: Final = (DATABASE_URL, REST_URL, REST_TOKEN)
"""What the plan has in the env file; DIRECT_URL is derived where it is missing."""

_FROM_ENVIRONMENT: Final = "the values come from the environment, not from a file"
_FROM_MOUNT: Final = "the values are mounted as secrets, not written into an env file"


def file_checks() -> tuple[Check, ...]:
    """`files.env` to `files.ignored`, in order."""
    after = ("files.env",)
    return (
        Check("files.env", Group.FILES, "the env file is there and can be read", _collect_env, judge_env),
        Check("files.values", Group.FILES, "its values can be used", _collect_values, judge_values, after),
        Check(
            "files.override", Group.FILES, "nothing else sets them otherwise", _collect_override, judge_override, after
        ),
        Check("files.ignored", Group.FILES, "Git does not take it along", _collect_ignored, judge_ignored, after, 16.0),
    )


def env_reading(context: Context) -> EnvReading:
    """The env file, read once a run."""
    return context.share("env file", lambda: read_env(context.services.project.env_file))


def mounts(context: Context) -> dict[str, Mounted]:
    """What is handed over as files, read once a run."""
    return context.share("mounted values", lambda: mounted_values(ENV_NAMES, context.services.environ))


def common_evidence(context: Context) -> dict[str, Json]:
    """What every check of the env file says: its name, and what comes from elsewhere; `instead` says so in words."""
    services = context.services
    exists = env_reading(context).exists
    exported = [name for name in ENV_NAMES if services.environ.get(name)]
    mounted = {name: str(found.path) for name, found in mounts(context).items()}
    elsewhere = not exists and all(name in exported or name in mounted for name in NEEDED)
    return {
        "file": services.project.shown(services.project.env_file),
        "exists": exists,
        "exported": exported,
        "mounted": mounted,
        "from_environment": elsewhere,
        "instead": _FROM_MOUNT if elsewhere and mounted else _FROM_ENVIRONMENT if elsewhere else "",
    }


def _names(evidence: Evidence, field: str) -> tuple[str, ...]:
    value = evidence.get(field)
    return tuple(value) if isinstance(value, Mapping) else ()


def _instead(evidence: Evidence) -> str:
    return text(evidence, "instead") or _FROM_ENVIRONMENT


async def _collect_env(context: Context) -> Evidence:
    reading = env_reading(context)
    problem = reading.problems[0] if reading.problems else None
    return {
        **common_evidence(context),
        "code": problem.code if problem else "",
        "message": problem.message if problem else "",
        "hint": problem.hint if problem else "",
        "line": problem.line if problem else None,
        "mode": reading.mode,
        "link": reading.link_target is not None,
    }


def judge_env(evidence: Evidence) -> Finding:
    """`files.env`: absent is fine where everything is exported; readable by others is a warning."""
    file = text(evidence, "file")
    if flag(evidence, "from_environment"):
        return skip(f"There is no {file}.", _instead(evidence))
    if text(evidence, "code") in {"missing", "no_folder"}:
        return fail(
            f"There is no {file}.",
            cause="The credentials have not been written yet, or this is not the project's folder.",
            blame=Blame.YOU,
            hint="Run `soundcheck setup` in the project's folder; it writes the file.",
        )
    if message := text(evidence, "message"):
        return fail(
            message, cause="Nothing can be read from it as it is.", blame=Blame.YOU, hint=text(evidence, "hint")
        )
    mode = int(number(evidence, "mode") or 0)
    if mode & 0o077:
        return warn(
            f"Other users of this machine may read {file} (mode {mode:o}).",
            cause="It holds passwords.",
            blame=Blame.YOU,
            hint=f"Type: chmod 600 {file}",
            fixes=(MODE,),
        )
    return ok(f"{file} is there, readable by you alone.")


async def _collect_values(context: Context) -> Evidence:
    reading = env_reading(context)
    problems, missing, torn, repeated = [], [], [], []
    for name in ENV_NAMES:
        found = reading.values.get(name)
        if found is None:
            if name in NEEDED:
                missing.append(name)
            continue
        if problem := value_problem(name, found.value.reveal()):
            problems.append(f"{name} (line {found.line}): {problem}")
        elif not found.agrees:
            torn.append(name)
        if len(found.lines) > 1:
            repeated.append(f"{name} (lines {', '.join(map(str, found.lines))})")
    return {**common_evidence(context), "problems": problems, "missing": missing, "torn": torn, "repeated": repeated}


def judge_values(evidence: Evidence) -> Finding:
    """`files.values`."""
    if flag(evidence, "from_environment"):
        return skip("Not asked.", _instead(evidence))
    file = text(evidence, "file")
    setup = "Run `soundcheck setup`: it shows the change before it writes it, and keeps a copy."
    if problems := texts(evidence, "problems"):
        return fail(
            f"{file}: {problems[0]}.",
            cause="; ".join(problems[1:]) or "The value was copied in part, or by hand.",
            blame=Blame.YOU,
            hint=setup,
            fixes=(SSLMODE,) if NO_SSLMODE in problems[0] else (),
        )
    elsewhere = {*texts(evidence, "exported"), *_names(evidence, "mounted")}
    missing = [name for name in texts(evidence, "missing") if name not in elsewhere]
    if missing:
        return fail(
            f"{file} has no {' and no '.join(missing)}.",
            cause="The backend reads them from there.",
            blame=Blame.YOU,
            hint=setup,
        )
    if torn := texts(evidence, "torn"):
        return warn(
            f"{' and '.join(torn)} reads differently in Python and in Node.",
            cause="A $, # or backslash in the value means something else to each of the two readers.",
            blame=Blame.YOU,
            hint=f"{setup} Passwords are written so that both read the same.",
        )
    if repeated := texts(evidence, "repeated"):
        return warn(
            f"{file} sets {repeated[0]} more than once.",
            cause="The last one counts; the others mislead whoever reads the file.",
            blame=Blame.YOU,
            hint="Delete the lines that do not count.",
        )
    return ok(f"{file} has all values.")


async def _collect_override(context: Context) -> Evidence:
    reading, environ = env_reading(context), context.services.environ
    differs = [
        name
        for name, found in reading.values.items()
        if name in ENV_NAMES and environ.get(name) and environ[name] != found.value.reveal()
    ]
    others = [
        f"{conflict.name} in {context.services.project.shown(conflict.path)} (line {conflict.line})"
        for conflict in conflicts(reading, neighbours(reading.path))
        if conflict.name in ENV_NAMES
    ]
    return {**common_evidence(context), "differs": differs, "others": others}


def judge_override(evidence: Evidence) -> Finding:
    """`files.override`: whoever reads both takes the exported value, and Soundcheck takes the file's."""
    file, differs = text(evidence, "file"), texts(evidence, "differs")
    if differs:
        names = " and ".join(differs)
        return warn(
            f"{names} {'is' if len(differs) == 1 else 'are'} exported with another value than in {file}.",
            cause="Your backend takes the exported value; Soundcheck takes the file's.",
            blame=Blame.YOU,
            hint=f"Type: unset {' '.join(differs)}   (and remove it from where it is exported), or correct {file}.",
        )
    if others := texts(evidence, "others"):
        return warn(
            f"Another file sets a different value: {others[0]}.",
            cause="Prisma's tools stop on such a pair, and frameworks let the other file win.",
            blame=Blame.YOU,
            hint=f"Keep the value in {file} only, and delete that line.",
        )
    return ok("Nothing else sets them otherwise.")


async def _collect_ignored(context: Context) -> Evidence:
    facts = await beside(lambda: git_facts(context.services.project.env_file))
    return {
        **common_evidence(context),
        "repository": facts.repository is not None,
        "tracked": facts.tracked,
        "ignored": facts.ignored,
        "silent_because": facts.silent_because,
    }


def judge_ignored(evidence: Evidence) -> Finding:
    """`files.ignored`."""
    file = text(evidence, "file")
    if flag(evidence, "from_environment"):
        return skip(f"There is no {file}.", _instead(evidence))
    if not flag(evidence, "repository"):
        return ok(f"{file} is in no Git repository.")
    if flag(evidence, "tracked"):
        return fail(
            f"{file} is in the Git repository, with its passwords.",
            cause="It was added before it was ignored; everyone who has the repository has the passwords.",
            blame=Blame.YOU,
            fixes=(UNTRACK, IGNORE),
            hint=f"Type: git rm --cached {file}   then commit, and reset both passwords in the consoles: the history"
            " keeps the old ones.",
        )
    if silent := text(evidence, "silent_because"):
        return warn(
            f"Whether Git would take {file} along is not known: {silent}.",
            cause="The project lies in a Git repository, and only Git can say what it ignores.",
            blame=Blame.YOU,
            hint=f"Look into .gitignore yourself: it should have the line {file.rsplit('/', 1)[-1]}.",
        )
    if not flag(evidence, "ignored"):
        return warn(
            f"Git would take {file} along.",
            cause="No line of .gitignore covers it.",
            blame=Blame.YOU,
            hint=f"Add the line {file.rsplit('/', 1)[-1]} to .gitignore; Setup does it for you.",
            fixes=(IGNORE,),
        )
    return ok(f"Git ignores {file}.")
