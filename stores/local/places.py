"""Where everything of one local stack lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.private_folder import refuse_shared

LONGEST_PATH = 900
"""Bytes. initdb crashes with a segmentation fault a little above 1000 (tried with PostgreSQL 18.6)."""


@dataclass(frozen=True, slots=True)
class Places:
    """The files below the stack's folder. The PostgreSQL data may lie elsewhere; the state file says where."""

    folder: Path

    @property
    def startup_lock(self) -> Path:
        """Held while `up`, `down` or `reset` works; never inherited by a server."""
        return self.folder / "lock"

    @property
    def state_file(self) -> Path:
        """Ports, passwords, tokens and process identities, 0600."""
        return self.folder / "state.json"

    @property
    def postgres(self) -> Path:
        """The cluster, made as `postgres.new` and renamed when it is complete."""
        return self.folder / "postgres"

    def cluster(self, elsewhere: Path | None) -> Path:
        """Where the cluster lies, given what the state file says."""
        return elsewhere or self.postgres

    @property
    def valkey(self) -> Path:
        """Valkey's append-only file."""
        return self.folder / "valkey"

    @property
    def logs(self) -> Path:
        """What the servers print."""
        return self.folder / "logs"

    def log(self, server: str) -> Path:
        """One server's log, 0600."""
        return self.logs / f"{server}.log"

    def life(self, server: str) -> Path:
        """The file whose lock a server inherits and holds as long as it lives; see `life_lock`."""
        return self.folder / f"{server}.life"

    def prepare(self) -> None:
        """Make the folder and its sub-folders, 0700. Raises `CouldNotRun` where that cannot be."""
        import os

        length = len(os.fsencode(self.folder))
        if length > LONGEST_PATH:
            raise CouldNotRun(
                f"The folder for the local servers has a path of {length} bytes; PostgreSQL takes {LONGEST_PATH}.",
                "Set SOUNDCHECK_HOME to a folder with a shorter path.",
            )
        refuse_shared(self.folder)
        try:
            for folder in (self.folder, self.logs):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                folder.chmod(0o700)
        except OSError as problem:
            raise CouldNotRun(
                f"{problem.filename or self.folder} cannot be written: {problem.strerror or problem}.",
                "Set SOUNDCHECK_HOME to a folder that you may write to.",
            ) from problem
