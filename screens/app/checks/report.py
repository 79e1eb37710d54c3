"""The report as it leaves for others: redacted, proven clean, at most forty lines."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checks.run import Report
    from checks.services import Services


async def report_for_others(report: Report, services: Services) -> str:
    """The text of `soundcheck doctor --text`. Raises `NotClean` where a secret might remain in it."""
    return await asyncio.to_thread(_text, report, services)


def _text(report: Report, services: Services) -> str:
    from checks.clean_proof import prove_text
    from checks.known_secrets import redactor_for
    from checks.report_text import report_lines

    redactor = redactor_for(services)
    text = redactor.scrub("\n".join(report_lines(report, redactor))) + "\n"
    prove_text(redactor, text, "The report")
    return text
