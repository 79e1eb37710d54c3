"""Findings for tests of what shows, keeps and compares them; the product's own come out of its tables."""

from __future__ import annotations

from soundcheck.checks.finding import Blame, Finding, Fix, Status


def ok(summary: str) -> Finding:
    """The fact holds."""
    return Finding(Status.OK, summary)


def warn(summary: str, *, cause: str, blame: Blame, hint: str, fixes: tuple[Fix, ...] = (), link: str = "") -> Finding:
    """It works, and something should be looked at."""
    return Finding(Status.WARN, summary, cause, blame, (hint,), fixes, link)


def fail(summary: str, *, cause: str, blame: Blame, hint: str, fixes: tuple[Fix, ...] = (), link: str = "") -> Finding:
    """It does not hold."""
    return Finding(Status.FAIL, summary, cause, blame, (hint,), fixes, link)


def skip(summary: str, because: str) -> Finding:
    """Not asked, with the reason: not needed here, or what it rests on failed."""
    return Finding(Status.SKIP, summary, skipped_because=because)


def unknown(summary: str, *, cause: str, hint: str) -> Finding:
    """Asked, and the answer fits nothing we know: `cause` says what was tried, `hint` where to look."""
    return Finding(Status.UNKNOWN, summary, cause, Blame.US, (hint,))
