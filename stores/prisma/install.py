"""Install a Node part, the schema engine or the query engine: npm packages at exact versions, our modules beside them.

One folder for each state of lock file and modules, built beside its place and renamed into it, so that a folder that
is there is complete. Folders of other versions are left alone: another Soundcheck may be using them.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from soundcheck.stores.errors import CouldNotRun
from soundcheck.stores.file_lock import lock_within
from soundcheck.stores.prisma.node import Node, wheel_command
from soundcheck.stores.private_folder import refuse_shared
from soundcheck.stores.programs.conversation import converse
from soundcheck.stores.programs.environment import NPM, allowed
from soundcheck.stores.programs.search_path import lasting_path
from soundcheck.stores.project.authority import NODE, OPENSSL
from soundcheck.stores.project.project import HOME_VARIABLE
from soundcheck.stores.typed_path import typed_path

ENGINE_VARIABLE: Final = "SOUNDCHECK_ENGINE"
"""Names a folder of engines to use in place of the one in our home: a copy for a machine that cannot reach npm."""

DIGEST_NAME: Final = "packages.sha256"
"""Beside the lock file: the digest of what npm makes of it. npm checks the packages, and nobody what became of them."""

SOURCES: Final = Path(__file__).parent / "node"
INSTALL_DEADLINE: Final = 180.0
_LOCK_DEADLINE: Final = INSTALL_DEADLINE + 30

# Few and short retries: where npm is blocked, a person should not wait minutes for the sentence that says so.
_NPM_OPTIONS: Final = (
    "ci", "--include=optional", "--install-strategy=hoisted",  # whatever npm is told elsewhere: see `is_intact`
    "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error", "--prefer-offline",
    "--fetch-retries=1", "--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=2000", "--fetch-timeout=30000",
)  # fmt: skip

_NPM_CODE: Final = re.compile(r"^npm (?:error|ERR!) code (\S+)", re.MULTILINE)
_NO_NETWORK: Final = {"ENOTFOUND", "EAI_AGAIN", "ENETUNREACH", "EHOSTUNREACH"}
_BLOCKED: Final = {"ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ERR_SOCKET_TIMEOUT", "E401", "E403", "E407", "E404"}
_NPM_CURE: Final = (
    "Let this machine reach the npm registry (npm's own settings for a proxy or a mirror are used), "
    f"or copy the engine folder from another machine and name it with {ENGINE_VARIABLE}."
)


@dataclass(frozen=True, slots=True)
class NodePackage:
    """What is installed as one folder. `probe` is a file of the largest npm package: with it, the folder is whole."""

    name: str
    folder: Path
    probe: str
    size: str
    shared: tuple[Path, ...] = ()
    """Modules of another package that this one uses too; they are copied beside its own."""

    @property
    def sources(self) -> tuple[Path, ...]:
        """The files that decide what is installed, in a fixed order."""
        named = [self.folder / name for name in (".npmrc", "package.json", "package-lock.json")]
        return (*named, *sorted((*self.folder.glob("*.mjs"), *self.shared), key=lambda path: path.name))

    @property
    def key(self) -> str:
        """What the installed folder is called: the hash of everything that decides its content."""
        digest = hashlib.sha256()
        for source in self.sources:
            digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
        return digest.hexdigest()[:16]

    def is_complete(self, folder: Path) -> bool:
        """Whether it is installed there; two looks at the file system."""
        return (folder / "main.mjs").is_file() and (folder / self.probe).is_file()

    def is_intact(self, folder: Path) -> bool:
        """Whether it is installed there, and all that Node may load is what we pinned. Reads it all, 8 MB."""
        try:
            own = all((folder / source.name).read_bytes() == source.read_bytes() for source in self.sources)
            return own and packages_digest(folder) == (self.folder / DIGEST_NAME).read_text("ascii").strip()
        except OSError:
            return False


def packages_digest(folder: Path) -> str:
    """Of every file below `node_modules`, by name and content; npm's own notes there are left out."""
    digest = hashlib.sha256()
    modules = folder / "node_modules"
    for place in sorted(modules.rglob("*"), key=lambda one: one.relative_to(modules).as_posix()):
        name = place.relative_to(modules)
        if name.parts[0] == ".bin" or name.as_posix() == ".package-lock.json":
            continue
        if place.is_symlink():
            digest.update(b"link\0")
        if place.is_file():
            digest.update(name.as_posix().encode() + b"\0" + hashlib.sha256(place.read_bytes()).digest())
    return digest.hexdigest()


SCHEMA_ENGINE: Final = NodePackage(
    "the schema engine", SOURCES, "node_modules/@prisma/schema-engine-wasm/schema_engine_bg.wasm", "8 MB"
)


def engines_folder(home: Path, environ: Mapping[str, str]) -> Path:
    """The folder that holds one folder for each version of the engine.

    Raises `CouldNotRun` where others may write into it: what lies there is run.
    """
    override = environ.get(ENGINE_VARIABLE)
    folder = typed_path(override).resolve() if override else home / "engine"
    refuse_shared(folder, ENGINE_VARIABLE if override else HOME_VARIABLE)
    return folder


def engine_key() -> str:
    """The folder of the schema engine in the folder of engines."""
    return SCHEMA_ENGINE.key


