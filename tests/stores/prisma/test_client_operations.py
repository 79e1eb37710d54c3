"""Every operation of the generated client over our query engine, in both interfaces; psycopg judges what is written."""

# ruff: noqa: PT012 - what is expected to fail is often the end of a transaction or batch, which is a block

from __future__ import annotations

import pytest
from generated_client import Talk

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _three_authors(talk: Talk) -> None:
    await talk.db.author.create_many(
        [
            {"email": "ada@x", "name": "Ada", "role": "ADMIN", "score": 1.5},
            {"email": "bob@x", "name": "Bob", "score": 2.5},
            {"email": "cyd@x", "role": "HOST", "score": 2.5},
        ]
    )


async def test_a_created_record_is_in_the_table_and_comes_back_with_its_defaults(talk: Talk) -> None:
    made = await talk.db.author.create({"email": "ada@x", "name": "Ada"})
    assert (made.email, made.name, made.role, made.score, made.profile) == ("ada@x", "Ada", "LISTENER", 0.0, None)
    assert talk.rows("SELECT id, email, name, role::text FROM authors") == [(made.id, "ada@x", "Ada", "LISTENER")]


async def test_nested_creates_connect_and_include_make_one_graph(talk: Talk) -> None:
    await talk.db.tag.create({"name": "old"})
    made = await talk.db.author.create(
        {
            "email": "ada@x",
            "profile": {"create": {"bio": "counts", "data": talk.package.Json({"a": [1, {"b": None}]})}},
            "books": {
                "create": [
                    {
                        "title": "Notes",
                        "pages": 65,
                        "tags": {"connect": [{"name": "old"}], "create": [{"name": "new"}]},
                    },
                    {"title": "Letters", "pages": 12},
                ]
            },
        },
        include={"profile": True, "books": {"include": {"tags": {"order_by": {"name": "asc"}}}}},
    )
    assert made.profile.data == {"a": [1, {"b": None}]}
    assert {book.title: [tag.name for tag in book.tags] for book in made.books} == {
        "Notes": ["new", "old"],
        "Letters": [],
    }
    assert talk.one("""SELECT data FROM "Profile" """) == {"a": [1, {"b": None}]}
    joined = """SELECT b.title, j."B" FROM "Book" b JOIN "_BookToTag" j ON j."A" = b.id ORDER BY 2"""
    assert talk.rows(joined) == [("Notes", "new"), ("Notes", "old")]


async def test_connect_or_create_finds_or_makes(talk: Talk) -> None:
    wanted = {"where": {"name": "jazz"}, "create": {"name": "jazz"}}
    for title in ("One", "Two"):
        await talk.db.book.create({"title": title, "tags": {"connect_or_create": [wanted]}})
    assert talk.rows("""SELECT name FROM "Tag" """) == [("jazz",)]
    assert talk.one("""SELECT count(*) FROM "_BookToTag" """) == 2


async def test_create_many_tells_the_number_and_skips_duplicates_when_asked(talk: Talk) -> None:
    assert await talk.db.tag.create_many([{"name": "a"}, {"name": "b"}]) == 2
    assert await talk.db.tag.create_many([{"name": "b"}, {"name": "c"}], skip_duplicates=True) == 1
    assert talk.rows("""SELECT name FROM "Tag" ORDER BY 1""") == [("a",), ("b",), ("c",)]


@pytest.mark.parametrize("connected", [("asyncio", "new")], ids=["asyncio-18"], indirect=True)
async def test_more_values_than_one_statement_takes_are_split(talk: Talk) -> None:
    assert await talk.db.tag.create_many([{"name": f"t{n:06}"} for n in range(33_000)]) == 33_000
    assert talk.one("""SELECT count(*) FROM "Tag" """) == 33_000
    found = await talk.db.tag.find_many(where={"name": {"in": [f"t{n:06}" for n in range(33_000)]}})
    assert len(found) == 33_000


