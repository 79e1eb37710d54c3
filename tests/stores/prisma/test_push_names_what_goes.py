"""A push names exactly what is gone or weaker after it: what the plan says is compared with what the server then does.

Random catalogues stand in databases of their own, and a random schema is pushed over each: planned by the real engine,
its statements run in a transaction that is rolled back. `SOUNDCHECK_SEEDS=1,2,3` plays other databases.
"""

from __future__ import annotations

import os
import re
import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from catalogue_snapshot import GONE, Snapshot, gone_or_weaker, snapshot
from engine_fixture import run_aside
from private_server import PrivateServer
from psycopg import sql
from random_catalogues import SHARED, Case, random_cases, schema_of
from special_catalogues import special_cases

from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.prisma.catalogue import Catalogue, catalogue_from
from soundcheck.stores.prisma.engine import PrismaEngine, _plan_request
from soundcheck.stores.prisma.judging import judged
from soundcheck.stores.prisma.loss_rules import RULES, Rules
from soundcheck.stores.prisma.node import find_node
from soundcheck.stores.prisma.plan import PushPlan, build_plan

SEEDS: Final = tuple(map(int, os.environ.get("SOUNDCHECK_SEEDS", "11,12,13").split(",")))
CASES: Final = 130
"""In one database, so that one plan is made for all of them."""

ENOUGH: Final = 50

_PREFIX: Final = re.compile(r"\bc\d+_")


@dataclass
class Played:
    """One database: what it held, what the plan said, and what was there after all statements that could be run.

    `failed` says by prefix which cases the server refused, and with what words.
    """

    cases: list[Case]
    plan: PushPlan
    catalogue: Catalogue
    before: Snapshot
    after: Snapshot = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    @cached_property
    def statements(self) -> Mapping[str, list[str]]:
        """The plan's statements by prefix."""
        found = defaultdict(list)
        for statement in self.plan.statements:
            found[_of(statement)].append(statement)
        return found

    @cached_property
    def really(self) -> Mapping[str, dict[str, frozenset[str]]]:
        """What is gone or weaker, by prefix and by the name to consent to: as facets of it."""
        return {prefix: self._really(prefix) for prefix in self.through}

    def _really(self, prefix: str) -> dict[str, frozenset[str]]:
        mine = {name: facets for name, facets in self.before.items() if _of(name) == prefix}
        found = gone_or_weaker(mine, self.after, self.statements[prefix])
        return {name: facets for name, facets in found.items() if GONE not in found.get(_owner(name, mine), ())}

    def named(self, prefix: str, rules: Rules = RULES) -> dict[str, str]:
        """What the plan says of one case, by name; with other rules, what it would say."""
        if rules is RULES:
            losses = [loss for loss in self.plan.losses if _of(loss.name) == prefix]
        else:
            changes = judged(self.statements[prefix], self.catalogue, rules).changes
            losses = [change.loss for change in changes if change.loss is not None]
        parts = {name: "" for loss in losses for name in loss.parts}
        return parts | {loss.name: " ".join(one.text for one in losses if one.name == loss.name) for loss in losses}

    def wrong(self, prefix: str, rules: Rules = RULES) -> list[str]:
        """What of one case is not said as it is."""
        really, named = self.really[prefix], self.named(prefix, rules)
        unseen = [f"{name} is not named: {sorted(really[name])}" for name in really.keys() - named]
        stays = [f"{name} is named and stays: {named[name]}" for name in named.keys() - really.keys()]
        untold = [
            f"{name} loses its {facet}, and it says: {named[name]}"
            for name in really.keys() & named.keys()
            for facet in really[name]
            if not _is_told(facet, really[name], named[name])
        ]
        return [f"{prefix} {line}" for line in (*unseen, *stays, *untold)]

    @cached_property
    def through(self) -> list[str]:
        """The prefixes of the cases that the server carried out."""
        return [case.prefix for case in self.cases if case.prefix not in self.failed]


