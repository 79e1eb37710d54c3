"""A table with a column of every kind, under a hostile name, and rows that are hard to carry."""

from __future__ import annotations

EVERY_TYPE = """
CREATE TYPE mood AS ENUM ('glad', 'sad', 'it''s "both"');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE "odd ""name"" [/x]" (
    "id" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "quo""ted" text, json_ json, jsonb_ jsonb, bytea_ bytea, mood_ mood, moods mood[], numeric_ numeric(30, 10),
    free numeric, at timestamptz, at_local timestamp, day date, hour timetz, span interval, ok bool, real_ real,
    double_ double precision, texts text[][], uuid_ uuid, inet_ inet, bits bit varying, span_of int4range,
    money_ money, pair_ pair, domain_ positive, point_ point, words tsvector, char_ char(5),
    twice int GENERATED ALWAYS AS ("id" * 2) STORED
);
"""

ODD_ROWS = r"""
INSERT INTO "odd ""name"" [/x]" OVERRIDING SYSTEM VALUE VALUES
(7, E'tab\t newline\n back\\slash \\N "quotes" \x01 é 🎵',
 '{"a" : 1, "a":  2}', '{"b": [1, null, "x\ny"]}', '\xdeadbeef00',
 'it''s "both"', '{glad,"it''s \"both\""}', 12345678901234567890.0123456789, 'NaN',
 '2024-02-29 12:00+01',
 'infinity', '4713-01-01 BC', '23:59:60+14', '1 year -3 days 00:00:00.000001', true, 0.1::real, 0.1 + 0.2,
 '{{"a,b","NULL"},{NULL,"{}"}}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '::1/128', B'1010', '[1,5)', 1234.56,
 ROW(1, 'x,"y"'), 5, '(1.5,-0.0)', 'a fat cat', 'ab', DEFAULT),
(8, '', NULL, 'null', '', NULL, '{}', NULL, '1e-20', '-infinity', NULL, 'infinity', NULL, NULL, NULL, 'NaN',
 '-Infinity', '{}', NULL, NULL, '', 'empty', '-0.01', NULL, NULL, NULL, '', '', DEFAULT),
(9, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
 NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, DEFAULT)
"""


ZOO_TYPES = """
CREATE TYPE zoo_mood AS ENUM ('glad', 'sad', 'it''s "both"', 'NULL', '');
CREATE TYPE zoo_pair AS (a timestamptz, b text, c float8);
CREATE DOMAIN zoo_positive AS int CHECK (VALUE > 0);
CREATE DOMAIN zoo_when AS timestamptz;
"""

