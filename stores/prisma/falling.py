"""What goes with an object that a statement drops, and what takes its place: each is named that is gone or weaker.

The server drops more than a statement says: indexes and constraints with a column they mention, partitions with their
table, what an heir has from its parent. `Dependents` tells what, and nothing is run for it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from soundcheck.stores.prisma.catalogue import Catalogue
from soundcheck.stores.prisma.definitions import Definition, IndexDefinition, ObjectName
from soundcheck.stores.prisma.dependents import CONSTRAINTS, Fall, Standing, Thing
from soundcheck.stores.prisma.loss_rules import GONE, Rules
from soundcheck.stores.prisma.made_again import MadeAgain
from soundcheck.stores.prisma.sql_words import Name
from soundcheck.stores.prisma.statements import Effect, Loss, LossKind, SchemaChange

_WITHIN: Final = frozenset(
    {Standing.COLUMN, Standing.DEFAULT, Standing.NOT_NULL, Standing.INNER, Standing.VIEW, Standing.OTHER}
)
"""Of a table or a column these are a part; they have no name of their own to consent to."""

_UNKNOWN: Final = ("a definition that is not known",)


class Falling:
    """Knows what is gone so far (`gone`, ids), and what could not go (`blocked` in words, `in_the_way` by name)."""

    def __init__(self, catalogue: Catalogue, made: MadeAgain, rules: Rules) -> None:
        self.catalogue = catalogue
        self.standing = catalogue.standing
        self.made = made
        self.rules = rules
        self.gone: set[str] = set()
        self.back: set[ObjectName] = set()
        """The names that something made since has, of indexes and of constraints that have one."""
        self.moved: set[str] = set()
        """What an altered type has made anew; it has nothing to do with the old type any more."""
        self.blocked: list[str] = []
        self.in_the_way: set[str] = set()

    # ── what a statement drops ──

    def tables(self, places: Sequence[ObjectName], at: int) -> list[SchemaChange]:
        """Tables, each with what stands on it alone; partitions and heirs by names of their own."""
        roots = [thing for place in places if (thing := self.standing.relation(place)) is not None]
        fall = self._falls(roots)
        tables = {thing.place for thing in fall.gone if thing.kind is Standing.TABLE}
        named = [*places, *sorted(tables - set(places))] if self._told(Standing.TABLE) else []
        found = [self._table(place, fall, at) for place in named]
        others = [t for t in fall.gone if t.table not in tables and t.kind is not Standing.TABLE]
        others += [t for t in fall.gone if t.kind is Standing.PUBLISHED]
        told = {name for change in found if change.loss for name in change.loss.parts}
        return [
            *found,
            *(c for t in others for c in self._named(t, at) if c.loss is None or c.loss.name not in told),
        ]

    def index(self, place: ObjectName, at: int, *, alone: bool = False) -> list[SchemaChange]:
        """An index that belongs to no constraint, and what goes with it."""
        thing = self.standing.relation(place)
        self.needed(thing)
        fall = self._falls([thing] if thing is not None else [])
        return [*self._index(place, at, alone=alone), *self._along(fall, at, {place[1]})]

    def constraint(self, table: ObjectName, name: str, at: int, *, alone: bool = False) -> list[SchemaChange]:
        """A constraint and what goes with it; the one that heirs have from here too."""
        thing = self.standing.constraint(table, name)
        self.needed(thing)
        roots = [] if thing is None else [thing, *self.standing.only_inherited(thing)]
        fall = self._falls(roots)
        own = self._constraint(table, name, at, alone=alone)
        return [*own, *self._along(fall, at, {} if thing is None else {thing.id})]

    def column(self, table: ObjectName, name: str, at: int) -> list[SchemaChange]:
        """A column and everything that mentions it, in the table's heirs too."""
        thing = self.standing.column(table, name)
        roots = [] if thing is None else [thing, *self.standing.only_inherited(thing)]
        fall = self._falls(roots)
        return [*self._column(table, name, at), *self._along(fall, at, {} if thing is None else {thing.id})]

    def sequence(self, place: ObjectName, at: int) -> list[SchemaChange]:
        """A sequence, and the defaults that draw from it stand in the way."""
        thing = self.standing.relation(place)
        self._falls([thing] if thing else [])
        shown = self._shown(place)
        return [_loses(LossKind.SEQUENCE, f"sequence:{shown}", f"drop sequence {shown}", at)] * self._told(
            Standing.SEQUENCE
        )

    def enum(self, place: ObjectName, at: int) -> list[SchemaChange]:
        """An enum; what still uses it stands in the way."""
        thing = self.standing.enum(place)
        self._falls([thing] if thing else [], self.moved)
        shown = self._shown(place)
        return [_loses(LossKind.ENUM, f"enum:{shown}", f"drop enum {shown}", at)] * self._told(Standing.ENUM)

    def swapped_enum(self, place: ObjectName) -> None:
        """An enum that another has taken the place of; what still uses it stands in the way."""
        thing = self.standing.enum(place)
        self._falls([thing] if thing else [], self.moved)

    def extension(self, name: str, at: int) -> list[SchemaChange]:
        """An extension with everything that is in it."""
        thing = self.standing.extension(name)
        self._falls([thing] if thing else [])
        return [_loses(LossKind.OTHER, f"extension:{name}", f"drop extension {name}", at)]

    def default(self, column: Thing) -> None:
        """The default of a column, by whatever statement."""
        if (thing := self.standing.default(column)) is not None:
            self._falls([thing])

    def needed(self, thing: Thing | None) -> None:
        """A statement is about something that an earlier one may have taken along."""
        if thing is not None and thing.id in self.gone and thing.place not in self.back:
            self.blocked.append(
                f"The {thing.said} is still needed, and it goes with a column before that. Push the change of the"
                " column first, then the rest."
            )

    def stuck(self, what: str, others: Collection[Thing]) -> None:
        """Note what stands in the way of a statement."""
        if others:
            said = {one.said.removeprefix("rule _RETURN on ") for one in others}
            self.blocked.append(f"{what}: {', '.join(sorted(said))} would have to go first.")
            self.in_the_way |= {self.name_of(one) for one in others if one.kind in GONE}

    # ── how it is told ──

    def _falls(self, roots: Sequence[Thing], moved: Collection[str] = ()) -> Fall:
        fall = self.standing.fall_of(roots, self.gone | set(moved))
        if roots:
            self.stuck(f"The {roots[0].said} cannot be dropped", fall.in_the_way)
        self.gone |= {thing.id for thing in fall.gone}
        return fall

    def _along(self, fall: Fall, at: int, told: Collection[str]) -> list[SchemaChange]:
        """What a fall takes along, each by its own name; `told` are those that have been told, by id or by name."""
        return [
            change
            for thing in fall.gone
            if thing.id not in told and not (thing.kind is Standing.INDEX and thing.name in told)
            for change in self._named(thing, at)
        ]

    def _named(self, thing: Thing, at: int) -> list[SchemaChange]:
        if self.standing.is_inner(thing):
            return []
        if thing.kind is Standing.INDEX:
            return self._index(thing.place, at)
        if thing.kind in CONSTRAINTS and thing.table is not None:
            return self._constraint(thing.table, thing.name, at)
        if thing.kind is Standing.COLUMN and thing.table is not None:
            return self._column(thing.table, thing.name, at)
        if thing.kind in _WITHIN or not self._told(thing.kind):
            return []
        name, naming = self.name_of(thing), GONE[thing.kind]
        return [_loses(naming.kind, name, f"drop {naming.word} {name.partition(':')[2]}", at)]

    def name_of(self, thing: Thing) -> str:
        """What is typed to consent to its going."""
        naming = GONE[thing.kind]
        if thing.kind in CONSTRAINTS and thing.table is not None:
            return naming.prefix + self.catalogue.shown_constraint(thing.table, thing.name)
        if thing.schema or thing.table is None:
            return naming.prefix + self._shown(thing.place)
        return f"{naming.prefix}{self._shown(thing.table)}.{thing.name}"

    def _table(self, place: ObjectName, fall: Fall, at: int) -> SchemaChange:
        shown = self._shown(place)
        parts = [
            self.name_of(thing)
            for thing in fall.gone
            if thing.table == place
            and thing.kind not in _WITHIN
            and self._told(thing.kind)
            and thing.kind is not Standing.PUBLISHED
            and not self.standing.is_inner(thing)
        ]
        text = f"drop table {shown}" + (f", with {', '.join(parts)}" if parts else "")
        return SchemaChange(Effect.LOSES, text, at, Loss(LossKind.TABLE, shown, text, parts=tuple(parts)))

    def _column(self, table: ObjectName, name: str, at: int) -> list[SchemaChange]:
        column = f"{self._shown(table)}.{name}"
        return [_loses(LossKind.COLUMN, column, f"drop column {column}", at)] * self._told(Standing.COLUMN)

    def _index(self, place: ObjectName, at: int, *, alone: bool = False) -> list[SchemaChange]:
        live, shown = self.catalogue.indexes.get(place), self._shown(place)
        if place in self.made.indexes:
            thing = self.standing.relation(place)
            return [self._replaced(LossKind.INDEX, shown, live, self.made.indexes[place], thing, at)]
        told = self._told(Standing.INDEX)
        return [_loses(LossKind.INDEX, f"index:{shown}", f"drop index {shown}", at, can_keep=alone)] * told

    def _constraint(self, table: ObjectName, name: str, at: int, *, alone: bool = False) -> list[SchemaChange]:
        live = self.catalogue.constraint(table, name)
        thing = self.standing.constraint(table, name)
        shown = self.catalogue.shown_constraint(table, name)
        if (*table, name) in self.made.constraints:
            made: Definition | None = self.made.constraints[(*table, name)]
            return [self._replaced(LossKind.CONSTRAINT, shown, live, made, thing, at)]
        if isinstance(live, IndexDefinition) and (table[0], name) in self.made.indexes:
            made = self.made.indexes[table[0], name]
            return [self._replaced(LossKind.CONSTRAINT, shown, live, made, thing, at)]
        text = f"drop constraint {name} of {self._shown(table)}"
        told = thing is None or self._told(thing.kind)
        return [_loses(LossKind.CONSTRAINT, f"constraint:{shown}", text, at, can_keep=alone)] * told

    def _replaced(
        self, kind: LossKind, shown: str, live: Definition | None, made: Definition | None, thing: Thing | None, at: int
    ) -> SchemaChange:
        """Another takes its place: the same only where nothing of its definition is gone."""
        lost = _UNKNOWN if live is None else self.rules.lost_by(live, made)
        lost = (*lost, *self.rules.lost_by_remaking(thing))
        if kind is LossKind.CONSTRAINT and isinstance(live, IndexDefinition) and thing is not None and thing.table:
            lost = (*lost, *self.rules.lost_by_remaking(self.standing.relation((thing.table[0], thing.name))))
        if not lost:
            return SchemaChange(Effect.CHANGES, f"rebuild {kind} {shown}", at)
        return _loses(kind, f"{kind}:{shown}", f"replace {kind} {shown}, which loses {', '.join(lost)}", at)

    def _told(self, kind: Standing) -> bool:
        return kind in self.rules.gone

    def _shown(self, place: ObjectName) -> str:
        return Name(*place).shown(self.catalogue.schema)


def _loses(kind: LossKind, name: str, text: str, at: int, *, can_keep: bool = False) -> SchemaChange:
    return SchemaChange(Effect.LOSES, text, at, Loss(kind, name, text, can_keep))
