"""What any check can end with: it was not asked, did not finish, or broke. Texts only."""

from __future__ import annotations

from typing import Final

from soundcheck.checks.explanation import Explanation, Explanations, not_asked, undecided
from soundcheck.checks.finding import Blame

ANY: Final[Explanations] = {
    "in_the_way": not_asked("Not asked, because {check} did not pass.", "{check}"),
    "no_answer": Explanation(
        "No answer within {seconds:g} s.",
        "Something between this machine and the server swallows what is sent, or the server is overloaded.",
        Blame.NETWORK,
        "Look at your network, VPN or firewall, then {press:again}.",
    ),
    "not_finished": undecided(
        "Not finished within {seconds:g} s.",
        "{check} was given {seconds:g} s and was still at work; this machine may be very busy.",
        "Run `{run:doctor}` again when the machine is less busy.",
    ),
    "broke": undecided(
        "This check broke, and says nothing about your set-up.",
        "{check} ended with {error} at {place}: a fault of Soundcheck.",
        "Please report it with the output of `{run:doctor --text}`.",
    ),
    "cannot_be_judged": undecided(
        "This evidence cannot be judged.",
        "{check} ended with {error} on it: another version wrote it, or someone changed it.",
        "Run `{run:doctor}` once more where the trouble is.",
    ),
}
