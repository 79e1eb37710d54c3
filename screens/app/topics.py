"""What people look for in the palette by a word that is no key of the screen: each leads to where it is done."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SystemCommand

from soundcheck.screens.app.routes import OpenSetup
from soundcheck.stores.errors import SoundcheckError

if TYPE_CHECKING:
    from soundcheck.screens.app.relation.known import Known
    from soundcheck.screens.app.shell import Shell


def topic_commands(app: Shell) -> Iterator[SystemCommand]:
    """JSON and its like everywhere; what writes only where something may be written."""
    yield SystemCommand(
        "JSON, INSERT, CSV, Markdown or SQL of the rows", "The same as c among the rows", partial(copy_rows, app)
    )
    if app.start.just_looking:
        return
    yield SystemCommand(
        "Sample data", "Fill the plan's tables with it, or take it out again", partial(tell_sample_data, app)
    )
    yield SystemCommand(
        "Certificate authority",
        "A company's own: Setup at Credentials, where connections are tested",
        partial(trust, app),
    )
    for kind, what in (("dev", "development"), ("production", "production")):
        yield SystemCommand(
            f"{what.capitalize()} database", f"Say that this database is for {what}", partial(say_kind, app, kind)
        )


def copy_rows(app: Shell) -> None:
    """Offer what there is to copy of the rows on screen."""
    from soundcheck.screens.app.tables.grid_pane import GridPane

    for pane in app.screen.query(GridPane):
        if pane.grid.row is not None:
            pane.action_copy()
            return
    app.notify("Open a table with rows first (2 Tables); c among its rows offers the same.", markup=False)


def sample_words(known: Known | None) -> str:
    """How the tables are filled with sample data, or why ours does not fit these."""
    from soundcheck.wizard.seed.tables import SEED_TABLES

    wanted = {table.name for table in SEED_TABLES}
    if known is None or not wanted <= {table.name for table in known.catalog}:
        return "The sample data is for the eleven tables of the plan's schema, and they are not all in this database."
    return "In a terminal: `soundcheck seed` fills the eleven tables; `soundcheck seed --remove` takes it out again."


def say_kind(app: Shell, kind: str) -> None:
    """Write what the database is for into `soundcheck.toml`; less caution than now is asked for in the terminal."""
    from soundcheck.stores.project.project import ProfileKind
    from soundcheck.wizard.profile_kind import record_kind

    profile = app.services.project.profile
    if profile.kind is ProfileKind.PRODUCTION and kind != ProfileKind.PRODUCTION:
        command = f"soundcheck profiles kind {shlex.quote(profile.name)} {kind}"
        app.notify(f"It is guarded as production. To change that, in a terminal: `{command}`", markup=False, timeout=15)
        return
    try:
        app.services = record_kind(app.services, ProfileKind(kind))
    except SoundcheckError as problem:
        app.notify(f"{problem.message} {problem.hint}", severity="warning", markup=False)
        return
    app.notify(f"Written to soundcheck.toml: this database is for {kind}.", markup=False)


def tell_sample_data(app: Shell) -> None:
    """Where it can be had."""
    app.notify(sample_words(app.known), markup=False, timeout=15)


def trust(app: Shell) -> None:
    """Open the step that checks certificates first."""
    from soundcheck.wizard.step import StepId

    app.post_message(OpenSetup(StepId.CREDENTIALS))
