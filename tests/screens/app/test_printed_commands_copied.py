"""Commands on a screen are copied whole, however they are wrapped, and never broken inside a quoted path."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.content import Content
from textual.widgets._toast import Toast

from soundcheck.screens.app.parts.command_text import CommandText
from soundcheck.screens.app.parts.hanging_text import HangingText, wrapped
from soundcheck.screens.app.parts.printed_commands import commands_in, commands_on
from soundcheck.screens.app.start import Place
from soundcheck.stores.project import own_command
from soundcheck.stores.project.own_command import OwnCommand, spelled
from soundcheck.stores.project.project import Profile, ProfileKind
from soundcheck.stores.services import Services
from tests.screens.app.driving import app_over, screen_text, until

PREFIX = """'/opt/my apps/soundcheck' --project '/home/ana/ana'"'"'s müsic app'"""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Run `{} doctor`, then `{} seed --users 1000`.", ("doctor", "seed --users 1000")),
        ("To say it once: {} profiles kind default dev", ("profiles kind default dev",)),
        ("Next: {} setup writes it,", ("setup",)),
        ("Undo with {} setup --undo. Nothing else.", ("setup --undo",)),
        ("› {} local up  start it again", ("local up",)),
        ("{} doctor\n{} doctor", ("doctor",)),
        ("`{}` opens the tables", ("",)),
        ("{} is a name", ()),
        ("nothing", ()),
    ],
)
@pytest.mark.parametrize("prefix", ["soundcheck", PREFIX])
def test_a_command_ends_with_its_last_word(prefix: str, text: str, found: tuple[str, ...]) -> None:
    said = text.replace("{}", prefix)
    assert commands_in(said, prefix) == tuple(f"{prefix} {words}".rstrip() for words in found)


@pytest.mark.parametrize("width", range(40, 90, 7))
def test_no_line_ends_inside_a_quoted_path_that_fits_one(width: int) -> None:
    words = f"what's new: {PREFIX} profiles kind 'a profile' dev, and the user's own text goes on"
    lines = [piece.plain for piece in wrapped(Content.styled(words, "bold"), width)]
    assert " ".join(line.strip() for line in lines) == words
    for path in ("'/opt/my apps/soundcheck'", """'/home/ana/ana'"'"'s müsic app'"""):
        assert len(path) > width or any(path in line for line in lines)
    assert all(len(line.rstrip()) <= width for line in lines)


def test_styles_stay_where_they_were_wrapped() -> None:
    text = Content.assemble("run ", ("'/a b/soundcheck'", "bold"), " doctor")
    pieces = wrapped(text, 24)
    assert [piece.plain[span.start : span.end] for piece in pieces for span in piece.spans] == ["'/a b/soundcheck'"]


async def test_one_key_copies_each_command_of_a_screen(services: Services) -> None:
    unknown = replace(services, project=replace(services.project, profile=Profile("default", ProfileKind.UNKNOWN)))
    app = app_over(unknown, Place.CHECKS)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "next: soundcheck setup" in screen_text(app), "the verdict")
        rows = [(Content("→ "), Content(spelled(f"Run `soundcheck {words}`"))) for words in ("doctor", "local up")]
        await app.screen.mount(HangingText(rows), before=0)
        await pilot.pause()
        for words in ("doctor", "local up", "setup", "doctor"):
            await pilot.press("ctrl+y")
            wanted = spelled(f"`soundcheck {words}`").strip("`")
            await until(pilot, lambda wanted=wanted: app.clipboard == wanted, words)  # type: ignore[misc]


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_toasts_and_plain_words_break_no_path_and_are_copied_too(
    services: Services, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setattr(own_command._HERE, "in_shell", OwnCommand("soundcheck", "--project '/home/ana/my müsic app'"))
    app = app_over(services, Place.CHECKS, checks=[])
    async with app.run_test(size=(width, 24), notifications=True) as pilot:
        await until(pilot, lambda: "Nothing was checked" in screen_text(app), "the verdict")
        words = CommandText(spelled("It can be told at once: `soundcheck profiles kind default dev`"))
        await app.screen.mount(words, before=0)
        app.notify("Said once and then never again, in a terminal: `soundcheck local down`.", markup=False, timeout=600)
        await until(pilot, lambda: app.screen.query(Toast) and "Said once" in screen_text(app), "the toast")
        lines = screen_text(app).splitlines()
        assert len([line for line in lines if "'/home/ana/my müsic app'" in line]) == 3, "\n".join(lines)
        wanted = [spelled(f"`soundcheck {words}`").strip("`") for words in ("profiles kind default dev", "local down")]
        assert set(wanted) <= set(commands_on(app.screen))
