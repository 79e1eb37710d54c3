"""How this program was installed, and the command by which a package is added to it."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import soundcheck


class InstalledBy(Enum):
    """What made the environment that we run in, and has to be asked to change it."""

    CHECKOUT = "make"
    UV = "uv tool"
    PIPX = "pipx"
    OTHER = "pip"


@dataclass(frozen=True, slots=True)
class OwnInstallation:
    """An environment, and who made it. `prefix` is its folder, or the checkout's."""

    by: InstalledBy
    prefix: Path
    python: Path

    def adding(self, requirement: str) -> str:
        """The command that installs a package beside us, ready for a shell."""
        wanted = shlex.quote(requirement)
        if self.by is InstalledBy.CHECKOUT:  # it installs what this machine lacks
            return f"make -C {shlex.quote(str(self.prefix))} run ARGS=--version"
        if self.by is InstalledBy.UV:
            return f"uv pip install --python {shlex.quote(str(self.python))} {wanted}"
        if self.by is InstalledBy.PIPX:
            return f"pipx inject {shlex.quote(self.prefix.name)} {wanted}"
        return f"{shlex.quote(str(self.python))} -m pip install {wanted}"


def own_installation(
    prefix: Path = Path(sys.prefix),
    python: Path = Path(sys.executable),
    package: Path = Path(soundcheck.__file__).parent,
) -> OwnInstallation:
    """Told by what the installers leave in the environments that they make, and by where `package` lies."""
    checkout = package.parent
    if prefix == checkout / ".venv" and (checkout / "tools" / "install.sh").is_file():
        return OwnInstallation(InstalledBy.CHECKOUT, checkout, python)
    if (prefix / "uv-receipt.toml").is_file():
        return OwnInstallation(InstalledBy.UV, prefix, python)
    if (prefix / "pipx_metadata.json").is_file():
        return OwnInstallation(InstalledBy.PIPX, prefix, python)
    return OwnInstallation(InstalledBy.OTHER, prefix, python)
