"""What the app knows of the local stack, in words: that it is down, why, and the key that starts it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from soundcheck.stores.cloud.made import Half
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.local.standing import GATEWAY, POSTGRES, VALKEY, StackStanding

START_KEY: Final = "L"
_SERVERS: Final = {Half.DATABASE: {POSTGRES}, Half.CACHE: {VALKEY, GATEWAY}}


@dataclass(frozen=True, slots=True)
class StackNews:
    """`halves` are the stores in use that are the local stack's; `problem` is why it did not start again."""

    halves: frozenset[Half] = frozenset()
    standing: StackStanding = StackStanding.UP
    ended: tuple[str, ...] = ()
    starting: bool = False
    problem: SoundcheckError | None = None

    @property
    def is_down(self) -> bool:
        """Whether a store in use does not run, or only a server of the other one."""
        return bool(self.halves) and self.standing in {StackStanding.STOPPED, StackStanding.ENDED}

    def takes_down(self, half: Half) -> bool:
        """Whether this is why that store does not answer."""
        return half in self.halves and (
            self.standing is StackStanding.STOPPED or not _SERVERS[half].isdisjoint(self.ended)
        )

    @property
    def message(self) -> str:
        """What happened; "" while all is well."""
        if not self.is_down:
            return ""
        if self.starting:
            return "Starting the local stack…"
        if self.standing is StackStanding.STOPPED:
            said = "The local stack was stopped (`soundcheck local down`)."
        else:
            said = self.ended_words
        return f"{said} Starting it failed: {self.problem.message}" if self.problem is not None else said

    @property
    def ended_words(self) -> str:
        """What has ended by itself."""
        return f"{' and '.join(self.ended)} of the local stack {'has' if len(self.ended) == 1 else 'have'} ended."

    @property
    def hint(self) -> str:
        """The key that starts it."""
        if self.starting:
            return ""
        more = f" {self.problem.hint}" if self.problem is not None else ""
        return f"{START_KEY} starts it again; in a terminal: `soundcheck local up`.{more}"

    @property
    def words(self) -> str:
        """Both, for a banner."""
        return f"{self.message} {self.hint}".strip() if self.is_down else ""


def as_ours(problem: SoundcheckError, news: StackNews) -> SoundcheckError:
    """A failure of the database, named as the local stack's where that is what it is."""
    from soundcheck.stores.postgres.problem import is_away

    if is_away(problem) and news.takes_down(Half.DATABASE):
        return SoundcheckError(news.message, news.hint)
    return problem
