"""The verdict: one sentence on whose move it is, what still works, and the one next command. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from soundcheck.checks.advice import Do, spelled
from soundcheck.checks.check import Group, Outcome
from soundcheck.checks.finding import Blame, Status

_WHOSE_MOVE: Final = {
    Blame.YOU: "It is your move",
    Blame.NETWORK: "The network is in the way",
    Blame.PROVIDER: "It is the provider's move",
    Blame.US: "It is a fault of Soundcheck",
}
_COMFORT: Final = frozenset(
    {
        "database.latency", "database.role", "database.indexes", "cache.latency", "cache.resp", "machine.python",
        "machine.terminal", "machine.versions",
    }
)  # fmt: skip
"""Checks whose warnings are of comfort: such a one never stands before a warning of something that can go wrong."""
_LOCAL: Final = "machine.local"
"""With the local stack down, the stores that live in it fail as well: it is named first."""

_PARTS: Final = {Group.DATABASE: "the database", Group.CACHE: "the cache", Group.PRISMA: "Prisma"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run comes to. `check` is the id of the check it rests on, "" where all is well.

    `next` is one command of ours to run.
    """

    status: Status
    blame: Blame | None
    check: str
    sentence: str
    still_works: str
    next: Do

    @property
    def next_command(self) -> str:
        """The same for documents, without a prompt sign: with our bare name."""
        return spelled((self.next,))


def conclude(outcomes: Sequence[Outcome]) -> Verdict:
    """The verdict over the outcomes of one run, in the order of the checks.

    It rests on the first failure in the order of the groups, real failures before checks that could not tell. Where
    the network is to blame for all that failed in the stores, it rests on that: what else is said then says little.
    """
    outcomes = sorted(outcomes, key=lambda outcome: list(Group).index(outcome.check.group))
    failures = [outcome for outcome in outcomes if outcome.finding.stands_in_the_way]
    if failures:
        return _failed(_first_cause(failures), outcomes)
    warnings = [o for o in outcomes if o.finding.status is Status.WARN]
    if warnings:
        return _warned(warnings)
    if not any(o.finding.status is Status.OK for o in outcomes):
        return Verdict(Status.SKIP, None, "", "Nothing was checked.", "", Do.RUN("setup"))
    return Verdict(Status.OK, None, "", "Everything that was checked works.", "", Do.RUN(""))


def _first_cause(failures: Sequence[Outcome]) -> Outcome:
    known = [o for o in failures if o.finding.status is Status.FAIL] or list(failures)
    local = next((o for o in known if o.check.id == _LOCAL), None)
    if local is not None:
        return local
    stores = [o for o in known if o.check.group in {Group.DATABASE, Group.CACHE}]
    network = [o for o in stores if o.finding.blame is Blame.NETWORK]
    return network[0] if network and len(network) == len(stores) else known[0]


def _failed(first: Outcome, outcomes: Sequence[Outcome]) -> Verdict:
    blame = first.finding.blame or Blame.US
    sentence = f"{_WHOSE_MOVE[blame]}: {_lowered(first.finding.summary)}"
    return Verdict(
        first.finding.status, blame, first.check.id, sentence, _still_works(outcomes), Do.RUN(_next_words(first, blame))
    )


def _warned(warnings: Sequence[Outcome]) -> Verdict:
    first = min(warnings, key=lambda one: one.check.id in _COMFORT)
    more = f" ({len(warnings) - 1} more)" if len(warnings) > 1 else ""
    sentence = f"It works, and this should be looked at{more}: {_lowered(first.finding.summary)}"
    look = Do.RUN(f"doctor --explain {first.check.id}")
    return Verdict(Status.WARN, first.finding.blame, first.check.id, sentence, "", look)


def _still_works(outcomes: Sequence[Outcome]) -> str:
    """The stores and tools of which all that was to be asked passed."""
    ids = {outcome.check.id for outcome in outcomes}
    working = []
    for group, name in _PARTS.items():
        findings = [outcome.finding for outcome in outcomes if outcome.check.group is group]
        passed = [finding for finding in findings if finding.passes]
        spared = [f for f in findings if f.status is Status.SKIP and f.skipped_because not in ids]
        if passed and len(passed) + len(spared) == len(findings):
            working.append(name)
    if not working:
        return ""
    listed = working[0] if len(working) == 1 else f"{', '.join(working[:-1])} and {working[-1]}"
    return f"Still working: {listed}."


def _next_words(first: Outcome, blame: Blame) -> str:
    """Never the run that was just made: it would say the same."""
    if blame is Blame.US:
        return "doctor --bundle report.zip"
    if first.check.id == _LOCAL:
        return "local up"
    is_elsewhere = blame in {Blame.NETWORK, Blame.PROVIDER} or first.check.group is Group.MACHINE
    return f"doctor --explain {first.check.id}" if is_elsewhere else "setup"


def _lowered(summary: str) -> str:
    """A summary as the second half of a sentence: its first letter small, unless the word is a name."""
    word = summary.split(" ", 1)[0]
    is_name = not word[:1].isupper() or not word[1:].islower() or word in {"Neon", "Upstash", "Redis", "Prisma", "Node"}
    return summary if is_name else summary[:1].lower() + summary[1:]
