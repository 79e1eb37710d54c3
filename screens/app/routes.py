"""Where one can go from here: a screen posts a route to the app, and the app opens it.

So no screen imports another. Post to the app itself (`self.app.post_message`), ahead of the keys that come after.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from soundcheck.screens.app.relation.known import Known
    from soundcheck.stores.catalog.tables import Catalog, Table
    from soundcheck.stores.credentials import Credentials
    from soundcheck.stores.rows.filters import RowFilter
    from soundcheck.stores.rows.follow import CellChange
    from soundcheck.stores.services import Services
    from soundcheck.wizard.step import StepId


class Route(Message):
    """A destination."""


@dataclass
class OpenRecord(Route):
    """One row, by its primary key. `way` names what led here, `changes` marks columns, `closed` runs on return."""

    table: Table
    key: Sequence[str]
    known: Known | None
    way: tuple[str, ...]
    changes: Mapping[str, CellChange] = field(default_factory=dict)
    closed: Callable[[], None] | None = None


@dataclass
class OpenRows(Route):
    """The rows that fit the filters; one row's record where they name a whole primary key."""

    known: Known
    table: Table
    filters: tuple[RowFilter, ...] = ()
    way: tuple[str, ...] = ()


@dataclass
class OpenStructure(Route):
    """How a table is made."""

    table: Table
    catalog: Catalog | None


@dataclass
class OpenDiagram(Route):
    """The relations, with a table in the middle; None for all."""

    table: Table | None
    catalog: Catalog | None


@dataclass
class OpenDrift(Route):
    """Schema and database compared."""


@dataclass
class OpenKeys(Route):
    """The browser of the cache's keys."""


@dataclass
class OpenSetup(Route):
    """A step of Setup; where Setup is at work, it is shown as it stands."""

    step: StepId


@dataclass
class SetupWrote(Message):
    """Set-up has written these credentials: the other places use them from now on."""

    credentials: Credentials


@dataclass
class SetupFinished(Message):
    """Done was reached and the person wants the tables. The app owns the services from now on and closes them."""

    services: Services
