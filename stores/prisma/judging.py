"""Read the statements of a push, and say of each what it does to what is there: adds, changes, or loses.

Prisma's own warnings are not enough: it drops empty tables, enums and hand-made indexes without one, and makes a plain
index of a unique one that has its name. So every statement that would be run is judged here, with all that goes along
with what it drops, and one that is not understood never counts as harmless.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from soundcheck.stores.prisma.altered_columns import AlteredColumns
from soundcheck.stores.prisma.catalogue import Catalogue
from soundcheck.stores.prisma.falling import Falling
from soundcheck.stores.prisma.loss_rules import RULES, Rules
from soundcheck.stores.prisma.made_again import MadeAgain
from soundcheck.stores.prisma.sql_words import Name, SqlWords
from soundcheck.stores.prisma.statements import Effect, Loss, LossKind, SchemaChange


@dataclass(frozen=True, slots=True)
class PushJudgement:
    """What each statement does, in order; in words what stands in the way of one; and the names of that."""

    changes: tuple[SchemaChange, ...]
    blocked: tuple[str, ...] = ()
    in_the_way: frozenset[str] = frozenset()


def judge(statements: Sequence[str], catalogue: Catalogue, rules: Rules = RULES) -> tuple[SchemaChange, ...]:
    """What each statement does, in order. Pure; `statements` are exactly those that would be run."""
    return judged(statements, catalogue, rules).changes


def judged(statements: Sequence[str], catalogue: Catalogue, rules: Rules = RULES) -> PushJudgement:
    """What each statement does, and whether it can. Pure."""
    judge_ = _Judge(statements, catalogue, rules)
    changes = tuple(change for at in range(len(statements)) for change in judge_.statement(at))
    falling = judge_.falling
    return PushJudgement(changes, tuple(dict.fromkeys(falling.blocked)), frozenset(falling.in_the_way))


class _Judge:
    """Reads the statements in order, and knows what is gone by then and what is made in the whole plan."""

    def __init__(self, statements: Sequence[str], catalogue: Catalogue, rules: Rules) -> None:
        self.statements = statements
        self.catalogue = catalogue
        self.schema = catalogue.schema
        self.rules = rules
        self.made = MadeAgain(statements, catalogue.schema)
        self.falling = Falling(catalogue, self.made, rules)
        self.columns = AlteredColumns(catalogue, self.made, self.falling, rules)

    def statement(self, at: int) -> list[SchemaChange]:
        text = self.statements[at]
        words = SqlWords(text)
        self.falling.back |= MadeAgain([text], self.schema).indexes.keys()
        if words.take("BEGIN") or words.take("COMMIT"):
            return []
        if words.take("CREATE"):
            return self._create(words, at)
        if words.take("DROP"):
            return self._drop(words, at)
        if words.take("ALTER", "TABLE"):
            return self._alter_table(words, at)
        if words.take("ALTER", "TYPE"):
            return self._alter_type(words, at)
        if words.take("ALTER", "INDEX"):
            self.falling.needed(self.catalogue.standing.relation(words.name().within(self.schema)))
            return [SchemaChange(Effect.CHANGES, " ".join(text.split()), at)]
        if words.take("ALTER", "SEQUENCE"):
            return [SchemaChange(Effect.CHANGES, " ".join(text.split()), at)]
        return [self._not_understood(f"run {' '.join(text.split())[:120]}", at)]

    def _not_understood(self, text: str, at: int) -> SchemaChange:
        return SchemaChange(Effect.LOSES, text, at, Loss(LossKind.OTHER, f"statement:{at + 1}", text))

    def _create(self, words: SqlWords, at: int) -> list[SchemaChange]:
        for kind in ("TABLE", "INDEX", "SEQUENCE"):
            if words.take(kind):
                return [SchemaChange(Effect.ADDS, f"create {kind.lower()} {words.name().shown(self.schema)}", at)]
        if words.take("TYPE"):
            return self._create_type(words.name(), at)
        if words.take("UNIQUE", "INDEX"):
            return self._create_unique(words, at)
        if words.take("SCHEMA") or words.take("EXTENSION"):
            kind = words.tokens[words.at - 1].lower()
            words.take("IF", "NOT", "EXISTS")
            return [SchemaChange(Effect.ADDS, f"create {kind} {words.name().name}", at)]
        return [self._not_understood(f"run {' '.join(self.statements[at].split())[:120]}", at)]

    def _create_type(self, name: Name, at: int) -> list[SchemaChange]:
        made = name.within(self.schema)
        original = self.made.swapped(made)
        if original is None:
            return [SchemaChange(Effect.ADDS, f"create enum {name.shown(self.schema)}", at)]
        shown = Name(name.schema, original).shown(self.schema)
        before = self.catalogue.enums.get((made[0], original), ())
        gone = [value for value in before if value not in self.made.enums[made]]
        found = [
            _loses(LossKind.ENUM_VALUE, f"enum:{shown}.{value}", f"drop the value {value} of enum {shown}", at)
            for value in gone
            if "enum value" in self.rules.changed
        ]
        thing = self.catalogue.standing.enum((made[0], original))
        if lost := self.rules.lost_by_remaking(thing):
            found.append(
                _loses(LossKind.ENUM, f"enum:{shown}", f"rebuild enum {shown}, which loses {', '.join(lost)}", at)
            )
        return found or [SchemaChange(Effect.CHANGES, f"rebuild enum {shown}", at)]

    def _create_unique(self, words: SqlWords, at: int) -> list[SchemaChange]:
        index = words.name().shown(self.schema)
        words.take("ON")
        on_new = words.name().shown(self.schema) in self.made.tables
        return [SchemaChange(Effect.ADDS if on_new else Effect.CHANGES, f"create unique index {index}", at)]

    def _drop(self, words: SqlWords, at: int) -> list[SchemaChange]:
        kind = words.tokens[words.at].upper() if words.at < len(words.tokens) else ""
        words.at += 1
        words.take("IF", "EXISTS")
        names = [part.name() for part in words.split_by_comma()]
        if kind == "TABLE":
            return self.falling.tables([name.within(self.schema) for name in names], at)
        if kind == "INDEX":
            return [
                c for name in names for c in self.falling.index(name.within(self.schema), at, alone=len(names) == 1)
            ]
        if kind == "TYPE":
            return [c for name in names for c in self._drop_type(name.within(self.schema), at)]
        if kind == "SEQUENCE":
            return [c for name in names for c in self.falling.sequence(name.within(self.schema), at)]
        if kind == "EXTENSION":
            return [c for name in names for c in self.falling.extension(name.name, at)]
        word = kind.lower()
        return [
            _loses(LossKind.OTHER, f"{word}:{name.shown(self.schema)}", f"drop {word} {name.shown(self.schema)}", at)
            for name in names
        ]

    def _drop_type(self, place: tuple[str, str], at: int) -> list[SchemaChange]:
        original = self.made.swapped(place)
        if original is None:
            return self.falling.enum(place, at)
        self.falling.swapped_enum((place[0], original))
        return []

    def _alter_type(self, words: SqlWords, at: int) -> list[SchemaChange]:
        name = words.name()
        if words.take("ADD", "VALUE"):
            value = words.rest().rstrip(" ;")
            return [SchemaChange(Effect.ADDS, f"add the value {value} to enum {name.shown(self.schema)}", at)]
        place = name.within(self.schema)
        swapped = self.made.swapped
        if swapped(place) or (words.take("RENAME", "TO") and swapped((place[0], words.identifier()))):
            return []
        return [SchemaChange(Effect.CHANGES, " ".join(self.statements[at].split()), at)]

    def _alter_table(self, words: SqlWords, at: int) -> list[SchemaChange]:
        table = words.name()
        actions = words.split_by_comma()
        return [c for action in actions for c in self._table_action(table, action, at, alone=len(actions) == 1)]

    def _table_action(self, table: Name, action: SqlWords, at: int, *, alone: bool) -> list[SchemaChange]:
        shown, place = table.shown(self.schema), table.within(self.schema)
        if action.take("ADD", "COLUMN"):
            return [SchemaChange(Effect.ADDS, f"add column {shown}.{action.name().name}", at)]
        if action.take("DROP", "COLUMN"):
            return self.falling.column(place, action.identifier(), at)
        if action.take("ADD", "CONSTRAINT"):
            name = action.name().name
            effect = Effect.ADDS if shown in self.made.tables else Effect.CHANGES
            return [SchemaChange(effect, f"add constraint {name}", at)]
        if action.take("DROP", "CONSTRAINT"):
            return self.falling.constraint(place, action.identifier(), at, alone=alone)
        if action.take("ALTER", "COLUMN"):
            return self.columns.change(place, action.name().name, action, at)
        text = f"alter table {shown}: {action.rest()}"
        if "DROP" in (token.upper() for token in action.tokens):
            return [self._not_understood(text, at)]
        return [SchemaChange(Effect.CHANGES, text, at)]


def _loses(kind: LossKind, name: str, text: str, at: int) -> SchemaChange:
    return SchemaChange(Effect.LOSES, text, at, Loss(kind, name, text))
