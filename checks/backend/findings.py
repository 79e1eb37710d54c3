"""Everything the Prisma and backend checks can say. Texts only.

`{message}` and `{hint}` are those of the error that stopped the check.
"""

from __future__ import annotations

from typing import Final

from soundcheck.checks.explanation import (
    Explanation,
    Explanations,
    FieldValue,
    holds,
    not_asked,
    phrase,
    said,
    undecided,
    warning,
)
from soundcheck.checks.finding import Blame, Status
from soundcheck.checks.fixes import (
    GENERATE_CLIENT,
    INSTALL_ENGINE,
    INSTALL_LIBRARY,
    INSTALL_NODE_CLIENT,
    PLACE_ENGINE,
    PRISMA_CONFIG,
    RUN_GENERATE,
)
from soundcheck.stores.backend.prisma_cli import DEFAULT_MAJOR, PACKAGES

_YOU: Final = Blame.YOU
_STEP: Final = "{press:database_step}"
_PROJECT: Final[Explanations] = {"project_folder": phrase("the project's folder")}


def in_words(folder: str) -> FieldValue:
    """A backend's folder as a person reads it: where to type a command."""
    return said("project_folder") if folder in {"", "."} else folder


def _failed(cause: str) -> Explanation:
    """A row for an error that stopped the check, in the error's own words."""
    return Explanation("{message}", cause, _YOU, "{hint}")


NODE: Final[Explanations] = {
    "failed": _failed("Prisma's schema engine runs in Node 20 or newer."),
    "found": holds("{node}."),
    "found_without_npm": holds("{node}; npm is not there."),
}

_NO_ENGINE: Final = "Module not found: Prisma's schema engine is not installed."
_FETCHED: Final = "It is fetched once from npm (8 MB), and that has not happened or was interrupted."

ENGINE: Final[Explanations] = {
    "installed": holds("The schema engine is installed."),
    "missing": Explanation(_NO_ENGINE, _FETCHED, _YOU, f"{_STEP} installs it.", fixes=(INSTALL_ENGINE,)),
    "missing_without_npm": Explanation(
        _NO_ENGINE,
        f"{_FETCHED} Node is there, but npm is not: install it, or set PATH to a full Node.",
        _YOU,
        f"{_STEP} installs it.",
    ),
}

SCHEMA: Final[Explanations] = {
    "failed": _failed("Without the schema nobody knows which tables to expect."),
    "no_model": Explanation(
        "The schema ({schema}) has no model.",
        "A schema without models makes no tables.",
        _YOU,
        "Name the right schema with --schema FILE.",
    ),
    "migrated": holds("{schema} describes {count} tables; they come from its migrations."),
    "read": holds("{schema} describes {count} tables."),
}

CLIENT: Final[Explanations] = {
    "failed": _failed("A client can only be looked for where the schema says that it is."),
    "not_wanted": holds("The schema asks for no Python client, so none is missing."),
    "stale": warning(
        "The client in {folder} is older than the schema.",
        "The schema was changed after `prisma generate`.",
        _YOU,
        f"{_STEP} generates it again.",
        fixes=(GENERATE_CLIENT,),
    ),
    "generated": holds("The client is in {folder}."),
    "missing": Explanation(
        "Module not found: the Prisma client has not been generated.",
        "The backend imports it, `prisma generate` writes it, and {folder} does not hold it.",
        _YOU,
        f"{_STEP} generates it.",
        fixes=(GENERATE_CLIENT,),
    ),
}

_OLDER: Final = " ".join(["npm install", *(f"{name}@{DEFAULT_MAJOR}" for name in PACKAGES)])

BACKEND_PRISMA: Final[Explanations] = {
    **_PROJECT,
    "failed": _failed("The schema says what the backend's Prisma has to take."),
    "no_backend": not_asked("Not needed here.", "no package.json was found, so there is no Node backend"),
    "no_prisma": not_asked("Not needed here.", "the Node backend does not use Prisma"),
    "missing": warning(
        "Module not found: {packages: and } not installed for the Node backend.",
        "Looked for in node_modules of {folder}; the backend imports @prisma/client, prisma generates it.",
        _YOU,
        "Type in {folder}: {command}",
        fixes=(INSTALL_NODE_CLIENT,),
    ),
    "two_majors": warning(
        "Prisma's command is version {cli}, and the client is version {client}.",
        "The two are made for each other: a client of another major version is generated wrongly, or not at all.",
        _YOU,
        "Type in {folder}: {command}   Then generate the client again.",
    ),
    "two_backends": warning(
        "Prisma {version} refuses {settings: and } in {schema} (P1012), and Prisma Client Python needs url there.",
        "One schema cannot serve both: version 7 reads the address from prisma.config.ts alone.",
        _YOU,
        "Delete the generator block of prisma-client-py if no Python backend uses it; else stay with Prisma"
        f" {DEFAULT_MAJOR} in Node ({_OLDER}), or give each a schema.",
    ),
    "refuses_url": warning(
        "Prisma {version} refuses {settings: and } in {schema} (P1012).",
        "Since version 7 the address stands in prisma.config.ts, and the client takes a driver adapter.",
        _YOU,
        "Run `{run:doctor --fix prisma.config}`, which shows both files before it writes them.",
        fixes=(PRISMA_CONFIG,),
    ),
    "no_generator": warning(
        "{schema} asks for no JavaScript client, so the Node backend has none to import.",
        "A client is generated for each generator block, and none has provider prisma-client-js.",
        _YOU,
        'Write a generator block with provider = "prisma-client-js" into the schema.',
    ),
    "not_generated": warning(
        "Prisma {version} is installed, and its client has not been generated.",
        "The schema has a generator for JavaScript, and node_modules/.prisma/client is not there.",
        _YOU,
        "Type in {folder}: {command}",
        fixes=(RUN_GENERATE,),
    ),
    "fits": holds("Prisma {version} of the Node backend takes {schema}."),
}

