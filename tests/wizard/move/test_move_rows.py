"""Rows from one database to another: whatever their types and relations, the same rows arrive, or none of them."""

from __future__ import annotations

import resource
import secrets
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from every_type import EVERY_TYPE, ODD_ROWS
from two_databases import Pair

from soundcheck.stores.errors import Refused, StepFailed
from soundcheck.stores.moving.side import MoveSide
from soundcheck.stores.moving.stream import copy_rows
from soundcheck.stores.postgres.problem import DatabaseProblem
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.wizard.move.carry import carry, changed_since
from soundcheck.wizard.move.database import bring_sequences, gather_statistics
from soundcheck.wizard.progress import silent


async def test_every_type_arrives_as_it_is(pair: Pair) -> None:
    pair.both(EVERY_TYPE)
    pair.here(ODD_ROWS)
    carried = await pair.carry()
    whole = 'SELECT t::text FROM "odd ""name"" [/x]" t ORDER BY id'
    assert pair.here(whole) == pair.there(whole)
    assert carried.digests['odd "name" [/x]'].rows == 3
    assert pair.there('SELECT twice FROM "odd ""name"" [/x]" ORDER BY id') == [(14,), (16,), (18,)]


async def test_servers_with_other_settings_give_the_same_hash(pair: Pair) -> None:
    pair.both(EVERY_TYPE)
    pair.here(ODD_ROWS)
    name = pair.target_url.database
    for setting in ("timezone = 'Asia/Tokyo'", "datestyle = 'SQL, DMY'", "intervalstyle = 'sql_standard'",
                    "bytea_output = 'escape'", "extra_float_digits = -5"):  # fmt: skip
        pair.there(f'ALTER DATABASE "{name}" SET {setting}')
    await pair.carry()
    work = await pair.work()
    assert await changed_since(work, pair.ours) == ()


async def test_tables_come_in_the_order_of_their_foreign_keys_with_cycles_and_self_references(pair: Pair) -> None:
    pair.both(
        """
        CREATE TABLE zoo (id int PRIMARY KEY);
        CREATE TABLE animal (id int PRIMARY KEY, zoo int NOT NULL REFERENCES zoo, mother int REFERENCES animal);
        CREATE TABLE husband (id int PRIMARY KEY, wife int NOT NULL);
        CREATE TABLE wife (id int PRIMARY KEY, husband int NOT NULL REFERENCES husband);
        ALTER TABLE husband ADD CONSTRAINT to_wife FOREIGN KEY (wife) REFERENCES wife DEFERRABLE;
        CREATE TABLE child (id int PRIMARY KEY, father int NOT NULL REFERENCES husband);
        """
    )
    pair.here("INSERT INTO zoo VALUES (1); INSERT INTO animal VALUES (1, 1, 3), (2, 1, 1), (3, 1, NULL)")
    pair.here(
        "BEGIN; SET CONSTRAINTS ALL DEFERRED; INSERT INTO husband VALUES (1, 9); INSERT INTO wife VALUES (9, 1);"
        "INSERT INTO child VALUES (1, 1); COMMIT"
    )
    work = await pair.work()
    assert work.found.groups == (("zoo",), ("animal",), ("husband", "wife"), ("child",))
    carried = await pair.carry()
    assert {key: one.rows for key, one in carried.digests.items()} == {
        "zoo": 1, "animal": 3, "husband": 1, "wife": 1, "child": 1,
    }  # fmt: skip
    kept = "SELECT conname, condeferrable, convalidated FROM pg_constraint WHERE contype = 'f' ORDER BY 1"
    assert pair.here(kept) == pair.there(kept)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        pair.there("INSERT INTO wife VALUES (10, 77)")


async def test_a_second_run_copies_nothing_and_a_changed_table_again_with_those_that_refer_to_it(pair: Pair) -> None:
    pair.both(
        "CREATE TABLE singer (id int PRIMARY KEY, name text); CREATE TABLE other (id int PRIMARY KEY);"
        "CREATE TABLE song (id int PRIMARY KEY, singer int REFERENCES singer)"
    )
    pair.here("INSERT INTO singer VALUES (1, 'a'); INSERT INTO song VALUES (1, 1); INSERT INTO other VALUES (1)")
    assert set((await pair.carry()).copied) == {"singer", "song", "other"}
    assert (await pair.carry()).copied == ()
    pair.here("UPDATE singer SET name = 'b'")
    assert await changed_since(await pair.work(), pair.ours) == ("singer",)
    assert set((await pair.carry()).copied) == {"singer", "song"}
    assert pair.there("SELECT name FROM singer") == [("b",)]


