"""What an index or a constraint is, whatever its name: what of one that is there another in its place would not keep.

Two objects are the same only where their definitions are. One that is there comes from the catalogue (see
`node/catalogue.mjs`), one that would take its place from the statement that makes it. A statement that is not
understood gives no definition, and nothing then counts as kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from soundcheck.stores.prisma.sql_words import SqlWords

ObjectName = tuple[str, str]
"""Schema and name."""

EXCLUSION: Final = "x"
PRIMARY_KEY: Final = "p"


@dataclass(frozen=True, slots=True)
class Key:
    """One key of an index: a column, or an expression.

    `opclass` is "" for the type's default, which `default_opclass` names where it is known; `collation` is "" for the
    column's own.
    """

    name: str
    is_expression: bool = False
    descending: bool = False
    nulls_first: bool = False
    opclass: str = ""
    collation: str = ""
    default_opclass: str = ""


@dataclass(frozen=True, slots=True)
class IndexDefinition:
    """An index. `constraint` is PostgreSQL's letter of the constraint that it belongs to (p, u, x), "" for none.

    `columns` are all that it rests on, those in its condition and its expressions too.
    """

    table: ObjectName
    keys: tuple[Key, ...]
    unique: bool = False
    nulls_distinct: bool = True
    method: str = "btree"
    includes: tuple[str, ...] = ()
    predicate: str = ""
    options: tuple[str, ...] = ()
    constraint: str = ""
    deferrable: bool = False
    replica_identity: bool = False
    columns: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ConstraintDefinition:
    """A constraint without an index: a foreign key or a check. `text` is how PostgreSQL writes the whole of it."""

    text: str
    columns: tuple[str, ...] = ()
    reference: ObjectName | None = None
    """The table that a foreign key leads to; None for a check."""
    referenced: tuple[str, ...] = ()
    on_delete: str = "NO ACTION"
    on_update: str = "NO ACTION"
    others: tuple[str, ...] = ()
    """Everything else that it asks for: MATCH FULL, DEFERRABLE, the columns of SET NULL, PERIOD."""

    def leads_as(self, other: ConstraintDefinition) -> bool:
        """Whether both lead from the same columns to the same."""
        mine = self.columns, self.reference, self.referenced
        return mine == (other.columns, other.reference, other.referenced)


Definition = IndexDefinition | ConstraintDefinition


def described(one: Definition) -> str:
    """A definition in a few words."""
    if isinstance(one, ConstraintDefinition):
        return one.text
    keys = ", ".join(key.name for key in one.keys)
    word = {"p": "primary key", "x": "exclusion constraint", "u": "unique constraint"}.get(one.constraint, "")
    return f"the {word or ('unique index' if one.unique else 'index')} on {one.table[1]} ({keys})"


def lost_of_keys(old: tuple[Key, ...], new: tuple[Key, ...]) -> Mapping[str, str]:
    """What of an index's keys would be gone, in words, by what it is; other columns differ in nothing else."""
    lost = dict.fromkeys(("keys", "order", "operator classes", "collations"), "")
    if [(key.name, key.is_expression) for key in old] != [(key.name, key.is_expression) for key in new]:
        return lost | {"keys": f"the key columns ({', '.join(key.name for key in old)})"}
    pairs = list(zip(old, new, strict=True))
    if any((a.descending, a.nulls_first) != (b.descending, b.nulls_first) for a, b in pairs):
        lost["order"] = f"the order ({', '.join(map(_ordered, old))})"
    if any(a.opclass != b.opclass and (a.opclass or b.opclass != a.default_opclass) for a, b in pairs):
        lost["operator classes"] = f"the operator classes ({', '.join(key.opclass or 'default' for key in old)})"
    if any(a.collation != b.collation for a, b in pairs):
        lost["collations"] = f"the collations ({', '.join(key.collation or 'default' for key in old)})"
    return lost


def _ordered(key: Key) -> str:
    nulls = "" if key.nulls_first == key.descending else " NULLS FIRST" if key.nulls_first else " NULLS LAST"
    return f"{key.name}{' DESC' if key.descending else ''}{nulls}"


# ── from the catalogue ──

_ACTIONS: Final = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}


