"""The rules by which something that a push takes away is named: one for each kind of object and each way to be weaker.

They are data, so that a test can leave each of them out and see that something then goes unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from soundcheck.stores.prisma.definitions import (
    EXCLUSION,
    PRIMARY_KEY,
    ConstraintDefinition,
    Definition,
    IndexDefinition,
    described,
    lost_of_keys,
)
from soundcheck.stores.prisma.dependents import Standing, Thing
from soundcheck.stores.prisma.statements import LossKind

Weaker = Callable[[IndexDefinition, IndexDefinition], str]
"""What the first has and the second has not, in words; "" where that is nothing."""


@dataclass(frozen=True, slots=True)
class Naming:
    """How an object is called that is gone: its kind of loss, and what stands before its name to type."""

    kind: LossKind
    prefix: str = ""
    word: str = ""


GONE: Final[Mapping[Standing, Naming]] = {
    Standing.TABLE: Naming(LossKind.TABLE, "", "table"),
    Standing.COLUMN: Naming(LossKind.COLUMN, "", "column"),
    Standing.INDEX: Naming(LossKind.INDEX, "index:", "index"),
    Standing.PRIMARY_KEY: Naming(LossKind.CONSTRAINT, "constraint:", "constraint"),
    Standing.UNIQUE: Naming(LossKind.CONSTRAINT, "constraint:", "constraint"),
    Standing.EXCLUSION: Naming(LossKind.CONSTRAINT, "constraint:", "constraint"),
    Standing.CHECK: Naming(LossKind.CONSTRAINT, "constraint:", "constraint"),
    Standing.FOREIGN_KEY: Naming(LossKind.CONSTRAINT, "constraint:", "constraint"),
    Standing.DEFAULT: Naming(LossKind.DEFAULT, "default:", "default"),
    Standing.NOT_NULL: Naming(LossKind.NOT_NULL, "not-null:", "NOT NULL"),
    Standing.SEQUENCE: Naming(LossKind.SEQUENCE, "sequence:", "sequence"),
    Standing.STATISTICS: Naming(LossKind.STATISTICS, "statistics:", "statistics"),
    Standing.TRIGGER: Naming(LossKind.OTHER, "trigger:", "trigger"),
    Standing.RULE: Naming(LossKind.OTHER, "rule:", "rule"),
    Standing.POLICY: Naming(LossKind.OTHER, "policy:", "policy"),
    Standing.PUBLISHED: Naming(LossKind.OTHER, "publication:", "publication"),
    Standing.ENUM: Naming(LossKind.ENUM, "enum:", "enum"),
}
"""What is gone is named by its kind."""


def _order(old: IndexDefinition, new: IndexDefinition) -> str:
    return lost_of_keys(old.keys, new.keys)["order"]


INDEX: Final[Mapping[str, Weaker]] = {
    "uniqueness": lambda old, new: "uniqueness" * (old.unique and not new.unique),
    "nulls": lambda old, new: (
        "NULLS NOT DISTINCT" * (old.unique and new.unique and not old.nulls_distinct and new.nulls_distinct)
    ),
    "primary key": lambda old, new: (
        "the primary key" * (old.constraint == PRIMARY_KEY and new.constraint != PRIMARY_KEY)
    ),
    "constraint": lambda old, new: (
        "the constraint, of which only an index remains"
        * bool(old.constraint not in {"", PRIMARY_KEY} and not new.constraint and new.unique)
    ),
    "deferrable": lambda old, new: "DEFERRABLE" * (old.deferrable and not new.deferrable),
    "keys": lambda old, new: lost_of_keys(old.keys, new.keys)["keys"],
    "order": _order,
    "operator classes": lambda old, new: lost_of_keys(old.keys, new.keys)["operator classes"],
    "collations": lambda old, new: lost_of_keys(old.keys, new.keys)["collations"],
    "included columns": lambda old, new: _listed(
        "the included columns", [name for name in old.includes if name not in new.includes]
    ),
    "condition": lambda old, new: (
        "" if old.predicate == new.predicate
        else f"its condition WHERE {old.predicate}" if old.predicate else "rows outside the new condition"
    ),
    "method": lambda old, new: f"the method {old.method}" * (old.method != new.method),
    "options": lambda old, new: _listed(
        "its storage options", [option for option in old.options if option not in new.options]
    ),
    "replica identity": lambda old, _: "its part as the table's replica identity" * old.replica_identity,
}  # fmt: skip
"""What an index loses where another of its name takes its place."""


def _listed(what: str, names: list[str]) -> str:
    return f"{what} ({', '.join(names)})" if names else ""


FOREIGN_KEY: Final[Mapping[str, Callable[[ConstraintDefinition, ConstraintDefinition], str]]] = {
    "on delete": lambda old, new: f"ON DELETE {old.on_delete}" * (old.on_delete != new.on_delete),
    "on update": lambda old, new: f"ON UPDATE {old.on_update}" * (old.on_update != new.on_update),
    "the rest": lambda old, new: ", ".join(one for one in old.others if one not in new.others),
}
"""What a foreign key loses where another takes its place that leads from the same columns to the same."""


REMADE: Final[Mapping[str, Callable[[Thing], str]]] = {
    "comment": lambda old: "its comment" * bool(old.facts.get("comment")),
    "clustered": lambda old: "its mark for CLUSTER" * bool(old.facts.get("clustered")),
    "tablespace": lambda old: f"its tablespace {old.facts.get('tablespace')}" * bool(old.facts.get("tablespace")),
    "statistics target": lambda old: "its statistics target" * bool(old.facts.get("statistics")),
    "grants": lambda old: "its grants" * bool(old.facts.get("granted")),
}
"""What an object loses that is made again, even by the same definition."""


RETYPED: Final[Mapping[str, Callable[[Thing], str]]] = {
    "collation": lambda column: f"the collation {column.facts.get('collation')}" * ("collation" in column.facts),
    "storage": lambda column: "its storage" * ("storage" in column.facts),
    "compression": lambda column: "its compression" * ("compression" in column.facts),
}
"""What a column loses whose type changes, whatever the types are."""


CHANGED: Final = frozenset({"narrower type", "enum value"})
"""What else is weaker after a statement."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Every rule, by name."""

    gone: Mapping[Standing, Naming]
    index: Mapping[str, Weaker]
    foreign_key: Mapping[str, Callable[[ConstraintDefinition, ConstraintDefinition], str]]
    remade: Mapping[str, Callable[[Thing], str]]
    retyped: Mapping[str, Callable[[Thing], str]]
    changed: frozenset[str]

    @property
    def names(self) -> tuple[str, ...]:
        """What `without` takes."""
        return (
            *(f"gone: {one}" for one in self.gone),
            *(f"index: {one}" for one in self.index),
            *(f"foreign key: {one}" for one in self.foreign_key),
            *(f"remade: {one}" for one in self.remade),
            *(f"retyped: {one}" for one in self.retyped),
            *(f"changed: {one}" for one in sorted(self.changed)),
        )

    def without(self, name: str) -> Rules:
        """All of them but one."""
        family, _, rule = name.partition(": ")
        return replace(
            self,
            gone={one: how for one, how in self.gone.items() if (family, rule) != ("gone", one)},
            index={one: how for one, how in self.index.items() if (family, rule) != ("index", one)},
            foreign_key={one: how for one, how in self.foreign_key.items() if (family, rule) != ("foreign key", one)},
            remade={one: how for one, how in self.remade.items() if (family, rule) != ("remade", one)},
            retyped={one: how for one, how in self.retyped.items() if (family, rule) != ("retyped", one)},
            changed=frozenset(one for one in self.changed if (family, rule) != ("changed", one)),
        )

    def lost_by(self, old: Definition, new: Definition | None) -> tuple[str, ...]:
        """What of `old` would be gone with `new` in its place, in words; empty where it is as strong or stronger."""
        if isinstance(old, IndexDefinition):
            if not isinstance(new, IndexDefinition) or old.table != new.table or old.constraint == EXCLUSION:
                return (described(old),)
            return tuple(filter(None, (rule(old, new) for rule in self.index.values())))
        if not isinstance(new, ConstraintDefinition) or old.reference is None or not old.leads_as(new):
            return (described(old),)
        return tuple(filter(None, (rule(old, new) for rule in self.foreign_key.values())))

    def lost_by_remaking(self, old: Thing | None) -> tuple[str, ...]:
        """What does not come back with the definition."""
        return () if old is None else tuple(filter(None, (rule(old) for rule in self.remade.values())))

    def lost_by_retyping(self, column: Thing | None) -> tuple[str, ...]:
        """What a column loses with its type."""
        return () if column is None else tuple(filter(None, (rule(column) for rule in self.retyped.values())))


RULES: Final = Rules(GONE, INDEX, FOREIGN_KEY, REMADE, RETYPED, CHANGED)
