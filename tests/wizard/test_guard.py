"""What the guard lets through: every action, every kind of profile, every consent."""

import unicodedata
from dataclasses import replace

import pytest

from soundcheck.stores.errors import CouldNotRun, Refused
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import ProfileKind
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.guard import Action, Consent, Intent, decide
from soundcheck.wizard.target import Target, same_name

DEV, UNKNOWN, PRODUCTION = ProfileKind.DEV, ProfileKind.UNKNOWN, ProfileKind.PRODUCTION


MUSIC = Target("db.example:5432/music", "music")


def intent(action: Action, kind: ProfileKind, **changes: object) -> Intent:
    return replace(Intent(action, MUSIC, kind), **changes)  # type: ignore[arg-type]


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
    intent = Intent(Action.DROP, Target("h:1", "h"), ProfileKind.DEV, losses=("1 cached value",), read_only=True)
    verdict = decide(intent, Consent(frozenset({"1 cached value"}), "h"))
    assert not verdict.allowed
    with pytest.raises(Refused, match="the database and the cache alike"):
        verdict.or_refuse()


@pytest.mark.parametrize("name", ["", " ", "\t", "\n", "\u00a0"])
def test_there_is_no_target_without_a_name(name: str) -> None:
    with pytest.raises(CouldNotRun, match=r"db\.example:5432 does not name the database"):
        Target("db.example:5432", name)
    with pytest.raises(CouldNotRun):
        replace(MUSIC, name=name)


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("kind", [UNKNOWN, PRODUCTION])
@pytest.mark.parametrize("given", ["", " ", "*", "''"])
def test_no_name_and_a_blank_one_consent_to_nothing(action: Action, kind: ProfileKind, given: str) -> None:
    assert decide(intent(action, kind), Consent(production=given)).needs_production_name == "music"


@pytest.mark.parametrize("kind", [UNKNOWN, PRODUCTION])
@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("my music", "--production 'my music'"),
        ("café", "--production 'café'"),
        ("100%", "--production 100%"),
        ("it's", """--production 'it'"'"'s'"""),
        (" edge ", "--production ' edge '"),
    ],
)
def test_an_unusual_name_can_be_typed_and_the_option_can_be_pasted(kind: ProfileKind, name: str, option: str) -> None:
    strange = replace(intent(Action.SEED, kind), target=Target(f"db.example:5432/{name}", name))
    with pytest.raises(Refused) as refusal:
        decide(strange, Consent()).or_refuse()
    assert option in refusal.value.hint
    for typed in (name, name.strip(), f"{name} ", unicodedata.normalize("NFD", name)):
        assert decide(strange, Consent(production=typed)).allowed
    assert not decide(strange, Consent(production=name[:-2])).allowed


def test_names_of_losses_come_quoted_for_a_shell() -> None:
    with pytest.raises(Refused) as refusal:
        decide(intent(Action.PUSH, DEV, losses=("index:by hand", "users.age")), Consent()).or_refuse()
    assert "--accept-data-loss 'index:by hand' users.age" in refusal.value.hint


def test_nothing_typed_is_the_name_of_nothing() -> None:
    assert not same_name("", "")
    assert not same_name(" ", "")
    assert not same_name("", "music")


def test_the_address_s_name_is_asked_for_and_the_server_s_is_shown_beside_it() -> None:
    url = PostgresUrl.parse("postgresql://u:p@pooler.example:6432/alias")
    live = replace(intent(Action.PUSH, PRODUCTION), target=Target.of_database(url, "prod_main"))
    verdict = decide(live, Consent(production="prod_main"))
    assert verdict.needs_production_name == "alias"
    assert "pooler.example:6432/alias (the server calls it prod_main) is production" in verdict.question
    assert decide(live, Consent(production="alias")).allowed
    same = replace(live, target=Target.of_database(url, "alias"))
    assert "the server calls" not in decide(same, Consent()).question


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://fit-mole-123.upstash.io", "fit-mole-123.upstash.io"),
        ("http://127.0.0.1:8079", "127.0.0.1"),
        ("http://localhost:8079", "localhost"),
        ("http://[::1]:8079", "::1"),
    ],
)
def test_a_cache_is_named_by_its_host(address: str, name: str) -> None:
    target = Target.of_cache(RestUrl.parse(address))
    assert target.name == name
    assert "needs the cache's name" in decide(Intent(Action.DROP, target, UNKNOWN), Consent()).question
