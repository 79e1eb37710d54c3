"""The colours: one accent, calm greys, and the four colours of a status. Everything else refers to these names.

Three themes: dark and light in true colour (the terminal's 256 or 16 colours are approximated), and one that uses only
the terminal's own colours, which is also what `NO_COLOR` gets: bold, dim and reverse remain.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from textual.scrollbar import ScrollBar
from textual.theme import Theme

from soundcheck.screens.app.parts.thin_scroll_bar import ThinScrollBar

if TYPE_CHECKING:
    from textual.app import App
    from textual.geometry import Size

_ACCENT_DARK: Final = "#a78bfa"
_ACCENT_LIGHT: Final = "#6d4fd0"

DARK: Final = Theme(
    name="soundcheck-dark",
    dark=True,
    primary=_ACCENT_DARK,
    secondary="#8b93a7",
    accent=_ACCENT_DARK,
    foreground="#d6dae4",
    background="#12141b",
    surface="#12141b",
    panel="#1b1e28",
    boost="#1b1e28",
    success="#7fcf9b",
    warning="#e6b866",
    error="#f0787f",
    variables={
        "line": "#2e3342",
        "muted": "#9aa2b6",
        "faint": "#697187",
        "border": "#2e3342",
        "border-blurred": "#2e3342",
        "cursor": "#2f2b4a",
        "cursor-blurred": "#1f212d",
        "stripe": "#151821",
        "block-cursor-background": "#2f2b4a",
        "block-cursor-foreground": "#f1eeff",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#1f212d",
        "block-cursor-blurred-foreground": "#d6dae4",
        "block-hover-background": "#1b1e28",
        "input-cursor-background": "#d6dae4",
        "input-selection-background": "#a78bfa 35%",
        "scrollbar": "#414860",
        "scrollbar-hover": "#5a6380",
        "scrollbar-active": _ACCENT_DARK,
        "scrollbar-background": "#12141b",
        "scrollbar-background-hover": "#12141b",
        "scrollbar-background-active": "#12141b",
        "scrollbar-corner-color": "#12141b",
        "button-color-foreground": "#12141b",
        "button-foreground": "#d6dae4",
        "button-focus-text-style": "bold reverse",
    },
)

LIGHT: Final = Theme(
    name="soundcheck-light",
    dark=False,
    primary=_ACCENT_LIGHT,
    secondary="#5c6477",
    accent=_ACCENT_LIGHT,
    foreground="#23262f",
    background="#fbfbfd",
    surface="#fbfbfd",
    panel="#f0f0f6",
    boost="#f0f0f6",
    success="#1f7a45",
    warning="#8f5e00",
    error="#b3242f",
    variables={
        "line": "#d5d7e2",
        "muted": "#5c6477",
        "faint": "#757c8e",
        "border": "#d5d7e2",
        "border-blurred": "#d5d7e2",
        "cursor": "#e2dbfa",
        "cursor-blurred": "#ececf3",
        "stripe": "#f6f6fa",
        "block-cursor-background": "#e2dbfa",
        "block-cursor-foreground": "#23262f",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#ececf3",
        "block-cursor-blurred-foreground": "#23262f",
        "block-hover-background": "#f0f0f6",
        "input-cursor-background": "#23262f",
        "input-selection-background": "#6d4fd0 25%",
        "scrollbar": "#d5d7e2",
        "scrollbar-hover": "#b9bdcc",
        "scrollbar-active": _ACCENT_LIGHT,
        "scrollbar-background": "#fbfbfd",
        "scrollbar-background-hover": "#fbfbfd",
        "scrollbar-background-active": "#fbfbfd",
        "scrollbar-corner-color": "#fbfbfd",
        "button-color-foreground": "#fbfbfd",
        "button-foreground": "#23262f",
        "button-focus-text-style": "bold reverse",
    },
)

TERMINAL: Final = Theme(
    name="soundcheck-terminal",
    ansi=True,
    primary="ansi_blue",
    secondary="ansi_default",
    accent="ansi_blue",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    variables={
        "line": "ansi_default",
        "muted": "ansi_default",
        "faint": "ansi_default",
        "border": "ansi_blue",
        "border-blurred": "ansi_default",
        "cursor": "ansi_default",
        "cursor-blurred": "ansi_default",
        "stripe": "ansi_default",
        "block-cursor-background": "ansi_default",
        "block-cursor-foreground": "ansi_default",
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "block-cursor-text-style": "reverse",
        "block-cursor-blurred-background": "ansi_default",
        "block-cursor-blurred-foreground": "ansi_default",
        "block-cursor-blurred-text-style": "bold",
        "input-cursor-text-style": "reverse",
        "input-selection-background": "ansi_bright_blue",
        "scrollbar": "ansi_bright_black",
        "scrollbar-background": "ansi_default",
    },
)

SIDEWAYS: Final = [(0, "-tiny"), (40, "-cards"), (60, "-narrow"), (80, "-normal"), (110, "-wide")]
UPWARDS: Final = [(0, "-flat"), (12, "-short"), (22, "-medium"), (30, "-tall")]
"""Classes that a screen has from so many columns and rows on."""


def classes_for(size: Size) -> dict[str, bool]:
    """Those classes, by whether a screen of this size has them."""
    return {
        name: beginning <= length and not any(beginning < other <= length for other, _ in steps)
        for steps, length in ((SIDEWAYS, size.width), (UPWARDS, size.height))
        for beginning, name in steps
    }


THEMES: Final = (DARK, LIGHT, TERMINAL)


def wants_no_color(environ: Mapping[str, str]) -> bool:
    """Whether the person asked for no colour at all (https://no-color.org: present and not empty)."""
    return bool(environ.get("NO_COLOR"))


def use_themes(app: App[None], environ: Mapping[str, str], preferred: str = "") -> None:
    """Register the three themes and choose one: the terminal's own under `NO_COLOR`, `preferred`, else the dark one.

    `TEXTUAL_THEME` comes before all of them.
    """
    ScrollBar.renderer = ThinScrollBar
    for theme in THEMES:
        app.register_theme(theme)
    chosen = environ.get("TEXTUAL_THEME", "")
    if chosen not in app.available_themes:
        known = preferred if preferred in app.available_themes else DARK.name
        chosen = TERMINAL.name if wants_no_color(environ) else known
    app.theme = chosen
