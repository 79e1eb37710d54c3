"""Relations as Mermaid's erDiagram, within what its grammar takes."""

from __future__ import annotations

import re

from diagram_tables import OURS, graph, key, table

from soundcheck.stores.catalog.tables import Catalog
from soundcheck.stores.diagram.mermaid import mermaid
from soundcheck.stores.rows.relations import Relations

ENTITY = re.compile(r'    (?:[A-Za-z_][\w-]*|t\d+\["[^"\n]*"\])(?: \{)?')
ATTRIBUTE = re.compile(
    r'        [A-Za-z][\w()\[\]-]* [A-Za-z_][\w()\[\]-]*(?: (?:PK|FK|UK)(?:, (?:PK|FK|UK))*)?(?: "[^"\n]*")?'
)
RELATION = re.compile(r'    [A-Za-z_][\w-]* (?:\|o|\|\|)--(?:o\||o\{) [A-Za-z_][\w-]* : "[^"\n]*"')


def is_a_diagram(text: str) -> bool:
    first, *lines = text.rstrip("\n").split("\n")
    known = (ENTITY, ATTRIBUTE, RELATION, re.compile("    }"))
    return first == "erDiagram" and all(any(one.fullmatch(line) for one in known) for line in lines)


def test_tables_columns_and_keys() -> None:
    catalog, relations = graph(OURS)
    text = mermaid(catalog, relations, catalog.tables)
    assert is_a_diagram(text)
    assert "        character_varying(255) id PK\n" in text
    assert "        character_varying(255) userId FK\n" in text
    assert '    users |o--o{ playlists : "userId"\n' in text
    assert text.count("--") == len(OURS)


def test_a_unique_required_key_is_one_to_at_most_one() -> None:
    users, settings = table("users", "id"), table("settings", "userId", key=("userId",))
    optional = table("optional", "id", "userId", unique=("userId",))
    keys = (key("settings.userId", "users"), key("optional.userId", "users"))
    text = mermaid(Catalog((users, settings, optional)), Relations(keys), (users, settings, optional))
    assert '    users ||--o| settings : "userId"' in text
    assert '    users |o--o| optional : "userId"' in text
    assert "        character_varying(255) userId FK, UK" in text


def test_only_the_wanted_tables_and_what_lies_between_them() -> None:
    catalog, relations = graph(OURS)
    text = mermaid(catalog, relations, [catalog.find("users"), catalog.find("sessions")])
    assert text.count("--") == 1
    assert "playlists" not in text


def test_odd_names_become_labels_and_comments() -> None:
    links = {'a "b"\n.col umn': "用户", "title.x-1": "用户", "1st.[/foo]": "用户"}
    catalog, relations = graph(links)
    text = mermaid(catalog, relations, catalog.tables)
    assert is_a_diagram(text), text
    assert """["a 'b'⏎"]""" in text
    assert '"[/foo]"' in text
    assert '["用户"]' in text
    assert '["title"]' in text, "a word of Mermaid's own"
