"""What of a project's folder would run, and which text names it: found by looking, nothing is started or imported.

Prisma Client Python 0.15.0: `_base_client.py` (`load_env`: which env files are read), `engine/utils.py` (where an
engine is looked for).
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from soundcheck.stores.backend.client_needs import ENGINE_NAME, ENGINE_VARIABLE
from soundcheck.stores.backend.node_backend import find_node_backend
from soundcheck.stores.backend.python_backend import backend_folder, find_backend_python
from soundcheck.stores.envfile import read_env
from soundcheck.stores.errors import SoundcheckError
from soundcheck.stores.prisma.client_place import client_folder
from soundcheck.stores.prisma.install import engines_folder
from soundcheck.stores.prisma.partial_types import partial_types_of
from soundcheck.stores.prisma.schema_text import model_blocks, python_generator, schema_in_use
from soundcheck.stores.project.config import CONFIG_NAME
from soundcheck.stores.project.project import Project, is_own_checkout
from soundcheck.stores.project.trust import FolderProgram


def everything_that_runs(project: Project, environ: Mapping[str, str]) -> tuple[FolderProgram, ...]:
    """All that any command could run of the folder, as a person agrees to with `--trust`. Blocking, some milliseconds.

    What cannot be read names nothing.
    """
    found: list[FolderProgram] = []
    schema = schema_in_use(project)
    looks: tuple[Callable[[], tuple[FolderProgram, ...]], ...] = (
        lambda: when_connecting(project, schema, environ),
        lambda: when_generating(project, schema),
        lambda: when_prisma_generates(project, schema),
        lambda: _tools_of_backend(project),
    )
    for look in looks:
        try:
            found += look()
        except SoundcheckError:
            continue
    return tuple(dict.fromkeys(found))


def when_connecting(project: Project, schema: Path, environ: Mapping[str, str]) -> tuple[FolderProgram, ...]:
    """What the backend's own connection runs: its interpreter, the client that it imports, the engine of that.

    Nothing where there is no Python backend to connect with. Raises as `client_folder` does.
    """
    if project.backend_python is None and is_own_checkout(backend_folder(project)):
        return ()
    backend = find_backend_python(project, environ)
    if backend is None or backend.interpreter is None or python_generator(schema) is None:
        return ()
    interpreter = _interpreter(project, backend.interpreter)
    return (*interpreter, *when_compiling(project, schema, environ), *_engines(project, environ))


def when_compiling(project: Project, schema: Path, environ: Mapping[str, str]) -> tuple[FolderProgram, ...]:
    """The generated client, which is code as any other. Raises as `client_folder` does."""
    folder = client_folder(project, schema, environ)
    if folder.is_relative_to(project.home):
        return ()
    named = "" if folder.is_relative_to(project.root) else f"output in {project.shown(schema)}"
    return (FolderProgram("the generated client", folder, named, str(folder) if named else ""),)


def when_generating(project: Project, schema: Path) -> tuple[FolderProgram, ...]:
    """The project's own code that the generator of the client runs: partial types. Raises `CouldNotRun`."""
    found = partial_types_of(project.root, schema)
    if found is None:
        return ()
    what, named = "the client's partial types", f"partial_type_generator in {project.shown(schema)}"
    return (FolderProgram(what, found.path, named, found.name) if found.named else FolderProgram(what, found.path),)


def when_prisma_generates(project: Project, schema: Path) -> tuple[FolderProgram, ...]:
    """What Prisma's own command runs: each generator of the schema is a command line. Raises `CouldNotRun`."""
    blocks = model_blocks(schema, "generator")
    providers = [" ".join(line[2:]) for _, lines in blocks for line in lines if line[:2] == ["provider", "="]]
    named = f"provider in {project.shown(schema)}"
    generators = FolderProgram(
        "Prisma's own command, with the schema's generators", schema, named, "\0".join(providers)
    )
    return (generators, *when_generating(project, schema))


def when_a_tool_runs(command: Sequence[str], folder: Path) -> tuple[FolderProgram, ...]:
    """A package manager in the backend's folder: it runs what package.json and the folder's packages say."""
    return (FolderProgram(f"`{shlex.join(command)}`, with the scripts and settings of its folder", folder),)


def _tools_of_backend(project: Project) -> tuple[FolderProgram, ...]:
    node = find_node_backend(project)
    if node is None:
        return ()
    return when_a_tool_runs(node.generate_command, node.folder)


def _interpreter(project: Project, path: Path) -> Iterator[FolderProgram]:
    """The backend's, where it lies in the folder or a text in it names it; another one is the machine's."""
    what = "the backend's Python"
    if project.backend_python is not None and "--backend-python" not in project.chosen:
        yield FolderProgram(what, path, f"backend_python in {CONFIG_NAME}", str(project.backend_python))
    elif path.is_relative_to(project.root):
        yield FolderProgram(what, path)


def _engines(project: Project, environ: Mapping[str, str]) -> Iterator[FolderProgram]:
    """Each engine that the client might start: those that env files name, and those that lie where it looks."""
    what, ours = "the client's query engine", engines_folder(project.home, environ)
    folder = backend_folder(project)
    for file in dict.fromkeys((project.env_file, folder / ".env", folder / "prisma" / ".env")):
        value = read_env(file).get(ENGINE_VARIABLE)
        if value and not Path(value.reveal()).is_relative_to(ours):
            path = folder / value.reveal()
            yield FolderProgram(what, path, f"{ENGINE_VARIABLE} in {project.shown(file)}", value.reveal())
    for place in dict.fromkeys((folder, project.root)):
        for path in sorted(place.glob(ENGINE_NAME)):
            yield FolderProgram(what, path)
