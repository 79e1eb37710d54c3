"""What ALTER COLUMN does to a column's type, its default and its NOT NULL, in the table's heirs too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from soundcheck.stores.prisma.catalogue import Catalogue
from soundcheck.stores.prisma.column_types import keeps_every_value
from soundcheck.stores.prisma.definitions import ObjectName
from soundcheck.stores.prisma.dependents import Standing, Thing
from soundcheck.stores.prisma.falling import Falling
from soundcheck.stores.prisma.loss_rules import GONE, Rules
from soundcheck.stores.prisma.made_again import MadeAgain
from soundcheck.stores.prisma.sql_words import Name, SqlWords
from soundcheck.stores.prisma.statements import Effect, Loss, LossKind, SchemaChange

_HOLD_A_TYPE: Final = frozenset(
    {Standing.RULE, Standing.TRIGGER, Standing.POLICY, Standing.PUBLISHED, Standing.VIEW, Standing.OTHER}
)
"""With one of these on it the server refuses to alter a column's type (`RememberAllDependentForRebuilding`)."""


class AlteredColumns:
    """Judges the actions on one column after the other."""

    def __init__(self, catalogue: Catalogue, made: MadeAgain, falling: Falling, rules: Rules) -> None:
        self.catalogue = catalogue
        self.made = made
        self.falling = falling
        self.rules = rules

    def change(self, table: ObjectName, name: str, action: SqlWords, at: int) -> list[SchemaChange]:
        """What one ALTER COLUMN does, read from behind the column's name."""
        shown = self._shown(table, name)
        if action.take("SET", "DATA", "TYPE") or action.take("TYPE"):
            return self._retype(table, name, action.rest(), at)
        if action.take("SET", "DEFAULT"):
            return self._default(table, name, f"set default {action.rest()}", at)
        if action.take("DROP", "DEFAULT"):
            return self._default(table, name, "drop default", at)
        if action.take("DROP", "NOT", "NULL"):
            return self._nullable(table, name, at)
        return [SchemaChange(Effect.CHANGES, f"alter column {shown}: {_plain(action)}", at)]

    def _all(self, table: ObjectName, name: str) -> Iterator[tuple[ObjectName, Thing | None]]:
        """The column, and the heirs' that changes with it."""
        own = self.catalogue.standing.column(table, name)
        yield table, own
        if own is not None:
            for column in self.catalogue.standing.inherited(own):
                if column.table is not None:
                    yield column.table, column

    # ── default ──

    def _default(self, table: ObjectName, name: str, words: str, at: int) -> list[SchemaChange]:
        return [
            self._default_of(place, name, column, words, at, set_again=(*table, name) in self.made.defaults)
            for place, column in self._all(table, name)
            if place == table or self._has_default(column)
        ]

    def _default_of(
        self, table: ObjectName, name: str, column: Thing | None, words: str, at: int, *, set_again: bool
    ) -> SchemaChange:
        """A default that the schema sets in place of another is a change that it asks for, and no loss."""
        shown = self._shown(table, name)
        if column is not None and (kind := _made_by_the_server(column)):
            self.falling.blocked.append(f"The default of {shown} cannot be changed, because that is {kind}.")
        now = None if column is None else column.facts.get("default")
        instead = f" instead of {now}" if now is not None and words.startswith("set") else ""
        text = f"alter column {shown}{instead}: {words}"
        goes = column is None or self._has_default(column)
        if set_again or not goes or Standing.DEFAULT not in self.rules.gone:
            return SchemaChange(Effect.CHANGES, text, at)
        if column is not None:
            self.falling.default(column)
            text = f"alter column {shown}, which loses its default {now}: {words}"
        return SchemaChange(Effect.LOSES, text, at, Loss(LossKind.DEFAULT, f"default:{shown}", text))

    def _has_default(self, column: Thing | None) -> bool:
        if column is None or "default" not in column.facts:
            return False
        thing = self.catalogue.standing.default(column)
        return thing is None or thing.id not in self.falling.gone

    # ── NOT NULL ──

    def _nullable(self, table: ObjectName, name: str, at: int) -> list[SchemaChange]:
        found = []
        for place, column in self._all(table, name):
            shown = self._shown(place, name)
            text = f"alter column {shown}: drop not null"
            weaker = column is None or bool(column.facts.get("required"))
            if weaker:
                self._held_required(place, name)
            if weaker and Standing.NOT_NULL in self.rules.gone:
                loss = Loss(GONE[Standing.NOT_NULL].kind, f"not-null:{shown}", text)
                found.append(SchemaChange(Effect.LOSES, text, at, loss))
            elif place == table:
                found.append(SchemaChange(Effect.CHANGES, text, at))
        return found

    def _held_required(self, table: ObjectName, name: str) -> None:
        """The columns of a replica identity have to stay NOT NULL for as long as it is there."""
        for (schema, index), live in self.catalogue.indexes.items():
            if live.table == table and live.replica_identity and name in {key.name for key in live.keys}:
                thing = self.catalogue.standing.relation((schema, index))
                if thing is not None and thing.id not in self.falling.gone:
                    self.falling.stuck(f"The column {self._shown(table, name)} cannot become optional", [thing])

    # ── type ──

    def _retype(self, table: ObjectName, name: str, wanted: str, at: int) -> list[SchemaChange]:
        enum = self.made.swapped(SqlWords(wanted).name().within(table[0]))
        return [
            change
            for place, column in self._all(table, name)
            for change in self._retype_one(place, name, column, wanted, at, swaps_enum=enum is not None)
        ]

    def _retype_one(
        self, table: ObjectName, name: str, column: Thing | None, wanted: str, at: int, *, swaps_enum: bool
    ) -> list[SchemaChange]:
        shown = self._shown(table, name)
        lost = self.rules.lost_by_retyping(column)
        also = f", which loses {', '.join(lost)}" if lost else ""
        now = self.catalogue.columns.get((*table, name), "unknown")
        text = f"change the type of column {shown} from {now} to {_plain_type(wanted)}{also}"
        keeps = swaps_enum or keeps_every_value(now, _plain_type(wanted)) or "narrower type" not in self.rules.changed
        found = [] if column is None else self._rebuilt(column, at)
        if lost or not keeps:
            return [SchemaChange(Effect.LOSES, text, at, Loss(LossKind.COLUMN_TYPE, shown, text)), *found]
        if swaps_enum:
            return found  # the enum's own line tells of it
        return [SchemaChange(Effect.CHANGES, text, at), *found]

    def _rebuilt(self, column: Thing, at: int) -> list[SchemaChange]:
        """What the server makes anew with the column, less what its definition does not tell."""
        on_it = list(self.catalogue.standing.rest_on(column))
        held = [one for one in on_it if one.id not in self.falling.gone and self._holds(one, column)]
        self.falling.stuck(f"The type of {column.said} cannot be changed", held)
        self.falling.moved |= {column.id, *(one.id for one in on_it)}
        found = []
        for one in on_it:
            if one.id in self.falling.gone or one.kind not in {Standing.INDEX, Standing.STATISTICS}:
                continue
            if one.facts.get("statistics") and (rule := self.rules.remade.get("statistics target")):
                name, naming = self.falling.name_of(one), GONE[one.kind]
                text = f"rebuild {naming.word} {name.partition(':')[2]}, which loses {rule(one)}"
                found.append(SchemaChange(Effect.LOSES, text, at, Loss(naming.kind, name, text)))
        return found

    def _holds(self, one: Thing, column: Thing) -> bool:
        if one.kind is Standing.DEFAULT:
            return (one.table, one.name) != (column.table, column.name)
        return one.kind in _HOLD_A_TYPE or (one.kind is Standing.COLUMN and one.id != column.id)

    def _shown(self, table: ObjectName, name: str) -> str:
        return f"{Name(*table).shown(self.catalogue.schema)}.{name}"


def _made_by_the_server(column: Thing) -> str:
    if column.facts.get("generated"):
        return "a generated column"
    return "an identity column" if column.facts.get("identity") else ""


def _plain_type(tokens: str) -> str:
    """`VARCHAR ( 20 ) USING …` as `varchar(20)`."""
    return re.sub(r"\s*([(),\[\]])\s*", r"\1", _plain(SqlWords(tokens.split(" USING ")[0].strip(" ;"))))


def _plain(words: SqlWords) -> str:
    """What is left as a person reads it: the language's own words in lower case, names and literals as they are."""
    own = re.compile(r"[A-Z][\w$]*")
    left = [(token.lower() if own.fullmatch(token) else token) for token in words.tokens[words.at :]]
    return SqlWords([token.strip('"') for token in left], words.spaced[words.at :]).rest()
