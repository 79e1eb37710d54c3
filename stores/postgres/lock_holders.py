"""Who holds the lock that a statement waits for, as far as the server shows it to this role.

The wait must still be on when the server is asked: once a statement has timed out, nothing says what it waited for.
The waiting backend is found by the text of its statement, because behind PgBouncer the number that the driver knows
is not the server's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from soundcheck.stores.postgres.problem import DatabaseProblem, Trouble

MOST_PATIENCE: Final = 10.0
"""Seconds a read waits for a lock at most: whoever holds one longer is worth naming."""

LOOK_WITHIN: Final = 1.0
"""Seconds that the question for the holders may take."""

HOLDERS: Final = """
WITH RECURSIVE waiting AS (
    SELECT pid FROM pg_catalog.pg_stat_activity
    WHERE usename = session_user AND datname = current_database() AND pid <> pg_backend_pid()
      AND wait_event_type = 'Lock' AND query <> '' AND starts_with($1::text, query)
    LIMIT 1
), chain (waiter, pid, depth) AS (
    SELECT w.pid, b.pid, 1 FROM waiting w CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) b (pid)
    UNION
    SELECT c.pid, b.pid, c.depth + 1 FROM chain c CROSS JOIN LATERAL unnest(pg_blocking_pids(c.pid)) b (pid)
    WHERE c.depth < 5 AND c.pid <> 0
)
SELECT DISTINCT
    c.pid,
    coalesce(a.usename::text, ''),
    coalesce(a.application_name, ''),
    coalesce(a.state, ''),
    coalesce(to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), ''),
    EXISTS (SELECT FROM chain o WHERE o.waiter = c.pid),
    coalesce((SELECT l.relation::regclass::text FROM pg_catalog.pg_locks l JOIN waiting w USING (pid)
              WHERE NOT l.granted AND l.locktype = 'relation' LIMIT 1), '')
FROM chain c LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = c.pid
ORDER BY 6, 1
"""


@dataclass(frozen=True, slots=True)
class Holder:
    """A connection in front of a statement. Texts are "" where the server doesn't show them to this role."""

    pid: int
    """0 for a prepared transaction, which no connection holds."""
    user: str
    application: str
    state: str
    """As in pg_stat_activity: `active`, `idle in transaction`."""
    since: str
    """When its transaction began, in UTC."""
    waits: bool
    """Whether it waits for a lock itself."""
    relation: str
    """What the statement waits for, as the server writes it; "" for something that is no relation."""

    def __str__(self) -> str:
        if not self.pid:
            return "a prepared transaction (see pg_prepared_xacts)"
        known = [
            f"user {self.user}" if self.user else "",
            f"application {self.application}" if self.application else "",
            " since ".join(part for part in (self.state, f"{self.since} UTC" if self.since else "") if part),
            "" if self.state else "the rest is hidden from this role",
        ]
        return f"pid {self.pid} ({', '.join(part for part in known if part)})"


def holders_of(rows: Sequence[Sequence[Any]]) -> tuple[Holder, ...]:
    """The answer to `HOLDERS`; those that wait for nobody come first."""
    return tuple(Holder(*row) for row in rows)


def lock_patience(timeout: float) -> float:
    """Seconds that a statement with this limit waits for a lock, so that a lock is told apart from slow work."""
    return min(timeout * 2 / 3, MOST_PATIENCE)


def look_after(patience: float) -> float | None:
    """Seconds into a statement after which its lock is looked for; None where it ends too soon to be asked about."""
    return patience * 0.3 if patience >= 0.5 else None


def locked_problem(holders: Sequence[Holder], sqlstate: str) -> DatabaseProblem:
    """Who is in front, and how the wait ends. Without `holders`, that somebody is."""
    if not holders:
        return DatabaseProblem(
            Trouble.LOCKED,
            "Another connection holds the lock that this statement waited for.",
            "Try again when its transaction has ended. pg_locks lists who holds locks.",
            sqlstate,
        )
    what = holders[0].relation or "What this reads"
    roots = [one for one in holders if not one.waits] or list(holders)
    words = f"{what} is locked by {' and '.join(map(str, roots))}."
    if between := [one for one in holders if one.waits and one not in roots]:
        words = (
            f"{what} is locked: {' and '.join(map(str, between))} {'waits' if len(between) == 1 else 'wait'} for "
            f"{' and '.join(map(str, roots))}."
        )
    ends = next((f" To end it: SELECT pg_terminate_backend({one.pid});" for one in roots if one.pid), "")
    return DatabaseProblem(Trouble.LOCKED, words, f"Try again when that transaction has ended.{ends}", sqlstate)
