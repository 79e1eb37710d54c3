"""Everything the cache checks and the temporary-store checks can say, apart from layer failures. Texts only."""

from __future__ import annotations

from typing import Final

from soundcheck.checks.cache.failures import FAILURES
from soundcheck.checks.explanation import Explanation, Explanations, holds, joined, not_asked, phrase, warning
from soundcheck.checks.finding import Blame, Status
from soundcheck.stores.credentials import REST_URL

_YOU: Final = Blame.YOU

KINDS: Final = {
    "tcp": "the address for TCP (redis://), not the one for REST",
    "command": "a redis-cli command, not an address",
    "console": "the console's own web page, not the database's address",
    "database": "another database's address",
    "unreadable": "no address that can be read",
}
"""What else may stand where the REST address should."""


def _another_kind(words: str) -> Explanation:
    return Explanation(
        f"{REST_URL} is {words}.",
        "Upstash shows two addresses, one for REST and one for TCP; the backend asks over REST.",
        _YOU,
        "In the Upstash console open REST and copy UPSTASH_REDIS_REST_URL (https://NAME.upstash.io); or paste"
        " what you have into Setup ({press:setup}), which derives it.",
        "https://upstash.com/docs/redis/features/restapi",
    )


URL: Final[Explanations] = {
    **{kind: _another_kind(words) for kind, words in KINDS.items()},
    "missing": Explanation(
        "There is no {variables: and no }.",
        "Neither {env_file} nor the environment has a usable one.",
        _YOU,
        "Run `{run:setup}`; with no account yet, `{run:setup --local}`.",
    ),
    "env_file": phrase("the env file"),
    "plain_text": warning(
        f"{REST_URL} starts with http://.",
        "The token crosses the network in plain text.",
        _YOU,
        "Write https:// instead; Upstash always offers it.",
    ),
    "there": holds(f"{REST_URL} points to {{host}}."),
}

LAYERS: Final = joined(
    FAILURES,
    {
        "skipped": not_asked("Not needed here.", "{reason}"),
        "found": holds("{host} is {address}."),
        "number": holds("{host} is a number and needs no lookup."),
        "answers": holds("{endpoint} answers in {elapsed:.0f} ms."),
        "intercepted": warning(
            "Someone stands between this machine and the cache: the certificate is issued by {issuer}.",
            "That is {product}: it opens the encrypted connection and reads along, the token included.",
            Blame.NETWORK,
            "Ask who runs this network whether that is intended, or use another network.",
        ),
        "encrypted": holds("{tls_version}, certificate by {issuer}."),
        "pong": holds("The cache answers in {round_trip:.1f} ms."),
    },
)


def _not_kept(words: str) -> Explanation:
    return Explanation(
        f"The cache does not keep what it is given: {words}.",
        "Another program empties this database, or the address leads to something that is not Redis.",
        Blame.PROVIDER,
        "Run `{run:doctor --only cache}` again; where it stays so, look at status.upstash.com.",
    )


WRITE: Final = joined(
    FAILURES,
    {
        "read_otherwise": _not_kept("what was read is not what was written"),
        "no_expiry": _not_kept("the key has no expiry"),
        "not_deleted": _not_kept("the key could not be deleted, or something else deleted it first"),
        "production": Explanation(
            "Not tested: no key was written to {host}, which is production.",
            hint="To write one for a moment: `{run:doctor --production {host}}`",
            status=Status.SKIP,
            because="a production cache is written to only where you agree",
        ),
        "kept": holds("Written, read, expiring and deleted in {total:.0f} ms."),
    },
)

_MAY_NOT: Final = "The token may not use {commands}."
_LEFT_OUT: Final = "It is the read-only one of the two tokens, or an access list of the database leaves them out."

COMMANDS: Final[Explanations] = {
    "allowed": holds("Allowed: {commands}."),
    "read_only": Explanation(
        _MAY_NOT,
        _LEFT_OUT,
        _YOU,
        "In the Upstash console switch “Read-Only Token” off and copy the token again.",
        "https://console.upstash.com",
    ),
    "local_read_only": Explanation(
        _MAY_NOT, _LEFT_OUT, _YOU, "Type: {run:setup --local}   It shows the right values and writes them."
    ),
    "refused": warning(
        "The cache refuses {commands}.",
        "It says: {text}",
        Blame.PROVIDER,
        "Writing and reading work. What needs these commands does not: sweeping by pattern, or atomic steps.",
        "https://upstash.com/docs/redis/overall/rediscompatibility",
    ),
}

