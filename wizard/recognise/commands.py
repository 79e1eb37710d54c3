"""The commands that consoles offer to copy: psql, redis-cli and curl."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from soundcheck.stores.secret import Secret
from soundcheck.wizard.recognise.lines import PastedLine, addresses_in
from soundcheck.wizard.recognise.recognition import Piece, Written

_PROGRAM: Final = re.compile(r"(?:^|[\s;&|(/=\"'`])(psql|pg_dump|pg_restore|redis-cli|curl)(?:\.exe)?(?=\s|$)")
_ASSIGNMENT: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]{0,63})=(.*)", re.DOTALL)
_CONNINFO: Final = re.compile(
    r"(host|hostaddr|port|user|password|dbname|sslmode)\s{0,4}=\s{0,4}('(?:\\.|[^'\\])*'|\S+)"
)
_BEARER: Final = re.compile(r"(?:authorization\s*:\s*)?bearer\s+(\S+)", re.IGNORECASE)
_QUERY_TOKEN: Final = re.compile(r"[?&]_token=([^&#\s]+)")

_PSQL_FLAGS: Final = {
    "-h": "PGHOST", "--host": "PGHOST", "-p": "PGPORT", "--port": "PGPORT", "-U": "PGUSER", "--username": "PGUSER",
    "-d": "PGDATABASE", "--dbname": "PGDATABASE",
}  # fmt: skip
_PSQL_VALUED: Final = frozenset({*_PSQL_FLAGS, "-c", "--command", "-f", "--file", "-v", "-o", "-F", "-t", "-n", "-j"})
_REDIS_FLAGS: Final = {
    "-h": "REDIS_HOST", "-p": "REDIS_PORT", "-a": "REDIS_PASSWORD", "--pass": "REDIS_PASSWORD", "--user": "REDIS_USER",
    "-u": "REDIS_URL",
}  # fmt: skip


def command_pieces(line: PastedLine) -> list[Piece]:
    """The values of a psql, redis-cli or curl command; none where the line is no such command."""
    found = _PROGRAM.search(line.text)
    if found is None or "://" in line.text[: found.start()]:
        return []
    program = found.group(1)
    words = list(shell_words(line.text))
    if program == "curl":
        return list(_curl(line, words))
    if program == "redis-cli":
        return list(_flags(line, words, _REDIS_FLAGS, Written.REDIS_CLI))
    return list(_psql(line, words))


def shell_words(text: str) -> Iterator[str]:
    """Split as a shell would; a quote that is never closed goes to the end. Never raises."""
    word: list[str] = []
    quote = ""
    started = False
    at = 0
    while at < len(text):
        c = text[at]
        if quote:
            if c == quote:
                quote = ""
            elif c == "\\" and quote == '"' and text[at + 1 : at + 2] in {'"', "\\", "$", "`"}:
                at += 1
                word.append(text[at])
            else:
                word.append(c)
        elif c in "\"'":
            quote, started = c, True
        elif c.isspace():
            if word or started:
                yield "".join(word)
            word, started = [], False
        elif c == "\\" and at + 1 < len(text):
            at += 1
            word.append(text[at])
        else:
            word.append(c)
        at += 1
    if word or started:
        yield "".join(word)


def _psql(line: PastedLine, words: list[str]) -> Iterator[Piece]:
    for word in words:
        if "://" in word:
            assigned = _ASSIGNMENT.fullmatch(word)
            value = assigned.group(2) if assigned else word
            inside = addresses_in(value) if re.search(r"\s", value) else []
            yield Piece("", Secret(inside[0] if inside else value), line.number, Written.PSQL)
            return
    for word in words:
        if re.search(r"(?:^|\s)host(?:addr)?\s*=", word):
            for match in _CONNINFO.finditer(word):
                name = {"dbname": "PGDATABASE", "hostaddr": "PGHOST"}.get(match.group(1), f"PG{match.group(1).upper()}")
                yield Piece(name, Secret(match.group(2).strip("'")), line.number, Written.PSQL)
            return
    yield from _flags(line, words, _PSQL_FLAGS, Written.PSQL)
    if not any(word.startswith(("-d", "--dbname")) for word in words) and (name := _positional(words)):
        yield Piece("PGDATABASE", Secret(name), line.number, Written.PSQL)


def _positional(words: list[str]) -> str:
    """The database's name where it stands without an option, after the program's name."""
    after_program = False
    skip = False
    for word in words:
        if skip:
            skip = False
        elif after_program and word in _PSQL_VALUED:
            skip = True
        elif after_program and not word.startswith("-"):
            return word
        after_program = after_program or word.rpartition("/")[2] in {"psql", "pg_dump", "pg_restore"}
    return ""


def _flags(line: PastedLine, words: list[str], flags: dict[str, str], how: Written) -> Iterator[Piece]:
    """The values of known options (`-h X`, `-hX`, `--host=X`), of variables before the program, and bare addresses."""
    after = ""
    for word in words:
        if after:
            yield Piece(after, Secret(word), line.number, how)
            after = ""
        elif word in flags:
            after = flags[word]
        elif word.startswith("--") and word.partition("=")[0] in flags:
            name, _, value = word.partition("=")
            yield Piece(flags[name], Secret(value), line.number, how)
        elif len(word) > 2 and word[:2] in flags and not word.startswith("--"):
            yield Piece(flags[word[:2]], Secret(word[2:]), line.number, how)
        elif "://" in word:
            yield Piece("", Secret(word), line.number, how)
        elif assigned := _ASSIGNMENT.fullmatch(word):
            name = {"REDISCLI_AUTH": "REDIS_PASSWORD"}.get(assigned.group(1), assigned.group(1))
            yield Piece(name, Secret(assigned.group(2)), line.number, how)


def _curl(line: PastedLine, words: list[str]) -> Iterator[Piece]:
    for word in words:
        if bearer := _BEARER.search(word):
            yield Piece("TOKEN", Secret(bearer.group(1)), line.number, Written.CURL)
        elif "://" in word:
            if token := _QUERY_TOKEN.search(word):
                yield Piece("TOKEN", Secret(token.group(1)), line.number, Written.CURL)
            yield Piece("", Secret(word.partition("?")[0]), line.number, Written.CURL)
