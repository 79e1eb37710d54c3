"""Out of everything that was found, the four values: which database, which cache, and what is derived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from soundcheck.stores.credentials import DATABASE_URL, DIRECT_URL, REST_TOKEN, REST_URL
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.secret import MASK, Secret
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.recognise.names import Role
from soundcheck.wizard.recognise.recognition import (
    NOTHING_FAILED,
    Candidate,
    FailedTest,
    Problem,
    Recognised,
    Severity,
    Written,
)

_RIVALS: Final = 5
"""Of more databases in one text only the last are named."""


@dataclass(frozen=True, slots=True)
class FoundDatabase:
    """One usable database address. `role` says what its name claims; a higher `rank` wins, then the later line."""

    url: PostgresUrl
    role: Role
    rank: int
    line: int
    how: Written


@dataclass(frozen=True, slots=True)
class FoundRest:
    """One usable REST address. `derived` where it came from a Redis address."""

    url: RestUrl
    rank: int
    line: int
    how: Written
    derived: bool = False


@dataclass(frozen=True, slots=True)
class FoundToken:
    """One usable token. `candidate` where it is a Redis password or stood alone on a line."""

    token: Secret
    rank: int
    line: int
    how: Written
    readonly: bool = False
    candidate: bool = False


@dataclass(frozen=True, slots=True)
class DatabaseChoice:
    """What is taken for DATABASE_URL and DIRECT_URL."""

    database: PostgresUrl | None = None
    direct: PostgresUrl | None = None
    fields: tuple[Recognised, ...] = ()
    findings: tuple[Problem, ...] = ()
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class CacheChoice:
    """What is taken for the REST address and its token."""

    url: RestUrl | None = None
    token: Secret | None = None
    fields: tuple[Recognised, ...] = ()
    findings: tuple[Problem, ...] = ()
    candidates: tuple[Candidate, ...] = ()


F = TypeVar("F", FoundDatabase, FoundRest, FoundToken)


def _in_place(found: Sequence[F], name: str, after: FailedTest, findings: list[Problem]) -> Sequence[F]:
    """What was pasted after `name` failed stands in for it, whatever either is called; else all of it."""
    newer = [one for one in found if one.line > after.lines]
    if name not in after.names or not newer or len(newer) == len(found):
        return found
    message = f"It takes the place of what failed: line {newer[-1].line} instead of line {found[0].line}."
    findings.append(Problem("in_place", message, "Nothing to do.", Severity.INFO, name, newer[-1].line))
    return newer


def choose_database(found: Sequence[FoundDatabase], after: FailedTest = NOTHING_FAILED) -> DatabaseChoice:
    """The best-named address wins, then the last; its pooled and direct forms complete each other."""
    if not found:
        return DatabaseChoice()
    findings: list[Problem] = []
    found = _in_place(found, DATABASE_URL, after, findings)
    named = [f for f in found if f.role is not Role.DIRECT]
    chosen = max(named or found, key=lambda f: (f.rank, f.line))
    same = [f for f in found if _place(f.url) == _place(chosen.url) or _is_own_direct(f, chosen)]
    others = [f for f in found if _place(f.url) != _place(chosen.url) and not _is_own_direct(f, chosen)]
    candidates = []
    for other in _unique(others)[-_RIVALS:]:
        candidates.append(Candidate(DATABASE_URL, Secret(other.url.reveal()), other.line, "another database"))
        message = (
            f"Two databases were pasted: {chosen.url.endpoint} (line {chosen.line}) and "
            f"{other.url.endpoint} (line {other.line})."
        )
        why = "its name says so more plainly" if chosen.rank != other.rank else "it comes last"
        cure = f"{chosen.url.endpoint} is taken, because {why}. Paste only the one you want to change that."
        findings.append(Problem("conflict_database", message, cure, Severity.WARN, DATABASE_URL, other.line))
    if len({f.url.password for f in same if f.url.password}) > 1:
        cure = f"The one of line {chosen.line} is taken. If it is refused, paste the other alone."
        message = "The same database was pasted with two passwords."
        findings.append(Problem("conflict_password", message, cure, Severity.WARN, DATABASE_URL, chosen.line))
    return _with_both_hosts(chosen, same, findings, tuple(candidates))


def _with_both_hosts(
    chosen: FoundDatabase, same: Sequence[FoundDatabase], findings: list[Problem], candidates: tuple[Candidate, ...]
) -> DatabaseChoice:
    """Complete the pair: on Neon the pooled host for the application, the direct one for push."""
    app, direct = chosen, next((f for f in reversed(same) if f.role is Role.DIRECT), None)
    fields = []
    if chosen.url.is_neon:
        pooled = chosen if chosen.url.is_pooled else next((f for f in reversed(same) if f.url.is_pooled), None)
        direct = next((f for f in reversed(same) if not f.url.is_pooled), None)
        if pooled is None:
            url = chosen.url.pooled()
            fields.append(Recognised(DATABASE_URL, chosen.line, chosen.how, url.masked(), "direct → pooled derived"))
            message = "This is the direct address; the application uses the pooled one."
            cure = "The pooled address is derived from it (-pooler after the first part of the host)."
            findings.append(Problem("pooled_derived", message, cure, Severity.INFO, DATABASE_URL, chosen.line))
            fields.append(Recognised(DIRECT_URL, chosen.line, chosen.how, chosen.url.masked()))
            return DatabaseChoice(url, chosen.url, tuple(fields), tuple(findings), candidates)
        app = pooled
    fields.append(Recognised(DATABASE_URL, app.line, app.how, app.url.masked()))
    if direct is not None and direct is not app:
        fields.append(Recognised(DIRECT_URL, direct.line, direct.how, direct.url.masked()))
        return DatabaseChoice(app.url, direct.url, tuple(fields), tuple(findings), candidates)
    if app.url.is_pooled:
        derived = app.url.direct()
        fields.append(Recognised(DIRECT_URL, app.line, app.how, derived.masked(), "pooled → direct derived"))
        message = "This is the pooled address; creating tables needs the direct one."
        cure = "The direct address is derived from it (without -pooler)."
        findings.append(Problem("direct_derived", message, cure, Severity.INFO, DIRECT_URL, app.line))
    return DatabaseChoice(app.url, None, tuple(fields), tuple(findings), candidates)


def choose_cache(
    urls: Sequence[FoundRest], tokens: Sequence[FoundToken], after: FailedTest = NOTHING_FAILED
) -> CacheChoice:
    """The best-named address and token win, then the last; a read-only token only where there is no other."""
    findings: list[Problem] = []
    urls = _in_place(urls, REST_URL, after, findings)
    tokens = _in_place(tokens, REST_TOKEN, after, findings)
    fields: list[Recognised] = []
    url = max(urls, key=lambda f: (not f.derived, f.rank, f.line), default=None)
    if url is not None:
        note = "derived from the Redis address" if url.derived else ""
        fields.append(Recognised(REST_URL, url.line, url.how, str(url.url), note))
        for other in urls:
            if other.url.host != url.url.host:
                message = (
                    f"Two caches were pasted: {url.url.host} (line {url.line}), {other.url.host} (line {other.line})."
                )
                cure = f"{url.url.host} is taken. Paste only the one you want to change that."
                findings.append(Problem("conflict_cache", message, cure, Severity.WARN, REST_URL, other.line))
                break
    token = max(tokens, key=lambda f: (not f.readonly, not f.candidate, f.rank, f.line), default=None)
    candidates = []
    if token is not None:
        note = "read-only" if token.readonly else "to be tried" if token.candidate else ""
        fields.append(Recognised(REST_TOKEN, token.line, token.how, MASK, note, token.candidate))
        for secret, rival in {f.token: f for f in tokens if f.token != token.token}.items():
            why = "read-only" if rival.readonly else "another token"
            candidates.append(Candidate(REST_TOKEN, secret, rival.line, why))
        findings += _token_findings(token, [f for f in tokens if f.token != token.token])
    if url is not None and token is None:
        message, cure = (
            "The token of the cache is missing.",
            "Paste UPSTASH_REDIS_REST_TOKEN from the Upstash console too.",
        )
        findings.append(Problem("missing_token", message, cure, Severity.WARN, REST_TOKEN))
    if token is not None and url is None:
        message, cure = (
            "The REST address of the cache is missing.",
            "Paste UPSTASH_REDIS_REST_URL from the console too.",
        )
        findings.append(Problem("missing_rest_url", message, cure, Severity.WARN, REST_URL))
    return CacheChoice(
        url.url if url else None, token.token if token else None, tuple(fields), tuple(findings), tuple(candidates)
    )


def _token_findings(token: FoundToken, others: Sequence[FoundToken]) -> list[Problem]:
    if token.readonly:
        cure = "Paste the standard token: in the console the switch beside it is off."
        message = "This is the read-only token; the app writes to the cache."
        return [Problem("readonly_token", message, cure, Severity.WARN, REST_TOKEN, token.line)]
    rivals = [f for f in others if not f.candidate]
    if any(f.readonly for f in rivals):
        message = f"Two tokens were pasted; the standard one of line {token.line} is taken, not the read-only one."
        return [Problem("two_tokens", message, "Nothing to do.", Severity.INFO, REST_TOKEN, token.line)]
    if rivals and not token.candidate:
        message = f"Two tokens were pasted; the one of line {token.line} is taken."
        cure = "One of them may be read-only: the test finds out. Paste only one to be sure."
        return [Problem("two_tokens", message, cure, Severity.WARN, REST_TOKEN, token.line)]
    if token.candidate:
        message = "The token is a guess (a Redis password, or a line of its own)."
        cure = "It is tried in the test; paste UPSTASH_REDIS_REST_TOKEN with its name to be sure."
        return [Problem("candidate_token", message, cure, Severity.INFO, REST_TOKEN, token.line)]
    return []


def _place(url: PostgresUrl) -> tuple[object, ...]:
    direct = url.direct()
    return direct.host, direct.port or 5432, direct.database


def _is_own_direct(other: FoundDatabase, chosen: FoundDatabase) -> bool:
    """Whether `other` is the direct address of a database that stands behind a pooler not Neon's."""
    return other.role is Role.DIRECT and not (other.url.is_neon or chosen.url.is_neon)


def _unique(found: Sequence[FoundDatabase]) -> list[FoundDatabase]:
    return list({_place(f.url): f for f in found}.values())
