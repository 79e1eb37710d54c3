"""Credentials: pasted, recognised, tried layer by layer; every failure in its place, every secret hidden."""

from __future__ import annotations

import asyncio
import secrets

from textual.pilot import Pilot
from textual.widgets import Button, Input

from soundcheck.screens.app.opening import unwritten_in_setup
from soundcheck.screens.app.parts.hanging_text import HangingText
from soundcheck.screens.app.parts.key_line import KeyLine
from soundcheck.screens.app.parts.live_lines import LiveLines
from soundcheck.screens.app.parts.paste_box import PasteBox
from soundcheck.screens.app.setup.credentials_pane import CredentialsPane
from soundcheck.screens.app.setup.field_editor import FieldEditor
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.wizard.progress import Mark
from soundcheck.wizard.step import StepId
from tests.conftest import Rest
from tests.fault_proxy import black_hole
from tests.screens.app.setup.conftest import (
    SIZES,
    MakeServices,
    answered,
    app_at_setup,
    at_step,
    everything_shown,
    pane,
    paste,
    screen_text,
    until,
)

NEON = "ep-cool-darkness-a1b2c3d4-pooler.us-east-2.aws.neon.tech"


async def open_credentials(pilot: Pilot[None]) -> None:
    await at_step(pilot, StepId.WELCOME)
    await pilot.press("down", "enter")
    await at_step(pilot, StepId.CREDENTIALS)
    await until(pilot, lambda: isinstance(pilot.app.focused, PasteBox), "the focus")


def marks(pilot: Pilot[None]) -> dict[str, Mark | None]:
    return {line.key: line.mark for line in pane(pilot.app).query_one(LiveLines).lines}


async def test_what_answers_is_verified_and_next_has_the_focus(
    make_services: MakeServices, env_block: str, database_url: PostgresUrl, rest: Rest
) -> None:
    app = app_at_setup(make_services())
    async with app.run_test(size=SIZES[0]) as pilot:
        await open_credentials(pilot)
        await paste(pilot, env_block)
        await answered(pilot)
        await until(
            pilot, lambda: {marks(pilot).get("database.query"), marks(pilot).get("cache.write")} == {Mark.OK}, "both"
        )
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await until(pilot, lambda: app.focused is not None and app.focused.id == "next", "the focus")
            shown = everything_shown(app)
            assert database_url.password is not None
            assert database_url.password.reveal() not in shown
            assert rest.token.reveal() not in shown
        await pilot.press("enter")
        await at_step(pilot, StepId.ENV)


async def test_one_half_is_tried_alone_and_next_waits_for_the_other(
    make_services: MakeServices, database_url: PostgresUrl
) -> None:
    app = app_at_setup(make_services())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_credentials(pilot)
        await paste(pilot, f"psql '{database_url.reveal()}'\r\n")
        await until(pilot, lambda: marks(pilot).get("database.query") is Mark.OK, "the query")
        await until(pilot, lambda: not pane(app).busy, "the end")
        assert not pane(app).ready
        assert "not found yet: Upstash's REST token" in pane(app).query_one("#recognised").plain  # type: ignore[attr-defined]


async def test_a_refused_token_says_what_happened_what_it_means_and_what_to_press_in_its_line(
    make_services: MakeServices, database_url: PostgresUrl, rest: Rest
) -> None:
    wrong = secrets.token_hex(20)
    app = app_at_setup(make_services())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_credentials(pilot)
        text = f"DATABASE_URL={database_url.reveal()}\nUPSTASH_REDIS_REST_URL={rest.url}\n"
        await paste(pilot, text + f"UPSTASH_REDIS_REST_TOKEN={wrong}\n")
        await until(pilot, lambda: marks(pilot).get("cache.ping") is Mark.FAIL, "the refusal")
        line = next(one for one in pane(app).query_one(LiveLines).lines if one.key == "cache.ping")
        assert len(line.explanation) == 3
        await until(pilot, lambda: "✗ signing in" in screen_text(app), "the failure in view")
        assert marks(pilot)["cache.write"] is Mark.SKIP
        assert marks(pilot)["database.query"] is Mark.OK
        assert not pane(app).ready
        assert wrong not in everything_shown(app)


