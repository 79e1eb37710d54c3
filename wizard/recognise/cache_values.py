"""A pasted REST address, REST token or Redis address: read it and say what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote, urlsplit

from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.credentials import REST_TOKEN, REST_URL
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.recognise.database_url import QUOTES_KEPT, is_database_scheme, scheme_of, without_quotes
from soundcheck.wizard.recognise.placeholders import is_masked_copy, is_placeholder, is_reference
from soundcheck.wizard.recognise.recognition import Problem, Repair, Severity

UPSTASH: Final = ".upstash.io"

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HOST: Final = re.compile(r"(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")
_BEARER: Final = re.compile(r"(?:authorization\s*[:=]\s*)?bearer\s+", re.IGNORECASE)
_COPY_URL: Final = "Copy UPSTASH_REDIS_REST_URL from the REST part of the Upstash console."
_COPY_TOKEN: Final = "Copy UPSTASH_REDIS_REST_TOKEN from the REST part of the Upstash console."  # noqa: S105 - words


@dataclass(frozen=True, slots=True)
class RestValue:
    """A REST address or None, a token that stood beside it, and the findings."""

    url: RestUrl | None
    token: Secret | None = None
    findings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class TokenValue:
    """A token or None, and the findings."""

    token: Secret | None
    findings: tuple[Problem, ...] = ()


def read_rest_url(value: str, line: int | None) -> RestValue:
    """Read one value as the REST address. Never raises; no finding holds a part of a secret."""
    value, is_quoted = without_quotes(value)
    scheme = scheme_of(value)
    if scheme in {"redis", "rediss"}:
        return read_redis(value, line)

    def refuse(code: str, message: str, cure: str = _COPY_URL) -> RestValue:
        return RestValue(None, None, (Problem(code, message, cure, Severity.ERROR, REST_URL, line),))

    if is_masked_copy(value) or is_placeholder(value) or is_reference(value):
        return refuse("placeholder", "The REST address is still a stand-in.")
    if is_database_scheme(value):
        return refuse("database_in_rest", "This is a database address, not the REST address of the cache.")
    bare = value if scheme else f"https://{value}"
    try:
        parts = urlsplit(bare)
        host, user, password = parts.hostname or "", parts.username, parts.password
        url = RestUrl.parse(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}")
    except UrlProblem as problem:
        return refuse(f"rest_{problem.code}", problem.message[:1].upper() + problem.message[1:] + ".")
    except ValueError:
        return refuse("rest_unreadable", "The REST address cannot be read.")
    if not _HOST.fullmatch(host) or (not scheme and "." not in host and not url.is_loopback):
        return refuse("rest_unreadable", "The REST address cannot be read.")
    if is_placeholder(host.partition(".")[0]):
        return refuse("placeholder", "The host of the REST address is still a stand-in.")
    if host in {"console.upstash.com", "console.neon.tech", "api.upstash.com", "upstash.com"}:
        return refuse("console_url", "This is a page of the console, not the database's REST address.")
    found = _rest_found(url, scheme, Secret(unquote(password or user or "")), line)
    return replace(found, findings=(_quotes_kept(REST_URL, line), *found.findings)) if is_quoted else found


def _rest_found(url: RestUrl, scheme: str, beside: Secret, line: int | None) -> RestValue:
    findings = []
    if url.scheme == "http" and not url.is_loopback:
        url = RestUrl("https", url.host, None if url.port in {80, 6379} else url.port)
        repair = Repair(REST_URL, "https:// in place of http://", str(url), Secret(str(url)))
        message = "The REST address is not encrypted (http://)."
        findings.append(
            _found("http_not_https", Severity.WARN, message, "It is written with https:// for you.", line, repair)
        )
    elif not scheme or url.port == 6379:
        url = RestUrl("https", url.host, None)
        repair = Repair(REST_URL, "https:// is put before the host", str(url), Secret(str(url)))
        message = "This is the host of the cache without https://."
        findings.append(_found("rest_host_only", Severity.INFO, message, "It is completed for you.", line, repair))
    if url.is_loopback:
        cure = "Right for the local stack. For Upstash, copy the address from its console."
        findings.append(_found("localhost", Severity.INFO, "The cache is on this machine.", cure, line))
    elif not url.host.endswith(UPSTASH):
        cure = "Check that it is the REST address and not a page of the console."
        findings.append(_found("not_upstash", Severity.WARN, "The REST address is not one of Upstash's.", cure, line))
    return RestValue(url, beside or None, tuple(findings))


def read_redis(value: str, line: int | None) -> RestValue:
    """Read `rediss://…`: the REST address is derived where the host is Upstash's, the password is a candidate token."""
    rest = value.partition("://")[2]
    userinfo, at, place = rest.rpartition("@")
    host = re.split(r"[/?#]", place, maxsplit=1)[0].rpartition(":")[0] or re.split(r"[/?#:]", place, maxsplit=1)[0]
    host = host.lower()
    user, colon, password = userinfo.partition(":")
    secret = Secret(unquote(password if colon else user)) if at else None
    if secret and (is_masked_copy(secret.reveal()) or is_placeholder(secret.reveal())):
        secret = None
    if not host.endswith(UPSTASH) or not _HOST.fullmatch(host):
        message = "This is a Redis address, and no REST address can be derived from its host."
        return RestValue(None, None, (_found("tcp_not_rest", Severity.ERROR, message, _COPY_URL, line),))
    url = RestUrl("https", host, None)
    repair = Repair(REST_URL, "the REST address is derived from the host", str(url), Secret(str(url)))
    message = "This is the Redis address (rediss://), and the app uses the REST address."
    cure = "https:// and the host are taken; the password is tried as the token."
    return RestValue(url, secret, (_found("rest_from_tcp", Severity.WARN, message, cure, line, repair),))


