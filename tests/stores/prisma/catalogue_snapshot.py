"""What stands in a database, object by object, and what of it is gone or weaker later: by the server's own catalogue.

It shares nothing with the code under test: other queries, and a comparison of two states in place of a prediction.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

import psycopg

GONE: Final = "gone"

Snapshot = Mapping[str, Mapping[str, Any]]
"""The facets of each object, under the name that one types to consent to its loss."""

_COLUMNS: Final = """
    SELECT c.relname || '.' || a.attname, c.relname, json_build_object(
        'number', a.attnum, 'type', format_type(a.atttypid, a.atttypmod), 'required', a.attnotnull,
        'default', CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
        'collation', CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END,
        'storage', CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END,
        'compression', nullif(a.attcompression, ''), 'generated', nullif(a.attgenerated, ''),
        'identity', nullif(a.attidentity, ''),
        'comment', col_description(a.attrelid, a.attnum), 'grants', a.attacl)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped"""

_INDEXES: Final = """
    SELECT CASE WHEN k.oid IS NULL THEN 'index:' ELSE 'constraint:' END || c.relname, t.relname, json_build_object(
        'table', t.relname, 'unique', i.indisunique, 'primary', i.indisprimary,
        'nulls not distinct', i.indnullsnotdistinct,
        'deferrable', coalesce(k.condeferrable, false), 'deferred', coalesce(k.condeferred, false),
        'exclusion', CASE WHEN k.contype = 'x' THEN pg_get_constraintdef(k.oid) END,
        'method', m.amname, 'condition', pg_get_expr(i.indpred, i.indrelid),
        'options', c.reloptions, 'tablespace', nullif(c.reltablespace, 0),
        'clustered', i.indisclustered, 'replica identity', i.indisreplident,
        'keys', (SELECT json_agg(json_build_array(pg_get_indexdef(i.indexrelid, n, false), i.indoption[n - 1])
            ORDER BY n) FROM generate_series(1, i.indnkeyatts) n),
        'operator classes', (SELECT json_agg(CASE WHEN NOT o.opcdefault THEN o.opcname END ORDER BY n)
            FROM generate_series(1, i.indnkeyatts) n JOIN pg_opclass o ON o.oid = i.indclass[n - 1]),
        'collations', (SELECT json_agg(CASE WHEN i.indcollation[n - 1] <> a.attcollation
                THEN i.indcollation[n - 1]::regcollation::text END ORDER BY n)
            FROM generate_series(1, i.indnkeyatts) n
            LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[n - 1] AND a.attnum > 0),
        'included', (SELECT json_agg(a.attname ORDER BY a.attname) FROM generate_series(i.indnkeyatts + 1, i.indnatts) n
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[n - 1]),
        'statistics', (SELECT json_agg(s.attstattarget) FROM pg_attribute s
            WHERE s.attrelid = c.oid AND coalesce(s.attstattarget, -1) >= 0),
        'comment', coalesce(obj_description(c.oid, 'pg_class'), obj_description(k.oid, 'pg_constraint')))
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_am m ON m.oid = c.relam LEFT JOIN pg_constraint k ON k.conindid = c.oid AND k.contype IN ('p', 'u', 'x')
    WHERE c.relnamespace = 'public'::regnamespace"""

_CONSTRAINTS: Final = """
    SELECT 'constraint:' || CASE WHEN (SELECT count(*) FROM pg_constraint o WHERE o.conname = k.conname) > 1
            THEN c.relname || '.' ELSE '' END || k.conname, c.relname, json_build_object(
        'definition', CASE k.contype WHEN 'c' THEN pg_get_constraintdef(k.oid)
            ELSE json_build_array(k.conkey, k.confrelid, k.confkey, k.confmatchtype)::text END,
        'on delete', k.confdeltype, 'on update', k.confupdtype, 'deferrable', k.condeferrable,
        'deferred', k.condeferred, 'comment', obj_description(k.oid, 'pg_constraint'))
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE k.connamespace = 'public'::regnamespace AND k.contype IN ('c', 'f')"""

_OTHERS: Final = """
    SELECT relname, relname, json_build_object('view', relkind IN ('v', 'm'), 'row security', relrowsecurity,
        'options', reloptions, 'grants', relacl, 'comment', obj_description(oid, 'pg_class')) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
    UNION ALL SELECT 'sequence:' || c.relname, o.refobjid::regclass::text, json_build_object()
        FROM pg_class c LEFT JOIN pg_depend o ON o.objid = c.oid AND o.deptype IN ('a', 'i')
        AND o.refclassid = 'pg_class'::regclass
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' AND o.deptype IS DISTINCT FROM 'i'
    UNION ALL SELECT 'statistics:' || s.stxname, s.stxrelid::regclass::text,
        json_build_object('definition', pg_get_statisticsobjdef(s.oid),
            'statistics', nullif(coalesce(s.stxstattarget, -1), -1)) FROM pg_statistic_ext s
    UNION ALL SELECT 'trigger:' || t.tgrelid::regclass || '.' || t.tgname, t.tgrelid::regclass::text,
        json_build_object('definition', pg_get_triggerdef(t.oid), 'enabled', t.tgenabled)
        FROM pg_trigger t WHERE NOT t.tgisinternal
    UNION ALL SELECT 'policy:' || p.polrelid::regclass || '.' || p.polname, p.polrelid::regclass::text,
        json_build_object('definition', pg_get_expr(p.polqual, p.polrelid)) FROM pg_policy p
    UNION ALL SELECT 'rule:' || r.ev_class::regclass || '.' || r.rulename, r.ev_class::regclass::text,
        json_build_object('definition', pg_get_ruledef(r.oid))
        FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
        WHERE c.relnamespace = 'public'::regnamespace AND r.rulename <> '_RETURN'
    UNION ALL SELECT 'publication:' || m.prrelid::regclass || '.' || p.pubname, m.prrelid::regclass::text,
        json_build_object('columns', m.prattrs::text)
        FROM pg_publication_rel m JOIN pg_publication p ON p.oid = m.prpubid
    UNION ALL SELECT 'enum:' || t.typname, NULL, json_build_object('grants', t.typacl,
        'comment', obj_description(t.oid, 'pg_type'))
        FROM pg_type t WHERE t.typtype = 'e' AND t.typnamespace = 'public'::regnamespace
    UNION ALL SELECT 'enum:' || t.typname || '.' || e.enumlabel, 'enum:' || t.typname, json_build_object()
        FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid WHERE t.typnamespace = 'public'::regnamespace"""

_FITS: Final = {
    ("integer", "bigint"), ("integer", "text"), ("smallint", "integer"), ("smallint", "bigint"),
    ("character varying(20)", "text"), ("character varying(9)", "text"), ("numeric(10,2)", "numeric(12,4)"),
}  # fmt: skip
_OF_A_COLUMN: Final = {"required": "not-null:", "default": "default:"}
_RENAMED: Final = re.compile(r'(?:ALTER INDEX|RENAME CONSTRAINT) "([^"]+)" (?:RENAME )?TO "([^"]+)"')
_CAST: Final = re.compile(r"::(?:character varying|[a-z_0-9]+)(?:\(\d+\))?(?:\[\])?")


def snapshot(connection: psycopg.Connection) -> Snapshot:
    """Everything in the schema `public`, the table that it stands on under `of`."""
    found: dict[str, dict[str, Any]] = {}
    for query in (_COLUMNS, _INDEXES, _CONSTRAINTS, _OTHERS):
        for name, table, facets in connection.execute(query):  # type: ignore[arg-type]
            found[name] = {**facets, "of": table}
    return found


def gone_or_weaker(before: Snapshot, after: Snapshot, statements: Iterable[str] = ()) -> dict[str, frozenset[str]]:
    """The names of what is gone or weaker, each with the facets that are; `statements` may have renamed something.

    A column that was dropped and added again is gone, and so is what another has taken the name of.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    renamed = _renamed(statements)
    for name, facets in before.items():
        prefix, _, own = name.rpartition(":")
        now = after.get(f"{prefix}:{renamed[own]}" if own in renamed else name) or _alone(name, facets, after)
        if now is None or (own in renamed.values() and own not in renamed) or now.get("number") != facets.get("number"):
            found[name].add(GONE)
            continue
        is_column = "." in name and ":" not in name
        for facet, value in facets.items():
            if _is_weaker(facet, value, now.get(facet)):
                found[(_OF_A_COLUMN.get(facet, "") if is_column else "") + name].add(facet)
    return {name: frozenset(facets) for name, facets in found.items()}


def _alone(name: str, facets: Mapping[str, Any], after: Snapshot) -> Mapping[str, Any] | None:
    """A constraint that was told with its table, because another had its name, which is gone by now."""
    kind, _, own = name.partition(":")
    found = after.get(f"{kind}:{own.rpartition('.')[2]}") if kind == "constraint" and "." in own else None
    return found if found is not None and found["of"] == facets["of"] else None


def _renamed(statements: Iterable[str]) -> dict[str, str]:
    """What has another name in the end, by the name that it had."""
    names: dict[str, str] = {}
    for old, new in (match.groups() for text in statements if (match := _RENAMED.search(text))):
        first = next((one for one, now in names.items() if now == old), old)
        names[first] = new
    return names


def _is_weaker(facet: str, value: Any, now: Any) -> bool:
    if value in (None, False) or facet == "of" or _same(value) == _same(now):
        return False
    if facet == "type":
        return (value, now) not in _FITS
    return facet != "default" or now is None


def _same(value: Any) -> Any:
    """A text without casts and parentheses, which come and go with the types of its columns."""
    return re.sub(r"[()]", "", _CAST.sub("", str(value)))
