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