async def test_escape_stops_a_black_hole_at_once_and_says_so(make_services: MakeServices) -> None:
    app = app_at_setup(make_services())
    with black_hole() as port:
        async with app.run_test(size=(80, 24)) as pilot:
            await open_credentials(pilot)
            await paste(pilot, f"postgresql://app:secret-password@127.0.0.1:{port}/shop")
            await until(pilot, lambda: Mark.RUNNING in marks(pilot).values(), "the check")
            await until(pilot, lambda: "esc stops: check" in screen_text(app), "the way to stop it")
            await pilot.press("escape")
            await until(pilot, lambda: not pane(app).busy, "the end")
            await until(pilot, lambda: Mark.RUNNING not in marks(pilot).values(), "the end of the line")
            assert pane(app).STEP is StepId.CREDENTIALS
            await pilot.press("escape")
            await at_step(pilot, StepId.WELCOME)


async def test_quitting_does_not_wait_for_a_black_hole(make_services: MakeServices) -> None:
    app = app_at_setup(make_services())
    with black_hole() as port:
        async with app.run_test(size=(80, 24)) as pilot:
            await open_credentials(pilot)
            await paste(pilot, f"postgresql://app:secret-password@127.0.0.1:{port}/shop")
            await until(pilot, lambda: Mark.RUNNING in marks(pilot).values(), "the check")
            running = [task for task in asyncio.all_tasks() if "database" in task.get_name()]
            assert running
        assert all(task.done() for task in running)


async def test_a_newer_paste_replaces_the_check_that_was_running(make_services: MakeServices, env_block: str) -> None:
    app = app_at_setup(make_services())
    with black_hole() as port:
        async with app.run_test(size=(80, 24)) as pilot:
            await open_credentials(pilot)
            await paste(pilot, f"postgresql://app:secret-password@127.0.0.1:{port}/shop")
            await until(pilot, lambda: Mark.RUNNING in marks(pilot).values(), "the first check")
            await pilot.press("ctrl+u")
            await paste(pilot, env_block)
            await until(pilot, lambda: marks(pilot).get("cache.write") is Mark.OK, "the second check")


async def test_a_repaired_password_is_previewed_and_used_only_when_agreed_to(make_services: MakeServices) -> None:
    password = f"p@{secrets.token_hex(8)}/w#rd"
    app = app_at_setup(make_services())
    async with app.run_test(size=(120, 40)) as pilot:
        await open_credentials(pilot)
        await paste(pilot, f"postgresql://neondb_owner:{password}@{NEON}/neondb?sslmode=require")
        await until(pilot, lambda: pane(app).query(".repair"), "the repair")
        shown = everything_shown(app)
        assert password not in shown
        assert password[2:18] not in shown
        found = pane(app)
        assert isinstance(found, CredentialsPane)
        assert found.credentials.has_database
        assert not found.busy
        assert not found.query_one(LiveLines).lines


