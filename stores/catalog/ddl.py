"""The SQL that makes a relation again, put together from its definition. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from soundcheck.stores.catalog.ddl_definition import DefinedColumn, DefinedConstraint, DefinedPolicy, RelationDefinition
from soundcheck.stores.catalog.ddl_parts import DefinedSequence, commented, options_sql, qualified, unless
from soundcheck.stores.postgres.sql_text import quoted_name, sql_literal
from soundcheck.stores.sensitivity import Sensitivity, sensitivity

_STORAGE: Final = {"p": "PLAIN", "e": "EXTERNAL", "x": "EXTENDED", "m": "MAIN"}
_COMPRESSION: Final = {"p": "pglz", "l": "lz4"}
_COMMANDS: Final = {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE", "*": "ALL"}
_LONGEST_NAME: Final = 63


def relation_statements(made: RelationDefinition, *, whole: bool) -> Iterator[str]:
    """The relation, its settings, constraints to itself and indexes, then its place below its parents.

    Not `whole` is for what another relation needs: each part only if it is missing, without comments and policies.
    """
    if made.view is not None:
        yield _view(made, whole=whole)
    else:
        yield _table(made, whole=whole)
    table = f"ALTER {'FOREIGN TABLE' if made.kind == 'f' else 'TABLE'} ONLY {made.sql}"
    for column in made.columns:
        yield from (f"{table} ALTER COLUMN {quoted_name(column.name)} {change}" for change in _changes(made, column))
    for constraint in made.constraints:
        if _comes_later(constraint) and made.own(constraint):
            yield _added(made, constraint) if whole else unless(_added(made, constraint), "duplicate_object")
    for index in made.indexes:
        if index.valid or made.kind != "p":
            yield index.definition if whole else _if_missing(index.definition)
    if whole:
        for constraint in made.constraints:
            if constraint.index_options:
                name = qualified(made.schema, constraint.index or constraint.name)
                yield f"ALTER INDEX {name} SET ({options_sql(constraint.index_options)})"
        yield from made.statistics
    yield from _place(made, whole=whole)
    if whole:
        yield from _table_settings(made)
        yield from _security(made)
        yield from _comments(made)


def late_statements(made: RelationDefinition) -> Iterator[str]:
    """The indexes of a partitioned table that do not cover its partitions: they must not reach those."""
    if made.kind == "p":
        yield from (index.definition for index in made.indexes if not index.valid)
    for index in made.indexes:
        if index.comment:
            yield f"COMMENT ON INDEX {qualified(index.schema, index.name)} IS {sql_literal(index.comment)}"


def foreign_keys(made: RelationDefinition, *, whole: bool) -> Iterator[str]:
    """Those to other tables, which need not be there: a comment and a statement that gives way, for each."""
    for key in made.constraints:
        if key.kind != "f" or key.from_parent or key.to_itself or not made.own(key):
            continue
        called = f"foreign key {quoted_name(key.name)} of {made.sql}"
        yield commented(f"The {called} is left out, with a notice, while the other table is missing.")
        statements = [_added(made, key), *([_comment_on(made, key)] if key.comment else [])]
        missing = "undefined_table OR invalid_schema_name" + ("" if whole else " OR duplicate_object")
        yield unless(";\n    ".join(statements), missing, f"The {called} is left out.") + ";"


def left_out(made: RelationDefinition) -> Iterator[str]:
    """Comments, with the statements that do not run in an empty database."""
    name = made.sql
    policies = [policy for policy in made.policies if not policy.runs]
    if policies:
        yield commented(f"Policies of {name}: they need roles, tables or functions of their own.")
        yield from (commented(f"{_policy(made, policy)};") for policy in policies)
    if made.triggers:
        yield commented(f"Triggers of {name}: they need their functions.")
        yield from (commented(f"{trigger};") for trigger in made.triggers)
    if made.rules:
        yield commented(f"Rules of {name}.")
        yield from (commented(rule) for rule in made.rules)
    if made.heirs:
        yield commented(f"Left out: the tables that inherit from {name}: {', '.join(made.heirs)}.")
    if made.kind != "p" and (doubtful := [index.name for index in made.indexes if not index.valid]):
        yield commented(f"Not valid in the original, but here: the indexes {', '.join(doubtful)} of {name}.")
    if made.tablespace:
        yield commented(f"Left out: the tablespace {made.tablespace} of {name}.")
    if made.of_type:
        yield commented(f"Left out: {name} is a table of the type {made.of_type}; here its columns are its own.")
    if made.server and not _are_open(_far_options(made)):
        yield commented(f"Left out: options of {name} that may hold a secret.")
    if made.granted:
        yield commented(f"Left out: the rights (GRANT) on {name}.")


def _view(made: RelationDefinition, *, whole: bool) -> str:
    options = f" WITH ({options_sql(made.options)})" if made.options else ""
    text = (made.view or "").rstrip().removesuffix(";")
    if made.kind == "v":
        replaced = "" if whole else "OR REPLACE "
        return f"CREATE {replaced}VIEW {made.sql}{_view_columns(made)}{options} AS\n{text}"
    missing = "" if whole else "IF NOT EXISTS "
    using = f" USING {quoted_name(made.method)}" if made.method else ""
    empty = "" if made.populated else "\nWITH NO DATA"
    return f"CREATE MATERIALIZED VIEW {missing}{made.sql}{_view_columns(made)}{using}{options} AS\n{text}{empty}"


def _view_columns(made: RelationDefinition) -> str:
    return f" ({', '.join(quoted_name(column.name) for column in made.columns)})" if made.columns else ""


def _table(made: RelationDefinition, *, whole: bool) -> str:
    missing = "" if whole else "IF NOT EXISTS "
    unlogged = "UNLOGGED " if made.unlogged else ""
    parts = [f"CREATE {unlogged}{made.word} {missing}{made.sql}"]
    if made.far_partition:
        inside = [f"CONSTRAINT {quoted_name(c.name)} {c.definition}" for c in _inline(made)]
        parts[0] += f" PARTITION OF {qualified(*made.parents[0])}" + _in_brackets(inside) + f"\n{made.bound}"
    else:
        columns = [column for column in made.columns if column.local or not made.inherits]
        inside = [_column(made, column) for column in columns]
        inside += [f"CONSTRAINT {quoted_name(c.name)} {c.definition}" for c in _inline(made)]
        parts[0] += _in_brackets(inside) or " ()"
    if made.inherits:
        parts.append(f"INHERITS ({', '.join(qualified(*parent) for parent in made.parents)})")
    if made.server:
        parts.append(f"SERVER {quoted_name(made.server)}")
        if far := _written_options(_far_options(made)):
            parts.append(f"OPTIONS ({far})")
    if made.partition_key:
        parts.append(f"PARTITION BY {made.partition_key}")
    if made.method:
        parts.append(f"USING {quoted_name(made.method)}")
    options = [*(made.options or []), *(f"toast.{one}" for one in made.toast_options or [])]
    if options:
        parts.append(f"WITH ({options_sql(options)})")
    return "\n".join(parts)


def _in_brackets(inside: Sequence[str]) -> str:
    return " (\n" + ",\n".join(f"    {one}" for one in inside) + "\n)" if inside else ""


def _inline(made: RelationDefinition) -> list[DefinedConstraint]:
    """Those that CREATE TABLE takes as they are."""
    return [
        c
        for c in made.constraints
        if made.own(c) and not _comes_later(c) and c.kind != "f" and not _is_said_by_column(made, c)
    ]


def _comes_later(constraint: DefinedConstraint) -> bool:
    """CREATE TABLE takes NOT VALID for valid, because there are no rows."""
    if constraint.kind == "f":
        return constraint.to_itself and not constraint.from_parent
    return not constraint.validated


def _is_said_by_column(made: RelationDefinition, constraint: DefinedConstraint) -> bool:
    written = not made.far_partition and any(
        column.name == constraint.column and (column.local or not made.inherits) for column in made.columns
    )
    return constraint.kind == "n" and written and _is_plain(made, constraint)


def _is_plain(made: RelationDefinition, constraint: DefinedConstraint) -> bool:
    """Whether a NOT NULL is what the words NOT NULL of its column make, with the name that the server chooses."""
    chosen = f"{made.name}_{constraint.column}_not_null"
    fits = len(chosen.encode("utf-8", "surrogateescape")) <= _LONGEST_NAME
    return (
        constraint.validated
        and not constraint.definition.endswith(" NO INHERIT")
        and fits
        and constraint.name == chosen
    )


def _column(made: RelationDefinition, column: DefinedColumn) -> str:
    parts = [quoted_name(column.name), column.type]
    if column.far_options and (far := _written_options(column.far_options)):
        parts.append(f"OPTIONS ({far})")
    if column.collation:
        parts.append(f"COLLATE {column.collation}")
    if column.generated:
        parts.append(f"GENERATED ALWAYS AS ({column.default}) {'STORED' if column.generated == 's' else 'VIRTUAL'}")
    elif column.identity and not made.is_partition:  # a partition takes part in its parent's, once it is attached
        parts.append(f"GENERATED {'ALWAYS' if column.identity == 'a' else 'BY DEFAULT'} AS IDENTITY")
        if column.sequence and (options := _identity_options(made, column, column.sequence)):
            parts.append(f"({' '.join(options)})")
    elif column.default is not None:
        parts.append(f"DEFAULT {column.default}")
    named = [c for c in made.constraints if c.kind == "n" and c.column == column.name and made.own(c)]
    if column.required and all(_is_plain(made, c) for c in named):
        parts.append("NOT NULL")
    return " ".join(parts)


def _identity_options(made: RelationDefinition, column: DefinedColumn, sequence: DefinedSequence) -> list[str]:
    chosen = (made.schema, f"{made.name}_{column.name}_seq")
    named = [] if (sequence.schema, sequence.name) == chosen else [f"SEQUENCE NAME {sequence.sql}"]
    return [*named, *sequence.options()]


def _changes(made: RelationDefinition, column: DefinedColumn) -> Iterator[str]:
    """What CREATE does not say, or says for the parents' columns alone."""
    inherited = (made.inherits and not column.local) or made.far_partition
    if made.view is not None:
        if made.kind == "v" and column.default is not None:
            yield f"SET DEFAULT {column.default}"
    elif inherited and not column.generated and column.default != column.inherited_default:
        yield "DROP DEFAULT" if column.default is None else f"SET DEFAULT {column.default}"
    has_constraint = any(c.kind == "n" and c.column == column.name for c in made.constraints)  # from 18 on
    if inherited and column.required and not column.inherited_required and not has_constraint:
        yield "SET NOT NULL"
    if made.kind == "v":
        return
    if column.storage and made.kind != "f":
        yield f"SET STORAGE {_STORAGE[column.storage]}"
    if column.compression in _COMPRESSION:
        yield f"SET COMPRESSION {_COMPRESSION[column.compression]}"
    if column.statistics is not None:
        yield f"SET STATISTICS {column.statistics}"
    if column.options:
        yield f"SET ({options_sql(column.options)})"


