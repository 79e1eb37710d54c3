"""Write the new credential into each file, and take the old one out of what was kept."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from soundcheck.stores.atomic_file import write_atomically
from soundcheck.stores.clock import Clock
from soundcheck.stores.envfile.reading import EnvReading, digest_of, read_bytes, values_of
from soundcheck.stores.errors import CouldNotRun, Refused
from soundcheck.stores.held_file import refuse_held
from soundcheck.stores.plain_file import read_plain
from soundcheck.stores.project import backups
from soundcheck.stores.project.journal import Journal, Swapped
from soundcheck.stores.project.project import Project
from soundcheck.stores.project.secret_spellings import holds, without
from soundcheck.stores.secret import Secret
from soundcheck.wizard.replace.plan import CredentialExchange, FileChange, ValueExchange, exchanged

_MODE = 0o600


@dataclass(frozen=True, slots=True)
class PurgeResult:
    """How many kept states got the new value in place of the old, and how many only lost the old."""

    rewritten: int = 0
    masked: int = 0
    failed: tuple[str, ...] = ()


def write_changes(project: Project, changes: tuple[FileChange, ...], clock: Clock) -> None:
    """Each file: one backup, then the file itself, atomically and 0600.

    Raises `Refused` where a file is no longer as it was shown, and then nothing is written; `CouldNotRun` by disk or
    rights, and then what is written so far stays: running it again goes on.
    """
    for change in changes:
        if _bytes_of(change.path) != change.before:
            raise Refused(
                f"{change.shown} has changed since it was shown.", "Run it again, and look at the difference."
            )
        refuse_held(change.path, shown=change.shown)
    project.prepare_state()
    journal = Journal(project, clock)
    for change in changes:
        kept = backups.keep(project.backups, change.path, change.before, change.after, clock=clock)
        try:
            journal.swap_file(change.path, change.before, change.after, mode=_MODE)
        except (CouldNotRun, Refused):
            backups.discard(kept)
            raise


def purge(project: Project, exchange: CredentialExchange) -> PurgeResult:
    """See `purge_secrets`."""
    return purge_secrets(project, exchange, [one for one in (exchange.old_secret,) if one is not None])


def purge_secrets(project: Project, exchange: ValueExchange, secrets: Sequence[Secret]) -> PurgeResult:
    """Take the old value out of all backups and originals: the new one stands in its place, else a mask.

    With the new one in it, an undo of something else still gives a file that works.
    """
    rewritten = masked = 0
    failed = []
    for file in _kept_files(project):
        data = _bytes_of(file)
        if not any(holds(data, secret) for secret in secrets):
            continue
        renewed = clean = _renewed(file, data, exchange)
        for secret in secrets:
            clean = without(clean, secret)
        try:
            write_atomically(file, clean, mode=stat.S_IMODE(file.stat().st_mode))
        except (OSError, CouldNotRun):
            failed.append(str(file))
            continue
        if renewed == clean and renewed != data:
            rewritten += 1
        else:
            masked += 1
    return PurgeResult(rewritten, masked, tuple(failed))


def held_before(project: Project) -> EnvReading | None:
    """The env file as it was before an exchange that was interrupted; None where the last write was no exchange."""
    path = project.env_file.absolute()
    swaps = [one for one in Journal(project).records() if isinstance(one, Swapped) and one.path == path]
    backup = backups.newest(project.backups, path)
    if not swaps or backup is None or swaps[-1].digest != digest_of(_bytes_of(path)):
        return None
    return _reading(backup.file, backup.content() or b"")


def _renewed(file: Path, data: bytes, exchange: ValueExchange) -> bytes:
    _, document, _ = exchanged(_reading(file, data), exchange)
    return document.render().encode() if document is not None else data


def _reading(file: Path, data: bytes) -> EnvReading:
    document, problems = read_bytes(data, file)
    return EnvReading(file, {} if problems else values_of(document), problems, document, exists=True)


def _kept_files(project: Project) -> Iterator[Path]:
    for folder in (project.backups, Journal(project).originals):
        if folder.is_dir():
            yield from sorted(path for path in folder.iterdir() if path.is_file() and not path.is_symlink())


def _bytes_of(path: Path) -> bytes:
    try:
        return read_plain(path)
    except OSError as problem:
        raise CouldNotRun(f"{path} cannot be read: {problem.strerror}.", "Mend its rights.") from None


def secret_of(exchange: CredentialExchange) -> Secret:
    """The old value, an empty one where there was none."""
    return exchange.old_secret or Secret("")
