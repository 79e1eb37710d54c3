"""The SQL that makes a relation again, put together from its definition. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from soundcheck.stores.catalog.tables import Kind
from soundcheck.stores.postgres.sql_text import sql_literal
from soundcheck.stores.rows.filter_sql import quoted


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


@dataclass(frozen=True, slots=True)
class Definition:
    """What a CREATE statement says. Texts are the server's own and name every schema."""

    schema: str
    name: str
    kind: Kind
    columns: tuple[DefinedColumn, ...]
    constraints: tuple[tuple[str, str], ...]
    indexes: tuple[str, ...]
    comment: str
    view: str
    partition_key: str
    parent: str
    bound: str
    server: str
    unlogged: bool


def table_ddl(made: Definition) -> str:
    """All statements, each ended by a semicolon and a line break."""
    return "".join(f"{statement};\n" for statement in _statements(made))


def _statements(made: Definition) -> Iterator[str]:
    name = f"{quoted(made.schema)}.{quoted(made.name)}"
    word = "VIEW" if made.kind is Kind.VIEW else "TABLE"
    if made.view:
        word = "VIEW" if made.kind is Kind.VIEW else "MATERIALIZED VIEW"
        yield f"CREATE {word} {name} AS\n{made.view.rstrip().removesuffix(';')}"
    elif made.parent:
        partitioned = f"\nPARTITION BY {made.partition_key}" if made.partition_key else ""
        yield f"CREATE TABLE {name} PARTITION OF {made.parent}\n{made.bound}{partitioned}"
    else:
        word = "FOREIGN TABLE" if made.kind is Kind.FOREIGN else "TABLE"
        lines = [f"    {_column(column)}" for column in made.columns]
        lines += [f"    CONSTRAINT {quoted(called)} {definition}" for called, definition in made.constraints]
        unlogged = "UNLOGGED " if made.unlogged else ""
        server = f"\nSERVER {made.server}" if made.server else ""
        partitioned = f"\nPARTITION BY {made.partition_key}" if made.partition_key else ""
        yield f"CREATE {unlogged}{word} {name} (\n" + ",\n".join(lines) + f"\n){server}{partitioned}"
    if not made.parent:  # those of a partition come with its parent's
        yield from made.indexes
    if made.comment:
        yield f"COMMENT ON {word} {name} IS {sql_literal(made.comment)}"
    for column in made.columns:
        if column.comment:
            yield f"COMMENT ON COLUMN {name}.{quoted(column.name)} IS {sql_literal(column.comment)}"


def _column(column: DefinedColumn) -> str:
    parts = [quoted(column.name), column.type]
    if column.collation:
        parts.append(f"COLLATE {column.collation}")
    if column.generated:
        parts.append(f"GENERATED ALWAYS AS ({column.default}) {'STORED' if column.generated == 's' else 'VIRTUAL'}")
    elif column.identity:
        parts.append(f"GENERATED {'ALWAYS' if column.identity == 'a' else 'BY DEFAULT'} AS IDENTITY")
    elif column.default is not None:
        parts.append(f"DEFAULT {column.default}")
    if column.required:
        parts.append("NOT NULL")
    return " ".join(parts)
