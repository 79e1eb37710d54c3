"""Wherever an address without a database enters, the user's name is written in, to be shown, guarded and handed on."""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from soundcheck.screens.opening import look_credentials
from soundcheck.screens.options import given_credentials
from soundcheck.stores.cloud.made import Half
from soundcheck.stores.credentials import DATABASE_URL, DIRECT_URL, Credentials
from soundcheck.stores.postgres.settings import libpq_settings, node_settings, stock_prisma_url
from soundcheck.stores.project.project import Project
from soundcheck.stores.secret import Secret
from soundcheck.wizard.discover import discover, from_environment
from soundcheck.wizard.env.plan import values_to_write
from soundcheck.wizard.recognise.recogniser import recognise
from soundcheck.wizard.replace.pasted_credential import read_given

TEXT = "postgresql://my%20app%C3%A9:hunter2secret@db.example.org:6432"
NAME, WRITTEN = "my appé", "/my%20app%C3%A9"


def in_file(project: Project) -> Credentials:
    project.env_file.write_text(f'{DATABASE_URL}="{TEXT}"\n{DIRECT_URL}={TEXT}/?sslmode=require\n')
    return discover(project, {}).credentials


def exported(project: Project) -> Credentials:
    return discover(project, {DATABASE_URL: TEXT, DIRECT_URL: f"{TEXT}/"}).credentials


def from_env_alone(_: Project) -> Credentials:
    return from_environment({DATABASE_URL: f"{TEXT}?sslmode=require"}).credentials


def mounted(project: Project) -> Credentials:
    path = project.root / "mounted"
    path.write_text(f"{TEXT}\n")
    return discover(project, {f"{DATABASE_URL}_FILE": str(path)}).credentials


def options(_: Project) -> Credentials:
    args = argparse.Namespace(database_url="env:ONE", direct_url="-")
    return given_credentials(args, {"ONE": TEXT}, io.StringIO(f"{TEXT}/\n"))


def looked_at(_: Project) -> Credentials:
    return look_credentials(TEXT)


def pasted(_: Project) -> Credentials:
    return recognise(f"{DATABASE_URL}={TEXT}\n").credentials


def pasted_to_replace(_: Project) -> Credentials:
    return read_given(Half.DATABASE, Secret(TEXT)).credentials


ENTRIES: Mapping[str, Callable[[Project], Credentials]] = {
    one.__name__: one
    for one in (in_file, exported, from_env_alone, mounted, options, looked_at, pasted, pasted_to_replace)
}


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_address_without_a_database_gets_the_user_s_name(project: Project, entry: str) -> None:
    credentials = ENTRIES[entry](project)
    direct = credentials.direct
    assert credentials.database_url is not None
    assert direct is not None
    for url in (credentials.database_url, direct):
        assert url.database == NAME
        assert WRITTEN in str(url)
        assert libpq_settings(url)["dbname"] == node_settings(url).database == NAME
        assert WRITTEN in stock_prisma_url(url).reveal()
    for values in (credentials.as_env(), values_to_write(credentials, local=False, connection_limit=100)):
        for name in (DATABASE_URL, DIRECT_URL):
            assert WRITTEN in values[name].reveal()


def test_a_paste_says_which_name_was_taken() -> None:
    (problem,) = [one for one in recognise(TEXT).findings if one.code == "no_database"]
    assert NAME in problem.cure
    assert problem.repair is not None
    assert WRITTEN in problem.repair.preview
    assert "hunter2secret" not in problem.repair.preview


@pytest.mark.parametrize("text", ["postgresql://db.example.org", "postgresql://db.example.org/?sslmode=require"])
def test_an_address_that_names_neither_is_refused_in_words(project: Project, text: str, tmp_path: Path) -> None:
    found = recognise(f"{DATABASE_URL}={text}\n")
    assert found.credentials.database_url is None
    assert "no_database" in {one.code for one in found.findings}
    assert discover(project, {DATABASE_URL: text}).problems == {
        DATABASE_URL: "the address names neither a database nor a user"
    }
