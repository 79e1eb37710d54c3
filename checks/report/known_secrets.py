"""Every secret that this run knows of: in use, in the env files, kept from before, exported, and of the local stack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from soundcheck.checks.report.redaction import Redactor
from soundcheck.stores.cloud.made import made_secrets
from soundcheck.stores.credentials import ENV_NAMES
from soundcheck.stores.project.backups import backups_of
from soundcheck.stores.project.secret_mounts import mounted_values
from soundcheck.stores.secret import Secret
from soundcheck.stores.services import Services

_SECRET_NAME: Final = re.compile(
    r"(?i)TOKEN|SECRET|PASS|[A-Z]_PWD$|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|DSN|_URI|DATABASE_URL|REDIS_URL|DIRECT_URL|CREDENTIAL"
)


def known_secrets(services: Services) -> Iterator[Secret]:
    """All of them, some more than once; reads the env file, those beside it, its backups, and the local stack's state.

    What stood in the env file before may still stand in a log.
    """
    from soundcheck.stores.envfile import read_env
    from soundcheck.stores.envfile.neighbours import neighbours

    yield from services.credentials.secrets()
    env_file = services.project.env_file
    earlier = [read_env(backup.file) for backup in backups_of(services.project.backups, env_file)]
    for reading in (read_env(env_file), *neighbours(env_file), *earlier):
        for name, found in reading.values.items():
            if _SECRET_NAME.search(name):
                yield found.value
                yield found.node_value
    for name, value in services.environ.items():
        if _SECRET_NAME.search(name):
            yield Secret(value)
    for mounted in mounted_values(ENV_NAMES, services.environ).values():
        yield mounted.value
    yield from made_secrets(services.project)
    if services.project.local.is_dir():  # else there is nothing to import the local stack for
        from soundcheck.stores.local.stack import LocalStack

        local = LocalStack(services.project.local).credentials()
        if local is not None:
            yield from local.secrets()


def redactor_for(services: Services) -> Redactor:
    """The redactor for everything that leaves this project."""
    return Redactor(known_secrets(services))
