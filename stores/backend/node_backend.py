"""The Node backend of a project: its package manager, and its own Prisma. Read from files; nothing is run.

`prisma --version` would tell the version too, and wants to download an engine first (seen with 7.10.1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from soundcheck.stores.backend.node_packages import declared_ranges, installed_version, read_package
from soundcheck.stores.backend.prisma_cli import PACKAGES, names_a_major, pinned
from soundcheck.stores.project.project import Project

_LOCKS: Final = (("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn"), ("bun.lock", "bun"), ("bun.lockb", "bun"))
_CONFIGS: Final = tuple(
    f"{folder}{name}.{ending}"
    for folder, name in (("", "prisma.config"), (".config/", "prisma"))
    for ending in ("ts", "mts", "cts", "js", "mjs", "cjs")
)


@dataclass(frozen=True, slots=True)
class NodeBackend:
    """A folder with a package.json. Versions are those that are installed, "" for none.

    `declared` are its dependencies of all kinds, each with the range that it asks for. `places` are the folders whose
    node_modules count, its own first. `config` is Prisma's own settings file, None where there is none.
    """

    folder: Path
    manager: str
    declared: Mapping[str, str]
    cli: str
    client: str
    generated: bool
    config: Path | None
    places: tuple[Path, ...] = ()

    @property
    def uses_prisma(self) -> bool:
        """Whether it declares Prisma or has it."""
        return bool(self.cli or self.client or self.declared.keys() & set(PACKAGES))

    @property
    def major(self) -> int | None:
        """The major version of its Prisma, None where it is not installed."""
        found = re.match(r"(\d+)\.", self.cli or self.client)
        return int(found[1]) if found else None

    @property
    def missing(self) -> tuple[str, ...]:
        """The packages that a Prisma client in Node needs and that are not installed."""
        return tuple(name for name, version in (("@prisma/client", self.client), ("prisma", self.cli)) if not version)

    @property
    def install_command(self) -> tuple[str, ...]:
        """The line that brings what is missing: what is declared is installed, what is not is added.

        One that is declared without a version, as `latest`, is added again with one.
        """
        undeclared = [name for name in self.missing if not names_a_major(self.declared.get(name, ""))]
        if not undeclared:
            return (self.manager, "install")
        return (self.manager, "install" if self.manager == "npm" else "add", *pinned(undeclared, self.places))

    @property
    def align_command(self) -> tuple[str, ...]:
        """The line that brings the command to the client's major version, which the application is written for."""
        major = self.client.partition(".")[0]
        return (self.manager, "install" if self.manager == "npm" else "add", f"prisma@{major}")

    @property
    def generate_command(self) -> tuple[str, ...]:
        """Their own generate, never downloaded unasked."""
        return {
            "npm": ("npx", "--no-install", "prisma", "generate"),
            "bun": ("bunx", "--no-install", "prisma", "generate"),
        }.get(self.manager, (self.manager, "exec", "prisma", "generate"))


def find_node_backend(project: Project) -> NodeBackend | None:
    """The backend's package.json, else the project's; None where neither is there or can be read."""
    places = [place for place in (project.root / "backend", project.root) if (place / "package.json").is_file()]
    found = [one for place in places if (one := _backend(place, project.root)) is not None]
    return next((one for one in found if one.uses_prisma), found[0] if found else None)


def _backend(folder: Path, root: Path) -> NodeBackend | None:
    package = read_package(folder / "package.json")
    if package is None:
        return None
    above = [folder, *(place for place in folder.parents if place.is_relative_to(root))]
    locks = [name for place in above for file, name in _LOCKS if (place / file).is_file()]
    generated = any((place / "node_modules" / ".prisma" / "client").is_dir() for place in above)
    config = next((folder / name for name in _CONFIGS if (folder / name).is_file()), None)
    return NodeBackend(
        folder,
        locks[0] if locks else "npm",
        declared_ranges(package),
        installed_version(above, "prisma"),
        installed_version(above, "@prisma/client"),
        generated,
        config,
        tuple(above),
    )
