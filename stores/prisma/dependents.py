"""What rests on what in a database, and what would go along with an object: `pg_depend`, walked as a DROP walks it.

Nothing is run. The rules are those of PostgreSQL's `findDependentObjects` (dependency.c) for RESTRICT: what depends
automatically, internally or as a partition goes along; what depends in the usual way stands in the way, unless it goes
along for another reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from soundcheck.stores.prisma.definitions import ObjectName


class Standing(StrEnum):
    """What kind of object stands in a database, as far as a push makes a difference between kinds."""

    TABLE = "table"
    COLUMN = "column"
    INDEX = "index"
    PRIMARY_KEY = "primary key"
    UNIQUE = "unique constraint"
    EXCLUSION = "exclusion constraint"
    CHECK = "check"
    FOREIGN_KEY = "foreign key"
    NOT_NULL = "not-null constraint"
    DEFAULT = "default"
    SEQUENCE = "sequence"
    STATISTICS = "statistics"
    TRIGGER = "trigger"
    RULE = "rule"
    POLICY = "policy"
    PUBLISHED = "table of a publication"
    ENUM = "enum"
    EXTENSION = "extension"
    VIEW = "view"
    INNER = "part of another object"
    OTHER = "other"


CONSTRAINTS: Final = frozenset(
    {Standing.PRIMARY_KEY, Standing.UNIQUE, Standing.EXCLUSION, Standing.CHECK, Standing.FOREIGN_KEY}
)

_KINDS: Final = {
    "relation r": Standing.TABLE, "relation p": Standing.TABLE, "relation f": Standing.TABLE,
    "relation i": Standing.INDEX, "relation I": Standing.INDEX, "relation S": Standing.SEQUENCE,
    "relation v": Standing.VIEW, "relation m": Standing.VIEW, "relation t": Standing.INNER,
    "column": Standing.COLUMN, "constraint p": Standing.PRIMARY_KEY, "constraint u": Standing.UNIQUE,
    "constraint x": Standing.EXCLUSION, "constraint c": Standing.CHECK, "constraint f": Standing.FOREIGN_KEY,
    "constraint n": Standing.NOT_NULL, "constraint t": Standing.INNER, "type e": Standing.ENUM,
    "type c": Standing.INNER, "type b": Standing.INNER, "pg_attrdef": Standing.DEFAULT,
    "pg_statistic_ext": Standing.STATISTICS, "pg_trigger": Standing.TRIGGER, "pg_rewrite": Standing.RULE,
    "pg_policy": Standing.POLICY, "pg_publication_rel": Standing.PUBLISHED, "pg_extension": Standing.EXTENSION,
}  # fmt: skip

_RELATIONS: Final = frozenset({Standing.TABLE, Standing.INDEX, Standing.SEQUENCE, Standing.VIEW})

_NORMAL: Final = "n"
_AUTO: Final = "a"
_INNER: Final = "i"
_MEMBER: Final = "e"


@dataclass(frozen=True, slots=True)
class Thing:
    """One object of a database, or one column.

    `table` is the one that it stands on (of a column: its table). `said` is how PostgreSQL calls it. `facts` are what
    its definition does not tell: a comment, a grant, a mark.
    """

    id: str
    kind: Standing
    schema: str
    name: str
    table: ObjectName | None
    said: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> ObjectName:
        """Schema and name."""
        return self.schema, self.name

    @property
    def whole(self) -> str:
        """The id of the object that this is, or is a column of."""
        return f"{self.id.rpartition(' ')[0]} 0"


@dataclass(frozen=True, slots=True)
class Fall:
    """What would go, in the order in which it is reached, and what stands in the way; then nothing goes."""

    gone: tuple[Thing, ...]
    in_the_way: tuple[Thing, ...] = ()


class Dependents:
    """The things of a database by id, and which rest on which."""

    def __init__(
        self,
        things: Iterable[Thing] = (),
        links: Iterable[tuple[str, str, str]] = (),
        heirs: Iterable[tuple[ObjectName, ObjectName]] = (),
    ) -> None:
        """`links` are (what depends, on what, how) with PostgreSQL's letter, `heirs` are (table, its child)."""
        self.things = {thing.id: thing for thing in things}
        self._upon: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        self._owners: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        self._heirs: defaultdict[ObjectName, list[ObjectName]] = defaultdict(list)
        for one, other, how in links:
            self._upon[other].append((one, how))
            self._owners[one].append((other, how))
        for parent, child in heirs:
            self._heirs[parent].append(child)
        self._relations = {t.place: t for t in self.things.values() if t.kind in _RELATIONS}
        self._types = {t.place: t for t in self.things.values() if t.kind is Standing.ENUM}
        self._named = {(t.table, t.name): t for t in self.things.values() if t.kind in CONSTRAINTS}
        self._columns = {(t.table, t.name): t for t in self.things.values() if t.kind is Standing.COLUMN}
        self._of_table: defaultdict[str, list[str]] = defaultdict(list)
        for thing in self.things.values():
            if thing.kind is Standing.COLUMN:
                self._of_table[thing.whole].append(thing.id)

    def relation(self, place: ObjectName) -> Thing | None:
        """The table, index, sequence or view of that name."""
        return self._relations.get(place)

    def enum(self, place: ObjectName) -> Thing | None:
        """The enum of that name."""
        return self._types.get(place)

    def extension(self, name: str) -> Thing | None:
        """The extension of that name."""
        return next((t for t in self.things.values() if t.kind is Standing.EXTENSION and t.name == name), None)

    def constraint(self, table: ObjectName, name: str) -> Thing | None:
        """The constraint of a table, but for NOT NULL."""
        return self._named.get((table, name))

    def column(self, table: ObjectName, name: str) -> Thing | None:
        """The column of a table."""
        return self._columns.get((table, name))

    def is_inner(self, one: Thing) -> bool:
        """Whether it is a part of another object: the index of a constraint, the sequence of an identity column."""
        return any(link == _INNER for _, link in self._owners[one.id])

    def default(self, column: Thing) -> Thing | None:
        """The default of a column."""
        found = (self.things.get(one) for one, _ in self._upon[column.id])
        kind = Standing.DEFAULT
        return next(
            (t for t in found if t and t.kind is kind and (t.table, t.name) == (column.table, column.name)), None
        )

    def heirs(self, table: ObjectName) -> Iterator[ObjectName]:
        """The tables that inherit from this one, and theirs, partitions too."""
        seen, waiting = set(), list(self._heirs[table])
        while waiting:
            child = waiting.pop(0)
            if child not in seen:
                seen.add(child)
                waiting += self._heirs[child]
                yield child

    def inherited(self, column: Thing) -> Iterator[Thing]:
        """The column in all heirs of its table: what ALTER TABLE changes with it."""
        for child in self.heirs(column.table or ("", "")):
            found = self.column(child, column.name)
            if found is not None and found.facts.get("parents"):
                yield found

    def only_inherited(self, one: Thing) -> Iterator[Thing]:
        """The column or constraint in the heirs that have it from here alone: what goes when it is dropped here."""
        for child in self._heirs[one.table or ("", "")]:
            look = self.column if one.kind is Standing.COLUMN else self.constraint
            found = look(child, one.name)
            if found is not None and found.facts.get("parents") == 1 and found.facts.get("local") is False:
                yield found
                yield from self.only_inherited(found)

    def rest_on(self, column: Thing) -> Iterator[Thing]:
        """Everything that refers to this very column."""
        for one, _ in self._upon[column.id]:
            if one in self.things:
                yield self.things[one]

    def fall_of(self, roots: Iterable[Thing], gone: Collection[str] = ()) -> Fall:
        """What goes when all of `roots` are dropped at once, they included; `gone` are ids of what went before."""
        reached: dict[str, set[str]] = {}
        waiting = [(root.id, _AUTO) for root in roots]
        members: list[str] = []
        while waiting:
            one, how = waiting.pop(0)
            if one in gone or one not in self.things or how in reached.get(one, ()):
                continue
            is_new = one not in reached
            reached.setdefault(one, set()).add(how)
            for owner, link in self._owners[one]:
                if link == _INNER and how != _INNER:  # it goes with its owner only, and that is not to go by itself
                    waiting.append((owner, _NORMAL))
                elif link == _MEMBER:
                    members.append(owner)
            if is_new:
                waiting += [(column, _INNER) for column in self._of_table[one]]
                waiting += self._upon[one]
        things = tuple(self.things[one] for one in reached)
        whole = {one for one, hows in reached.items() if hows != {_NORMAL}}
        stuck = [t for t in things if t.id not in whole and t.whole not in whole]
        stuck += [self.things[owner] for owner in members if owner in self.things and owner not in reached]
        return Fall(() if stuck else things, tuple(stuck))


def dependents_from(told: Mapping[str, Any]) -> Dependents:
    """What rests on what, as the Node child tells it."""
    things = (
        Thing(id_, _KINDS.get(kind, Standing.OTHER), schema, name, tuple(table) if table else None, said, facts)
        for id_, kind, schema, name, table, said, facts in told["things"]
    )
    links = ((one, other, how) for one, other, how in told["links"])
    heirs = (((a, b), (c, d)) for a, b, c, d in told["heirs"])
    return Dependents(things, links, heirs)
