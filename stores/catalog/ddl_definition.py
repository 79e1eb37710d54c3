"""A relation as the catalogue has it: what its DDL is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from soundcheck.stores.catalog.ddl_parts import DefinedSequence, qualified


@dataclass(frozen=True, slots=True)
class DefinedColumn:
    """A column as the catalogue has it; `identity` is a (always), d (by default) or "", `generated` s or v or ""."""

    name: str
    type: str
    required: bool
    default: str | None
    identity: str
    generated: str
    collation: str | None
    comment: str | None
    local: bool
    inherited_default: str | None
    inherited_required: bool
    storage: str | None
    compression: str
    statistics: int | None
    options: list[str] | None
    far_options: list[str] | None
    sequence: DefinedSequence | None


@dataclass(frozen=True, slots=True)
class DefinedConstraint:
    """`kind` is p, u, f, c, x or n; `from_parent` is whether a partition has it from the partitioned table."""

    name: str
    kind: str
    definition: str
    validated: bool
    local: bool
    from_parent: bool
    to_itself: bool
    column: str | None
    comment: str | None
    index_options: list[str] | None
    index: str | None


@dataclass(frozen=True, slots=True)
class DefinedIndex:
    """An index that is not a constraint's."""

    name: str
    schema: str
    definition: str
    valid: bool
    comment: str | None


@dataclass(frozen=True, slots=True)
class DefinedPolicy:
    """`runs` is whether its roles and what it refers to are there in an empty database."""

    name: str
    permissive: bool
    command: str
    using: str | None
    check: str | None
    roles: list[str]
    runs: bool


@dataclass(frozen=True, slots=True)
class RelationDefinition:
    """A relation. Texts are the server's own and name every schema; `kind` is pg_class.relkind."""

    oid: int
    schema: str
    name: str
    kind: str
    unlogged: bool
    populated: bool
    columns: tuple[DefinedColumn, ...]
    constraints: tuple[DefinedConstraint, ...]
    indexes: tuple[DefinedIndex, ...]
    policies: tuple[DefinedPolicy, ...]
    comment: str | None
    view: str | None
    options: list[str] | None
    toast_options: list[str] | None
    partition_key: str | None
    is_partition: bool
    bound: str | None
    parents: list[tuple[str, str]]
    parent_columns: list[str]
    heirs: list[str]
    server: str | None
    far_options: list[str] | None
    method: str | None
    tablespace: str | None
    of_type: str | None
    replica_identity: str
    replica_index: str | None
    clustered: str | None
    statistics: list[str]
    row_security: bool
    forced_security: bool
    triggers: list[str]
    rules: list[str]
    granted: bool

    @classmethod
    def of(cls, facts: dict[str, Any]) -> RelationDefinition:
        """From the document of `ddl_queries.DEFINED`."""
        sequences = [DefinedSequence(**c["sequence"]) if c["sequence"] else None for c in facts["columns"]]
        made = {
            "columns": tuple(
                DefinedColumn(**{**column, "sequence": sequence})
                for column, sequence in zip(facts["columns"], sequences, strict=True)
            ),
            "constraints": tuple(DefinedConstraint(**one) for one in facts["constraints"]),
            "indexes": tuple(DefinedIndex(**one) for one in facts["indexes"]),
            "policies": tuple(DefinedPolicy(**one) for one in facts["policies"]),
        }
        return cls(**{**facts, **made})

    @property
    def sql(self) -> str:
        """Its quoted name."""
        return qualified(self.schema, self.name)

    @property
    def word(self) -> str:
        """What ALTER, COMMENT and CREATE call it."""
        return {"v": "VIEW", "m": "MATERIALIZED VIEW", "f": "FOREIGN TABLE"}.get(self.kind, "TABLE")

    @property
    def inherits(self) -> bool:
        """Whether INHERITS gives the parents' columns in this relation's own order."""
        first = list(dict.fromkeys(self.parent_columns))
        return not self.is_partition and [c.name for c in self.columns[: len(first)]] == first and bool(self.parents)

    @property
    def far_partition(self) -> bool:
        """Whether it is a foreign table whose columns are the partitioned table's in the same order."""
        return self.kind == "f" and self.is_partition and [c.name for c in self.columns] == self.parent_columns

    def own(self, constraint: DefinedConstraint) -> bool:
        """Whether it is to be written here, or comes with the parents."""
        return constraint.local or not (self.inherits or self.far_partition)