ROOM: Final[Explanations] = {
    "local": not_asked("Not needed here.", "the local cache has what this machine has"),
    "not_told": not_asked("Not known.", "the server does not tell how much it holds"),
    "half_full": warning(
        "{room}, and eviction is off.",
        "When it is full, every write is refused; nothing makes room by itself but keys that expire.",
        _YOU,
        "Switch Eviction on in the Upstash console: the keys that end soonest then make room.",
        "https://upstash.com/docs/redis/features/eviction",
    ),
    "evicting": warning(
        "{room}; keys are being evicted.",
        "A cache that evicts misses more often, and the database answers instead.",
        _YOU,
        "Look which keys are large (`{run:cache}`), shorten how long they live, or upgrade.",
    ),
    "room": holds("{room}; eviction is off: when full, writes are refused."),
    "room_evicts": holds("{room}; eviction is on ({policy})."),
    "stored": phrase("{used:,.1f} MB stored"),
    "stored_of": phrase("{used:,.1f} MB of {most:,.0f} MB stored"),
}


def _unreachable(because: str) -> Explanation:
    return not_asked("Not reachable over TCP; REST alone is used.", because)


RESP: Final[Explanations] = {
    "not_upstash": not_asked("Not needed here.", "only Upstash has both ways under one name"),
    "same_token": holds("{host}:6379 answers over TCP too, with the same token."),
    "own_password": holds("{host}:6379 answers over TCP too, with its own password."),
    "proxied": _unreachable("requests go through the proxy that the environment names, and TCP does not"),
    "timeout": _unreachable("a firewall swallows what is sent to port 6379"),
    "refused": _unreachable("port 6379 is closed"),
    "tls": _unreachable("the encrypted connection could not be made"),
    "cut": _unreachable("the connection was cut"),
    "name": _unreachable("the name was not found"),
    "not_redis": _unreachable("what answers is not Redis"),
}

_WRITTEN: Final = "{file}, line {line}"


def _ends_soon(claim: str) -> Explanation:
    return warning(
        "The {store} ends in {hours} h: it is a temporary one.",
        f"{_WRITTEN} says that it ends at {{ends}}; then it is deleted with everything in it.",
        _YOU,
        f"{claim} and log in; it then belongs to your account and stays. Or take it elsewhere:"
        " `{run:move --to local --only {store}}`.",
    )


CLAIM: Final[Explanations] = {
    "not_noted": not_asked("Not needed here.", "nothing says that it is a temporary one"),
    "stays": holds("The {store} is a temporary one and stays until {ends}. Claim it before that to keep it."),
    "ends_soon": _ends_soon("Open its claim link"),
    "ends_soon_with_link": _ends_soon("Open the claim link that stands in {file}"),
    "ends_soon_by_command": _ends_soon("Open the link that `{run:claims --show-links}` shows"),
    "outlived": warning(
        f"The {{store}} outlived the date in {_WRITTEN}.",
        "It was to end at {ends} and still answers, so it was claimed, or is about to go.",
        _YOU,
        "If it stands in your account, delete line {line}; else claim it now.",
    ),
    "expired": Explanation(
        "The {store} expired, unclaimed: it was a temporary one, and its time ended at {ends}.",
        f"{_WRITTEN} says so, and it does not let anyone in any more. What was in it is gone.",
        _YOU,
        "Run `{run:setup}` and make a lasting one; with no account yet, `{run:setup --local}` "
        "or `{run:setup --instant}`.",
    ),
    "ended": warning(
        "The {store} was a temporary one, and its time ended at {ends}.",
        f"{_WRITTEN} says so; whether it is still there cannot be seen from here.",
        _YOU,
        "See the failed check first; if the network is fine, run `{run:setup}` and make a lasting one.",
    ),
}
