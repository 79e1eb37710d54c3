"""Typed reading of evidence, which is JSON and may be years old: a missing or odd field reads as empty."""

from __future__ import annotations

from checks.finding import Evidence


def text(evidence: Evidence, name: str) -> str:
    """A text, "" where there is none."""
    value = evidence.get(name)
    return value if isinstance(value, str) else ""


def number(evidence: Evidence, name: str) -> float | None:
    """A number, None where there is none."""
    value = evidence.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def flag(evidence: Evidence, name: str) -> bool:
    """Whether a field is exactly true."""
    return evidence.get(name) is True


def texts(evidence: Evidence, name: str) -> tuple[str, ...]:
    """A list of texts, empty where there is none."""
    value = evidence.get(name)
    if not isinstance(value, list | tuple):
        return ()
    return tuple(item for item in value if isinstance(item, str))


def place(evidence: Evidence) -> str:
    """The `folder` of a backend as a person reads it: where to type a command."""
    folder = text(evidence, "folder")
    return "the project's folder" if folder in {"", "."} else folder


def name_found(host: str, address: str) -> str:
    """What a lookup says where it succeeded; a number needs none."""
    return f"{host} is a number and needs no lookup." if host == address else f"{host} is {address}."