def _added(made: RelationDefinition, constraint: DefinedConstraint) -> str:
    return f"ALTER TABLE {made.sql} ADD CONSTRAINT {quoted_name(constraint.name)} {constraint.definition}"


def _if_missing(definition: str) -> str:
    for start in ("CREATE UNIQUE INDEX ", "CREATE INDEX "):
        if definition.startswith(start):
            return f"{start}IF NOT EXISTS {definition.removeprefix(start)}"
    return definition


def _place(made: RelationDefinition, *, whole: bool) -> Iterator[str]:
    if made.is_partition and not made.far_partition:
        attach = f"ALTER TABLE {qualified(*made.parents[0])} ATTACH PARTITION {made.sql} {made.bound}"
        yield attach if whole else unless(attach, "wrong_object_type")  # it is one already
    elif not made.is_partition and not made.inherits:
        yield from (f"ALTER TABLE {made.sql} INHERIT {qualified(*parent)}" for parent in made.parents)


def _table_settings(made: RelationDefinition) -> Iterator[str]:
    if made.clustered:
        yield f"ALTER {made.word} {made.sql} CLUSTER ON {quoted_name(made.clustered)}"
    if made.kind not in "rp":
        return
    identity = {"n": "NOTHING", "f": "FULL"}.get(made.replica_identity)
    if made.replica_identity == "i" and made.replica_index:
        identity = f"USING INDEX {quoted_name(made.replica_index)}"
    if identity:
        yield f"ALTER TABLE {made.sql} REPLICA IDENTITY {identity}"


