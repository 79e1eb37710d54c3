"""One request to a vendor: a hard deadline, a bounded answer, and every failure as a value in words.

What matters most here is `CloudProblem.maybe_done`: whether the vendor may have created something although no usable
answer came. It is false only where the request cannot have been carried out.
"""

from __future__ import annotations

import asyncio
import email.utils
import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from soundcheck.stores.error_words import without_names
from soundcheck.stores.resolver import ResolveError, Resolver, SystemResolver
from soundcheck.stores.upstash.rest_url import RestUrl

if TYPE_CHECKING:
    import httpx

DEADLINE: Final = 30.0
"""Seconds for a whole request; a database is made within a few."""

MAX_ANSWER: Final = 4 * 2**20
"""Bytes; a list of projects is some kilobytes."""

USER_AGENT: Final = "soundcheck (set-up tool for a database and a cache; a person agreed to this request)"

_MAX_WORDS: Final = 200

_LIMIT: Final = re.compile(r"\b(?:limit|quota|exceed\w*|upgrade)\b", re.IGNORECASE)
"""As in Neon's `user projects limit of 1 exceeded, got 1`, HTTP 422 (neondatabase/neonctl#255)."""
_EXISTS: Final = re.compile(r"\balready (?:exists?|in use|taken)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CloudProblem:
    """Why a request brought nothing usable. `code` is stable; `message` and `hint` are words for people.

    `maybe_done` says that the vendor may have carried it out all the same. `retry_after` is seconds, as the vendor
    asked for, None where it did not.
    """

    code: str
    message: str
    hint: str = ""
    maybe_done: bool = False
    status: int = 0
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class CloudReply:
    """An answer with a status below 400, or one the caller wants to judge itself."""

    status: int
    text: str
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> object:
        """The body read as JSON; None where it is none."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True, slots=True)
class Exchange:
    """How requests leave: through the environment's proxy or our resolver, never through a redirect.

    `deadline` is seconds for DNS, TCP, TLS and the answer together.
    """

    resolver: Resolver = field(default_factory=SystemResolver)
    deadline: float = DEADLINE
    tls: ssl.SSLContext | None = None

    async def ask(
        self,
        vendor: str,
        method: str,
        url: RestUrl,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: object = None,
    ) -> CloudReply | CloudProblem:
        """Send it once; nothing is repeated here. `content` is sent as JSON where it is not None."""
        import httpx

        from soundcheck.stores.upstash.transport import transport_for

        sent = _Sent()
        try:
            transport = transport_for(url, self.resolver, self.tls, connections=1)
        except (ValueError, ImportError):
            return CloudProblem("proxy", "The proxy named in the environment cannot be used.", "Mend HTTPS_PROXY.")
        except OSError:  # SSL_CERT_FILE or SSL_CERT_DIR
            return CloudProblem(
                "tls",
                "The file of trusted certificates cannot be read.",
                "Mend or unset SSL_CERT_FILE and SSL_CERT_DIR.",
            )
        try:
            async with asyncio.timeout(self.deadline):
                request = _request(method, f"{url}{path}", headers or {}, content)
                request.extensions["trace"] = sent.note
                response = await transport.handle_async_request(request)
                try:
                    return await _read(vendor, response)
                finally:
                    await response.aclose()
        except TimeoutError:
            return CloudProblem(
                "timeout",
                f"{vendor} did not answer within {self.deadline:g} s.",
                "Try again in a minute.",
                maybe_done=sent.any,
            )
        except ResolveError:
            return CloudProblem("dns", f"The name {url.host} was not found.", "Check that this machine is online.")
        except httpx.HTTPError as problem:
            return _from_httpx(vendor, url, problem, sent=sent.any)
        finally:
            await transport.aclose()


class _Sent:
    """Whether any of the request went out, as httpcore's trace tells; before that nothing can have been done."""

    def __init__(self) -> None:
        self.any = False

    async def note(self, event: str, _info: object) -> None:
        """Called by httpcore at each stage."""
        if ".send_request_" in event:
            self.any = True


def words_of(text: str) -> str:
    """A vendor's own sentence, fit to be shown: one line, bounded, without control characters and addresses."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    line = re.sub(r"\b[a-z][a-z0-9+.-]*://\S+", "…", line)
    return line if len(line) <= _MAX_WORDS else line[: _MAX_WORDS - 1].rstrip() + "…"


def unusable(vendor: str, reply: CloudReply, what: str, *, maybe_done: bool) -> CloudProblem:
    """An answer with a good status that is not what the vendor documents."""
    kind = "an HTML page" if _is_html(reply) else what
    return CloudProblem(
        "unusable",
        f"{vendor} answered HTTP {reply.status} with {kind}, which is not what it documents.",
        "A network with a log-in page does that; else the vendor changed its interface: use the console instead.",
        maybe_done,
        reply.status,
    )


def _request(method: str, url: str, headers: Mapping[str, str], content: object) -> httpx.Request:
    import httpx

    common = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **headers}
    if content is None:
        return httpx.Request(method, url, headers=common)
    common["Content-Type"] = "application/json"
    return httpx.Request(method, url, headers=common, content=json.dumps(content).encode())


async def _read(vendor: str, response: httpx.Response) -> CloudReply | CloudProblem:
    chunks, size = [], 0
    async for chunk in response.aiter_raw():
        size += len(chunk)
        if size > MAX_ANSWER:
            return CloudProblem(
                "unusable",
                f"{vendor} sent more than an answer can hold.",
                "Try again later.",
                True,
                response.status_code,
            )
        chunks.append(chunk)
    headers = {name.lower(): value for name, value in response.headers.items()}
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    reply = CloudReply(response.status_code, b"".join(chunks).decode("utf-8", "replace"), kind, headers)
    if reply.status < 300:
        return reply
    return _refused(vendor, reply)


def _refused(vendor: str, reply: CloudReply) -> CloudProblem:
    """An answer with a status that says no. From 500 on nobody knows how far the vendor came."""
    status, said = reply.status, _said(reply)
    told = f" It says: {said}" if said else ""
    wait = _retry_after(reply)
    if status < 400:
        text = f"{vendor} answered HTTP {status}, a redirect, which is not followed."
        return CloudProblem("redirect", text, "See whether a log-in page or a proxy is in the way.", False, status)
    if status == 429:
        when = f"in {_minutes(wait)}" if wait else "in a few minutes"
        text = f"{vendor} takes no more requests from here for now (HTTP 429).{told}"
        return CloudProblem("limited", text, f"Try again {when}.", False, status, wait)
    if status == 402 or (401 < status < 500 and _LIMIT.search(without_names(said))):
        text = f"{vendor} refused: a limit of your plan is reached (HTTP {status}).{told}"
        hint = "Delete what you no longer need in its console, or raise the plan there; then try again."
        return CloudProblem("quota", text, hint, False, status)
    if status in {401, 403}:
        text = f"{vendor} does not accept the key (HTTP {status}).{told}"
        return CloudProblem(
            "unauthorized", text, "Make a new key in its console, or check that it is copied whole.", False, status
        )
    if status == 404:
        return CloudProblem("not_found", f"{vendor} knows no such thing (HTTP 404).{told}", "", False, status)
    if status < 500:
        text = f"{vendor} refused the request (HTTP {status}).{told}"
        if _EXISTS.search(without_names(said)):
            hint = "Try again: what has this name is looked for first. If it is not yours, rename it in the console."
            return CloudProblem("exists", text, hint, False, status)
        return CloudProblem("refused", text, "Nothing was made. Mend what it names, or use its console.", False, status)
    text = f"{vendor} answered HTTP {status}.{told}"
    return CloudProblem("failed", text, "The fault is the vendor's; try again in a few minutes.", True, status, wait)


def _said(reply: CloudReply) -> str:
    """The vendor's own sentence in an answer that refuses; "" for a page."""
    body = reply.json()
    if isinstance(body, dict):
        for name in ("message", "error", "detail"):
            value = body.get(name)
            if isinstance(value, str) and value:
                return words_of(value)
            if isinstance(value, dict) and isinstance(value.get("message"), str):
                return words_of(value["message"])
        return ""
    if isinstance(body, str):
        return words_of(body)
    return "" if _is_html(reply) else words_of(reply.text)


def _is_html(reply: CloudReply) -> bool:
    return reply.content_type == "text/html" or reply.text.lstrip()[:15].lower().startswith(("<!doctype", "<html"))


def _retry_after(reply: CloudReply) -> int | None:
    """Seconds, from either form of the header; None where it says nothing."""
    text = reply.headers.get("retry-after", "").strip()
    if text.isdecimal() and len(text) < 7:
        return int(text)
    try:
        when = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(round((when - datetime.now(UTC)).total_seconds()), 0)


def _minutes(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 else f"{round(seconds / 60)} min"


def _from_httpx(vendor: str, url: RestUrl, problem: httpx.HTTPError, *, sent: bool) -> CloudProblem:
    """Which failure an exception of httpx stands for; its text is not passed on."""
    import httpx

    if isinstance(problem, httpx.ProxyError):
        return CloudProblem("proxy", "The proxy refused to pass the request on.", "Mend HTTPS_PROXY or NO_PROXY.")
    if isinstance(problem, httpx.ConnectError | httpx.ConnectTimeout):
        link: BaseException | None = problem
        while link is not None:
            if isinstance(link, ssl.SSLError):
                return CloudProblem(
                    "tls",
                    f"The certificate that {url.host} shows is not trusted.",
                    "A filter on the network may open TLS: see `soundcheck doctor`.",
                )
            link = link.__cause__ or link.__context__
        return CloudProblem("unreachable", f"{url.host} cannot be reached.", "Check that this machine is online.")
    return CloudProblem(
        "cut", f"The connection to {vendor} was cut before its answer was complete.", "Try again.", maybe_done=sent
    )
