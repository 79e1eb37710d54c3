"""Which screen belongs to which step; each is imported when it is first opened."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from soundcheck.screens.app.setup.step_pane import StepPane
from soundcheck.wizard.setup.state import SetupState
from soundcheck.wizard.step import SetupPath, StepId

Make = Callable[[SetupState], StepPane]


def pane_for(step: StepId) -> Make:
    """The screen of a step."""
    return _PANES[step]()


def _welcome() -> Make:
    from soundcheck.screens.app.setup.welcome_pane import WelcomePane

    return WelcomePane


def _accounts() -> Make:
    from soundcheck.screens.app.setup.accounts_pane import AccountsPane

    return AccountsPane


def _credentials() -> Make:
    from soundcheck.screens.app.setup.credentials_pane import CredentialsPane
    from soundcheck.screens.app.setup.instant_pane import InstantPane
    from soundcheck.screens.app.setup.local_pane import LocalPane

    ways: dict[SetupPath | None, Make] = {SetupPath.LOCAL: LocalPane, SetupPath.INSTANT: InstantPane}
    return lambda state: ways.get(state.path, CredentialsPane)(state)


def _env() -> Make:
    from soundcheck.screens.app.setup.env_pane import EnvPane

    return EnvPane


def _database() -> Make:
    from soundcheck.screens.app.setup.database_pane import DatabasePane

    return DatabasePane


def _connection() -> Make:
    from soundcheck.screens.app.setup.store_test_pane import CONNECTION, StoreTestPane

    return partial(StoreTestPane, CONNECTION)


def _cache() -> Make:
    from soundcheck.screens.app.setup.store_test_pane import CACHE, StoreTestPane

    return partial(StoreTestPane, CACHE)


def _done() -> Make:
    from soundcheck.screens.app.setup.done_pane import DonePane

    return DonePane


_PANES: dict[StepId, Callable[[], Make]] = {
    StepId.WELCOME: _welcome,
    StepId.ACCOUNTS: _accounts,
    StepId.CREDENTIALS: _credentials,
    StepId.ENV: _env,
    StepId.DATABASE: _database,
    StepId.CONNECTION: _connection,
    StepId.CACHE: _cache,
    StepId.DONE: _done,
}
