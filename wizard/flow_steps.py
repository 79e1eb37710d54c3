"""Which function runs which step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from wizard.flow_credentials import accounts, credentials, env, welcome
from wizard.flow_database import cache, connection, database, done
from wizard.flow_state import StepFunction
from wizard.step import StepId

STEP_FUNCTIONS: Final[Mapping[StepId, StepFunction]] = {
    StepId.WELCOME: welcome,
    StepId.ACCOUNTS: accounts,
    StepId.CREDENTIALS: credentials,
    StepId.ENV: env,
    StepId.DATABASE: database,
    StepId.CONNECTION: connection,
    StepId.CACHE: cache,
    StepId.DONE: done,
}
