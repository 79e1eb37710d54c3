"""What the Accounts step says: the two accounts, what to click, what to copy; and what to ask a team for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Account:
    """One account to create: names of the plan, and the way through the provider's console, step by step."""

    provider: str
    link: str
    name: str
    clicks: tuple[str, ...]
    copies: str
    free: str


ACCOUNTS: Final = (
    Account(
        provider="Neon (PostgreSQL)",
        link="https://console.neon.tech/signup",
        name="music-streaming-app",
        clicks=(
            "Sign up with GitHub, Google or an e-mail address.",
            "Create a project and name it music-streaming-app; any region near you will do.",
            "Press Connect, leave Connection pooling on, and press Copy snippet.",
        ),
        copies="the line that starts with postgresql:// (or the whole psql '…' command)",
        free="The free plan holds 0.5 GB and sleeps after 5 minutes without queries.",
    ),
    Account(
        provider="Upstash (Redis)",
        link="https://console.upstash.com/redis",
        name="music-app-cache",
        clicks=(
            "Sign up with GitHub, Google or an e-mail address.",
            "Press Create Database, name it music-app-cache, and choose the region nearest to your Neon project.",
            "Open the REST tab, choose .env, and press Copy.",
        ),
        copies="the two lines UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN",
        free="The free plan holds 256 MB and 500,000 commands a month.",
    ),
)

TEAM_LINES: Final = (
    "Ask whoever set it up for these four lines; a password manager is the right way to send them:",
    "DATABASE_URL=postgresql://…            the pooled address (the host has -pooler in it)",
    "DIRECT_URL=postgresql://…              the same without -pooler; it can be derived",
    "UPSTASH_REDIS_REST_URL=https://…       not the rediss:// address",
    "UPSTASH_REDIS_REST_TOKEN=…             the standard token; a read-only one cannot pass the cache test",
    "Ask too whether it is production: soundcheck profiles kind default production, and nothing is written there by"
    " accident.",
)


def message_to_team(project: str) -> str:
    """What to send to whoever set it up, ready to copy; it holds no secret, and asks for none in the open."""
    return f"""\
I am setting up {project} on my machine. Could you share these with me through our password manager?

  DATABASE_URL              Neon's pooled address: its host has -pooler in it
  DIRECT_URL                the same without -pooler, if you have it
  UPSTASH_REDIS_REST_URL    begins with https://
  UPSTASH_REDIS_REST_TOKEN  the standard token, not the read-only one

And is that database production, or is it for development?
"""


def team_lines(project: str) -> list[str]:
    """What to ask for and why, then the message to copy."""
    return [*TEAM_LINES, "To copy and send:", *(f"  {line}" for line in message_to_team(project).splitlines())]


def guide_lines() -> list[str]:
    """Both accounts as plain lines; each link on a line of its own."""
    lines = []
    for account in ACCOUNTS:
        lines += [f"{account.provider}: create {account.name}", account.link]
        lines += [f"  {number}. {click}" for number, click in enumerate(account.clicks, start=1)]
        lines += [f"  Copy {account.copies}.", f"  {account.free}"]
    return lines
