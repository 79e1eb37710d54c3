"""What each failure of the cache means, whose move it is, and what to press. Texts only."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from soundcheck.checks.explanation import Explanation
from soundcheck.checks.finding import Blame
from soundcheck.checks.fixes import LOCAL_UP

_CONSOLE: Final = "https://console.upstash.com"
_TROUBLE: Final = "https://upstash.com/docs/redis/troubleshooting"
_PASTE: Final = "{paste}"
_AGAIN: Final = "then {press:again}."
_FAILED: Final = "Redis connection failed"

_LOCAL_VALUES: Final = "Type: {run:setup --local}   It shows the right values and writes them."

_UNKNOWN_CA: Final = Explanation(
    f"{_FAILED}: the certificate is issued by someone this machine does not trust: {{issuer}}.",
    "A company's proxy that reads along shows exactly this.",
    Blame.NETWORK,
    "If {issuer} is your company's, name its file: {run:setup --ca FILE}   Else try another network.",
)

FAILURES: Final[dict[str, Explanation]] = {
    "unknown_name": Explanation(
        f"{_FAILED}: there is no host called {{host}}.",
        "Other names are found. Either the address is mistyped, or Upstash archived the database: it does that to free"
        " ones after 30 days without use.",
        Blame.YOU,
        f"Look in the Upstash console whether the database is there, and restore it. {_PASTE} the address it shows.",
        _CONSOLE,
    ),
    "no_network": Explanation(
        f"{_FAILED}: no host name can be looked up from here.",
        "Neither {host} nor {witness} could be looked up: this machine is offline, or its DNS does not answer.",
        Blame.NETWORK,
        f"Check the network connection (Wi-Fi, VPN, DNS), {_AGAIN} Your credentials need no change.",
    ),
    "refused": Explanation(
        f"{_FAILED}: nothing listens at {{endpoint}}.",
        "The machine answers and says that no program takes connections on that port.",
        Blame.YOU,
        f"{_PASTE} the REST address of the Upstash console; it has no port and starts with https://.",
    ),
    "local_refused": Explanation(
        f"{_FAILED}: the local stack is down.",
        "The address is the local stack's, and nothing listens at {endpoint}: the machine was restarted, or it"
        " stopped.",
        Blame.YOU,
        "Type: {run:local up}",
        fixes=(LOCAL_UP,),
    ),
    "not_ours": Explanation(
        f"{_FAILED}: the local stack does not run, and another program answers at {{endpoint}}.",
        "The address is the local stack's, and while that was down another program took its port. It got nothing"
        " from us.",
        Blame.YOU,
        "Type: {run:local up}   It moves the stack to a free port, and your env files follow.",
    ),
    "clear_text": Explanation(
        f"{_FAILED}: the REST token was not sent, for it would cross the network unencrypted.",
        "The address {endpoint} starts with http:// and is not on this machine, so others may read what is sent.",
        Blame.YOU,
        "Write an address that starts with https://. To send it all the same, for this profile:"
        " {run:doctor --allow-plain}",
    ),
    "unreachable": Explanation(
        f"{_FAILED}: there is no way to {{endpoint}}.",
        "This machine has no route there: it is offline, or a VPN is missing.",
        Blame.NETWORK,
        f"Check the network connection, {_AGAIN}",
    ),
    "no_ipv6": Explanation(
        f"{_FAILED}: {{endpoint}} has IPv6 addresses only, and this network has no IPv6.",
        "The name was found, and every address it gave is of the newer kind, to which no way leads from here.",
        Blame.NETWORK,
        f"Try another network or a VPN; some resolvers hide IPv4 addresses, so look at the DNS settings, {_AGAIN}",
    ),
    "timeout": Explanation(
        f"{_FAILED}: {{endpoint}} did not answer, {{text}}.",
        "Something on the way swallows what is sent, mostly a firewall, or the service is overloaded.",
        Blame.NETWORK,
        f"Try another network (a phone's hotspot shows it at once), {_AGAIN}",
    ),
    "broken": Explanation(
        f"{_FAILED}: the connection to {{endpoint}} broke.",
        "The network gave up while connecting: {text}.",
        Blame.NETWORK,
        f"Check the network connection, VPN and firewall, {_AGAIN}",
    ),
    "cut": Explanation(
        f"{_FAILED}: {{endpoint}} hung up in the middle.",
        "The port answers, and then the connection is cut: a firewall or proxy does not let it through.",
        Blame.NETWORK,
        f"Try another network or a VPN, {_AGAIN}",
    ),
    "tls_wrong_host": Explanation(
        f"{_FAILED}: the certificate of {{endpoint}} is for another host.",
        "It says {subject}, issued by {issuer}.",
        Blame.NETWORK,
        f"Check the address first; where it is right, a proxy stands in between: try another network, {_AGAIN}",
    ),
    "tls_expired": Explanation(
        f"{_FAILED}: the certificate of {{endpoint}} has expired, or this machine's clock is wrong.",
        "It was valid until {not_after}, issued by {issuer}.",
        Blame.PROVIDER,
        f"Check this machine's date first, {_AGAIN}",
    ),
    "tls_unknown_ca": _UNKNOWN_CA,
    "tls_intercepted": replace(_UNKNOWN_CA, cause=f"That is {{product}}. {_UNKNOWN_CA.cause}"),
    "tls_broken": Explanation(
        f"{_FAILED}: the encrypted connection could not be made.",
        "The handshake failed: {text}.",
        Blame.NETWORK,
        f"Check that the address is the REST one and starts with https://; try another network, {_AGAIN}",
    ),
    "tls_no_root": Explanation(
        f"{_FAILED}: the file of trusted certificates cannot be read.",
        "SSL_CERT_FILE or SSL_CERT_DIR is exported and names something that is not there or is no certificate.",
        Blame.YOU,
        "Type: unset SSL_CERT_FILE SSL_CERT_DIR   or correct the path.",
    ),
    "bad_token": Explanation(
        f"{_FAILED}: Upstash refused the token.",
        "The token is wrong, belongs to another database, or was reset. The TCP password is not always the token.",
        Blame.YOU,
        f"In the Upstash console copy UPSTASH_REDIS_REST_TOKEN from the REST part of the page. {_PASTE} it.",
        "https://upstash.com/docs/redis/troubleshooting/http_unauthorized",
    ),
    "invalid_token": Explanation(
        f"{_FAILED}: the token cannot be sent.",
        "It is empty, or has a blank or a line break in it, mostly from copying.",
        Blame.YOU,
        f"{_PASTE} the token again.",
    ),
    "read_only": Explanation(
        "The token may only read.",
        "Upstash shows two tokens, and this is the read-only one: {text}",
        Blame.YOU,
        f"In the Upstash console switch “Read-Only Token” off and copy the token again. {_PASTE} it.",
        _CONSOLE,
    ),
    "local_bad_token": Explanation(
        f"{_FAILED}: the local stack refused the token.",
        "The address is the local stack's, and the token is another one: edited, or older than `local reset`.",
        Blame.YOU,
        _LOCAL_VALUES,
    ),
    "local_read_only": Explanation(
        "The token may only read.",
        "The local stack has two tokens, and this is the read-only one: {text}",
        Blame.YOU,
        _LOCAL_VALUES,
    ),
    "monthly_limit": Explanation(
        "This month's commands of the Upstash database are used up.",
        "Your credentials are right. The free plan has 500,000 commands a month. Upstash says: {text}",
        Blame.PROVIDER,
        "Wait for the next month or upgrade in the Upstash console. To go on at once: `{run:setup --local}`.",
        "https://upstash.com/docs/redis/troubleshooting/max_requests_limit",
    ),
    "daily_limit": Explanation(
        "Today's commands of the Upstash database are used up.",
        "Your credentials are right. Upstash says: {text}",
        Blame.PROVIDER,
        "Wait until tomorrow or upgrade in the Upstash console. To go on at once: `{run:setup --local}`.",
        "https://upstash.com/docs/redis/troubleshooting/max_daily_request_limit",
    ),
    "bandwidth_limit": Explanation(
        "This month's data transfer of the Upstash database is used up.",
        "Your credentials are right. Upstash says: {text}",
        Blame.PROVIDER,
        "Wait for the next month or upgrade in the Upstash console.",
        _CONSOLE,
    ),
    "storage_full": Explanation(
        "The cache is full.",
        "Reading works, writing is refused. Upstash says: {text}",
        Blame.PROVIDER,
        "Delete keys, switch Eviction on in the Upstash console (old keys make room then), or upgrade.",
        _CONSOLE,
    ),
    "too_many_connections": Explanation(
        f"{_FAILED}: all connections of the database are taken.",
        "Upstash says: {text}",
        Blame.YOU,
        f"Stop programs that hold connections, {_AGAIN}",
    ),
    "request_too_large": Explanation(
        "One request was larger than Upstash takes.",
        "A request may have 10 MB on the free plan. Upstash says: {text}",
        Blame.YOU,
        "Send fewer commands in one pipeline, or smaller values.",
        _TROUBLE,
    ),
    "record_too_large": Explanation(
        "One value grew larger than Upstash keeps.",
        "A record may have 100 MB on the free plan. Upstash says: {text}",
        Blame.YOU,
        "Split the value over several keys, or delete the key that grew.",
        _TROUBLE,
    ),
    "key_too_large": Explanation(
        "The name of a key is longer than Upstash takes.",
        "A name may have 32 KB. Upstash says: {text}",
        Blame.YOU,
        "Hash what makes the name long (a search text, say) instead of writing it out.",
        _TROUBLE,
    ),
    "command_unavailable": Explanation(
        "The cache does not know a command that was sent.",
        "Upstash leaves some commands of Redis out. It says: {text}",
        Blame.PROVIDER,
        "Look the command up in the list that the link leads to; another one does the same in most cases.",
        "https://upstash.com/docs/redis/overall/rediscompatibility",
    ),
    "locally_lacking": Explanation(
        "The local stack's cache does not know a command that Upstash has.",
        "Valkey stands in for Upstash on this machine and lacks some of its commands. It says: {text}",
        Blame.US,
        "Nothing is wrong with your program or your credentials; use a cache at Upstash to try that command.",
    ),
    "not_over_rest": Explanation(
        "The cache takes this command over TCP only.",
        "Commands that belong to one connection (AUTH, WATCH, SUBSCRIBE, MULTI) have no place in REST. It says: {text}",
        Blame.US,
        "Please report it with the output of `{run:doctor --text}`; a backend of yours uses /multi-exec instead.",
        "https://upstash.com/docs/redis/features/restapi",
    ),
    "wrong_arguments": Explanation(
        "The cache did not understand a command.",
        "It says: {text}",
        Blame.US,
        "Please report it with the output of `{run:doctor --text}`.",
    ),
    "wrong_type": Explanation(
        "A key holds another kind of value than was expected.",
        "Another program writes under the same name. The cache says: {text}",
        Blame.YOU,
        "Look at the key with `{run:cache}`, and give the two programs databases or prefixes of their own.",
    ),
    "transaction_aborted": Explanation(
        "The cache dropped a transaction as a whole.",
        "One of its commands was refused. The cache says: {text}",
        Blame.US,
        "Please report it with the output of `{run:doctor --text}`.",
    ),
    "bad_request": Explanation(
        "The cache could not read what was sent.",
        "A proxy in between changed it, or the address is not that of a REST interface. It says: {text}",
        Blame.NETWORK,
        f"Try another network, {_AGAIN}",
    ),
    "archived": Explanation(
        f"{_FAILED}: Upstash put the database aside.",
        "It archives free databases that were not used for 30 days, and keeps a backup. It says: {text}",
        Blame.PROVIDER,
        "Open the Upstash console and restore it; the address and the token stay the same.",
        _CONSOLE,
    ),
    "ip_not_allowed": Explanation(
        f"{_FAILED}: Upstash does not take requests from this network.",
        "The database has a list of allowed addresses, and this machine's is not on it. It says: {text}",
        Blame.YOU,
        "Add this network's address in the Upstash console, or take the list away.",
        _CONSOLE,
    ),
    "store_down": Explanation(
        f"{_FAILED}: the server behind the address is down.",
        "The gateway answers and cannot reach the store: {text}",
        Blame.YOU,
        "Run `{run:local up}`; at Upstash look at status.upstash.com.",
    ),
    "proxy": Explanation(
        f"{_FAILED}: the proxy of this network refused the request.",
        "HTTPS_PROXY or HTTP_PROXY names a proxy: {text}.",
        Blame.NETWORK,
        f"Correct the proxy, or add {{host}} to NO_PROXY, {_AGAIN}",
    ),
    "redirect": Explanation(
        f"{_FAILED}: {{host}} sends the request elsewhere.",
        "{text}.",
        Blame.YOU,
        f"{_PASTE} the REST address of the Upstash console; behind a hotel's or company's log-in page, log in first.",
    ),
    "not_json": Explanation(
        f"{_FAILED}: what answers at {{host}} is not Upstash.",
        "It {text}: a log-in page of the network, a proxy, or a wrong address.",
        Blame.NETWORK,
        f"Open a web page to see whether the network wants a log-in, check the address, {_AGAIN}",
    ),
    "not_upstash": Explanation(
        f"{_FAILED}: what answers at {{host}} is not Upstash's REST interface.",
        "It {text}.",
        Blame.YOU,
        f"{_PASTE} the REST address of the Upstash console (UPSTASH_REDIS_REST_URL).",
    ),
    "too_large": Explanation(
        f"{_FAILED}: the answer is far too large.",
        "{text}.",
        Blame.PROVIDER,
        "Check that the address is the REST one of the Upstash console.",
    ),
    # Anything else
    "otherwise": Explanation(
        f"{_FAILED}: {{text}}",
        "Soundcheck asked {endpoint} over REST, and the answer (HTTP {http_status}) fits nothing that it knows.",
        Blame.PROVIDER,
        f"Read the answer above; look at status.upstash.com, {_AGAIN}",
    ),
}  # fmt: skip
"""By the codes of the layers, of `TransportFailure` and of `UpstashError`; with `local_`, of the local stack's own."""

FAILURES.update({"dns": FAILURES["unknown_name"], "reset": FAILURES["cut"], "tls": FAILURES["tls_broken"]})

DNS: Final = ("unknown_name", "no_network", "timeout", "otherwise")
TCP: Final = (
    "refused", "local_refused", "not_ours", "unreachable", "no_ipv6", "timeout", "broken", "cut", "otherwise",
)  # fmt: skip
TLS: Final = (
    "timeout", "broken", "cut", "tls_wrong_host", "tls_expired", "tls_unknown_ca", "tls_intercepted", "tls_broken",
    "tls_no_root", "otherwise",
)  # fmt: skip
LATER: Final = (
    "refused", "local_refused", "not_ours", "timeout", "cut",
    *(code for code in FAILURES if code not in {*DNS, *TCP, *TLS, "dns", "reset", "tls"}), "otherwise",
)  # fmt: skip
"""Which of them a layer can end with: the first three, and all after them."""
