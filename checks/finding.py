"""What a check finds: evidence that can be kept and judged again, and the judgement as a finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from soundcheck.checks.advice import BARE, Advice, Face, spelled
from soundcheck.stores.project.own_command import OwnCommand

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"

Evidence: TypeAlias = Mapping[str, Json]
"""Facts as JSON, free of secrets by construction: a `Secret` in it is a type error, and reports are scrubbed after."""


class Status(StrEnum):
    """How a check ended. `UNKNOWN` says that nothing can be said, and never passes for `OK`."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"
    UNKNOWN = "unknown"


class Blame(StrEnum):
    """Whose move it is."""

    YOU = "you"
    NETWORK = "network"
    PROVIDER = "provider"
    US = "us"


class FixKind(StrEnum):
    """Whether `--fix` may apply it unasked."""

    SAFE = "safe"
    DESTRUCTIVE = "destructive"


@dataclass(frozen=True, slots=True)
class Fix:
    """A mend, as data. Its executor stands in `wizard/fixes/apply.py` under the same id."""

    id: str
    label: str
    kind: FixKind = FixKind.SAFE
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """A judgement: what is so, why, whose move it is, and what to do. All texts are plain, none is markup.

    `summary` is one line. `cause`, `blame` and `advice` are set wherever the status is not ok; `link` is a page of the
    vendor's; `skipped_because` is the id of the check that stood in the way, or a reason in words.
    """

    status: Status
    summary: str
    cause: str = ""
    blame: Blame | None = None
    advice: Advice = ()
    fixes: tuple[Fix, ...] = ()
    link: str = ""
    skipped_because: str = ""

    @property
    def hint(self) -> str:
        """What to do, for documents: commands have our bare name."""
        return spelled(self.advice)

    def hint_for(self, face: Face, own: OwnCommand = BARE) -> str:
        """What to do, as it reads there; `own` is how our commands are called there."""
        return spelled(self.advice, face, own)

    @property
    def passes(self) -> bool:
        """Whether it holds, be it with a warning."""
        return self.status in {Status.OK, Status.WARN}

    @property
    def stands_in_the_way(self) -> bool:
        """Whether it failed or could not tell, so that what rests on it makes no sense."""
        return self.status in {Status.FAIL, Status.UNKNOWN}
