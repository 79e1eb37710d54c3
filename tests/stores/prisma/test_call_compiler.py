"""Calls are compiled by the project's own generated client, which neither connects nor sees a credential."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from backend_fixture import music_client  # noqa: F401
from engine_fixture import engine_folder  # noqa: F401

from soundcheck.stores.prisma import call_compiler
from soundcheck.stores.prisma.call_compiler import compile_calls
from soundcheck.stores.project.trust import trust_given

TRUSTED = trust_given([])


async def test_the_client_s_own_builder_makes_the_query(music_client: Path) -> None:  # noqa: F811
    calls = [
        'await db.user.find_many(where={"email": {"contains": "x"}}, order=[{"id": "desc"}], take=5)',
        'await db.user.count(\n    where={"createdAt": {"gte": datetime.fromisoformat("2024-01-01T00:00+00:00")}},\n)',
        'await db.user.find_unique(where={"id": "a"})',
        "await db.nobody.find_many()",
        "await db.user.find_many(were={})",
        "await db.user.find_many(",
    ]
    many, instant, unique, *refused = await compile_calls(music_client / "prisma_client", calls, trusted=TRUSTED) or ()
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
    told = await compile_calls(music_client / "prisma_client", [telling], environ=environ, trusted=TRUSTED)
    (music_client / ".env").unlink()
    assert told is not None
    assert "NoneType" in told[0].refused


async def test_a_client_that_does_not_import_compiles_nothing(tmp_path: Path) -> None:
    assert await compile_calls(tmp_path / "prisma_client", ["await db.user.count()"], trusted=TRUSTED) is None
    (tmp_path / "prisma_client").mkdir()
    (tmp_path / "prisma_client" / "__init__.py").write_text("raise RuntimeError('older')")
    assert await compile_calls(tmp_path / "prisma_client", ["await db.user.count()"], trusted=TRUSTED) is None


COUNT = "await db.user.count()"


async def test_nothing_beside_the_client_is_imported(music_client: Path, tmp_path: Path) -> None:  # noqa: F811
    shutil.copytree(music_client / "prisma_client", tmp_path / "prisma_client")
    mark = tmp_path / "imported"
    for name in (
        "httpx", "pydantic", "prisma", "typing_extensions", "json", "datetime", "decimal", "sitecustomize",
    ):  # fmt: skip
        (tmp_path / f"{name}.py").write_text(f"open({str(mark)!r}, 'a').write({name!r})\n")
    environ = {**os.environ, "PYTHONPATH": str(tmp_path)}
    built = await compile_calls(tmp_path / "prisma_client", [COUNT], environ=environ, trusted=TRUSTED)
    assert not mark.exists()
    assert built is not None
    assert "aggregateUser" in built[0].query


@pytest.mark.parametrize("name", ["httpx", "json", "prisma", "pydantic", "stores", "a folder"])
async def test_a_client_takes_no_library_s_place(music_client: Path, tmp_path: Path, name: str) -> None:  # noqa: F811
    shutil.copytree(music_client / "prisma_client", tmp_path / name)
    built = await compile_calls(tmp_path / name, [COUNT], trusted=TRUSTED)
    assert built is not None
    assert "aggregateUser" in built[0].query


async def test_a_client_from_elsewhere_is_not_taken(
    music_client: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Such as the one of our own checkout, which `make run` generates there."""
    assert await compile_calls(music_client / "prisma_client", [COUNT], trusted=TRUSTED) is not None
    paths = os.pathsep.join([call_compiler.__file__.removesuffix("/stores/prisma/call_compiler.py"), str(music_client)])
    monkeypatch.setattr("soundcheck.stores.programs.conversation.child_import_path", lambda: paths)
    assert await compile_calls(tmp_path / "prisma_client", [COUNT], trusted=TRUSTED) is None
    (tmp_path / "prisma_client").mkdir()
    assert await compile_calls(tmp_path / "prisma_client", [COUNT], trusted=TRUSTED) is None
    (tmp_path / "file").write_text("")
    assert await compile_calls(tmp_path / "file", [COUNT], trusted=TRUSTED) is None
