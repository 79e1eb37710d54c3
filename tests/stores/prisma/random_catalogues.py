"""Random catalogues, each with a Prisma schema that wants something else: what a push has to be careful with.

A case is a table with everything that can stand on one, and a model that drops, retypes and replaces at random. All
names of a case begin with its own prefix, so that many of them share one database and one plan.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Final

HEADER: Final = """
generator client {
  provider = "prisma-client-js"
}
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
"""

SHARED: Final = (
    "CREATE TABLE led (id int PRIMARY KEY, x int, y int, UNIQUE (x, y))",
    "CREATE FUNCTION run() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE PUBLICATION told",
    "CREATE SCHEMA far",
)

_TEXT: Final = {"text": "String", "varchar(20)": "String @db.VarChar(20)", "varchar(9)": "String @db.VarChar(9)"}
_INT: Final = {"integer": "Int", "bigint": "BigInt", "smallint": "Int @db.SmallInt", "integer[]": "Int[]"}
_NUMERIC: Final = {
    "numeric(10,2)": "Decimal @db.Decimal(10, 2)",
    "numeric(12,4)": "Decimal @db.Decimal(12, 4)",
    "numeric(6,2)": "Decimal @db.Decimal(6, 2)",
    "numeric(10,2)[]": "Decimal[] @db.Decimal(10, 2)",
}


@dataclass
class Column:
    """One column, as it stands and as the model has it: `wanted` is "" where it has it not."""

    name: str
    type: str
    prisma: dict[str, str]
    default: str = ""
    prisma_default: str = ""
    required: bool = False
    sql: str = ""
    wanted: str = ""
    wants_default: bool = True
    wants_required: bool = False

    @property
    def line(self) -> str:
        """The column in CREATE TABLE."""
        default = f" DEFAULT {self.default}" if self.default else ""
        return f"{self.name} {self.type}{self.sql}{default}{' NOT NULL' * self.required}"

    @property
    def field(self) -> str:
        """The field in the model; "" for none."""
        if not self.wanted:
            return ""
        base, _, native = self.prisma[self.wanted].partition(" ")
        is_list = base.endswith("[]")
        default = f"@default({self.prisma_default})" * bool(self.prisma_default and self.wants_default and not is_list)
        return " ".join([self.name, base + "?" * (not self.wants_required and not is_list), native, default])


@dataclass
class Case:
    """One case: its statements, its part of the schema, and which tables and enums are named to go."""

    prefix: str
    made: list[str] = field(default_factory=list)
    models: str = ""
    drop: list[str] = field(default_factory=list)
    back: str = ""


class _Writer:
    def __init__(self, random: Random, prefix: str) -> None:
        self.random = random
        self.case = Case(prefix)
        self.table = f"{prefix}t"
        self.attributes: list[str] = []
        self.number = 0
        self.columns = self._columns()
        self.live = {column.name for column in self.columns.values() if column.wanted}

    def write(self) -> Case:
        case, table = self.case, self.table
        self.is_plain = False
        key = self.random.choice(("id", "id", "id", "id, b", "none"))
        if key == "id, b":
            self.columns["b"].required = True
        lines = ["id int NOT NULL", *(column.line for column in self.columns.values())]
        case.made.append(f"CREATE TABLE {table} ({', '.join(lines)})")
        self._key(key)
        for name, column in self.columns.items():
            if column.prisma is _TEXT:
                self._dress(name)
        for _ in range(self.random.randint(3, 7)):
            self.random.choices(*zip(*_MAKERS, strict=True))[0](self)
        fields = [column.field for column in self.columns.values() if column.field]
        id_ = self.random.choice(("Int @unique", f'Int @unique(map: "{table}_pkey")', *4 * ("Int @id", "BigInt @id")))
        if key == "none":
            id_ = "Int @unique"
        id_ = f'id {id_.replace("@id", f"""@id(map: "{table}_pkey")""")}'
        body = "\n  ".join([id_, *fields, *self.attributes])
        case.models += f"model {table} {{\n  {body}\n}}\n"
        return case

    # ── columns ──

    def _columns(self) -> dict[str, Column]:
        random = self.random
        enum = f"{self.case.prefix}e"
        self.case.made.append(f"CREATE TYPE {enum} AS ENUM ('A', 'B', 'C')")
        if random.random() < 0.3:
            self.case.made.append(
                random.choice((f"COMMENT ON TYPE {enum} IS 'x'", f"GRANT USAGE ON TYPE {enum} TO PUBLIC"))
            )
        values = random.choice(("A B C", "A B C", "A B", "A C", "A"))
        self.case.models += "\n  ".join([f"enum {enum} {{", *values.split()]) + "\n}\n"
        found = [
            Column("a", random.choice(("text", "varchar(20)")), _TEXT, "'x'", '"x"'),
            Column("v", "varchar(20)", _TEXT, "'x'", '"x"'),
            Column("b", random.choice(("integer", "integer", "bigint")), _INT, "3", "3"),
            Column("c", random.choice(("integer", "bigint")), _INT, "5", "5"),
            Column("n", "numeric(10,2)", _NUMERIC, "1", "1"),
            Column("d", enum, {enum: enum}, f"'A'::{enum}", "A"),
            Column("s", "serial", {"serial": "Int @default(autoincrement())", "integer": "Int"}, required=True),
        ]
        for column in found:
            column.wanted = column.type
            if random.random() < 0.3:
                column.wanted = random.choice(("", *column.prisma))
            if column.type == "serial":
                column.wants_required = True
                continue
            if random.random() < 0.6:
                column.default = column.prisma_default = ""
            column.wants_default = random.random() < 0.7
            column.required = random.random() < 0.4
            column.wants_required = column.required and random.random() < 0.7
            if column.name == "d":
                column.wanted = enum if column.wanted else ""
        return {column.name: column for column in found}

    def _dress(self, name: str) -> None:
        """A collation is set here, because it stands in the column's own line."""
        dress = {
            "storage": f"ALTER TABLE {self.table} ALTER {name} SET STORAGE EXTERNAL",
            "compression": f"ALTER TABLE {self.table} ALTER {name} SET COMPRESSION pglz",
            "collation": f'ALTER TABLE {self.table} ALTER {name} TYPE {self.columns[name].type} COLLATE "C"',
        }
        for kind in sorted(dress):
            if self.random.random() < 0.25:
                self.case.made.append(dress[kind])

    # ── what stands on the table ──

    def _key(self, key: str) -> None:
        if key == "none":
            self.case.made.append(f"CREATE UNIQUE INDEX {self.table}_id_key ON {self.table} (id)")
            return
        more = self.random.choice(("", "", "", " INCLUDE (c)", " DEFERRABLE"))
        self.is_plain = key == "id" and more != " DEFERRABLE"
        self.case.made.append(f"ALTER TABLE {self.table} ADD CONSTRAINT {self.table}_pkey PRIMARY KEY ({key}){more}")
        marks = [
            f"COMMENT ON CONSTRAINT {self.table}_pkey ON {self.table} IS 'x'",
            f"ALTER TABLE {self.table} CLUSTER ON {self.table}_pkey",
        ]
        if "DEFERRABLE" not in more:
            marks.append(f"ALTER TABLE {self.table} REPLICA IDENTITY USING INDEX {self.table}_pkey")
        self.case.made += [mark for mark in marks if self.random.random() < 0.3]

    def _name(self, kind: str) -> str:
        self.number += 1
        return f"{self.case.prefix}{kind}{self.number}"

    def _some(self, number: int, names: str = "avbcn") -> list[str]:
        return self.random.sample(list(names), number)

    def _wants(self, attribute: str, columns: list[str], name: str) -> None:
        """The model asks for an index of that name, as far as it has the columns."""
        if attribute != "nothing" and set(columns) <= self.live:
            self.attributes.append(f'@@{attribute}([{", ".join(columns)}], map: "{name}")')

    def index(self) -> None:
        """An index of any kind; the model asks for none, a plain one or a unique one of its name."""
        random, table, name = self.random, self.table, self._name("i")
        columns = self._some(random.choice((1, 1, 2)))
        unique = random.random() < 0.4
        order = random.choice(("", "", "", " DESC", " NULLS FIRST"))
        keys = ", ".join(column + order for column in columns)
        if columns[0] in "av" and random.random() < 0.55:
            keys = columns[0] + random.choice((" text_pattern_ops", ' COLLATE "POSIX"'))
            columns = columns[:1]
        elif random.random() < 0.15:
            keys, columns = random.choice((("(b + c)", ["b"]), ("(a || v)", ["a"]), ("b, (c + 1)", ["b"])))
        more = [
            " INCLUDE (c)" * (random.random() < 0.15),
            " NULLS NOT DISTINCT" * (unique and random.random() < 0.3),
            " WITH (fillfactor = 50)" * (random.random() < 0.1),
            " TABLESPACE aside" * (random.random() < 0.1),
            random.choice(("", "", "", " WHERE b > 3", " WHERE v IS NOT NULL", " WHERE c > 1 AND b < 9")),
        ]
        method = "" if unique or len(columns) > 1 or order or " " in keys or random.random() < 0.9 else "USING hash "
        if method:
            more[0] = ""
        self.case.made.append(f"CREATE {'UNIQUE ' * unique}INDEX {name} ON {table} {method}({keys}){''.join(more)}")
        whole = not method and not more[-1]
        self._mark(name, unique=unique, whole=whole, plain="(" not in keys and not more[1], columns=columns)
        self._wants(random.choice(("index", "unique", "unique", "nothing")), columns, name)

    def _mark(self, name: str, *, unique: bool, whole: bool, plain: bool, columns: list[str]) -> None:
        """What an index has beside its definition."""
        marks = [f"COMMENT ON INDEX {name} IS 'x'"]
        if whole:
            marks.append(f"ALTER TABLE {self.table} CLUSTER ON {name}")
        if unique and whole and plain and all(self.columns[column].required for column in columns):
            marks.append(f"ALTER TABLE {self.table} REPLICA IDENTITY USING INDEX {name}")
        for mark in marks:
            if self.random.random() < 0.25:
                self.case.made.append(mark)

    def measured(self) -> None:
        """An index on an expression, with a statistics target of its own."""
        name = self._name("i")
        self.case.made.append(f"CREATE INDEX {name} ON {self.table} (v, (a || 'x'))")
        self.case.made.append(f"ALTER INDEX {name} ALTER COLUMN 2 SET STATISTICS 50")

    def unique(self) -> None:
        """A unique constraint; the model has it, an index of its name, or nothing."""
        columns, name = self._some(self.random.choice((1, 2))), self._name("u")
        more = self.random.choice(("", "", " DEFERRABLE", " INITIALLY DEFERRED", "comment"))
        add = f"ALTER TABLE {self.table} ADD CONSTRAINT {name} UNIQUE ({', '.join(columns)})"
        self.case.made.append(add + more.replace("comment", ""))
        if more == "comment":
            self.case.made.append(f"COMMENT ON CONSTRAINT {name} ON {self.table} IS 'x'")
        wants = self.random.choice(("index", "unique", "nothing", "unique on more"))
        if wants == "unique on more":
            columns = [*columns, *(one for one in "avbcn" if one not in columns)][: len(columns) + 1]
        self._wants(wants.split()[0], columns, name)

    def exclusion(self) -> None:
        """An exclusion constraint, which no model can ask for."""
        columns, name = self._some(self.random.choice((1, 2))), self._name("x")
        keys = ", ".join(f"{column} WITH =" for column in columns)
        where = self.random.choice(("", " WHERE (b > 0)"))
        self.case.made.append(f"ALTER TABLE {self.table} ADD CONSTRAINT {name} EXCLUDE USING btree ({keys}){where}")
        self._wants(self.random.choice(("index", "nothing")), columns, name)

    def check(self) -> None:
        """A check over one column or more, or over the whole row."""
        text = self.random.choice(("b > 0", "b < c", "a <> v", "n >= 0 AND b > 0", "length(v) < 30", "s > 0"))
        late = " NOT VALID" * (self.random.random() < 0.2)
        self.case.made.append(f"ALTER TABLE {self.table} ADD CONSTRAINT {self._name('k')} CHECK ({text}){late}")

    def foreign_key(self) -> None:
        """A foreign key; the model has it, with other actions or not at all."""
        if any("FOREIGN KEY" in statement for statement in self.case.made):
            return
        name, random = self._name("f"), self.random
        double = random.random() < 0.2
        actions = ("NO ACTION", "RESTRICT", "CASCADE", "SET NULL")
        delete, update = random.choice(actions), random.choice(actions)
        more = random.choice(("", "", " DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED", " NOT VALID"))
        full = " MATCH FULL" * (random.random() < 0.2)
        columns, there = ("b, c", "x, y") if double else ("b", "id")
        self.case.made.append(
            f"ALTER TABLE {self.table} ADD CONSTRAINT {name} FOREIGN KEY ({columns}) REFERENCES led ({there})"
            f"{full} ON DELETE {delete} ON UPDATE {update}{more}"
        )
        if random.random() < 0.4:
            self.case.made.append(f"COMMENT ON CONSTRAINT {name} ON {self.table} IS 'x'")
        b = self.columns["b"]
        if double or b.wanted != "integer" or random.random() < 0.4:
            return
        named = {"NO ACTION": "NoAction", "RESTRICT": "Restrict", "CASCADE": "Cascade", "SET NULL": "SetNull"}
        wanted = [one if random.random() < 0.6 else random.choice(actions) for one in (delete, update)]
        if b.wants_required:
            wanted = ["CASCADE" if one == "SET NULL" else one for one in wanted]
        on = f"onDelete: {named[wanted[0]]}, onUpdate: {named[wanted[1]]}"
        optional = "?" * (not b.wants_required)
        self.attributes.append(f'r led{optional} @relation(fields: [b], references: [id], map: "{name}", {on})')
        self.case.back += f"  {self.table}s {self.table}[]\n"

    def statistics(self) -> None:
        """Statistics over columns, some with a target."""
        name, columns = self._name("s"), self._some(2)
        self.case.made.append(f"CREATE STATISTICS {name} ON {', '.join(columns)} FROM {self.table}")
        if self.random.random() < 0.5:
            self.case.made.append(f"ALTER STATISTICS {name} SET STATISTICS 50")

    def extra_table(self) -> None:
        """A table outside the schema that is named to go, with everything that stands on one."""
        if self.case.drop:
            return
        name, random = f"{self.case.prefix}x", self.random
        parts = random.random() < 0.3
        tail = " PARTITION BY RANGE (id)" * parts
        enum = f"{self.case.prefix}g"
        self.case.made += [
            f"CREATE TYPE {enum} AS ENUM ('A')",
            f"CREATE TABLE {name} (id int PRIMARY KEY, x int, g {enum}, y {'int' if parts else 'serial'}){tail}",
            f"CREATE INDEX {name}_i ON {name} (x)",
        ]
        if parts:
            self.case.made.append(f"CREATE TABLE {name}p PARTITION OF {name} FOR VALUES FROM (1) TO (9)")
        more = [
            f"CREATE TRIGGER {name}_r AFTER INSERT ON {name} FOR EACH ROW EXECUTE FUNCTION run()",
            f"CREATE RULE {name}_l AS ON DELETE TO {name} DO INSTEAD NOTHING",
            f"CREATE POLICY {name}_p ON {name} USING (x > 1)",
            f"CREATE STATISTICS {name}_s ON x, y FROM {name}",
            f"ALTER PUBLICATION told ADD TABLE {name}",
            f"ALTER TABLE {name} ADD CONSTRAINT {name}_k CHECK (x > y)",
            f"ALTER TABLE {name} ADD CONSTRAINT {name}_f FOREIGN KEY (x) REFERENCES led",
        ]
        for statement in more:
            if random.random() < 0.6:
                self.case.made.append(statement)
        self.case.drop += [name, f"enum:{enum}"]

    def heir(self) -> None:
        """A table that inherits from this one, and is not of the schema."""
        name = f"{self.case.prefix}h"
        if any(name in statement for statement in self.case.made):
            return
        local = self.random.choice(("", "s integer"))
        self.case.made.append(f"CREATE TABLE {name} ({local}) INHERITS ({self.table})")
        self.case.made.append(f"CREATE INDEX {name}_i ON {name} (v, b)")

    def remark(self) -> None:
        """What stands on a column or the table and stays with it."""
        column, table = self._some(1)[0], self.table
        self.case.made.append(
            self.random.choice(
                (
                    f"COMMENT ON COLUMN {table}.{column} IS 'x'",
                    f"GRANT SELECT ({column}) ON {table} TO PUBLIC",
                    f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
                    f"COMMENT ON TABLE {table} IS 'x'",
                    f"ALTER TABLE {table} SET (fillfactor = 70)",
                )
            )
        )

    def in_the_way(self) -> None:
        """What refers to a column and would have to be dropped first."""
        column, name, table = self._some(1)[0], self._name("w"), self.table
        self.case.made.append(
            self.random.choice(
                (
                    f"CREATE VIEW {name} AS SELECT {column} FROM {table}",
                    f"CREATE MATERIALIZED VIEW {name} AS SELECT {column} FROM {table}",
                    f"CREATE TRIGGER {name} AFTER UPDATE OF {column} ON {table} FOR EACH ROW EXECUTE FUNCTION run()",
                    f"CREATE POLICY {name} ON {table} USING ({column} IS NOT NULL)",
                    f"CREATE RULE {name} AS ON UPDATE TO {table} WHERE OLD.{column} IS NULL DO INSTEAD NOTHING",
                    f"CREATE PUBLICATION {name} FOR TABLE {table} (id, {column})",
                    f"ALTER TABLE {table} ADD {name} bool GENERATED ALWAYS AS ({column} IS NULL) STORED",
                    f"CREATE FUNCTION {name}() RETURNS bigint BEGIN ATOMIC SELECT count({column}) FROM {table}; END",
                    f"CREATE FUNCTION {name}({self.case.prefix}e) RETURNS int LANGUAGE sql AS 'SELECT 1'",
                    f"CREATE TABLE far.{name} (x int REFERENCES {table if self.is_plain else 'led'} (id))",
                    f"CREATE TABLE far.{name} (x {self.case.prefix}e)",
                )
            )
        )


_MAKERS: Final = (
    (_Writer.index, 12),
    (_Writer.measured, 1),
    (_Writer.unique, 4),
    (_Writer.exclusion, 2),
    (_Writer.check, 3),
    (_Writer.foreign_key, 4),
    (_Writer.statistics, 2),
    (_Writer.extra_table, 3),
    (_Writer.heir, 2),
    (_Writer.remark, 2),
    (_Writer.in_the_way, 2),
)


def random_cases(seed: int, number: int) -> list[Case]:
    """So many cases, the same for the same seed."""
    random = Random(seed)
    return [_Writer(random, f"c{at}_").write() for at in range(number)]


def schema_of(cases: list[Case]) -> str:
    """One schema that asks for what all of them ask for."""
    led = "model led {\n  id Int @id\n  x Int?\n  y Int?\n" + "".join(case.back for case in cases)
    return HEADER + "".join(case.models for case in cases) + led + "  @@unique([x, y])\n}\n"