TOLD: Final = {
    "unique": "uniqueness", "nulls not distinct": "NULLS NOT DISTINCT|uniqueness", "primary": "the primary key",
    "deferrable": "DEFER", "deferred": "DEFER", "method": "the method", "condition": "its condition",
    "options": "storage options", "tablespace": "tablespace", "clustered": "CLUSTER",
    "replica identity": "replica identity", "keys": "key columns|the order",
    "operator classes": "operator classes|key columns", "collations": "the collations|key columns",
    "included": "included columns", "statistics": "statistics target", "comment": "comment", "grants": "grants",
    "on delete": "ON DELETE", "on update": "ON UPDATE", "collation": "the collation", "storage": "its storage",
    "compression": "compression", "type": "change the type", "default": "drop default", "required": "drop not null",
    GONE: "^$|drop |loses the [a-z ]*on |only an index remains|the primary key|uniqueness|CHECK|FOREIGN KEY",
}  # fmt: skip
"""The words for what is lost, by the facet of it."""


def _is_told(facet: str, lost: frozenset[str], text: str) -> bool:
    if lost & {"exclusion", "table", "definition"}:  # then it is another object, and the whole of the old is told
        return "loses" in text
    return re.search(TOLD[facet], text) is not None


def _of(text: str) -> str:
    found = _PREFIX.search(text)
    return found.group() if found else ""


def _owner(name: str, before: Snapshot) -> str:
    """What an object is only a part of: a column of its table, a value of its enum."""
    owner = str(before.get(name, {}).get("of"))
    is_part = "." in name and (":" not in name or name.startswith("enum:"))
    return owner if is_part else ""


@pytest.fixture(scope="module")
def tablespace(administrator: psycopg.Connection) -> Iterator[str]:
    """A tablespace called `aside`, inside the server's own folder."""
    administrator.execute("SET allow_in_place_tablespaces = on")
    administrator.execute("CREATE TABLESPACE aside LOCATION ''")
    yield "aside"
    administrator.execute("DROP TABLESPACE aside")


Play = Callable[[list[Case]], "Played"]


@pytest.fixture(scope="module")
def play(
    administrator: psycopg.Connection,
    superuser_url: PostgresUrl,
    tablespace: str,
    engine_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Play:
    """Play cases in a database of their own."""
    schema = tmp_path_factory.mktemp("schema") / "schema.prisma"

    def once(cases: list[Case]) -> Played:
        url = replace(superuser_url, database=f"test_{secrets.token_hex(6)}")
        name = sql.Identifier(url.database)
        administrator.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            return _play(url, schema, PrismaEngine(engine_folder, find_node()), cases)
        finally:
            administrator.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))

    return once


@pytest.fixture(scope="module")
def played(play: Play) -> list[Played]:
    return [play(random_cases(seed, CASES)) for seed in SEEDS]


@pytest.fixture(scope="module")
def special(play: Play) -> Played:
    return play([*special_cases().values()])


def _play(url: PostgresUrl, schema: Path, engine: PrismaEngine, cases: list[Case]) -> Played:
    schema.write_text(schema_of(cases))
    with psycopg.connect(url.reveal()) as connection:
        for statement in (*SHARED, *(one for case in cases for one in case.made)):
            connection.execute(statement)  # type: ignore[arg-type]
        connection.commit()
        drop = frozenset(name for case in cases for name in case.drop)
        told: Any = run_aside(engine._ask(_plan_request(url, schema, drop), url=url, deadline=300))
        plan = build_plan(told, schema="public", drop=drop)
        before = snapshot(connection)
        played = Played(cases, plan, catalogue_from(told, "public"), before)
        for case in cases:
            try:
                with connection.transaction():
                    for statement in played.statements[case.prefix]:
                        connection.execute(statement)  # type: ignore[arg-type]
            except psycopg.Error as refused:
                played.failed[case.prefix] = str(refused)
        played.after = snapshot(connection)
        connection.rollback()
    return played


