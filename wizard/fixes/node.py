"""The fixes of a Node backend: the config file that Prisma 7 wants, and its own generate."""

from __future__ import annotations

import asyncio
import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from soundcheck.checks.finding import Fix
from soundcheck.checks.report.known_secrets import known_secrets
from soundcheck.stores.atomic_file import write_over
from soundcheck.stores.backend.folder_programs import when_a_tool_runs
from soundcheck.stores.backend.node_backend import NodeBackend, find_node_backend
from soundcheck.stores.envfile.reading import digest_of
from soundcheck.stores.errors import CouldNotRun, Refused
from soundcheck.stores.held_file import refuse_held
from soundcheck.stores.plain_file import read_plain
from soundcheck.stores.project import backups
from soundcheck.stores.project.journal import Journal, Kind
from soundcheck.stores.project.trust import required_trust
from soundcheck.stores.services import Services
from soundcheck.wizard.fixes.fix import Applied, Executor, Preview, UndoData
from soundcheck.wizard.progress import Progress, Reporter
from soundcheck.wizard.setup.database_step import outputs_outside


@dataclass(frozen=True, slots=True)
class _FileChange:
    """One file as it stands (None: it is not there) and as it will."""

    path: Path
    before: bytes | None
    after: bytes


def _node(services: Services) -> NodeBackend:
    backend = find_node_backend(services.project)
    if backend is None:
        raise Refused("There is no Node backend here.", "Nothing was changed.")
    return backend


def _config_changes(services: Services) -> tuple[tuple[_FileChange, ...], tuple[str, ...]]:
    """Both files, and their difference in lines. Raises `Refused` where the schema must keep its address."""
    from soundcheck.stores.prisma.node_config import CONFIG_NAME, config_text, without_urls
    from soundcheck.stores.prisma.schema_text import python_generator

    backend, schema = _node(services), services.project.schema
    if schema is None:
        raise Refused("This project has no Prisma schema.", "Name it with --schema FILE.")
    if python_generator(schema) is not None:
        raise Refused(
            "Prisma Client Python needs url in the schema, so it stays.", "Give Node and Python each a schema."
        )
    changed = without_urls(schema)
    if changed is None:
        return (), ()
    shown, lines, changes = services.project.shown, [], []
    if backend.config is None:
        path = backend.folder / CONFIG_NAME
        text = config_text(schema, backend.folder)
        changes.append(_FileChange(path, None, text.encode()))
        lines += [f"{shown(path)}, new:", *(f"+ {line}" for line in text.splitlines())]
    before = _read(changed.path)
    changes.append(_FileChange(changed.path, before, changed.text.encode()))
    lines += [f"{shown(changed.path)}:", *(f"- {line.strip()}" for line in changed.removed)]
    if backend.config is not None:
        lines.append(f"{shown(backend.config)} is there and stays; see that it names the address.")
    if backend.config is None and "dotenv" not in backend.declared:
        lines.append(f"It reads .env with dotenv, which is not installed: {backend.manager} install dotenv")
    return tuple(changes), tuple(lines)


def _read(path: Path) -> bytes:
    try:
        return read_plain(path)
    except OSError as problem:
        raise CouldNotRun(f"{path} cannot be read: {problem.strerror}.", "Mend its rights.") from None


async def _preview_config(services: Services, fix: Fix, _: Reporter) -> Preview:
    changes, lines = await asyncio.to_thread(_config_changes, services)
    if not changes:
        return Preview(fix, ("The schema has no address in it.",), needed=False)
    for change in changes:
        refuse_held(change.path, shown=services.project.shown(change.path))
    return Preview(fix, lines, undo="both files as they were are kept and can be put back", plan=changes)


async def _apply_config(services: Services, preview: Preview, _: Reporter) -> Applied:
    changes = preview.plan
    assert isinstance(changes, tuple)  # noqa: S101 - made above
    project = services.project

    def write() -> dict[str, str]:
        project.prepare_state()
        journal = Journal(project, services.clock)
        for change in changes:
            backups.keep(project.backups, change.path, change.before, change.after, clock=services.clock)
            mode = change.path.stat().st_mode & 0o777 if change.before is not None else 0o644
            journal.write_file(Kind.SCHEMA, change.path, change.before, change.after, mode=mode)
        return {"files": json.dumps([[str(one.path), digest_of(one.after)] for one in changes])}

    data = await asyncio.to_thread(write)
    names = " and ".join(project.shown(change.path) for change in changes)
    backend = await asyncio.to_thread(_node, services)
    place = project.shown(backend.folder)
    return Applied((f"{names}: written. Now type in {place}: {shlex.join(backend.generate_command)}",), data)


async def _undo_config(services: Services, data: UndoData) -> str:
    files = [(Path(path), digest) for path, digest in json.loads(data["files"])]

    def put_back() -> None:
        for path, digest in files:
            if not path.is_file() or digest_of(_read(path)) != digest:
                raise Refused(f"{services.project.shown(path)} was changed after the fix.", "Put it right by hand.")
            refuse_held(path, shown=services.project.shown(path))
        for path, _ in files:
            backup = backups.newest(services.project.backups, path)
            before = backup.content() if backup is not None else None
            if before is None:
                path.unlink()
            else:
                write_over(path, before, mode=path.stat().st_mode & 0o777)
            if backup is not None:
                backups.discard(backup)

    await asyncio.to_thread(put_back)
    return f"{' and '.join(services.project.shown(path) for path, _ in files)}: as before."


async def _preview_generate(services: Services, fix: Fix, _: Reporter) -> Preview:
    backend = await asyncio.to_thread(_node, services)
    place = services.project.shown(backend.folder)
    line = f"in {place}: {shlex.join(backend.generate_command)}"
    schema = services.project.schema
    stray = await asyncio.to_thread(outputs_outside, services, schema) if schema is not None else ()
    if stray:
        where = " and ".join(map(str, stray))
        raise Refused(
            f"It would write outside this project, to {where}.", f"If that is right, type it yourself, {line}"
        )
    return Preview(fix, (line,), runs=when_a_tool_runs(backend.generate_command, backend.folder))


async def _apply_generate(services: Services, preview: Preview, report: Reporter) -> Applied:
    from soundcheck.stores.backend.run_line import run_line

    backend = await asyncio.to_thread(_node, services)
    secrets = await asyncio.to_thread(lambda: [secret.reveal() for secret in known_secrets(services)])
    await run_line(
        backend.generate_command,
        backend.folder,
        trusted=await asyncio.to_thread(required_trust, services.project, preview.runs),
        environ=services.environ,
        secrets=secrets,
        report=lambda line: report(Progress(line)),
    )
    return Applied((f"{shlex.join(backend.generate_command)}: done.",))


NODE_EXECUTORS: Final = (
    Executor("prisma.config", _preview_config, _apply_config, _undo_config),
    Executor("backend.generate", _preview_generate, _apply_generate),
)
