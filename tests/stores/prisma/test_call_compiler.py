"""Calls are compiled by the project's own generated client, which neither connects nor sees a credential."""

from __future__ import annotations

import os
from pathlib import Path

from backend_fixture import music_client  # noqa: F401
from engine_fixture import engine_folder  # noqa: F401

from soundcheck.stores.prisma.call_compiler import compile_calls


async def test_the_client_s_own_builder_makes_the_query(music_client: Path) -> None:  # noqa: F811
    calls = [
        'await db.user.find_many(where={"email": {"contains": "x"}}, order=[{"id": "desc"}], take=5)',
        'await db.user.count(\n    where={"createdAt": {"gte": datetime.fromisoformat("2024-01-01T00:00+00:00")}},\n)',
        'await db.user.find_unique(where={"id": "a"})',
        "await db.nobody.find_many()",
        "await db.user.find_many(were={})",
        "await db.user.find_many(",
    ]
    many, instant, unique, *refused = await compile_calls(music_client / "prisma_client", calls) or ()
    assert "findManyUser" in many.query
    assert 'contains: "x"' in many.query
    assert 'gte: "2024-01-01T00:00:00+00:00"' in instant.query
    assert "findUniqueUser" in unique.query
    assert ["nobody" in refused[0].refused, "were" in refused[1].refused, "SyntaxError" in refused[2].refused] == [
        True
    ] * 3
    assert not any(one.query for one in refused)


async def test_no_credential_reaches_the_child(music_client: Path) -> None:  # noqa: F811
    """The client reads `.env` where it stands; the child asks it not to."""
    (music_client / ".env").write_text("DATABASE_URL=postgresql://u:from-the-file@h/d\n")
    environ = {**os.environ, "DATABASE_URL": "postgresql://u:exported@h/d"}
    telling = 'print(1, __import__("os").environ.get("DATABASE_URL").upper())'
    told = await compile_calls(music_client / "prisma_client", [telling], environ=environ)
    (music_client / ".env").unlink()
    assert told is not None
    assert "NoneType" in told[0].refused


async def test_a_client_that_does_not_import_compiles_nothing(tmp_path: Path) -> None:
    assert await compile_calls(tmp_path / "prisma_client", ["await db.user.count()"]) is None
    (tmp_path / "prisma_client").mkdir()
    (tmp_path / "prisma_client" / "__init__.py").write_text("raise RuntimeError('older')")
    assert await compile_calls(tmp_path / "prisma_client", ["await db.user.count()"]) is None
