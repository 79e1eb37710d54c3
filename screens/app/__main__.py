"""The app alone, for those who work on it: `python -m soundcheck.screens.app --url env:DATABASE_URL`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from soundcheck.screens.app.app import SoundcheckApp
from soundcheck.screens.app.start import Place, Start
from soundcheck.stores.clock import SystemClock
from soundcheck.stores.credentials import DATABASE_URL, REST_TOKEN, REST_URL, Credentials
from soundcheck.stores.postgres.url import PostgresUrl
from soundcheck.stores.project.project import open_project
from soundcheck.stores.resolver import SystemResolver
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services
from soundcheck.stores.upstash.rest_url import RestUrl


def main() -> None:
    """Take the credentials from the environment and open the app."""
    parser = argparse.ArgumentParser(prog="python -m soundcheck.screens.app")
    parser.add_argument("--project", type=Path, default=Path.cwd())
    parser.add_argument("--place", choices=[place.value for place in Place], default=Place.TABLES.value)
    parser.add_argument("--table", default="")
    options = parser.parse_args()
    environ = dict(os.environ)
    database, rest, token = environ.get(DATABASE_URL), environ.get(REST_URL), environ.get(REST_TOKEN)
    credentials = Credentials(
        database_url=PostgresUrl.parse(database) if database else None,
        rest_url=RestUrl.parse(rest) if rest else None,
        rest_token=Secret(token) if token else None,
    )
    services = Services(open_project(options.project), SystemClock(), SystemResolver(), credentials, environ=environ)
    SoundcheckApp(services, Start(Place(options.place), options.table)).run()


if __name__ == "__main__":
    main()