def test_postgresql_15_drops_what_is_named_as_well(
    postgres_15: PrivateServer, engine_folder: Path, tmp_path: Path
) -> None:
    url = postgres_15.url("catalogues", sslmode="disable")
    with psycopg.connect(replace(url, database="postgres").reveal(), autocommit=True) as connection:
        connection.execute("SET allow_in_place_tablespaces = on")
        connection.execute("CREATE TABLESPACE aside LOCATION ''")
        connection.execute("CREATE DATABASE catalogues")
    engine = PrismaEngine(engine_folder, find_node())
    played = _play(url, tmp_path / "schema.prisma", engine, random_cases(SEEDS[0], CASES // 2))
    assert [line for prefix in played.through for line in played.wrong(prefix)] == []
    assert {_of(reason) for reason in played.plan.blocked} == played.failed.keys()


def test_exactly_what_is_gone_or_weaker_is_named(played: list[Played]) -> None:
    assert [line for one in played for prefix in one.through for line in one.wrong(prefix)] == []


@pytest.mark.parametrize("what", special_cases())
def test_what_is_special_is_named_exactly_too(special: Played, what: str) -> None:
    prefix = special_cases()[what].prefix
    is_blocked = any(_of(reason) == prefix for reason in special.plan.blocked)
    assert is_blocked == (prefix in special.failed), special.failed.get(prefix)
    assert is_blocked or special.wrong(prefix) == []


def test_exactly_what_the_server_refuses_is_said_to_be_impossible(played: list[Played]) -> None:
    for one in played:
        blocked = {_of(reason) for reason in one.plan.blocked}
        assert blocked == one.failed.keys(), {prefix: one.failed.get(prefix) for prefix in blocked ^ one.failed.keys()}
        assert len(one.through) > CASES * 0.7


def kinds_of(name: str, facets: Any) -> Iterator[str]:
    """Every kind that an object counts for."""
    kind = name.rpartition(":")[0]
    if not kind:
        kind = "column" if "." in name else "view" if facets["view"] else "table"
    elif kind == "enum" and "." in name:
        kind = "enum value"
    elif kind == "constraint":
        kind = (
            "exclusion constraint" if facets.get("exclusion")
            else "primary key" if facets.get("primary")
            else "unique constraint" if facets.get("unique")
            else "check" if str(facets["definition"]).startswith("CHECK")
            else "foreign key"
        )  # fmt: skip
    yield kind
    for facet in ("required", "default", "generated", "collation", "storage", "compression", "comment", "grants"):
        if facets.get(facet):
            yield f"{facet} of {kind}" if facet in {"comment", "grants"} else facet
    if "keys" in facets:
        for facet in ("condition", "included", "options", "tablespace", "clustered", "replica identity", "statistics"):
            if facets.get(facet):
                yield f"{facet} of an index"
        if kind == "index" and facets["unique"]:
            yield "unique index"
        if any("(" in key for key, _ in facets["keys"]):
            yield "index on an expression"
        for facet in ("operator classes", "collations"):
            if any(facets[facet]):
                yield f"{facet} of an index"


KINDS: Final = (
    "table", "column", "index", "unique index", "index on an expression", "condition of an index",
    "included of an index", "options of an index", "tablespace of an index", "clustered of an index",
    "statistics of an index", "operator classes of an index", "collations of an index", "comment of index",
    "replica identity of an index", "primary key", "unique constraint", "exclusion constraint", "check", "foreign key",
    "comment of primary key", "comment of foreign key", "required", "default", "collation", "storage", "compression",
    "sequence", "statistics", "trigger", "rule", "policy", "publication", "enum", "enum value", "comment of enum",
    "grants of enum",
)  # fmt: skip


@pytest.mark.skipif("SOUNDCHECK_SEEDS" in os.environ, reason="other databases may hold fewer")
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_object_occurs_often(played: list[Played], kind: str) -> None:
    found = Counter(kind for one in played for name, facets in one.before.items() for kind in kinds_of(name, facets))
    assert found[kind] >= ENOUGH


@pytest.mark.parametrize("rule", RULES.names)
def test_without_any_one_rule_something_goes_unseen(played: list[Played], rule: str) -> None:
    rules = RULES.without(rule)
    assert any(one.wrong(prefix, rules) for one in played for prefix in one.through)
