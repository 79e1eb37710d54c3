"""A judge together with the type of its evidence and the table of everything it can say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from soundcheck.checks.check import Check, Context, Group
from soundcheck.checks.evidence import from_json, to_json
from soundcheck.checks.explanation import Explanations, Judgement, word
from soundcheck.checks.finding import Evidence, Finding

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Judging(Generic[E]):
    """`kind` is the evidence's dataclass, `judge` a pure function of it, `rows` the table that words its answers.

    `listed` names the codes it can return, if the table has others as well; empty means all of them.
    """

    kind: type[E]
    judge: Callable[[E], Judgement]
    rows: Explanations
    listed: Sequence[str] = ()

    def finding(self, evidence: Evidence) -> Finding:
        """Judge evidence given as JSON, from this run or an old one."""
        return word(self.rows, self.judge(from_json(self.kind, evidence)))

    @property
    def endings(self) -> Explanations:
        """The rows it can return, in the order of the table."""
        return {code: row for code, row in self.rows.items() if not self.listed or code in self.listed}

    def check(
        self,
        check_id: str,
        group: Group,
        title: str,
        collect: Callable[[Context], Awaitable[E]],
        requires: tuple[str, ...] = (),
        deadline: float = 10.0,
    ) -> Check:
        """A check that collects this evidence and judges it."""

        async def as_json(context: Context) -> Evidence:
            return to_json(await collect(context))

        return Check(check_id, group, title, as_json, self.finding, requires, deadline, self.endings)
