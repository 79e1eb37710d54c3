"""A project with a `backend` folder, and what the `.env` step is given for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from soundcheck.stores.credentials import Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import Project, open_project
from soundcheck.stores.secret import Secret
from soundcheck.stores.upstash.rest_url import RestUrl
from soundcheck.wizard.env.step import EnvConsent

PASSWORD = "pa$${x}#'\" w/é"
URL = PostgresUrl("app", Secret(PASSWORD), "ep-cool-1-pooler.us-east-2.aws.neon.tech", None, "neondb")
REMOTE = Credentials(URL, None, RestUrl.parse("https://fit-mole-123.upstash.io"), Secret("AXtoken=="))
LOCAL = Credentials(
    PostgresUrl.parse("postgresql://soundcheck:localpw@127.0.0.1:54321/app"),
    None,
    RestUrl.parse("http://127.0.0.1:8079"),
    Secret("localtoken"),
)
ALL = EnvConsent(replace=True, ignore_files=True)


@pytest.fixture
def here(tmp_path: Path) -> Project:
    root = tmp_path / "müsic app"
    (root / "backend").mkdir(parents=True)
    return open_project(root, environ={"SOUNDCHECK_HOME": str(tmp_path / "home")})