def _security(made: RelationDefinition) -> Iterator[str]:
    if made.row_security:
        yield f"ALTER TABLE {made.sql} ENABLE ROW LEVEL SECURITY"
    if made.forced_security:
        yield f"ALTER TABLE {made.sql} FORCE ROW LEVEL SECURITY"
    yield from (_policy(made, policy) for policy in made.policies if policy.runs)


def _policy(made: RelationDefinition, policy: DefinedPolicy) -> str:
    parts = [f"CREATE POLICY {quoted_name(policy.name)} ON {made.sql}"]
    parts += [] if policy.permissive else ["AS RESTRICTIVE"]
    parts.append(f"FOR {_COMMANDS[policy.command]}")
    parts += [f"TO {', '.join(policy.roles)}"] if policy.roles else []
    parts += [f"USING ({policy.using})"] if policy.using else []
    parts += [f"WITH CHECK ({policy.check})"] if policy.check else []
    return " ".join(parts)


def _comments(made: RelationDefinition) -> Iterator[str]:
    if made.comment:
        yield f"COMMENT ON {made.word} {made.sql} IS {sql_literal(made.comment)}"
    for column in made.columns:
        if column.comment:
            yield f"COMMENT ON COLUMN {made.sql}.{quoted_name(column.name)} IS {sql_literal(column.comment)}"
    for constraint in made.constraints:
        if constraint.comment and (constraint.kind != "f" or constraint.to_itself):
            yield _comment_on(made, constraint)


def _comment_on(made: RelationDefinition, constraint: DefinedConstraint) -> str:
    return f"COMMENT ON CONSTRAINT {quoted_name(constraint.name)} ON {made.sql} IS {sql_literal(constraint.comment)}"


def _far_options(made: RelationDefinition) -> list[str]:
    return made.far_options or []


def _are_open(options: Sequence[str]) -> bool:
    return all(sensitivity("", one.partition("=")[0]) is Sensitivity.OPEN for one in options)


def _written_options(options: Sequence[str]) -> str:
    split = [one.partition("=") for one in options if _are_open([one])]
    return ", ".join(f"{quoted_name(name)} {sql_literal(value)}" for name, _, value in split)