async def install(
    package: NodePackage,
    folder: Path,
    node: Node,
    *,
    environ: Mapping[str, str],
    report: Callable[[str], None],
    deadline: float,
) -> bool:
    """Put a package into `folder` where it is not there yet; says whether anything was done.

    Safe with several processes at once: one installs, the others wait. Raises `CouldNotRun` in words where npm is
    missing, blocked, offline or out of time, the disk is full, or the folder cannot be written.
    """
    if await asyncio.to_thread(package.is_intact, folder):
        return False
    if not node.npm:
        raise CouldNotRun(
            f"npm is missing beside {node.path}, and {package.name} comes from npm.",
            f"Install npm, or run: {wheel_command()}",
        )
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        async with _locked(folder.parent / ".lock"):
            if await asyncio.to_thread(package.is_intact, folder):
                return False
            _sweep(folder.parent)
            neighbour = folder.parent / f".{folder.name}.{secrets.token_hex(4)}.tmp"
            try:
                await _build(package, neighbour, node, environ, report, deadline)
                if folder.exists():  # somebody took parts of it away, or changed them
                    shutil.rmtree(folder)
                neighbour.rename(folder)
            finally:
                shutil.rmtree(neighbour, ignore_errors=True)
    except OSError as problem:
        raise CouldNotRun(
            f"{package.name.capitalize()} could not be put into {folder.parent}: {problem.strerror or problem}.",
            "Free some space (it needs 10 MB) or mend the folder's rights, then try again.",
        ) from problem
    return True


async def _build(
    package: NodePackage,
    place: Path,
    node: Node,
    environ: Mapping[str, str],
    report: Callable[[str], None],
    deadline: float,
) -> None:
    place.mkdir(mode=0o700)
    for source in package.sources:
        shutil.copyfile(source, place / source.name)
    report(f"npm installs {package.name} ({package.size}) with {node}")
    path = os.pathsep.join(p for p in (str(node.path.parent), lasting_path(environ.get("PATH", ""))) if p)
    environment = allowed(environ, *NPM, PATH=path)
    command = [*node.npm, *_NPM_OPTIONS]
    try:
        ended = await converse(command, b"", environment=environment, deadline=deadline, cwd=place)
        roots = environ.get(NODE, "")
        if _is_distrust(ended.stderr) and roots and roots == environ.get(OPENSSL):
            # A `cafile` in npm's own settings takes the place of all that Node trusts, a given authority included.
            environment = environment.setting(npm_config_cafile=roots)
            ended = await converse(command, b"", environment=environment, deadline=deadline, cwd=place)
    except TimeoutError:
        raise CouldNotRun(f"npm did not finish within {deadline:g} s.", _NPM_CURE) from None
    if ended.code != 0 or not package.is_complete(place):
        raise _in_words(package, ended.code, ended.stderr)
    if not await asyncio.to_thread(package.is_intact, place):
        raise CouldNotRun(
            f"What npm installed for {package.name} is not what we pinned.",
            "Do not use it: ask who runs the registry or proxy in between.",
        )
    report(f"{package.name.capitalize()} is installed")


def _code_in(stderr: str) -> str:
    match = _NPM_CODE.search(stderr)
    return match[1] if match else ""


def _is_distrust(stderr: str) -> bool:
    """Whether npm failed over a certificate, as UNABLE_TO_VERIFY_LEAF_SIGNATURE or SELF_SIGNED_CERT_IN_CHAIN."""
    return any(word in _code_in(stderr) for word in ("CERT", "SSL", "VERIFY"))


def _in_words(package: NodePackage, code: int, stderr: str) -> CouldNotRun:
    """What npm failed with, as a sentence; of its own text only the code is quoted, for the rest may hold addresses."""
    said = _code_in(stderr)
    if said == "ENOSPC":
        return CouldNotRun(f"npm could not install {package.name}: the disk is full (ENOSPC).", "Free some space.")
    if said in {"EACCES", "EPERM", "EROFS"}:
        return CouldNotRun(
            f"npm could not install {package.name}: a folder cannot be written ({said}).",
            "Mend the rights of npm's cache folder and of Soundcheck's own.",
        )
    if said in _NO_NETWORK:
        return CouldNotRun(f"npm cannot find the registry: no network, or no name service ({said}).", _NPM_CURE)
    if said in _BLOCKED:
        return CouldNotRun(f"npm is blocked: the registry does not let it through ({said}).", _NPM_CURE)
    if _is_distrust(stderr):
        return CouldNotRun(f"npm does not trust the registry's certificate ({said}).", _NPM_CURE)
    if said == "EINTEGRITY":
        return CouldNotRun(
            "npm got a package that is not the one we pinned (EINTEGRITY).",
            "Do not use it: ask who runs the registry or proxy in between.",
        )
    return CouldNotRun(f"npm could not install {package.name} (code {said or code}).", _NPM_CURE)


def _sweep(parent: Path) -> None:
    """Remove what an install left behind that was killed. We hold the lock, so nobody is building there."""
    for leftover in parent.glob(".*.tmp"):
        shutil.rmtree(leftover, ignore_errors=True)


@contextlib.asynccontextmanager
async def _locked(path: Path) -> AsyncIterator[None]:
    """Hold an exclusive lock that the system frees when we die. Raises `CouldNotRun` where another keeps it."""
    descriptor = await lock_within(path, _LOCK_DEADLINE)
    if descriptor is None:
        raise CouldNotRun("Another Soundcheck has been installing an engine for minutes.", "End it, then try again.")
    try:
        yield
    finally:
        os.close(descriptor)
