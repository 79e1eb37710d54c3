"""Everything the machine checks can say. Texts only."""

from __future__ import annotations

from typing import Final

import soundcheck
from soundcheck.checks.explanation import Explanation, Explanations, holds, not_asked, phrase, warning
from soundcheck.checks.finding import Blame
from soundcheck.checks.fixes import LOCAL_UP

OLDEST: Final = (3, 11)
NEWEST: Final = (3, 15)
"""The versions of Python with which everything was tried."""

LEAST: Final = (80, 24)
"""Columns and lines in which the app shows everything."""

_YOU: Final = Blame.YOU
_OLDEST: Final = f"{OLDEST[0]}.{OLDEST[1]}"
_NEWEST: Final = f"{NEWEST[0]}.{NEWEST[1]}"

PYTHON: Final[Explanations] = {
    "too_old": Explanation(
        "Python {python} on {system} is too old.",
        f"Soundcheck needs Python {_OLDEST} or newer.",
        _YOU,
        f"Install Python {_NEWEST} from python.org, then type: make run",
    ),
    "too_new": warning(
        "Python {python} on {system} is newer than what was tried.",
        f"Prisma Client Python was tried up to Python {_NEWEST}.",
        _YOU,
        f"If `prisma generate` fails, use Python {_NEWEST}.",
    ),
    "fits": holds("Python {python} on {system}."),
}

LOCAL: Final[Explanations] = {
    "not_in_use": not_asked("Not needed here.", "the local stack is not in use"),
    "down": Explanation(
        "The local stack is down: {servers}.",
        "The machine was restarted, or it was stopped. No data is lost by that.",
        _YOU,
        "Type: {run:local up}",
        fixes=(LOCAL_UP,),
    ),
    "up": holds("The local stack runs."),
    "postgres": phrase("PostgreSQL"),
    "redis": phrase("Valkey"),
    "rest": phrase("the REST gateway"),
}

_ROOM: Final = "{free} are free where Soundcheck keeps its data."
_MAKE_ROOM: Final = "Make room on that disk, or move the data with the variable SOUNDCHECK_HOME."

DISK: Final[Explanations] = {
    "full": Explanation(_ROOM, "The local servers need 200 MB to start.", _YOU, _MAKE_ROOM),
    "nearly_full": warning(_ROOM, "Sample data and backups soon fill that.", _YOU, _MAKE_ROOM),
    "enough": holds(_ROOM),
    "gigabytes": phrase("{amount:,.1f} GB"),
    "megabytes": phrase("{amount:,.0f} MB"),
}

_NOT_THERE: Final = "{variable} names a file that is not there."
_UNSET: Final = "Type: unset {variable}   or correct the path."

CERTIFICATES: Final[dict[str, str]] = {
    "SSL_CERT_FILE": "Python and OpenSSL",
    "SSL_CERT_DIR": "Python and OpenSSL",
    "NODE_EXTRA_CA_CERTS": "Node",
    "REQUESTS_CA_BUNDLE": "requests",
    "CURL_CA_BUNDLE": "curl",
    "PGSSLROOTCERT": "PostgreSQL's library",
}
"""Who reads the variables that name trusted certificates."""