async def test_the_fields_are_masked_until_revealed_and_read_like_a_paste(
    make_services: MakeServices, env_block: str, rest: Rest
) -> None:
    app = app_at_setup(make_services())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_credentials(pilot)
        await paste(pilot, env_block)
        await answered(pilot)
        assert "DATABASE_URL" in unwritten_in_setup(app), "what leaving now would lose"
        assert "UPSTASH_REDIS_REST_TOKEN" in unwritten_in_setup(app)
        pane(app).query_one("#edit", Button).press()
        await until(pilot, lambda: isinstance(app.focused, Input), "the fields")
        token = rest.token.reveal()
        assert token not in everything_shown(app)
        await pilot.press("ctrl+t")
        await until(pilot, lambda: token in screen_text(app), "the token")
        await pilot.press("ctrl+t")
        await until(pilot, lambda: token not in everything_shown(app), "the mask")
        field = pane(app).query_one("#field-UPSTASH_REDIS_REST_TOKEN", Input)
        field.focus()
        await until(pilot, lambda: app.focused is field, "the field")
        field.value = "another-token-that-is-wrong"
        await until(pilot, lambda: marks(pilot).get("cache.ping") is Mark.FAIL and not pane(app).busy, "the refusal")
        assert pane(app).can_view_entire(field), "what one types in stays in view"
        app.set_focus(None)
        field.value = "another-token-that-is-wrong-too"
        await until(pilot, lambda: pane(app).busy, "the next attempt")
        await until(pilot, lambda: marks(pilot).get("cache.ping") is Mark.FAIL and not pane(app).busy, "its refusal")
        assert pane(app).can_view_entire(field), "open fields stay in view, wherever the focus is"
        field.focus()
        await until(pilot, lambda: app.focused is field, "the field again")
        await pilot.press("f9")
        await until(pilot, lambda: not pane(app).can_view_entire(field), "the outcome, asked for")
        pane(app).query_one("#edit", Button).press()
        await until(pilot, lambda: not pane(app).query_one(FieldEditor).display, "the box")
        assert not any(one.value for one in pane(app).query(Input))


async def test_the_outcome_is_led_to_at_once_and_never_later(make_services: MakeServices, env_block: str) -> None:
    """What is put off until after a refresh comes when fields have been opened, and takes them out of view."""
    app = app_at_setup(make_services())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_credentials(pilot)
        await paste(pilot, env_block)
        await answered(pilot)
        step = pane(app)
        await until(pilot, lambda: step.max_scroll_y and step.scroll_y == step.max_scroll_y, "the outcome")
        step.scroll_to(y=0, animate=False, immediate=True)
        step.scroll_to_outcome()
        assert step.scroll_y == step.max_scroll_y


async def test_back_keeps_what_was_verified(make_services: MakeServices, env_block: str) -> None:
    app = app_at_setup(make_services())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_credentials(pilot)
        await paste(pilot, env_block)
        await answered(pilot)
        await pilot.press("ctrl+o")
        await at_step(pilot, StepId.WELCOME)
        await pilot.press("ctrl+n")
        await at_step(pilot, StepId.CREDENTIALS)
        await until(pilot, lambda: "line 1 · .env line" in screen_text(app), "what was pasted, again")
        assert pane(app).ready
        assert pane(app).state.verified
        assert "in use already" not in screen_text(app), "nothing is written yet"


async def test_digits_and_question_marks_are_text_in_the_box_and_function_keys_still_lead_away(
    make_services: MakeServices,
) -> None:
    app = app_at_setup(make_services())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_credentials(pilot)
        await pilot.press("2", "question_mark")
        await until(pilot, lambda: not pane(app).query_one(PasteBox).is_empty, "the text")
        assert app.current_mode == "setup"
        await pilot.press("f3")
        await until(pilot, lambda: app.current_mode == "tables", "the tables")


def words(line: KeyLine) -> list[str]:
    shown = line.keys()
    return [word for _key, _name, word in shown]


async def test_the_key_line_offers_only_what_works_here(make_services: MakeServices) -> None:
    app = app_at_setup(make_services())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_credentials(pilot)
        line = app.screen.query_one(KeyLine)
        await until(pilot, lambda: words(line) == ["Buttons", "Back", "Refresh", "Quit", "Help"], "the keys of the box")
        assert line.keys()[-1][1] == "F1"  # a question mark is text in the paste box
        await paste(pilot, "rediss://default:AbCdEf1234567890@fit-mole-1.upstash.io:6379")
        await until(pilot, lambda: "Test" in words(line), "the test")
        await pilot.press("tab")
        await until(pilot, lambda: line.keys()[-1][1] == "?", "the question mark")


