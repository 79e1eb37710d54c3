"""The JSON document `rows`, and what `--search` and `--cached` add to it. Pure."""

from __future__ import annotations

from soundcheck.screens.commands.browsing import columns_document, left_out_document, levels_of, shown
from soundcheck.screens.commands.copies import copy_document
from soundcheck.stores.catalog.tables import Catalog
from soundcheck.stores.copies.cached_copy import PageCopies
from soundcheck.stores.keys import KeyRule
from soundcheck.stores.postgres.session_settings import UTC
from soundcheck.stores.rows.paging import Page, TableView
from soundcheck.stores.rows.search import plan_search
from soundcheck.stores.rows.spelled.row import json_value, stands_as_text
from soundcheck.stores.sensitivity import Sensitivity


def rows_document(catalog: Catalog, page: Page, *, reveal: bool, zone: str = UTC, after: str = "") -> dict[str, object]:
    """The JSON document `rows`; its times are in `zone`, and `after` names the next page."""
    levels = levels_of(page)
    as_text: dict[str, list[int]] = {}
    for place, column in enumerate(page.columns):
        if reveal or levels[column.name] is Sensitivity.OPEN:
            found = [at for at, row in enumerate(page.rows) if stands_as_text(row[place], column.type_name)]
            as_text |= {column.name: found} if found else {}
    return {
        "kind": "rows",
        "schema_version": 1,
        "table": catalog.label(page.table),
        "columns": columns_document(page.table, reveal=reveal, names=[column.name for column in page.columns]),
        "left_out": left_out_document(page.table),
        "zone": zone,
        "as_text": as_text,
        "rows": [
            {
                column.name: json_value(shown(value, levels[column.name], reveal=reveal), column.type_name)
                for column, value in zip(page.columns, row, strict=True)
            }
            for row in page.rows
        ],
        "has_more_before": page.has_more_before,
        "has_more_after": page.has_more_after,
        "after": after or None,
        "note": page.note,
        "elapsed_ms": round(page.elapsed_ms, 1),
        "sql": page.sql,
    }


def search_document(view: TableView) -> dict[str, object]:
    """What `--search` adds to the document: where it looked, and what it left out for which reason."""
    if not view.search.strip():
        return {}
    found = plan_search(view.table, view.search, view.reveal, everywhere=view.everywhere)
    reasons = (("limit", found.over), ("masked", found.secret), ("type", found.unfit), ("permission", found.denied))
    return {
        "search": {
            "term": found.term,
            "read_as": found.read_as,
            "columns": list(found.columns),
            "left_out": [{"name": name, "why": why} for why, names in reasons for name in names],
        }
    }


def cached_document(copies: PageCopies | None, plan: tuple[KeyRule, ...], reveal: bool) -> dict[str, object]:
    """What `--cached` adds to the document: a copy for each row, in their order, null for a row that no key holds."""
    if copies is None:
        return {}
    found = [None if one is None else copy_document(one, plan, reveal=reveal) for one in copies.copies]
    return {"cached": found, "commands_used": copies.commands}