async def test_rows_of_somebody_else_are_refused_before_anything_is_written(pair: Pair) -> None:
    pair.both("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY)")
    pair.here("INSERT INTO a VALUES (1); INSERT INTO b VALUES (1)")
    pair.there("INSERT INTO b VALUES (2), (3)")
    with pytest.raises(Refused, match=r"b \(2\)"):
        await pair.carry()
    assert pair.there("SELECT * FROM a") == []
    assert pair.there("SELECT * FROM b") == [(2,), (3,)]
    pair.there("DELETE FROM b")
    pair.there("INSERT INTO b VALUES (1)")
    assert (await pair.carry()).copied == ("a",), "the same rows are as good as copied ones"


async def test_tables_that_only_the_target_has_are_not_touched(pair: Pair) -> None:
    pair.both("CREATE TABLE a (id int PRIMARY KEY)")
    pair.there("CREATE TABLE invoices (id int); INSERT INTO invoices VALUES (1)")
    pair.here("INSERT INTO a VALUES (1)")
    await pair.carry()
    pair.here("INSERT INTO a VALUES (2)")
    await pair.carry()
    assert pair.there("SELECT * FROM invoices") == [(1,)]


async def test_a_row_that_breaks_a_foreign_key_leaves_none_of_its_table_and_is_said(pair: Pair) -> None:
    pair.both("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, a int)")
    pair.there("ALTER TABLE b ADD FOREIGN KEY (a) REFERENCES a")
    pair.here("ALTER TABLE b ADD CONSTRAINT loose FOREIGN KEY (a) REFERENCES a NOT VALID")
    pair.here("INSERT INTO a VALUES (1)")
    pair.here("ALTER TABLE b DROP CONSTRAINT loose; INSERT INTO b VALUES (1, 1), (2, 99)")
    with pytest.raises(StepFailed, match="b could not be copied") as caught:
        await pair.carry()
    assert "mend those rows there" in caught.value.hint
    assert pair.there("SELECT * FROM b") == []
    assert pair.there("SELECT * FROM a") == [(1,)]
    pair.here("DELETE FROM b WHERE id = 2")
    assert (await pair.carry()).copied == ("b",), "the rest goes on where it stood"


async def test_a_trigger_that_changes_rows_is_noticed(pair: Pair) -> None:
    pair.both("CREATE TABLE a (id int PRIMARY KEY, t text)")
    pair.there(
        "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.t = upper(NEW.t); RETURN NEW; END$$;"
        "CREATE TRIGGER shouting BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION shout()"
    )
    pair.here("INSERT INTO a VALUES (1, 'x')")
    with pytest.raises(StepFailed, match="not the same after copying") as caught:
        await pair.carry()
    assert "shouting" in caught.value.hint
    assert pair.there("SELECT * FROM a") == []


async def test_a_role_without_the_right_to_write_is_told(pair: Pair, superuser_url: object) -> None:
    pair.both("CREATE TABLE a (id int PRIMARY KEY)")
    pair.here("INSERT INTO a VALUES (1)")
    pair.there(f'REVOKE ALL ON a FROM "{pair.target_url.user}"; GRANT SELECT ON a TO "{pair.target_url.user}"')
    with pytest.raises(StepFailed, match="could not be copied") as caught:
        await pair.carry()
    assert "right to write" in caught.value.hint


async def test_a_full_target_is_told_and_the_same_run_goes_on(pair: Pair) -> None:
    """The server answers as Neon's does at the end of a plan: SQLSTATE 53100."""
    pair.both("CREATE TABLE a (id int PRIMARY KEY)")
    pair.here("INSERT INTO a SELECT generate_series(1, 1000)")
    pair.there(
        "CREATE FUNCTION full_() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF NEW.id > 500 THEN RAISE EXCEPTION "
        "'could not extend file because project size limit (512 MB) has been exceeded' USING ERRCODE = '53100'; "
        "END IF; RETURN NEW; END$$;"
        "CREATE TRIGGER full_ BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION full_()"
    )
    with pytest.raises(StepFailed, match="project size limit") as caught:
        await pair.carry()
    assert "larger plan" in caught.value.hint
    assert pair.there("SELECT count(*) FROM a") == [(0,)]
    pair.there("DROP TRIGGER full_ ON a")
    assert (await pair.carry()).digests["a"].rows == 1000