async def test_a_new_paste_takes_the_old_lines_away_and_shows_itself(make_services: MakeServices) -> None:
    app = app_at_setup(make_services())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_credentials(pilot)
        await paste(pilot, "postgresql://app:sesame-open@127.0.0.1:1/db?sslmode=disable")
        await until(pilot, lambda: marks(pilot).get("database.tcp") is Mark.FAIL, "the refusal")
        await pilot.press("ctrl+u")
        await paste(pilot, "rediss://default:AbCdEf1234567890@fit-mole-1.upstash.io:6379")
        await until(pilot, lambda: pane(app).query(".repair"), "the repair")
        await until(pilot, lambda: marks(pilot) == {}, "the lines of before gone")
        await until(pilot, lambda: pane(app).scroll_y == 0, "the top")
        await until(pilot, lambda: "Redis address (rediss://)" in screen_text(app), "what it is")


REDISS = "rediss://default:AbCdEf1234567890@fit-mole-1.upstash.io:6379"


async def test_a_second_paste_after_a_failure_stands_on_its_own_line_in_view(make_services: MakeServices) -> None:
    app = app_at_setup(make_services())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_credentials(pilot)
        await paste(pilot, "psql 'postgresql://app:sesame-open@127.0.0.1:1/db?sslmode=disable'")
        await until(pilot, lambda: marks(pilot).get("database.tcp") is Mark.FAIL, "the refusal")
        await until(pilot, lambda: pane(app).scroll_y > 0, "the failure in view")
        await paste(pilot, REDISS)
        await until(pilot, lambda: pane(app).query(".repair"), "the repair")
        await until(pilot, lambda: "line 2: This is the Redis address" in screen_text(app), "what it is")
        await until(pilot, lambda: "Use the repaired value" in screen_text(app), "the way to mend it")


async def test_what_the_text_has_to_say_is_not_scrolled_away_by_the_failure_of_a_test(
    make_services: MakeServices,
) -> None:
    app = app_at_setup(make_services())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_credentials(pilot)
        address = "postgresql://app:sesame-open@127.0.0.1:1/db?sslmode=disable"
        await paste(pilot, f"DATABASE_URL={address}\nUPSTASH_REDIS_REST_URL=ftp://fit-mole-1.upstash.io\n")
        await until(pilot, lambda: marks(pilot).get("database.tcp") is Mark.FAIL, "the refusal")
        await until(pilot, lambda: not pane(app).busy, "the end")
        await until(pilot, lambda: "line 2: " in screen_text(app), "what is wrong with the other")
        await pilot.press("f9")
        await until(pilot, lambda: "✗ port open" in screen_text(app), "the failure that was asked for")


async def test_back_keeps_what_was_pasted_for_who_comes_again(make_services: MakeServices) -> None:
    app = app_at_setup(make_services())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_credentials(pilot)
        await paste(pilot, REDISS)
        await until(pilot, lambda: pane(app).query(".repair"), "the repair")
        await pilot.press("escape")
        await at_step(pilot, StepId.WELCOME)
        assert "AbCdEf1234567890" not in repr(pane(app).state)
        await pilot.press("ctrl+n")
        await at_step(pilot, StepId.CREDENTIALS)
        await until(pilot, lambda: pane(app).query(".repair"), "the repair again")
        await pilot.press("ctrl+u")
        await until(pilot, lambda: not pane(app).query(".repair"), "the empty box")
        await pilot.press("escape")
        await at_step(pilot, StepId.WELCOME)
        assert not pane(app).state.pasted


async def test_a_paste_that_was_cut_says_so_and_a_thousand_problems_take_a_dozen_rows(
    make_services: MakeServices,
) -> None:
    app = app_at_setup(make_services())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_credentials(pilot)
        await paste(pilot, "x = 1\n" * 250_000)
        await until(pilot, lambda: "The box takes 100,000 characters" in screen_text(app), "that it was cut")
        await pilot.press("ctrl+u")
        await until(pilot, lambda: "The box takes" not in screen_text(app), "the empty box")
        await paste(pilot, "".join(f"redis://h{n}.example:6379/x\n" for n in range(40)))
        await until(pilot, lambda: pane(app).query(HangingText), "the problems")
        await until(
            pilot, lambda: "more: paste only" in "\n".join(t.plain for t in pane(app).query(HangingText)), "more"
        )
        assert len(pane(app).query_one("#problems").children) < 40