CONNECTS: Final[Explanations] = {
    **_PROJECT,
    "own_checkout": not_asked("Not needed here.", "this folder is Soundcheck's own source, not a backend"),
    "not_wanted": not_asked("Not needed here.", "the schema asks for no Python client"),
    "no_backend": not_asked("Not needed here.", "no Python backend was found in {folder}"),
    "failed": _failed("The client can only be tried where the schema says that it is."),
    "not_trusted": Explanation(
        "Not tried: it would run what this folder brings along.",
        "That is {programs:; }. Nothing of a folder is run until somebody says that it may be.",
        hint="If you trust this folder: {run:doctor --trust}",
        status=Status.SKIP,
        because="this folder is not trusted",
    ),
    "counted": holds("{interpreter} connected with the client and counted: {output} ({seconds:.1f} s)."),
    "no_interpreter": warning(
        "The backend is Python, and no interpreter of its own was found.",
        "Looked for: VIRTUAL_ENV, .venv, venv, env, also in backend/, and poetry's environments.",
        _YOU,
        "Make one with: python3 -m venv .venv; or name yours with --backend-python PATH.",
    ),
    "no_library": warning(
        "Module not found: {interpreter} lacks {modules}, which the client imports.",
        "The library prisma brings them, and it is not installed in the backend's environment.",
        _YOU,
        "Type in {folder}: {command}",
        fixes=(INSTALL_LIBRARY,),
    ),
    "no_module": Explanation(
        "Module not found: {module}.",
        "The client's own package imports it, and {interpreter} does not have it.",
        _YOU,
        "Install it into the environment of {interpreter}.",
    ),
    "no_client": Explanation(
        "Module not found: {module}, the generated client.",
        "{interpreter} does not find it from {folder}, where the backend is started.",
        _YOU,
        f"{_STEP} generates it.",
        fixes=(GENERATE_CLIENT,),
    ),
    "no_engine": warning(
        "The client imports, and cannot connect: it finds no query engine (BinaryNotFoundError).",
        "connect() starts a native program from binaries.prisma.sh; Soundcheck has a stand-in that needs only"
        " Node, and the client finds it by PRISMA_QUERY_ENGINE_BINARY in the env file.",
        _YOU,
        "Run `{run:setup}`, or `{run:doctor --fix client.engine}`.",
        fixes=(PLACE_ENGINE,),
    ),
    "engine_gone": Explanation(
        "PRISMA_QUERY_ENGINE_BINARY names a file that is not there.",
        "The client looks nowhere else once that variable is set, by an export or in the env file.",
        _YOU,
        "Run `{run:doctor --fix client.engine}`, or delete the variable.",
        fixes=(PLACE_ENGINE,),
    ),
    "wrong_engine": Explanation(
        "The query engine that the client finds is not one that it can start.",
        "It was started with --version: {text}",
        _YOU,
        "Run `{run:doctor --fix client.engine}`: the one that it names comes before all others.",
        fixes=(PLACE_ENGINE,),
    ),
    "no_table": Explanation(
        "The client connected, and the table {table} does not exist for it.",
        "Its address leads to another database or schema than the one that was pushed to.",
        _YOU,
        "Compare DATABASE_URL with DIRECT_URL, then run `{run:setup}`.",
    ),
    "timeout": Explanation(
        "The client did not connect and count {text}.",
        "The interpreter, the client, its engine or the database took too long.",
        _YOU,
        "Run `{run:doctor}` again; then look at how long the same lines take in your backend.",
    ),
    "not_started": Explanation(
        "{interpreter} could not be used: {text}",
        "The interpreter of the backend's environment did not run our few lines to their end.",
        _YOU,
        "Make the environment again, or name another with --backend-python PATH.",
    ),
    "refused": Explanation(
        "The client cannot connect, although Soundcheck can.",
        "{kind}: {text}",
        _YOU,
        'Run `{run:doctor --app "COMMAND"}`, which looks through your backend\'s own eyes.',
    ),
    "unclear": undecided(
        "The client was tried, and nothing can be said of how it ended.",
        "The lines ended with the code {code}.",
        "Run `{run:doctor}` again; if it stays so, send the report of `{run:doctor --text}`.",
    ),
}