async def test_sequences_go_on_where_the_source_s_stand(pair: Pair) -> None:
    pair.both(
        "CREATE TABLE s (id serial PRIMARY KEY); CREATE TABLE i (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY);"
        "CREATE TABLE unused (id serial PRIMARY KEY); CREATE SEQUENCE free_one"
    )
    pair.here("INSERT INTO s SELECT FROM generate_series(1, 3); INSERT INTO i SELECT FROM generate_series(1, 5)")
    pair.here("SELECT setval('free_one', 40)")
    carried = await pair.carry()
    assert await bring_sequences(pair.source, pair.target, frozenset(carried.digests), silent) == 4
    work = await pair.work()
    await gather_statistics(pair.target, work.target_tables, work.found.tables)
    assert pair.there("INSERT INTO s DEFAULT VALUES RETURNING id") == [(4,)]
    assert pair.there("INSERT INTO i DEFAULT VALUES RETURNING id") == [(6,)]
    assert pair.there("INSERT INTO unused DEFAULT VALUES RETURNING id") == [(1,)]
    assert pair.there("SELECT nextval('free_one')") == [(41,)]


async def test_partitions_are_copied_through_their_root_and_children_by_themselves(pair: Pair) -> None:
    pair.both(
        "CREATE TABLE p (id int, y int) PARTITION BY RANGE (y);"
        "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (5);"
        "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (5) TO (9);"
        "CREATE TABLE parent (id int); CREATE TABLE kid () INHERITS (parent)"
    )
    pair.here("INSERT INTO p VALUES (1, 1), (2, 7); INSERT INTO parent VALUES (1); INSERT INTO kid VALUES (2)")
    carried = await pair.carry()
    assert {key: one.rows for key, one in carried.digests.items()} == {"kid": 1, "p": 2, "parent": 1}
    assert pair.there("SELECT id FROM parent ORDER BY 1") == [(1,), (2,)]


async def test_what_a_policy_would_hide_is_refused_not_left_out(pair: Pair) -> None:
    pair.both("CREATE TABLE a (id int PRIMARY KEY)")
    pair.here("INSERT INTO a VALUES (1), (2)")
    pair.here("ALTER TABLE a ENABLE ROW LEVEL SECURITY; CREATE POLICY one_row ON a USING (id = 1)")
    role = f"reader_{secrets.token_hex(4)}"
    pair.here(f"CREATE ROLE {role} LOGIN PASSWORD 'x'; GRANT SELECT ON a TO {role}")
    try:
        reader = replace(pair.source_url, user=role, password=Secret("x"))
        side = MoveSide(reader, SystemResolver())
        with pytest.raises(DatabaseProblem, match="row-level security"):
            await carry(replace(await pair.work(), source=side))
        await side.close()
    finally:
        pair.here(f"DROP TABLE a; DROP ROLE {role}")
    assert pair.there("SELECT * FROM a") == []


async def test_memory_stays_flat_over_a_hundred_thousand_rows(pair: Pair) -> None:
    pair.both("CREATE TABLE big (id int PRIMARY KEY, body text)")
    pair.here("INSERT INTO big SELECT i, repeat(md5(i::text), 20) FROM generate_series(1, 100000) i")
    work = await pair.work()
    one, two = work.source_tables["big"], work.target_tables["big"]
    sizes = [resident()]
    async with pair.source.snapshot() as here, pair.target.writing() as there:
        url = pair.source_url
        rows = await copy_rows(here, one, there, two, one.columns, url, lambda _: sizes.append(resident()))
    assert rows == 100_000
    assert len(sizes) > 500, "64 MB went through in blocks"
    assert max(sizes) - sizes[0] < 16, "MB"


def resident() -> float:
    """Megabytes of this process that are in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024 / 1024