async def test_find_unique_first_and_many_find_what_the_table_holds(talk: Talk) -> None:
    await _three_authors(talk)
    assert (await talk.db.author.find_unique({"email": "bob@x"})).name == "Bob"
    assert await talk.db.author.find_unique({"email": "no@x"}) is None
    assert (await talk.db.author.find_first(where={"score": 2.5}, order={"email": "desc"})).email == "cyd@x"
    assert await talk.db.author.find_first(where={"score": 9}) is None
    assert [a.email for a in await talk.db.author.find_many(order={"email": "asc"})] == ["ada@x", "bob@x", "cyd@x"]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"name": None}, "c"),
        ({"name": {"not": None}}, "ab"),
        ({"name": {"contains": "d"}}, "a"),
        ({"name": {"startswith": "B"}}, "b"),
        ({"name": {"endswith": "DA", "mode": "insensitive"}}, "a"),
        ({"email": {"in": ["ada@x", "cyd@x"]}}, "ac"),
        ({"email": {"not_in": ["ada@x"]}}, "bc"),
        ({"score": {"gt": 1.5}}, "bc"),
        ({"score": {"lte": 1.5}}, "a"),
        ({"role": "HOST"}, "c"),
        ({"role": {"in": ["ADMIN", "LISTENER"]}}, "ab"),
        ({"OR": [{"name": "Ada"}, {"role": "HOST"}]}, "ac"),
        ({"AND": [{"score": 2.5}, {"NOT": [{"role": "HOST"}]}]}, "b"),
        ({"id": {"gte": 1}, "NOT": [{"email": {"contains": "b"}}]}, "ac"),
    ],
)
async def test_filters_choose_as_they_say(talk: Talk, where: object, expected: str) -> None:
    await _three_authors(talk)
    found = await talk.db.author.find_many(where=where, order={"email": "asc"})
    assert "".join(author.email[0] for author in found) == expected
    assert await talk.db.author.count(where=where) == len(expected)


async def test_filters_reach_through_relations(talk: Talk) -> None:
    for name, pages in (("ada", [10, 20]), ("bob", [30]), ("cyd", [])):
        books = [{"title": f"{name}{n}", "pages": n} for n in pages]
        profile = {"create": {"bio": f"{name}'s", "data": talk.package.Json({"n": len(pages)})}}
        await talk.db.author.create({"email": f"{name}@x", "books": {"create": books}, "profile": profile})

    async def emails(where: object) -> list[str]:
        return [a.email[:3] for a in await talk.db.author.find_many(where=where, order={"email": "asc"})]

    assert await emails({"books": {"some": {"pages": {"gt": 15}}}}) == ["ada", "bob"]
    assert await emails({"books": {"every": {"pages": {"gt": 15}}}}) == ["bob", "cyd"]
    assert await emails({"books": {"none": {}}}) == ["cyd"]
    assert await emails({"profile": {"is": {"bio": {"contains": "bob"}}}}) == ["bob"]
    assert await emails({"profile": {"is": {"data": {"equals": talk.package.Json({"n": 2})}}}}) == ["ada"]
    assert await emails({"profile": {"is_not": {"data": {"equals": talk.package.Json({"n": 2})}}}}) == ["bob", "cyd"]
    first = await talk.db.profile.find_first(where={"author": {"email": "cyd@x"}}, include={"author": True})
    assert first.author.email == "cyd@x"


async def test_order_take_skip_cursor_and_distinct_page_through_a_table(talk: Talk) -> None:
    await talk.db.tag.create_many([{"name": name} for name in "abcdef"])

    async def names(**how: object) -> str:
        return "".join(tag.name for tag in await talk.db.tag.find_many(order={"name": "asc"}, **how))

    assert await names(take=2) == "ab"
    assert await names(take=2, skip=3) == "de"
    assert await names(take=2, cursor={"name": "c"}) == "cd"
    assert await names(take=2, skip=1, cursor={"name": "c"}) == "de"
    assert await names(take=-2) == "ef"
    assert await names(take=-2, cursor={"name": "c"}) == "bc"
    await _three_authors(talk)
    several = await talk.db.author.find_many(order=[{"score": "desc"}, {"email": "asc"}])
    assert [author.email[0] for author in several] == ["b", "c", "a"]
    distinct = await talk.db.author.find_many(distinct=["score"], order=[{"score": "asc"}, {"email": "asc"}])
    assert [author.email[0] for author in distinct] == ["a", "b"]


async def test_an_included_relation_takes_filters_orders_and_limits_of_its_own(talk: Talk) -> None:
    books = [{"title": f"b{n}", "pages": n} for n in range(5)]
    await talk.db.author.create({"email": "ada@x", "books": {"create": books}})
    include = {"books": {"where": {"pages": {"gt": 0}}, "order_by": {"pages": "desc"}, "take": 2, "skip": 1}}
    (author,) = await talk.db.author.find_many(include=include)
    assert [book.pages for book in author.books] == [3, 2]


