"""What the guard lets through: every action, every kind of profile, every consent."""

import pytest

from soundcheck.stores.errors import Refused
from soundcheck.stores.project.project import ProfileKind
from soundcheck.wizard.guard import Action, Consent, Intent, decide

DEV, UNKNOWN, PRODUCTION = ProfileKind.DEV, ProfileKind.UNKNOWN, ProfileKind.PRODUCTION


def intent(action: Action, kind: ProfileKind, **changes: object) -> Intent:
    return Intent(action, "db.example:5432/music", "music", kind, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("kind", list(ProfileKind))
def test_without_losses_only_development_needs_no_name(action: Action, kind: ProfileKind) -> None:
    assert decide(intent(action, kind), Consent()).allowed is (kind is DEV)


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("kind", [UNKNOWN, PRODUCTION])
def test_the_name_of_the_database_lets_it_through(action: Action, kind: ProfileKind) -> None:
    assert decide(intent(action, kind), Consent(production="music")).allowed


@pytest.mark.parametrize("kind", [UNKNOWN, PRODUCTION])
def test_another_database_s_name_does_not(kind: ProfileKind) -> None:
    verdict = decide(intent(Action.SEED, kind), Consent(production="other"))
    assert not verdict.allowed
    assert verdict.needs_production_name == "music"


def test_a_push_that_only_adds_passes_where_the_kind_is_unknown() -> None:
    assert decide(intent(Action.PUSH, UNKNOWN, only_adds=True), Consent()).allowed


def test_a_push_that_only_adds_still_needs_the_name_on_production() -> None:
    assert not decide(intent(Action.PUSH, PRODUCTION, only_adds=True), Consent()).allowed


def test_another_credential_in_the_files_passes_there_too_and_not_on_production() -> None:
    assert decide(intent(Action.REPLACE, UNKNOWN, only_adds=True), Consent()).allowed
    assert not decide(intent(Action.REPLACE, PRODUCTION, only_adds=True), Consent()).allowed


def test_adding_is_no_excuse_for_anything_but_a_push() -> None:
    assert not decide(intent(Action.SEED, UNKNOWN, only_adds=True), Consent()).allowed


@pytest.mark.parametrize("kind", list(ProfileKind))
@pytest.mark.parametrize("action", list(Action))
def test_every_loss_needs_its_own_name_everywhere(action: Action, kind: ProfileKind) -> None:
    losing = intent(action, kind, losses=("table users", "index by_hand"))
    half = Consent(losses=frozenset({"table users"}), production="music")
    assert decide(losing, half).missing_losses == ("index by_hand",)
    whole = Consent(losses=frozenset({"table users", "index by_hand"}), production="music")
    assert decide(losing, whole).allowed


@pytest.mark.parametrize("kind", list(ProfileKind))
def test_the_local_stack_counts_as_development_whatever_the_profile_says(kind: ProfileKind) -> None:
    assert decide(intent(Action.SEED, kind, is_local=True), Consent()).allowed


def test_a_refusal_shows_the_endpoint_and_names_the_options() -> None:
    verdict = decide(intent(Action.PUSH, PRODUCTION, losses=("table old",)), Consent())
    with pytest.raises(Refused) as refusal:
        verdict.or_refuse()
    assert "db.example:5432/music" in refusal.value.message
    assert "--accept-data-loss" in refusal.value.hint
    assert "--production music" in refusal.value.hint


@pytest.mark.parametrize("action", list(Action))
def test_a_prompt_says_how_to_name_the_kind_where_nobody_has(action: Action) -> None:
    asked = decide(intent(action, UNKNOWN, profile="live"), Consent()).asked
    assert "type music." in asked
    assert "soundcheck profiles kind live dev" in asked
    asked = decide(intent(action, PRODUCTION, profile="live"), Consent()).asked
    assert "type music." in asked
    assert "soundcheck profiles" not in asked
    assert decide(intent(action, DEV, profile="live"), Consent()).asked == ""


def test_what_is_allowed_is_not_refused() -> None:
    decide(intent(Action.EDIT, DEV), Consent()).or_refuse()


def test_a_read_only_session_is_not_written_from_whatever_was_consented_to() -> None:
    intent = Intent(Action.DROP, "h:1", "h", ProfileKind.DEV, losses=("1 cached value",), read_only=True)
    verdict = decide(intent, Consent(frozenset({"1 cached value"}), "h"))
    assert not verdict.allowed
    with pytest.raises(Refused, match="the database and the cache alike"):
        verdict.or_refuse()
