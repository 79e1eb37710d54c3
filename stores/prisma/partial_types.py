"""The project's own code that the generator of the client runs (`partial_type_generator`), found by looking.

prisma 0.15.0, `generator/models.py`: a file by its path from the folder that it runs in, else a module by its name.
Where the schema names none, a usual file is run where it is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from soundcheck.stores.prisma.schema_text import python_generator

_USUAL: Final = "prisma/partial_types.py"


@dataclass(frozen=True, slots=True)
class PartialTypes:
    """A script or a module, by its `name` as the generator takes it. `named` says that the schema names it."""

    name: str
    path: Path
    named: bool


def partial_types_of(root: Path, schema: Path) -> PartialTypes | None:
    """What would be run; None where there is nothing. Raises `CouldNotRun` where the schema cannot be read."""
    generator = python_generator(schema)
    if generator is None:
        return None
    if generator.partial_types:
        return PartialTypes(generator.partial_types, root / generator.partial_types, named=True)
    usual = root / _USUAL
    return PartialTypes(_USUAL, usual, named=False) if usual.exists() else None
