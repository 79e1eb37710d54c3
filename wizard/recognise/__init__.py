"""Recognise credentials in whatever was pasted."""

from soundcheck.wizard.recognise.recogniser import field_problems, recognise, recognise_field
from soundcheck.wizard.recognise.recognition import (
    NOTHING_FAILED,
    Candidate,
    FailedTest,
    Ignored,
    Problem,
    Recognised,
    Recognition,
    Repair,
    Severity,
    Written,
)

__all__ = [
    "NOTHING_FAILED",
    "Candidate",
    "FailedTest",
    "Ignored",
    "Problem",
    "Recognised",
    "Recognition",
    "Repair",
    "Severity",
    "Written",
    "field_problems",
    "recognise",
    "recognise_field",
]