ZOO: dict[str, tuple[str, ...]] = {
    "bool": ("t", "f"),
    "int2": ("-32768", "7"),
    "int8": ("9223372036854775807", "0"),
    "numeric(38,18)": ("12345678901234567890.000000000000000001", "-1"),
    "numeric": ("NaN", "1e-20", "1.10"),
    "float4": ("0.1", "1e15", "16777216", "-0"),
    "float8": ("0.30000000000000004", "-Infinity", "1e15", "-0", "123456789012345", "NaN", "1e-7"),
    "money": ("1234.56", "-0.01"),
    "text": ("a\r\nb", "NULL", 'q"uo\'te', "\\.", "", " ", "tab\t\x01\u202e🎵", "a,b", "back\\slash", "=1+1"),
    "varchar(5)": ("é", ""),
    "char(5)": ("ab",),
    "name": ("n",),
    '"char"': ("c",),
    "uuid": ("6f1c0e1e-1111-4222-8333-444455556666",),
    "date": ("0044-03-15 BC", "infinity", "20000-01-01", "2024-03-01", "5874897-12-31"),
    "timestamp": ("294276-12-31 23:59:59", "-infinity", "2024-03-01 20:00:00.120", "0001-01-01"),
    "timestamptz": (
        "2024-03-02 01:00:00+00", "infinity", "1800-06-01 00:00:00+00", "0044-03-15 00:00:00+00 BC",
        "20000-01-01 00:00:00+00", "2024-07-01 12:00:00.000001+00", "2024-11-03 06:30:00+00",
    ),
    "time": ("24:00:00", "18:30:00.5"),
    "timetz": ("18:30+02", "23:59:60+14", "00:00:00-15:59:59"),
    "interval": ("1 mon 3 days -04:00", "-1 year +2 days 00:00:00.000001", "0", "-3 days"),
    "json": ('{"a" : 1,\n "a": 1.10, "b": 12345678901234567890123}', "1e400", '"x"', "null"),
    "jsonb": ('[{"emoji": "x", "n": 1.10}]', '"it\'s"', "{}"),
    "xml": ("<a>b</a>",),
    "bytea": ("\\xdeadbeef", "\\x", "\\x5c27"),
    "inet": ("10.0.0.1/8", "::1"),
    "cidr": ("10.0.0.0/8",),
    "macaddr": ("08:00:2b:01:02:03",),
    "macaddr8": ("08:00:2b:01:02:03:04:05",),
    "int4range": ("[1,5)", "empty"),
    "numrange": ("(,1.10]",),
    "tstzrange": ('[-infinity,"2024-01-01 00:00:00+00")', '["2024-07-01 12:00:00+00",)'),
    "tsrange": ('["2024-01-01 00:00:00","2024-01-02 00:00:00")',),
    "daterange": ("[2024-01-01,)",),
    "int4multirange": ("{[1,3),[5,7)}", "{}"),
    "tstzmultirange": ('{["2024-01-01 00:00:00+00","2024-01-02 00:00:00+00")}',),
    "point": ("(1.5,-0)", "(0.1,1e20)"),
    "line": ("{1,-1,0.1}",),
    "lseg": ("[(0,0),(1,1.5)]",),
    "box": ("(2,2),(1,1)",),
    "path": ("((0,0),(1,1))", "[(0,0),(1,1)]"),
    "polygon": ("((0,0),(1,1),(2,0))",),
    "circle": ("<(0.1,0),1>",),
    "bit(3)": ("101",),
    "varbit": ("10", ""),
    "tsvector": ("'a':1A 'it''s'",),
    "tsquery": ("'a' & !'b'",),
    "pg_lsn": ("16/B374D848",),
    "xid": ("7",),
    "tid": ("(0,1)",),
    "oid": ("4294967295",),
    "regclass": ("pg_class",),
    "regtype": ("timestamp with time zone",),
    "jsonpath": ('$."a"',),
    "zoo_mood": ("it's \"both\"", "NULL"),
    "zoo_positive": ("7",),
    "zoo_when": ("2024-03-02 01:00:00+00",),
    "zoo_pair": ('("2024-03-02 01:00:00+00","x,""y""",0.1)', "(,,)"),
    "text[]": ('{a,NULL,"b c","NULL","q\\"","\\\\"}', "{}", '{{"a,b",x},{"{}",""}}', "[2:3]={a,b}"),
    "int4[]": ("[0:1]={1,2}", "{1,NULL}", "[2:2][-1:0]={{1,2}}"),
    "bool[]": ("{t,f,NULL}",),
    "float4[]": ("{0.1,1e15,NaN}",),
    "float8[]": ("{0.1,-0,Infinity}",),
    "numeric[]": ("{NaN,1.10}",),
    "money[]": ("{1.50,-1234.56,NULL}", "[0:1]={1,2}", "{{1},{2}}"),
    "bytea[]": ('{"\\\\x00ff"}',),
    "date[]": ('{infinity,2024-03-01,"0044-03-15 BC"}',),
    "timestamptz[]": ('{infinity,"0044-03-15 00:00:00+00 BC","2024-03-02 01:00:00+00"}',),
    "interval[]": ('{"1 mon","-1 days +02:00:00"}',),
    "json[]": ('{"{\\"a\\": 1.10}","null"}',),
    "box[]": ("{(2,2),(1,1);(4,4),(3,3)}",),
    "point[]": ('{"(1,2)","(3,4)"}',),
    "zoo_mood[]": ('{glad,"it\'s \\"both\\"","NULL"}',),
    "zoo_pair[]": ('{"(\\"2024-03-02 01:00:00+00\\",x,1)"}',),
    "zoo_when[]": ('{"2024-03-02 01:00:00+00"}',),
    "tstzrange[]": ('{"[\\"2024-01-01 00:00:00+00\\",)"}',),
    "uuid[]": ("{6f1c0e1e-1111-4222-8333-444455556666}",),
    "hstore": ('"a"=>"1,\\"", "b"=>NULL', ""),
    "citext": ("Ab", ""),
    "citext[]": ('{Ab,"c,d"}',),
    "ltree": ("Top.Science",),
    "cube": ("(1, 2),(3, 4.5)",),
}  # fmt: skip
"""Values of every built-in type, and of an enum, a composite and domains: those that are hard to carry."""


ZOO_EXTENSIONS = ("hstore", "citext", "ltree", "cube")


def zoo_tables(missing: frozenset[str] = frozenset()) -> dict[str, dict[str, tuple[str, ...]]]:
    """A few tables (`zoo0` …: id, c0, c1, …) that together have all of these types, with the values of each.

    `missing` are types that the server does not have.
    """
    types = [name for name in ZOO if name.removesuffix("[]") not in missing]
    return {f"zoo{at}": {name: ZOO[name] for name in types[at * 8 : at * 8 + 8]} for at in range((len(types) + 7) // 8)}
