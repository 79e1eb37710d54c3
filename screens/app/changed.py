"""What this app itself has written: said once, to whatever shows it, wherever that is.

A screen below another one, or in another place, goes on showing what it read. So whoever writes says what has changed
(`Shell.changed`), and each pane that shows some of it asks again: the one answer to "is this still so?" for our own
writes. What others write is seen by following, by the poller, and by opening something again.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from soundcheck.stores.catalog.tables import TableName


@dataclass(frozen=True, slots=True)
class Changed:
    """One write. `keys` are those of the cache, `rows` the tables whose rows are others now.

    `catalog` says that tables themselves are others, by their columns or altogether.
    """

    keys: frozenset[str] = field(default_factory=frozenset)
    rows: frozenset[TableName] = field(default_factory=frozenset)
    catalog: bool = False
