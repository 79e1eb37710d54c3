"""What is said once the app has been left: what goes on running, and what was not written. Pure but for a look."""

from __future__ import annotations

from collections.abc import Sequence

from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.services import Services


def parting_lines(services: Services, unwritten: Sequence[str] = ()) -> list[str]:
    """One line for what set-up loses, one for a local stack that goes on; none where there is nothing to say."""
    lines = []
    if unwritten:
        lines.append(
            f"Not written, so not kept: {', '.join(unwritten)}. `soundcheck setup` goes on there; paste it again."
        )
    if keeps_running(services):
        lines.append("PostgreSQL and Valkey of this project keep running here. To stop them: `soundcheck local down`")
    return lines


def keeps_running(services: Services) -> bool:
    """Whether a store in use is the local stack's, and runs."""
    credentials = services.credentials
    urls = (credentials.database_url, credentials.rest_url)
    if not any(url is not None and url.is_loopback for url in urls):
        return False
    from soundcheck.stores.local.stack import LocalStack
    from soundcheck.stores.local.standing import StackStanding
    from soundcheck.wizard.setup.local_step import local_halves

    try:
        stand = LocalStack(services.project.local).stand()
        return (
            stand is not None
            and stand.standing is StackStanding.UP
            and bool(local_halves(services.project, credentials))
        )
    except SoundcheckError:
        return False
