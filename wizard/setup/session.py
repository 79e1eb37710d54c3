"""Where set-up stands, kept between runs: steps and answers, never a secret.

Verified values go straight into the env file at the step they pass; the session holds fingerprints alone, so that it
can tell whether what was verified is still what is there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from soundcheck.stores.atomic_file import write_atomically
from soundcheck.stores.credentials import Credentials
from soundcheck.stores.project.project import Project
from soundcheck.wizard.step import SetupPath, StepId

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Session:
    """The answers given so far. `finished` stays true once Done was reached: after that, start opens Tables.

    `fingerprints` maps a variable's name to the fingerprint of the value that passed its checks. `answers` holds
    consents that are not asked twice, as `gitignore` or `schema`.
    """

    path: SetupPath | None = None
    finished: bool = False
    done: frozenset[StepId] = frozenset()
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    schema: str = ""
    """The fingerprint of the schema that set-up last generated from and pushed; "" where that is not known."""
    updated_at: str = ""
    note: str = ""
    """Why an earlier session could not be read; "" where it was."""

    def completed(self, step: StepId) -> Session:
        """The session with a step ticked."""
        return replace(self, done=self.done | {step}, finished=self.finished or step is StepId.DONE)

    def reopened(self, step: StepId) -> Session:
        """The session with a step, and all after it, to be done again."""
        order = list(StepId)
        return replace(self, done=frozenset(s for s in self.done if order.index(s) < order.index(step)))

    def answered(self, **answers: str) -> Session:
        """The session with answers added."""
        return replace(self, answers={**self.answers, **answers})

    def pushed(self, schema: str) -> Session:
        """The session with the fingerprint of the schema that the database now has."""
        return replace(self, schema=schema)

    def verified(self, credentials: Credentials) -> Session:
        """The session with the fingerprints of what was just verified."""
        return replace(self, fingerprints={n: v.fingerprint() for n, v in credentials.as_env().items()})


def load_session(project: Project) -> Session:
    """The last session, a new one where there is none. One that cannot be read counts as none and says so."""
    try:
        raw = json.loads(project.session_file.read_text("utf-8"))
    except FileNotFoundError:
        return Session()
    except (OSError, ValueError):
        return Session(note="The notes of an earlier run could not be read; set-up looks at what is there instead.")
    try:
        if raw["version"] != VERSION:
            return Session(note="The notes of an earlier run are of another version; set-up looks at what is there.")
        return Session(
            path=SetupPath(raw["path"]) if raw["path"] else None,
            finished=bool(raw["finished"]),
            done=frozenset(StepId(name) for name in raw["done"]),
            fingerprints={str(k): str(v) for k, v in raw["fingerprints"].items()},
            answers={str(k): str(v) for k, v in raw["answers"].items()},
            schema=str(raw.get("schema", "")),
            updated_at=str(raw["updated_at"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return Session(note="The notes of an earlier run could not be read; set-up looks at what is there instead.")


def save_session(project: Project, session: Session, now: datetime) -> None:
    """Write it, atomically and 0600. Raises `CouldNotRun` where the state folder cannot be written."""
    project.prepare_state()
    document = {
        "version": VERSION,
        "path": session.path,
        "finished": session.finished,
        "done": [step for step in StepId if step in session.done],
        "fingerprints": dict(session.fingerprints),
        "answers": dict(session.answers),
        "schema": session.schema,
        "updated_at": now.isoformat(),
    }
    write_atomically(project.session_file, json.dumps(document, indent=1).encode() + b"\n")
