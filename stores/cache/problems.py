"""What a caller of the cache can be told; errors of a loader reach the caller as they are."""

from __future__ import annotations

from soundcheck.stores.errors import CouldNotRun


class LoadTimeout(CouldNotRun, TimeoutError):
    """Neither L2 nor the loader answered in time, and no value was at hand that may still be served."""

    def __init__(self) -> None:
        super().__init__("The loader did not answer in time.", "Look at the database, or raise load_hard.")


class LoadGivenUp(CouldNotRun):
    """The load was cancelled: by itself, or because the cache was closed."""

    def __init__(self) -> None:
        super().__init__("The load was cancelled before it had a value.", "Ask again.")


class ThreadStalled(CouldNotRun, TimeoutError):
    """The thread of a `SyncTwoLevelCache` did not answer, although every call has a deadline inside it."""

    def __init__(self) -> None:
        super().__init__(
            "The cache's own thread did not answer in time.",
            "The process was suspended, or something keeps the CPU or the GIL. Try again.",
        )