ENVIRONMENT: Final[Explanations] = {
    "no_certificates": Explanation(
        _NOT_THERE,
        "{reader} read all trusted certificates from it; without them every encrypted request ends in an error.",
        _YOU,
        _UNSET,
    ),
    "no_more_certificates": warning(
        _NOT_THERE, "{reader} would read trusted certificates from it besides.", _YOU, _UNSET
    ),
    "no_proxy_address": warning(
        "{variable} is no proxy's address.",
        "It should read http://host:port; the cache's requests and npm's downloads would go through it.",
        _YOU,
        "Type: unset {variable}   or write http://host:port.",
    ),
    "unverified": warning(
        "{variable}=0 switches the check of certificates off.",
        "Anyone on the way can then read passwords and tokens, and nobody notices.",
        _YOU,
        "Type: unset {variable}   For a company's proxy name its certificate with NODE_EXTRA_CA_CERTS or"
        " SSL_CERT_FILE instead.",
    ),
    "localhost_proxied": warning(
        "{variable} is set, and NO_PROXY leaves out localhost.",
        "Your backend would ask {proxy} for the local cache, which cannot reach it.",
        _YOU,
        "Type: export NO_PROXY=localhost,127.0.0.1,::1",
    ),
    "libpq": warning(
        "{variables: and } {count:is/are} exported.",
        "PostgreSQL's library takes them where DATABASE_URL says nothing else: psql and a Python backend"
        " may connect otherwise than a Node one.",
        _YOU,
        "Type: unset {variables: }   unless you set them on purpose.",
    ),
    "proxied": holds("HTTPS goes through the proxy of {proxies}; PostgreSQL does not use it."),
    "proxy": phrase("{variable} ({proxy})"),
    "more_certificates": holds("No proxy; extra certificates by {variables}."),
    "plain": holds("No proxy, and nothing that changes how connections are made."),
    "programs": phrase("Programs"),
}

_SHOWN: Final = "{term}, {columns}×{lines}"

TERMINAL: Final[Explanations] = {
    "not_utf8": warning(
        "This terminal's letters are {encoding}, not UTF-8.",
        "The language is {language}; marks and lines become question marks.",
        _YOU,
        "Type: export LANG=C.UTF-8",
    ),
    "no_terminal": holds("No terminal here: plain lines are written."),
    "dumb": holds("TERM is {term}: plain lines are written, and the app does not open."),
    "small": warning(
        f"The terminal is small: {_SHOWN}.",
        f"The app shows everything from {LEAST[0]}×{LEAST[1]} on, and less of it below.",
        _YOU,
        "Make the window larger, or its letters smaller.",
    ),
    "wrong_term": warning(
        "TERM is {term} inside {inside}.",
        "{inside} draws as {inside} whatever TERM says; keys and colours then come out wrong.",
        _YOU,
        "Take TERM out of your shell's start-up file; in tmux: set -g default-terminal tmux-256color",
    ),
    "fits": holds(f"{_SHOWN}, UTF-8, {{colours}}."),
    "fits_inside": holds(f"{_SHOWN} in {{inside}}, UTF-8, {{colours}}."),
    "not_set": phrase("not set"),
    "not_wanted": phrase("no colours wanted"),
    "truecolor": phrase("16 million colours"),
    "256": phrase("256 colours"),
    "16": phrase("16 colours"),
}

VERSIONS: Final[Explanations] = {
    "missing": Explanation(
        "Module not found: {modules}.",
        "Soundcheck was installed in part, or something was uninstalled since.",
        Blame.US,
        "Install it again: {again}",
    ),
    "outside": warning(
        "Outside the versions that Soundcheck needs: {packages}.",
        "Something else in this environment asked for it.",
        _YOU,
        "Give Soundcheck an environment of its own (uv tool or pipx). Install it again: {again}",
    ),
    "package": phrase("{name} {version} (needed: {wanted})"),
    # Without the paths of this machine: findings go into bundles that others read.
    "again_make": phrase("make run   (in its checkout)"),
    "again_uv_tool": phrase(f"uv tool upgrade --reinstall {soundcheck.DISTRIBUTION}"),
    "again_pipx": phrase(f"pipx reinstall {soundcheck.DISTRIBUTION}"),
    "again_pip": phrase(f"pip install --force-reinstall {soundcheck.DISTRIBUTION}"),
    "complete": holds("Soundcheck {soundcheck}, psycopg {psycopg} with libpq {libpq}, Textual {textual}."),
    "from_source": holds("Soundcheck from source, psycopg {psycopg} with libpq {libpq}, Textual {textual}."),
}
