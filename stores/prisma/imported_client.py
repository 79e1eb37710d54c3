"""Import a generated client by its folder, under a name of ours; only ever in a child."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Final

NAME: Final = "soundcheck_compiled_client"
"""What the client is called here: a folder called `json` or `httpx` takes no library's place."""


def client_in(folder: Path) -> ModuleType:
    """The package in that folder, by its path: the folder's own parent stays off `sys.path`. Raises `ImportError`."""
    init, inside = folder / "__init__.py", [str(folder)]
    spec = importlib.util.spec_from_file_location(NAME, init, submodule_search_locations=inside)
    if spec is None or spec.loader is None:
        raise ImportError(f"{folder} is no package")
    package = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = package
    spec.loader.exec_module(package)
    return package


def prove(folder: Path, models: list[str]) -> None:
    """Import the client as a backend does, and find each model in it. Raises whatever the import raises."""
    package = client_in(folder)
    client, known = package.Prisma, importlib.import_module(f"{NAME}.models")
    if missing := [name for name in models if not hasattr(known, name)]:
        raise ImportError(f"{client.__name__} has no {', '.join(missing)}")
