"""The SQL that makes what a relation needs: schemas, extensions, types, collations, sequences, functions. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from soundcheck.stores.postgres.sql_text import quoted_name, sql_literal

_LIMITS: Final = {
    "smallint": (-(2**15), 2**15 - 1),
    "integer": (-(2**31), 2**31 - 1),
    "bigint": (-(2**63), 2**63 - 1),
}
_PROVIDERS: Final = {"i": "icu", "c": "libc", "b": "builtin", "d": "default"}


@dataclass(frozen=True, slots=True)
class DefinedSequence:
    """A sequence as the catalogue has it; `least` and `most` are its limits."""

    schema: str
    name: str
    type: str
    start: int
    increment: int
    least: int
    most: int
    cache: int
    cycle: bool
    unlogged: bool

    @property
    def sql(self) -> str:
        """Its quoted name."""
        return qualified(self.schema, self.name)

    def options(self) -> list[str]:
        """What differs from the server's own choice, as CREATE SEQUENCE writes it."""
        low, high = _LIMITS[self.type]
        least, most = (1, high) if self.increment > 0 else (low, -1)
        found = [f"INCREMENT BY {self.increment}"] if self.increment != 1 else []
        found += [f"MINVALUE {self.least}"] if self.least != least else []
        found += [f"MAXVALUE {self.most}"] if self.most != most else []
        found += [f"START WITH {self.start}"] if self.start != (self.least if self.increment > 0 else self.most) else []
        found += [f"CACHE {self.cache}"] if self.cache != 1 else []
        return [*found, "CYCLE"] if self.cycle else found


def qualified(schema: str, name: str) -> str:
    """Both quoted."""
    return f"{quoted_name(schema)}.{quoted_name(name)}"


def commented(text: str) -> str:
    """Every line a comment, whatever breaks a line."""
    return "\n".join(f"-- {line}".rstrip() for line in text.splitlines())


def options_sql(options: Sequence[str]) -> str:
    """`fillfactor=70` and its like as the inside of WITH ( … )."""
    split = (one.partition("=") for one in options)
    return ", ".join(f"{_option_name(name)}={sql_literal(value)}" for name, _, value in split)


def _option_name(name: str) -> str:
    return ".".join(part if part.isidentifier() and part.islower() else quoted_name(part) for part in name.split("."))


def unless(statement: str, conditions: str, said: str = "") -> str:
    """The statement; where it fails with one of the conditions, nothing but the notice `said`.

    Types have no IF NOT EXISTS, and a foreign key has no way to wait for its table.
    """
    told = f"RAISE NOTICE '%', {sql_literal(said)}" if said else "NULL"
    inside = f"BEGIN\n    {statement};\nEXCEPTION WHEN {conditions} THEN {told};\nEND"
    tag = next(tag for number in count() if (tag := f"${'x' * number}$") not in inside)
    return f"DO {tag} {inside} {tag}"


def sequence_sql(sequence: DefinedSequence, *, only_if_missing: bool) -> str:
    """CREATE SEQUENCE."""
    word = "UNLOGGED SEQUENCE" if sequence.unlogged else "SEQUENCE"
    missing = "IF NOT EXISTS " if only_if_missing else ""
    kind = f" AS {sequence.type}" if sequence.type != "bigint" else ""
    return " ".join([f"CREATE {word} {missing}{sequence.sql}{kind}", *sequence.options()])


def part_statements(kind: str, facts: Mapping[str, Any]) -> Iterator[str] | None:
    """The statements for an object of the catalogue `kind`; None where no statement can make it again."""
    match kind:
        case "pg_namespace":
            return iter([f"CREATE SCHEMA IF NOT EXISTS {quoted_name(facts['schema'])}"])
        case "pg_extension":
            made = f"CREATE EXTENSION IF NOT EXISTS {quoted_name(facts['extension'])}"
            return iter([f"{made} WITH SCHEMA {quoted_name(facts['schema'])}"])
        case "pg_proc":
            return iter([facts["function"].rstrip()]) if facts["function"] else None
        case "pg_collation":
            return iter([_collation(facts)])
        case "pg_foreign_data_wrapper":
            return iter([f"CREATE FOREIGN DATA WRAPPER {quoted_name(facts['wrapper'])}"]) if facts["plain"] else None
        case "pg_foreign_server":
            made = f"CREATE SERVER IF NOT EXISTS {quoted_name(facts['server'])}"
            return iter([f"{made} FOREIGN DATA WRAPPER {quoted_name(facts['wrapper'])}"])
        case "pg_type":
            return _type(facts)
        case _:
            return None


def _type(facts: Mapping[str, Any]) -> Iterator[str] | None:
    if facts["array"] or facts["row_of"] or facts["kind"] == "m":
        return iter(())  # it comes with another type, or with its table
    name = qualified(facts["schema"], facts["name"])
    match facts["kind"]:
        case "e":
            made = f"CREATE TYPE {name} AS ENUM ({', '.join(map(sql_literal, facts['labels']))})"
        case "c":
            fields = ", ".join(_field(*field) for field in facts["fields"])
            made = f"CREATE TYPE {name} AS ({fields})"
        case "r":
            options = ", ".join(f"{key} = {value}" for key, value in facts["range"].items() if value)
            made = f"CREATE TYPE {name} AS RANGE ({options})"
        case "d":
            parts = [f"CREATE DOMAIN {name} AS {facts['base']}"]
            parts += [f"COLLATE {facts['collation']}"] if facts["collation"] else []
            parts += [f"DEFAULT {facts['default']}"] if facts["default"] is not None else []
            parts += ["NOT NULL"] if facts["required"] else []
            parts += [f"CONSTRAINT {quoted_name(called)} {definition}" for called, definition in facts["checks"]]
            made = " ".join(parts)
        case _:
            return None
    word = "DOMAIN" if facts["kind"] == "d" else "TYPE"
    said = [f"COMMENT ON {word} {name} IS {sql_literal(facts['comment'])}"] if facts["comment"] else []
    return iter([unless(made, "duplicate_object OR duplicate_table"), *said])


def _field(name: str, kind: str, collation: str | None) -> str:
    return f"{quoted_name(name)} {kind}" + (f" COLLATE {collation}" if collation else "")


def _collation(facts: Mapping[str, Any]) -> str:
    of = facts["collation"]
    options = [f"provider = {_PROVIDERS[of['collprovider']]}"]
    locale = of.get("colllocale") or of.get("colliculocale")
    if locale or of["collcollate"] == of["collctype"]:
        options.append(f"locale = {sql_literal(locale or of['collcollate'])}")
    else:
        options += [f"lc_collate = {sql_literal(of['collcollate'])}", f"lc_ctype = {sql_literal(of['collctype'])}"]
    options += [] if of["collisdeterministic"] else ["deterministic = false"]
    options += [f"rules = {sql_literal(of['collicurules'])}"] if of.get("collicurules") else []
    return f"CREATE COLLATION IF NOT EXISTS {qualified(facts['schema'], of['collname'])} ({', '.join(options)})"
