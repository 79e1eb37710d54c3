"""What is wrong with one value of the env file, told without the value. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from soundcheck.checks.explanation import Judgement, said
from soundcheck.checks.files.findings import FAULTS
from soundcheck.stores.addressing import UrlProblem
from soundcheck.stores.credentials import DATABASE_URL, DIRECT_URL, REST_TOKEN, REST_URL
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.upstash.rest_url import RestUrl

NO_SSLMODE: Final = "no_sslmode"

_PLACEHOLDER: Final = re.compile(
    r"<[^>]*>|\byour[-_ ]|[-_]here\b|\bchange[-_]?me\b|\bplaceholder\b|x{5,}"
    r"|//USER(NAME)?:PASS(WORD)?@|@HOST\b|\.\.\.|…",
    re.IGNORECASE,
)
_OLDER: Final = re.compile(r"(?P<variable>\w+) \(line (?P<line>\d+)\): (?P<words>.*)", re.DOTALL)
"""A fault as evidence had it before it had a code."""


@dataclass(frozen=True, slots=True)
class ValueFault:
    """Why a variable's value cannot be used, and the line that it is in. `message` is an address's own problem."""

    variable: str = "?"
    line: int = 0
    code: str = "unreadable"
    message: str = ""

    @property
    def judged(self) -> Judgement:
        """The same as a phrase of the table."""
        code = self.code if self.code in FAULTS else "unreadable"
        return said(code, variable=self.variable, line=self.line, message=self.message)


def value_fault(name: str, value: str, line: int) -> ValueFault | None:
    """What is wrong with the value of a variable, None where it can be used. It holds no part of the value."""
    try:
        code = _code(name, value)
    except UrlProblem as problem:
        return ValueFault(name, line, message=problem.message)
    return ValueFault(name, line, code) if code else None


def _code(name: str, value: str) -> str:
    """The code of what is wrong, "" for nothing. Raises `UrlProblem`."""
    is_database = name in {DATABASE_URL, DIRECT_URL}
    if not value.strip():
        return "empty"
    if is_database and value.startswith("mongodb"):
        return "old_mongodb"
    if _PLACEHOLDER.search(value):
        return "placeholder"
    if is_database:
        url = PostgresUrl.parse(value)
        return NO_SSLMODE if url.is_neon and url.param("sslmode") in {None, "disable", "allow", "prefer"} else ""
    if name == REST_URL:
        RestUrl.parse(value)
    if name == REST_TOKEN and not all(0x21 <= ord(letter) <= 0x7E for letter in value):
        return "odd_letter"
    return ""


def older_fault(words: str) -> ValueFault:
    """A fault out of its words, in which evidence had it before."""
    found = _OLDER.fullmatch(words)
    if found is None:
        return ValueFault(message=words)
    code = next((code for code, row in FAULTS.items() if row.summary.endswith(f": {found['words']}")), "unreadable")
    return ValueFault(found["variable"], int(found["line"]), code, found["words"])
