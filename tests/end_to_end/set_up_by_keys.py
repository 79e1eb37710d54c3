"""Set-up by keys in a terminal, on the local stack: what each step shows when one may go on, and going on."""

from __future__ import annotations

from pty_terminal import Terminal

READY = {
    "Welcome": "How do you want to start?",
    "Credentials": "✓ write, read",
    ".env": "Write .env",
    "Database": "Generate and push",
    "Connection test": "All tests passed!",
    "Cache test": "Redis caching is ready!",
    "Done": "✓ The browser shows the tables",
}
"""What stands on the screen of each step when the person may go on."""


def go_on(terminal: Terminal, step: str) -> None:
    """Wait until the step is ready and Next is offered, then go on to the next."""
    terminal.wait_for(READY[step], seconds=60)
    if step == "Welcome":
        terminal.press("enter")
        return
    next_step(terminal)
    if step == "Database":
        terminal.wait_until(lambda s: "✓ prisma db push" in s, "the push", seconds=60)
        next_step(terminal)


def next_step(terminal: Terminal) -> None:
    """Press Next once the key line offers it; what a step shows may stand there a moment before."""
    terminal.wait_for("ctrl+n", seconds=60)
    terminal.press("ctrl+n")


def heading(step: str) -> str:
    """How the frame of a step is titled."""
    return f"─ {step} ─"


def set_up(terminal: Terminal) -> None:
    """From the first step to the tables."""
    for step in READY:
        terminal.wait_for(heading(step), seconds=60)
        go_on(terminal, step)
