"""Testing a cache writes one key into it, for seconds: asked first where the cache is for production."""

from __future__ import annotations

from dataclasses import replace

from soundcheck.checks.cache.layers import TEST_KEY, WRITE_NOT_AGREED
from soundcheck.checks.check import Outcome
from soundcheck.stores.local.stack import LocalStack
from soundcheck.stores.services import Services
from soundcheck.wizard.asking import NO, YES, Answers, Question, QuestionKind, said_yes
from soundcheck.wizard.guard import Action, Consent, Intent, decide
from soundcheck.wizard.target import Target

TEST = "test-key"
"""The question's id."""


def intent_of_test(services: Services) -> Intent | None:
    """The write that a test is, as the guard wants it; None where there is no cache."""
    url = services.credentials.rest_url
    if url is None:
        return None
    return Intent(
        action=Action.TEST,
        target=Target.of_cache(url),
        kind=services.project.profile.kind,
        is_local=LocalStack(services.project.local).owns_rest(url),
        only_adds=True,
        profile=services.project.profile.name,
    )


def questions_of_test(services: Services, given: Consent) -> tuple[Question, ...]:
    """What is asked before a production cache is tested. A no leaves the write out; `--yes` says no."""
    intent = intent_of_test(services)
    if intent is None or decide(intent, Consent()).allowed:
        return ()
    said = decide(intent, given)
    what = f"The test writes one key there, {TEST_KEY}…, and deletes it again."
    about = (f"{intent.target} is production. {what}",)
    return (
        Question(
            f"Write a test key to {intent.target.name}", (YES, NO), NO.key, decide(intent, Consent()).production_option,
            id=TEST, kind=QuestionKind.CONSENT, with_yes=NO.key, given=YES.key if said.allowed else "", about=about,
        ),
    )  # fmt: skip


def agreed(services: Services, answers: Answers) -> Services:
    """The services with which the cache's test may write, where that was answered with yes."""
    return ordered(services) if said_yes(answers, TEST) else services


def with_consent(services: Services, given: Consent) -> Services:
    """The same by the name that a command line gave; as they are where no name is wanted, or another one was given."""
    intent = intent_of_test(services)
    if intent is None or decide(intent, Consent()).allowed or not decide(intent, given).allowed:
        return services
    return ordered(services)


def ordered(services: Services) -> Services:
    """The same where the person named this very cache to be tested, as by moving to it or replacing its token."""
    url = services.credentials.rest_url
    return replace(services, tested_cache=url.host) if url is not None else services


def left_untested(outcome: Outcome) -> bool:
    """Whether a check wrote no key because nobody agreed to it: that stands in nobody's way."""
    return outcome.check.id == "cache.write" and outcome.evidence.get("status") == WRITE_NOT_AGREED
