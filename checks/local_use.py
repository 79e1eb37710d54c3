"""Whether the stores in use are the local stack's. Only `stores/local` decides that; it is asked once a run."""

from __future__ import annotations

from checks.check import Context


def uses_local_database(context: Context) -> bool:
    """Whether DATABASE_URL is the local stack's: then billing, TLS, pooler and localhost matters are left out."""
    return context.share("local database", lambda: _owns_database(context))


def uses_local_cache(context: Context) -> bool:
    """Whether the REST endpoint is the local stack's."""
    return context.share("local cache", lambda: _owns_cache(context))


def _owns_database(context: Context) -> bool:
    from stores.local.stack import LocalStack

    url = context.services.credentials.database_url
    return url is not None and url.is_loopback and LocalStack(context.services.project.local).owns(url)


def _owns_cache(context: Context) -> bool:
    from stores.local.stack import LocalStack

    url = context.services.credentials.rest_url
    return url is not None and url.is_loopback and LocalStack(context.services.project.local).owns_rest(url)