async def test_update_changes_one_record_and_its_relations(talk: Talk) -> None:
    await talk.db.author.create({"email": "ada@x", "books": {"create": [{"title": "a"}, {"title": "b"}]}})
    changed = await talk.db.author.update(
        where={"email": "ada@x"},
        data={
            "name": "Ada",
            "score": {"increment": 2.5},
            "profile": {"create": {"bio": "new"}},
            "books": {
                "update": [{"where": {"title_pages": {"title": "a", "pages": 0}}, "data": {"pages": {"set": 7}}}],
                "delete": [{"title_pages": {"title": "b", "pages": 0}}],
                "create": [{"title": "c"}],
            },
        },
        include={"books": {"order_by": {"title": "asc"}}, "profile": True},
    )
    assert (changed.name, changed.score, changed.profile.bio) == ("Ada", 2.5, "new")
    assert [(book.title, book.pages) for book in changed.books] == [("a", 7), ("c", 0)]
    again = await talk.db.author.update(
        where={"email": "ada@x"},
        data={"profile": {"update": {"data": talk.package.Json({"data": 1})}}, "books": {"disconnect": []}},
    )
    assert again.name == "Ada"
    assert talk.one("""SELECT data FROM "Profile" """) == {"data": 1}
    assert talk.rows("""SELECT title, pages FROM "Book" ORDER BY 1""") == [("a", 7), ("c", 0)]
    assert await talk.db.author.update(where={"email": "no@x"}, data={"name": "x"}) is None


async def test_setting_null_differs_from_leaving_out(talk: Talk) -> None:
    await talk.db.author.create({"email": "ada@x", "name": "Ada"})
    await talk.db.author.update(where={"email": "ada@x"}, data={"score": 1})
    assert talk.rows("SELECT name, score FROM authors") == [("Ada", 1.0)]
    await talk.db.author.update(where={"email": "ada@x"}, data={"name": None})
    assert talk.rows("SELECT name, score FROM authors") == [(None, 1.0)]


async def test_update_many_and_delete_many_tell_how_many(talk: Talk) -> None:
    await _three_authors(talk)
    assert await talk.db.author.update_many(where={"score": 2.5}, data={"name": "X", "score": {"multiply": 2}}) == 2
    assert talk.rows("SELECT email, name, score FROM authors ORDER BY 1") == [
        ("ada@x", "Ada", 1.5), ("bob@x", "X", 5.0), ("cyd@x", "X", 5.0),
    ]  # fmt: skip
    assert await talk.db.author.delete_many(where={"name": "X"}) == 2
    assert await talk.db.author.delete_many() == 1
    assert talk.one("SELECT count(*) FROM authors") == 0


async def test_upsert_creates_and_then_updates(talk: Talk) -> None:
    data = {"create": {"email": "ada@x", "name": "first"}, "update": {"name": "second"}}
    assert (await talk.db.author.upsert(where={"email": "ada@x"}, data=data)).name == "first"
    assert (await talk.db.author.upsert(where={"email": "ada@x"}, data=data)).name == "second"
    assert talk.rows("SELECT email, name FROM authors") == [("ada@x", "second")]


async def test_delete_returns_what_was_there_and_cascades(talk: Talk) -> None:
    await talk.db.author.create({"email": "ada@x", "profile": {"create": {"bio": "b"}}})
    assert (await talk.db.author.delete(where={"email": "ada@x"}, include={"profile": True})).profile.bio == "b"
    assert await talk.db.author.delete(where={"email": "ada@x"}) is None
    assert talk.one("""SELECT count(*) FROM authors, "Profile" """) == 0


async def test_count_counts_rows_and_filled_fields(talk: Talk) -> None:
    await _three_authors(talk)
    assert await talk.db.author.count() == 3
    assert await talk.db.author.count(take=2) == 2
    assert await talk.db.author.count(select={"_all": True, "name": True}) == {"_all": 3, "name": 2}


async def test_group_by_groups_and_aggregates(talk: Talk) -> None:
    await _three_authors(talk)
    await talk.db.author.create({"email": "dan@x", "score": 4})
    groups = await talk.db.author.group_by(
        by=["role"],
        count=True,
        avg={"score": True},
        sum={"score": True},
        min={"email": True},
        max={"score": True},
        having={"score": {"_avg": {"gt": 1}}},
        order={"role": "asc"},
    )
    assert [(g["role"], g["_count"]["_all"], g["_avg"]["score"], g["_sum"]["score"]) for g in groups] == [
        ("LISTENER", 2, 3.25, 6.5), ("HOST", 1, 2.5, 2.5), ("ADMIN", 1, 1.5, 1.5),
    ]  # fmt: skip
    assert [(g["_min"]["email"], g["_max"]["score"]) for g in groups] == [
        ("bob@x", 4.0),
        ("cyd@x", 2.5),
        ("ada@x", 1.5),
    ]
    await talk.db.book.create_many([{"title": "a", "pages": 600}, {"title": "b", "pages": 800}])
    (books,) = await talk.db.book.group_by(by=["authorId"], avg={"pages": True}, sum={"pages": True})
    assert (books["_avg"]["pages"], type(books["_avg"]["pages"]), books["_sum"]["pages"]) == (700.0, float, 1400)