def read_token(value: str, line: int | None) -> TokenValue:
    """Read one value as the REST token. Never raises; no finding holds a part of it."""
    value, is_quoted = without_quotes(value)
    bearer = _BEARER.match(value)
    value = value[bearer.end() :] if bearer else value

    def refuse(code: str, message: str, cure: str = _COPY_TOKEN) -> TokenValue:
        return TokenValue(None, (Problem(code, message, cure, Severity.ERROR, REST_TOKEN, line),))

    if not value:
        return TokenValue(None)
    if is_masked_copy(value):
        cure = "Press the eye beside the token in the Upstash console, then copy it."
        return refuse("masked_copy", "The token was still hidden when it was copied.", cure)
    if is_placeholder(value) or is_reference(value):
        return refuse("placeholder", "The token is still a stand-in.")
    if "://" in value:
        return refuse("url_in_token", "This is an address, not the token.")
    if value.startswith(("napi_", "neon_api_")):
        return refuse("neon_api_key", "This is a key of Neon's API, not the token of the cache.")
    if value.startswith("npg_"):
        return refuse("database_password", "This is a password of Neon's, not the token of the cache.")
    if _UUID.fullmatch(value):
        return refuse("upstash_api_key", "This looks like a management key of Upstash, not the database's token.")
    if any(c.isspace() for c in value):
        return refuse("whitespace", "The token has a space or a line break in it.")
    if not value.isascii():
        return refuse("token_characters", "The token has characters that no token has.")
    kept = (_quotes_kept(REST_TOKEN, line),) if is_quoted else ()
    if bearer is None:
        return TokenValue(Secret(value), kept)
    said = "“Bearer” before the token is left out: it belongs to the header, not to the token."
    note = Problem("bearer_kept", said, "Nothing to do here.", Severity.INFO, REST_TOKEN, line)
    return TokenValue(Secret(value), (*kept, note))


def _quotes_kept(field: str, line: int | None) -> Problem:
    severity, message, cure = QUOTES_KEPT
    return Problem("quotes_kept", message, cure, severity, field, line)


def _found(
    code: str, severity: Severity, message: str, cure: str, line: int | None, repair: Repair | None = None
) -> Problem:
    return Problem(code, message, cure, severity, REST_URL, line, repair)
