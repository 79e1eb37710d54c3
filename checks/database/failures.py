"""What each failure of a PostgreSQL layer means, whose move it is, and what to press. Texts only."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from soundcheck.checks.explanation import Explanation, Explanations
from soundcheck.checks.finding import Blame
from soundcheck.checks.fixes import LOCAL_UP, SSLMODE

_CONSOLE: Final = "https://console.neon.tech"
_DOCS: Final = "https://neon.com/docs/connect/connection-errors"
_PASTE: Final = "{paste}"
_AGAIN: Final = "then {press:again}."

_UNKNOWN_CA: Final = Explanation(
    "The certificate of {endpoint} is issued by someone this machine does not trust: {issuer}.",
    "sslmode={sslmode} accepts only known issuers. A company's proxy that reads along shows exactly this.",
    Blame.NETWORK,
    "If {issuer} is your own or your company's, name its file: {run:setup --ca FILE}   Else try another network.",
)

FAILURES: Final[Explanations] = {
    # The name
    "unknown_name": Explanation(
        "Can't reach the database server: there is no host called {host}.",
        "The name was looked up and is not known, while other names are: it is mistyped, or the project was deleted.",
        Blame.YOU,
        f"Copy the connection string again from the Neon console (Connect). {_PASTE} it.",
        _CONSOLE,
    ),
    "no_network": Explanation(
        "Can't reach the database server: no host name can be looked up from here.",
        "Neither {host} nor {witness} could be looked up: this machine is offline, or its DNS does not answer.",
        Blame.NETWORK,
        f"Check the network connection (Wi-Fi, VPN, DNS), {_AGAIN} Your credentials need no change.",
    ),
    # The port
    "refused": Explanation(
        "Can't reach the database server: nothing listens at {endpoint}.",
        "The machine answers and says that no program takes connections on that port: the server is not running, or the"
        " port is wrong.",
        Blame.YOU,
        f"Start the server, or correct the port of DATABASE_URL ({_PASTE} the right address).",
    ),
    "local_down": Explanation(
        "Can't reach the database server: the local stack is down.",
        "DATABASE_URL is the local stack's, and nothing listens at {endpoint}: it was stopped, or the machine"
        " restarted.",
        Blame.YOU,
        "Type: {run:local up}",
        fixes=(LOCAL_UP,),
    ),
    "not_ours": Explanation(
        "The local stack's PostgreSQL does not run: another program answers at {endpoint}.",
        "DATABASE_URL is the local stack's, and while that was down another program took its port. It got nothing"
        " from us.",
        Blame.YOU,
        "Type: {run:local up}   It moves the stack to a free port, and your env files follow.",
    ),
    "clear_text": Explanation(
        "The password was not sent: {endpoint} asks for it unencrypted, over a line that others may read.",
        "With the sslmode of DATABASE_URL the server does not prove who it is, so whoever stands in between could ask"
        " for the password in this way.",
        Blame.YOU,
        "Write sslmode=verify-full into DATABASE_URL, or have the server ask for SCRAM. To send it all the same, for"
        " this profile: {run:doctor --allow-plain}",
    ),
    "unreachable": Explanation(
        "Can't reach the database server: there is no way to {endpoint}.",
        "This machine has no route there: it is offline, or a VPN is missing.",
        Blame.NETWORK,
        f"Check the network connection, {_AGAIN}",
    ),
    "no_ipv6": Explanation(
        "Can't reach the database server: {endpoint} has IPv6 addresses only, and this network has no IPv6.",
        "The name was found, and every address it gave is of the newer kind, to which no way leads from here.",
        Blame.NETWORK,
        f"Try another network or a VPN; some resolvers hide IPv4 addresses, so look at the DNS settings, {_AGAIN}",
    ),
    "timeout": Explanation(
        "Can't reach the database server: {endpoint} did not answer, {text}.",
        "Something on the way swallows what is sent, mostly a firewall that blocks port 5432 of outside servers, or the"
        " server is overloaded.",
        Blame.NETWORK,
        f"Try another network (a phone's hotspot shows it at once) or ask for port 5432 to be opened, {_AGAIN}",
    ),
    "broken": Explanation(
        "Can't reach the database server: the connection to {endpoint} broke.",
        "The network gave up while connecting: {text}.",
        Blame.NETWORK,
        f"Check the network connection, VPN and firewall, {_AGAIN}",
    ),
    "cut": Explanation(
        "Can't reach the database server: {endpoint} hung up in the middle.",
        "The port answers, and then the connection is cut: a firewall or proxy that does not let PostgreSQL through, or"
        " a server that just went down.",
        Blame.NETWORK,
        f"Try another network or a VPN, {_AGAIN}",
    ),
    "not_postgres": Explanation(
        "What answers at {endpoint} is not PostgreSQL.",
        "The port belongs to another program, or a company's proxy answers in the server's place.",
        Blame.YOU,
        f"Check host and port of DATABASE_URL. {_PASTE} the right address.",
    ),
    # TLS
    "tls_not_offered": Explanation(
        "The server at {endpoint} does not offer encryption, and sslmode={sslmode} insists on it.",
        "Neon always offers it; a server of your own may not, and a proxy in between may take it away.",
        Blame.YOU,
        "For a server of your own on a network you trust write sslmode=disable; else use the address that Neon shows.",
    ),
    "tls_wrong_host": Explanation(
        "The certificate of {endpoint} is for another host.",
        "sslmode={sslmode} checks the name, and the certificate says {subject}, issued by {issuer}.",
        Blame.YOU,
        "Use the host name that the certificate is for. Where a proxy stands in between, ask who runs the network.",
    ),
    "tls_expired": Explanation(
        "The certificate of {endpoint} has expired, or this machine's clock is wrong.",
        "It was valid until {not_after}, issued by {issuer}.",
        Blame.PROVIDER,
        f"Check this machine's date first. Where it is right, the server needs a new certificate, {_AGAIN}",
    ),
    "tls_unknown_ca": _UNKNOWN_CA,
    "tls_intercepted": replace(_UNKNOWN_CA, cause=f"That is {{product}}. {_UNKNOWN_CA.cause}"),
    "tls_no_root": Explanation(
        "sslmode={sslmode} needs a root certificate, and there is none.",
        "{text}.",
        Blame.YOU,
        "Write sslmode=verify-full&sslrootcert=system in DATABASE_URL (the system's certificates), or the right file.",
    ),
    "tls_broken": Explanation(
        "The encrypted connection to {endpoint} could not be made.",
        "The handshake failed: {text}.",
        Blame.NETWORK,
        f"Try another network; where the server is your own, look at its TLS settings, {_AGAIN}",
    ),
    "bad_sslmode": Explanation(
        "The sslmode in DATABASE_URL is a word that PostgreSQL does not know.",
        "Known are disable, allow, prefer, require, verify-ca and verify-full.",
        Blame.YOU,
        "Write sslmode=require, as Neon's own connection string has it.",
    ),
    "weak_sslmode": Explanation(
        "sslrootcert=system goes together with sslmode=verify-full only.",
        "PostgreSQL's own library refuses any weaker mode beside it.",
        Blame.YOU,
        "Write sslmode=verify-full, or take sslrootcert=system out of DATABASE_URL.",
    ),
    "channel_binding": Explanation(
        "The log-in could not be tied to the encrypted connection.",
        "channel_binding=require stands in DATABASE_URL, and the server or a proxy in between does not support it.",
        Blame.NETWORK,
        "Try another network; where the server is your own, take channel_binding=require out of DATABASE_URL.",
    ),
    # The log-in
    "password": Explanation(
        "The database refused the password of {user}.",
        "PostgreSQL gives this same answer where there is no role {user}.",
        Blame.YOU,
        f"{_PASTE} the connection string with the right password.",
    ),
    "neon_password": Explanation(
        "Neon refused the log-in of {user}.",
        "Neon gives this same answer for three things: the password is wrong (for instance after a reset), there is no"
        " role {user}, or there is no endpoint {host} (deleted, or a typing error in the address).",
        Blame.YOU,
        f"Copy the whole connection string again from the Neon console (Connect). {_PASTE} it.",
        _DOCS,
    ),
    "local_password": Explanation(
        "The local stack's PostgreSQL refused the user name or the password.",
        "DATABASE_URL is the local stack's, and its password is another one: edited, or older than `local reset`.",
        Blame.YOU,
        "Type: {run:setup --local}   It shows the right values and writes them.",
    ),
    "no_password": Explanation(
        "The server asks for a password, and DATABASE_URL has none.",
        "The part between the user name and the @ is missing.",
        Blame.YOU,
        f"{_PASTE} the whole connection string. In Neon press “Show password” before you copy it.",
    ),
    "unknown_role": Explanation(
        "The database has no role called {user}.",
        "The user name in DATABASE_URL is mistyped, or the role was deleted.",
        Blame.YOU,
        f"{_PASTE} the connection string again.",
    ),
    "role_cannot_login": Explanation(
        "The role {user} is not allowed to log in.",
        "It was made without the LOGIN right.",
        Blame.YOU,
        "Use another role in DATABASE_URL, or run ALTER ROLE … LOGIN as an administrator.",
    ),
    "endpoint_not_found": Explanation(
        "Neon has no endpoint {host}.",
        "It was deleted, or the address has a typing error.",
        Blame.YOU,
        f"Copy the connection string again from the Neon console. {_PASTE} it.",
        _CONSOLE,
    ),
    "no_sni": Explanation(
        "Neon could not tell which database was meant.",
        "The host name did not arrive with the connection: a proxy in between takes it away, or DATABASE_URL holds an"
        " address number instead of the name.",
        Blame.NETWORK,
        "Use the host name that the Neon console shows; where you do, try another network.",
        _DOCS,
    ),
    "endpoint_mismatch": Explanation(
        "DATABASE_URL names two different Neon endpoints.",
        "The host is {host}, and the options parameter names another endpoint.",
        Blame.YOU,
        "Take the options=endpoint… part out of DATABASE_URL.",
    ),
    "insecure": Explanation(
        "Neon takes encrypted connections only.",
        "DATABASE_URL asks for no encryption.",
        Blame.YOU,
        "Put ?sslmode=require at the end of DATABASE_URL.",
        fixes=(SSLMODE,),
    ),
    "ip_not_allowed": Explanation(
        "Neon does not take connections from this network.",
        "The project has a list of allowed addresses, and this machine's is not on it.",
        Blame.YOU,
        "Add this network's address in the Neon console: Settings, Network security.",
        _CONSOLE,
    ),
    "network_blocked": Explanation(
        "Neon does not take connections from this network.",
        "The project is closed to the public internet.",
        Blame.YOU,
        "Allow public access in the Neon console (Settings, Network security), or connect from the private network.",
        _CONSOLE,
    ),
    "not_listed": Explanation(
        "The server does not allow {user} to connect from here.",
        "Its pg_hba.conf has no line for this user, database and address.",
        Blame.YOU,
        "Ask who runs the server to add this machine, or connect from one that is allowed.",
    ),
    "no_encryption": Explanation(
        "The server takes encrypted connections only.",
        "Its pg_hba.conf refuses this connection because it is not encrypted.",
        Blame.YOU,
        "Put ?sslmode=require at the end of DATABASE_URL.",
        fixes=(SSLMODE,),
    ),
    "startup_parameter": Explanation(
        "The pooler refuses a parameter of DATABASE_URL.",
        "{text}",
        Blame.YOU,
        "Take that parameter out of DATABASE_URL, or use the direct address (without -pooler).",
    ),
    "pooler_stuck": Explanation(
        "The pooler answers, and cannot log in to the server behind it.",
        "It says: {text}",
        Blame.PROVIDER,
        f"Wait a minute, {_AGAIN} Where the pooler is your own, look at its [databases] section and auth_query.",
    ),
    "prepared_statement": Explanation(
        "A prepared statement met another one through the pooler.",
        "In transaction mode each query may reach another session, so names of statements collide. It says: {text}",
        Blame.YOU,
        "Let push and migrations use DIRECT_URL (without -pooler); for an old pooler add pgbouncer=true for Prisma.",
        _DOCS,
    ),
    # The database
    "database_missing": Explanation(
        "There is no database called {database} on this server.",
        "The log-in went well; the name after the last slash of DATABASE_URL is not there. Neon's own is neondb.",
        Blame.YOU,
        f"{_PASTE} the connection string again, or create the database in the console.",
    ),
    "database_closed": Explanation(
        "The database {database} takes no connections.",
        "It is marked as closed, as template databases are.",
        Blame.YOU,
        "Use another database in DATABASE_URL.",
    ),
    "not_permitted": Explanation(
        "{user} may not connect to the database {database}.",
        "The role lacks the CONNECT right.",
        Blame.YOU,
        "Use the role that owns the database, or run GRANT CONNECT as its owner.",
    ),
    # What was used up
    "compute_quota": Explanation(
        "This month's computing time of the Neon project is used up.",
        "Your credentials are right. The free plan has 100 compute hours a month; then the database stays asleep.",
        Blame.PROVIDER,
        "Wait for the next month or upgrade in the Neon console. To go on at once: `{run:setup --local}`.",
        _CONSOLE,
    ),
    "transfer_quota": Explanation(
        "This month's data transfer of the Neon project is used up.",
        "Your credentials are right. The free plan has 5 GB a month.",
        Blame.PROVIDER,
        "Wait for the next month or upgrade in the Neon console. To go on at once: `{run:setup --local}`.",
        _CONSOLE,
    ),
    "storage_full": Explanation(
        "The database is full.",
        "Your credentials are right. The free plan of Neon has 0.5 GB.",
        Blame.PROVIDER,
        "Delete rows you do not need (`{run:seed --remove}` for sample data), or upgrade in the Neon console.",
        _CONSOLE,
    ),
    "endpoint_limit": Explanation(
        "Too many Neon computes of this account are awake at once.",
        "The plan limits how many may run at the same time.",
        Blame.PROVIDER,
        f"Suspend one in the Neon console, {_AGAIN}",
        _CONSOLE,
    ),
    "rate_limit": Explanation(
        "Neon asks to wait a moment.",
        "Too many attempts came within a short time.",
        Blame.PROVIDER,
        f"Wait a minute, {_AGAIN}",
    ),
    "endpoint_disabled": Explanation(
        "The Neon endpoint {host} is switched off.",
        "Someone disabled it in the console, or Neon did.",
        Blame.PROVIDER,
        f"Enable the compute in the Neon console, {_AGAIN}",
        _CONSOLE,
    ),
    "endpoint_unavailable": Explanation(
        "Neon cannot serve the endpoint {host} at the moment.",
        "It is in maintenance, or a quota of the project is used up.",
        Blame.PROVIDER,
        f"Look at the quotas in the Neon console and at neonstatus.com, {_AGAIN}",
        _CONSOLE,
    ),
    "busy": Explanation(
        "The Neon project is busy with another operation.",
        "It says that operations are running, and was asked twice.",
        Blame.PROVIDER,
        f"Wait a minute, {_AGAIN}",
    ),
    "compute_unreachable": Explanation(
        "Neon answers, but could not wake the database.",
        "Its proxy did not reach the compute, and was asked twice.",
        Blame.PROVIDER,
        f"Wait a minute, look at neonstatus.com, {_AGAIN}",
    ),
    "authentication_timeout": Explanation(
        "The log-in took too long for the server.",
        "The connection is very slow, or the server is overloaded.",
        Blame.NETWORK,
        f"Try another network, {_AGAIN}",
    ),
    "too_many_connections": Explanation(
        "All connections of the database are taken.",
        "The server says: {text}. An application holds too many, mostly by a direct address without the pooler.",
        Blame.YOU,
        "Use the pooled address (with -pooler) in DATABASE_URL, or lower connection_limit, and stop idle programs.",
    ),
    "starting": Explanation(
        "The database server is just starting.",
        "It said so twice.",
        Blame.PROVIDER,
        f"Wait a minute, {_AGAIN}",
    ),
    "shutting_down": Explanation(
        "The database server is shutting down.",
        "It said so twice.",
        Blame.PROVIDER,
        f"Wait until it is up again, {_AGAIN}",
    ),
    # Anything else
    "otherwise": Explanation(
        "The database refused: {text}",
        "Soundcheck tried to connect to {endpoint} as {user}, and the answer fits nothing that it knows.",
        Blame.PROVIDER,
        f"Read the answer above; look at the provider's status page, {_AGAIN}",
    ),
}  # fmt: skip
"""By `PostgresCode`, and the codes of the name and the port; then what the same code means in a place of its own."""

DNS: Final = ("unknown_name", "no_network", "timeout", "otherwise")
TCP: Final = (
    "refused", "local_down", "not_ours", "unreachable", "no_ipv6", "timeout", "broken", "cut", "otherwise",
)  # fmt: skip
TLS: Final = (
    "timeout", "broken", "cut", "not_postgres", "tls_not_offered", "tls_wrong_host", "tls_expired", "tls_unknown_ca",
    "tls_intercepted", "tls_no_root", "tls_broken", "bad_sslmode", "weak_sslmode", "otherwise",
)  # fmt: skip
LATER: Final = (
    "timeout", "cut", "not_ours", *(code for code in FAILURES if code not in {*DNS, *TCP, *TLS}), "otherwise",
)  # fmt: skip
"""Which of them a layer can end with: the first three, and all after them."""
