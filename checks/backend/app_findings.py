"""Everything `doctor --app` can say about a backend. Texts only."""

from __future__ import annotations

from typing import Final

from soundcheck.checks.database.failures import FAILURES
from soundcheck.checks.explanation import Explanation, Explanations, holds, joined, phrase, undecided, warning
from soundcheck.checks.finding import Blame

_YOU: Final = Blame.YOU
_SEVERAL: Final = "{run:doctor --app}"

PROBLEMS: Final[Explanations] = {
    "look_no_command": Explanation(
        "There is no command to look into.",
        "The text after --app is empty, or its quotes do not close.",
        Blame.YOU,
        f'Write the command that starts your backend in quotes: {_SEVERAL} "uvicorn main:app"',
    ),
    "look_no_folder": Explanation(
        "The command changes to a folder that is not there: {folder}.",
        "It begins with cd.",
        Blame.YOU,
        "Run it from the project's folder, or name that with --project DIR.",
    ),
    "look_unknown_runtime": Explanation(
        "How this command starts a Python or Node program is not clear: {program}.",
        "Soundcheck knows python, uvicorn, gunicorn, hypercorn, flask, fastapi and django programs, node, npm, pnpm,"
        " yarn, npx and what their scripts in package.json start.",
        Blame.YOU,
        f'Name the interpreter itself, as in: {_SEVERAL} "python main.py"   or   {_SEVERAL} "node server.js"',
    ),
    "look_no_interpreter": Explanation(
        "{program} is not there, so the backend cannot start.",
        "It was looked for on the PATH and in the project's own environments (.venv, venv, node_modules).",
        Blame.YOU,
        "Activate the backend's environment, or install its dependencies, then run this again.",
    ),
    "look_not_started": Explanation(
        "{program} does not run: {text}.",
        "The backend's own interpreter was started with a few lines of ours and ended without an answer.",
        Blame.YOU,
        "Type the backend's command yourself and mend what it says first.",
    ),
    "look_timeout": Explanation(
        "The backend's interpreter did not answer {text}.",
        "It was started and asked for three variables and one connection.",
        Blame.NETWORK,
        "Run `{run:doctor}` first: where the database answers there, run this again.",
    ),
}
"""Why there was nothing to compare, by the evidence's code behind `look_`."""

DRIVER_REFUSES: Final[Explanations] = {
    "parameter_refused": Explanation(
        "Your backend's driver ({driver}) refuses DATABASE_URL. It says: {text}",
        "connection_limit, pgbouncer, schema and others are Prisma's own parameters; PostgreSQL's own library and the"
        " drivers built on it do not take them.",
        Blame.YOU,
        "Take the parameters off before the driver gets the address, or connect with Prisma, for which they are made.",
    ),
    "scheme_refused": Explanation(
        "Your backend's driver ({driver}) does not take this kind of address.",
        "{text}",
        Blame.YOU,
        "Write postgresql:// at the beginning of DATABASE_URL; what SQLAlchemy wants besides belongs into the code.",
    ),
    "no_engine": Explanation(
        "Module not found: your backend's Prisma client has no query engine.",
        "The client imports, and connect() starts a program that is not on this machine: {text}",
        Blame.YOU,
        "Where binaries.prisma.sh can be reached, type in the backend's environment: python -m prisma py fetch",
    ),
    "no_client": Explanation(
        "Module not found: your backend cannot import the Prisma client.",
        "{text}",
        Blame.YOU,
        "{press:database_step} generates it; the backend's environment needs the library prisma.",
    ),
}
"""What a driver has against the address itself."""

_NOT_SEEN: Final = "Your backend sees no {variable}; Soundcheck does."
_NOT_EXPORTED: Final = "It is not exported where the backend runs, and {why}"

APP: Final = joined(
    FAILURES,
    PROBLEMS,
    DRIVER_REFUSES,
    {
        "not_seen": Explanation(
            _NOT_SEEN,
            _NOT_EXPORTED,
            _YOU,
            "Call load_dotenv() of python-dotenv before the variable is read (uvicorn: --env-file {env_file}), or"
            " export the variables; `{run:run -- COMMAND}` does that for you.",
        ),
        "not_seen_by_node": Explanation(
            _NOT_SEEN,
            _NOT_EXPORTED,
            _YOU,
            "Start it with node --env-file={env_file}, or put import 'dotenv/config' first, or export the variables.",
        ),
        "nothing_reads": phrase("nothing in the backend's code reads {env_file}."),
        "loader_missing": phrase("{loader} is not installed in the backend's environment, so {env_file} is not read."),
        "not_held": phrase("what {loader} reads from {folder} does not hold it."),
        "not_checked": warning(
            "Your backend sees a {variable} that was not checked here.",
            "It comes from {source}; Soundcheck found none in {env_file} and none exported.",
            _YOU,
            "Put it into {env_file} as well (`{run:setup}`).",
        ),
        "another_value": Explanation(
            "Your backend sees another {variable} than the one that was checked.",
            "Its value comes from {source} (fingerprint {theirs}), Soundcheck's from {our_source}"
            " (fingerprint {ours}).",
            _YOU,
            "Keep the value in one place: correct {source}, or remove it there.",
        ),
        "no_driver": Explanation(
            "Module not found: the backend's environment has no driver for PostgreSQL.",
            "{program} finds none of {looked_for}.",
            _YOU,
            "Install the backend's dependencies there (pip install -r requirements.txt, or npm install).",
        ),
        "cannot_connect": Explanation("Your backend sees the same values, and cannot connect: {failure.summary}"),
        "not_tried": undecided(
            "Your backend sees the same values; whether it connects is not known.",
            "DATABASE_URL is missing on both sides, so there was nothing to connect to.",
            "Run `{run:setup}`.",
        ),
        "same": holds("Your backend sees the same values, and connects with {driver} in {elapsed:.0f} ms."),
    },
)
