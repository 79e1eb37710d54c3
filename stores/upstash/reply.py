"""What came back for one command: a value, an error text, or no usable answer at all. Never an exception."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from soundcheck.stores.upstash.error_texts import UpstashError, classify

ReplyValue: TypeAlias = "str | int | list[ReplyValue] | None"
"""RESP2 shapes: a hash is a flat list, a score is a string, a missing key is None."""


class TransportFailure(StrEnum):
    """Why there was no answer that Upstash could have given."""

    DNS = "dns"
    NO_NETWORK = "no_network"
    REFUSED = "refused"
    NOT_OURS = "not_ours"
    """The address is the local stack's, and another program answers there; nothing was sent."""
    CLEAR_TEXT = "clear_text"
    """The token would cross a line unencrypted that nobody agreed to; nothing was sent."""
    RESET = "reset"
    TIMEOUT = "timeout"
    TLS = "tls"
    PROXY = "proxy"
    REDIRECT = "redirect"
    NOT_JSON = "not_json"
    NOT_UPSTASH = "not_upstash"
    """JSON, but no `result` and no `error` in it: some other service answers there."""
    TOO_LARGE = "too_large"
    INVALID_TOKEN = "invalid_token"  # noqa: S105 - a code
    """The token cannot stand in a header (a line break or a blank in it); nothing was sent."""
    CLOSED = "closed"


class InClear(ValueError):
    """The token would be sent unencrypted, over a line that nobody agreed to; nothing was sent."""

    def __init__(self, where: str) -> None:
        super().__init__(f"the token would go to {where} unencrypted, so nothing was sent")


HTTP_UNAUTHORIZED: Final = 401

NEVER_REACHED = frozenset(
    {
        TransportFailure.DNS,
        TransportFailure.NO_NETWORK,
        TransportFailure.REFUSED,
        TransportFailure.NOT_OURS,
        TransportFailure.CLEAR_TEXT,
        TransportFailure.TLS,
        TransportFailure.PROXY,
        TransportFailure.INVALID_TOKEN,
        TransportFailure.CLOSED,
    }
)
"""With these the command was not sent, so it was not billed and did nothing."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one command.

    `error` is empty when it went well; else the server's own text, or one sentence about the failure. `status` is the
    HTTP status, 0 where none came. `elapsed_ms` is the time of the whole request, the same for all of a pipeline.
    """

    value: ReplyValue = None
    error: str = ""
    status: int = 0
    failure: TransportFailure | None = None
    elapsed_ms: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether `value` is the answer."""
        return not self.error and self.failure is None

    @property
    def was_billed(self) -> bool:
        """Whether the command reached a database that let us in, so that it counts against the plan."""
        return self.failure not in NEVER_REACHED and self.status != HTTP_UNAUTHORIZED

    @property
    def code(self) -> UpstashError | None:
        """What the server's error text means; None where there was no answer or no error."""
        return classify(self.error) if self.failure is None else None
