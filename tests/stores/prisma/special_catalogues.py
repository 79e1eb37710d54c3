"""Catalogues that chance would not make: partitions, heirs of heirs, lists of enums, other schemas, whole rows."""

from __future__ import annotations

import re
from typing import Final

from random_catalogues import Case

_GONE: Final = "model T {\n id Int @id\n a String?\n}\n"

_SPECIAL: Final[dict[str, tuple[str, str]]] = {
    "a column of a partitioned table, its indexes and those of its partitions": (
        "CREATE TABLE T (id int PRIMARY KEY, a text, gone int NOT NULL DEFAULT 3, CHECK (gone > 0))"
        " PARTITION BY RANGE (id); CREATE TABLE T_1 PARTITION OF T FOR VALUES FROM (0) TO (9) PARTITION BY LIST (id);"
        "CREATE TABLE T_11 PARTITION OF T_1 FOR VALUES IN (1); CREATE INDEX T_by ON T (a, gone);"
        "CREATE STATISTICS T_s ON a, gone FROM T_11",
        _GONE,
    ),
    "a default and a NOT NULL that heirs of heirs have too": (
        "CREATE TABLE T (id int PRIMARY KEY, a text NOT NULL DEFAULT 'x'); CREATE TABLE T_h () INHERITS (T);"
        "CREATE TABLE T_hh (own int) INHERITS (T_h); ALTER TABLE T_hh ALTER a SET DEFAULT 'y'",
        _GONE,
    ),
    "a column that an heir has on its own as well, and a check of which that is not so": (
        "CREATE TABLE T (id int PRIMARY KEY, a text, gone int, CONSTRAINT T_k CHECK (gone > 0));"
        "CREATE TABLE T_h (gone int, more int) INHERITS (T); CREATE INDEX T_hi ON T_h (gone, more)",
        _GONE,
    ),
    "a column of two parents": (
        "CREATE TABLE T (id int PRIMARY KEY, a text, gone int); CREATE TABLE T_other (gone int);"
        "CREATE TABLE T_h () INHERITS (T, T_other)",
        _GONE,
    ),
    "a type that heirs of heirs have too": (
        "CREATE TABLE T (id int PRIMARY KEY, a varchar(50) COLLATE \"C\"); CREATE TABLE T_h () INHERITS (T);"
        "CREATE TABLE T_hh () INHERITS (T_h); CREATE INDEX T_hhi ON T_hh (a)",
        "model T {\n id Int @id\n a String? @db.VarChar(9)\n}\n",
    ),
    "a list of an enum that loses a value": (
        "CREATE TYPE T_e AS ENUM ('A', 'B'); COMMENT ON TYPE T_e IS 'x';"
        "CREATE TABLE T (id int PRIMARY KEY, a text, e T_e[] DEFAULT '{A}', f T_e);"
        "CREATE INDEX T_i ON T USING gin (e);"
        "CREATE INDEX T_f ON T (f, e) WHERE a = 'x'",
        "enum T_e {\n A\n}\nmodel T {\n id Int @id\n a String?\n e T_e[] @default([A])\n f T_e?\n}\n",
    ),
    "an enum that a default of another table needs": (
        "CREATE TYPE T_e AS ENUM ('A', 'B'); CREATE TABLE T (id int PRIMARY KEY, a text, e T_e);"
        "CREATE TABLE T_2 (x text DEFAULT 'A'::T_e::text)",
        "enum T_e {\n A\n}\nmodel T {\n id Int @id\n a String?\n e T_e?\n}\n",
    ),
    "an enum that a domain and a composite type are made of": (
        "CREATE TYPE T_e AS ENUM ('A', 'B'); CREATE DOMAIN T_d AS T_e; CREATE TYPE T_c AS (e T_e);"
        "CREATE TABLE T (id int PRIMARY KEY, a text, e T_e)",
        "enum T_e {\n A\n}\nmodel T {\n id Int @id\n a String?\n e T_e?\n}\n",
    ),
    "a check and an index on the whole row": (
        "CREATE TABLE T (id int PRIMARY KEY, a text, gone int); ALTER TABLE T ADD CONSTRAINT T_k CHECK (T IS NOT NULL);"
        "CREATE INDEX T_i ON T ((T IS NULL))",
        _GONE,
    ),
    "a column whose sequence another column draws from": (
        "CREATE TABLE T (id int PRIMARY KEY, a text, gone serial);"
        "CREATE TABLE T_2 (x int DEFAULT nextval('T_gone_seq'))",
        _GONE,
    ),
    "a unique constraint that a foreign key outside the schema leads to": (
        "CREATE TABLE T (id int PRIMARY KEY, a text, gone int UNIQUE); CREATE TABLE T_2 (x int REFERENCES T (gone))",
        _GONE,
    ),
    "a primary key that a view groups by": (
        "CREATE TABLE T (id int PRIMARY KEY, a text, b int NOT NULL);"
        "CREATE VIEW T_v AS SELECT id, a FROM T GROUP BY id",
        "model T {\n id Int\n a String?\n b Int @id\n}\n",
    ),
    "a rule, a trigger and a policy on the table that do not mention the column": (
        "CREATE TABLE T (id int PRIMARY KEY, a text, gone int); CREATE POLICY T_p ON T USING (id > 1);"
        "CREATE RULE T_r AS ON DELETE TO T DO INSTEAD NOTHING;"
        "CREATE TRIGGER T_t AFTER UPDATE OF a ON T FOR EACH ROW EXECUTE FUNCTION run()",
        _GONE,
    ),
    "a generated column and what it is made of, both gone": (
        "CREATE TABLE T (id int PRIMARY KEY, a text, gone int, made int GENERATED ALWAYS AS (gone + 1) STORED);"
        "CREATE INDEX T_i ON T (made)",
        _GONE,
    ),
    "an index that gets a new name while its column changes its type": (
        "CREATE TABLE T (id int PRIMARY KEY, a varchar(20)); CREATE UNIQUE INDEX T_i ON T (a);"
        "COMMENT ON INDEX T_i IS 'x'",
        'model T {\n id Int @id\n a String? @unique(map: "T_new")\n}\n',
    ),
    "a foreign key to a table whose key is made anew": (
        "CREATE TABLE T_2 (id int CONSTRAINT T_2_pkey PRIMARY KEY);"
        "CREATE TABLE T (id int PRIMARY KEY, a text, t int,"
        " CONSTRAINT T_f FOREIGN KEY (t) REFERENCES T_2 ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE)",
        "model T_2 {\n id BigInt @id\n ts T[]\n}\n"
        'model T {\n id Int @id\n a String?\n t BigInt?\n'
        ' r T_2? @relation(fields: [t], references: [id], map: "T_f")\n}\n',
    ),
    "a default that is no constant": (
        "CREATE TABLE T (id int PRIMARY KEY, a text DEFAULT upper(current_user), b text DEFAULT 'x')",
        'model T {\n id Int @id\n a String?\n b String? @default("y")\n}\n',
    ),
}  # fmt: skip


def special_cases() -> dict[str, Case]:
    """A case for each, by what is special about it; `T` stands for the table."""
    found = {}
    for number, (what, (made, model)) in enumerate(_SPECIAL.items()):
        prefix = f"c{number}_"
        case = Case(prefix, [one for one in _named(made, prefix).split(";") if one.strip()], _named(model, prefix))
        found[what] = case
    return found


def _named(text: str, prefix: str) -> str:
    return re.sub(r"\bT(?=\b|_)", f"{prefix}t", text)
