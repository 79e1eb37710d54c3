"""Whether the generated client can connect from here, and what it still needs, in lines for Done."""

from __future__ import annotations

from collections.abc import Mapping

from stores.project import Project


def client_outlook(project: Project, environ: Mapping[str, str]) -> list[str]:
    """Looks at files, starts nothing; a few milliseconds. Empty where the schema wants no Python client."""
    from stores.prisma.client_needs import client_needs
    from stores.prisma.client_place import ClientState

    if project.schema is None:
        return []
    needs = client_needs(project, project.schema, environ)
    if needs.state is ClientState.NOT_WANTED:
        return []
    if needs.can_connect:
        return ["The generated client has all it needs to connect from here."]
    return ["Before your backend connects with the generated client:", *needs.missing]