def index_from(told: Mapping[str, Any]) -> IndexDefinition:
    """An index as the Node child tells of it."""
    ordered = told["method"] == "btree"
    return IndexDefinition(
        table=(told["schema"], told["table"]),
        keys=tuple(
            Key(
                name=key["name"],
                is_expression=key["expression"],
                descending=ordered and key["descending"],
                nulls_first=ordered and key["nulls_first"],
                opclass="" if key["opclass_is_default"] else key["opclass"],
                collation=key["collation"] or "",
                default_opclass=key["opclass"] if key["opclass_is_default"] else "",
            )
            for key in told["keys"]
        ),
        unique=told["unique"],
        nulls_distinct=told["nulls_distinct"],
        method=told["method"],
        includes=tuple(told["includes"]),
        predicate=told["predicate"] or "",
        options=tuple(told["options"]),
        constraint=told["constraint"] or "",
        deferrable=told["deferrable"],
        replica_identity=told["replica_identity"],
        columns=frozenset(told["columns"]),
    )


def constraint_from(told: Mapping[str, Any]) -> ConstraintDefinition:
    """A foreign key or a check as the Node child tells of it."""
    if told["kind"] != "f":
        return ConstraintDefinition(told["text"], tuple(told["columns"]))
    others = [
        "MATCH FULL" if told["match"] == "f" else "",
        "INITIALLY DEFERRED" if told["deferred"] else "DEFERRABLE" if told["deferrable"] else "",
        f"ON DELETE {_ACTIONS[told['on_delete']]} ({', '.join(told['delete_columns'])})" * bool(told["delete_columns"]),
        "PERIOD" if told["period"] else "",
    ]
    return ConstraintDefinition(
        told["text"],
        tuple(told["columns"]),
        (told["reference"][0], told["reference"][1]),
        tuple(told["referenced"]),
        _ACTIONS[told["on_delete"]],
        _ACTIONS[told["on_update"]],
        tuple(filter(None, others)),
    )


# ── from a statement ──


def index_made(words: SqlWords, schema: str, *, unique: bool) -> tuple[ObjectName, IndexDefinition | None]:
    """The name and the definition of what a CREATE INDEX makes, read from behind that word.

    The definition is None where the statement has a part that is not understood.
    """
    name = words.name()
    words.take("ON")
    table = words.name().within(schema)
    place = (table[0], name.name)
    method = words.identifier() if words.take("USING") else "btree"
    parts = words.parentheses()
    if parts is None or not words.ended:
        return place, None
    keys = [_key(part, ordered=method == "btree") for part in parts]
    known = tuple(key for key in keys if key is not None)
    return place, IndexDefinition(table, known, unique, method=method) if len(known) == len(keys) else None


def _key(words: SqlWords, *, ordered: bool) -> Key | None:
    """A column with what may follow it; None for an expression and whatever else is not understood."""
    name = words.identifier()
    if not name or name == "(":
        return None
    collation = words.name().name if words.take("COLLATE") else ""
    opclass = ""
    following = words.tokens[words.at :]
    if following and following[0].upper() not in {"ASC", "DESC", "NULLS"}:
        opclass = words.name().name
    descending = words.take("DESC")
    if not descending:
        words.take("ASC")
    nulls_first = words.take("NULLS", "FIRST") or (descending and not words.take("NULLS", "LAST"))
    if not words.ended:
        return None
    return Key(name, False, ordered and descending, ordered and nulls_first, opclass, collation)


def constraint_made(words: SqlWords, table: ObjectName, schema: str) -> Definition | None:
    """What an ADD CONSTRAINT makes, read from behind its name; None where it is not understood."""
    if words.take("PRIMARY", "KEY"):
        keys = _names(words)
        made = IndexDefinition(table, tuple(map(Key, keys)), unique=True, constraint=PRIMARY_KEY)
        return made if keys and words.ended else None
    if not words.take("FOREIGN", "KEY"):
        return None
    columns = _names(words)
    if not words.take("REFERENCES"):
        return None
    reference, referenced = words.name().within(schema), _names(words)
    actions = {"DELETE": "NO ACTION", "UPDATE": "NO ACTION"}
    while words.take("ON"):
        event = words.identifier().upper()
        action = next((one for one in _ACTIONS.values() if words.take(*one.split())), None)
        if event not in actions or action is None:
            return None
        actions[event] = action
    if not (columns and referenced and words.ended):
        return None
    return ConstraintDefinition("", columns, reference, referenced, actions["DELETE"], actions["UPDATE"])


def _names(words: SqlWords) -> tuple[str, ...]:
    return tuple(part.identifier() for part in words.parentheses() or ())