async def test_raw_queries_take_parameters_and_fill_models(talk: Talk) -> None:
    await _three_authors(talk)
    assert await talk.db.execute_raw("UPDATE authors SET name = $1 WHERE score = $2::float8", "X", 2.5) == 2
    rows = await talk.db.query_raw("SELECT email, name FROM authors WHERE email > $1 ORDER BY 1", "b")
    assert rows == [{"email": "bob@x", "name": "X"}, {"email": "cyd@x", "name": "X"}]
    first = await talk.db.query_first(
        "SELECT * FROM authors WHERE email = $1", "ada@x", model=talk.package.models.Author
    )
    assert (first.email, first.role, first.score) == ("ada@x", "ADMIN", 1.5)
    assert await talk.db.query_first("SELECT * FROM authors WHERE email = $1", "no@x") is None
    (found,) = await talk.db.author.query_raw("SELECT * FROM authors WHERE email = $1", "bob@x")
    assert found.name == "X"
    values = await talk.db.query_raw(
        "SELECT $1::text a, $2::int b, $3::bool c, $4::float8 d, $5::int8 e, $6::text f, $7::int[] g",
        "q\"'", -1, True, 0.1, 2**62, None, [1, 2],
    )  # fmt: skip
    assert values == [{"a": "q\"'", "b": -1, "c": True, "d": 0.1, "e": 2**62, "f": None, "g": [1, 2]}]


async def test_a_raw_query_is_one_statement(talk: Talk) -> None:
    with pytest.raises(talk.package.errors.RawQueryError, match="multiple commands"):
        await talk.db.execute_raw("DELETE FROM authors; DELETE FROM authors")


async def test_a_batch_happens_as_a_whole_or_not_at_all(talk: Talk) -> None:
    async with talk.db.batch_() as batch:
        batch.tag.create({"name": "a"})
        batch.tag.create_many([{"name": "b"}, {"name": "c"}])
        batch.tag.update(where={"name": "a"}, data={"name": "z"})
        batch.execute_raw("""UPDATE "Tag" SET name = 'y' WHERE name = 'b'""")
    assert talk.rows("""SELECT name FROM "Tag" ORDER BY 1""") == [("c",), ("y",), ("z",)]
    with pytest.raises(talk.package.errors.UniqueViolationError):
        async with talk.db.batch_() as batch:
            batch.tag.create({"name": "new"})
            batch.tag.create({"name": "z"})
    assert talk.rows("""SELECT name FROM "Tag" ORDER BY 1""") == [("c",), ("y",), ("z",)]


async def test_text_arrives_as_it_was_sent(talk: Talk) -> None:
    # The client indents its queries, also behind the characters that Unicode breaks lines at.
    text = "q\"\\ {$[(' \u2028 two\u2028\u2028x\u0085  y\u2029z\u2029 😀 ́ \x01\t\n // # null \\u0041 ${}"
    await talk.db.tag.create({"name": text})
    assert talk.one("""SELECT name FROM "Tag" """) == text
    assert (await talk.db.tag.find_unique({"name": text})).name == text
    book = await talk.db.book.create({"title": text, "tags": {"connect": [{"name": text}]}}, include={"tags": True})
    assert (book.title, book.tags[0].name) == (text, text)
    assert (await talk.db.query_raw("SELECT $1::text AS said", text)) == [{"said": text}]


async def test_metrics_are_counted(talk: Talk) -> None:
    def value(metrics: list[object], key: str) -> float:
        return next(metric.value for metric in metrics if metric.key == key)  # type: ignore[attr-defined]

    before = await talk.db.get_metrics()
    await talk.db.tag.count()
    await talk.db.tag.count()
    after = await talk.db.get_metrics(global_labels={"app": "music"})
    for key, more in (("prisma_client_queries_total", 2), ("prisma_datasource_queries_total", 2)):
        assert value(after.counters, key) - value(before.counters, key) == more
    assert value(after.gauges, "prisma_pool_connections_open") >= 1
    assert after.counters[0].labels == {"app": "music"}
    text = await talk.db.get_metrics(format="prometheus", global_labels={"app": "music"})
    assert 'prisma_client_queries_duration_histogram_ms_bucket{app="music",le="+Inf"}' in text
