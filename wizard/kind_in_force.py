"""What the guard takes a profile for: what was said, else development where all of it is our own local stack's.

On its own, because the header needs it before the first rows and nothing else of how a kind is written.
"""

from __future__ import annotations

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.project.project import ProfileKind
from soundcheck.stores.services import Services


def kind_in_force(services: Services) -> ProfileKind:
    """The profile's kind as the guard takes it: where nobody said one, our own local stack is development."""
    said, credentials = services.project.profile.kind, services.credentials
    url = credentials.database_url
    if said is not ProfileKind.UNKNOWN or url is None or not url.is_loopback:
        return said
    return ProfileKind.DEV if is_own_stack(services) else said


def is_own_stack(services: Services) -> bool:
    """Whether all that is in use is our own local stack's; what cannot be found out counts as a stranger's."""
    if not services.project.local.is_dir():
        return False
    from soundcheck.stores.local.stack import LocalStack

    url, rest = services.credentials.database_url, services.credentials.rest_url
    stack = LocalStack(services.project.local)
    try:
        return url is not None and stack.owns(url) and (rest is None or stack.owns_rest(rest))
    except CouldNotRun:
        return False
