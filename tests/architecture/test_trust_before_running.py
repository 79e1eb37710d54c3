"""What starts something of a folder takes a `Trusted`, which only `stores/project/trust.py` makes."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from soundcheck.checks.backend.app_probe import probe_app
from soundcheck.stores.backend.ask import ask_backend
from soundcheck.stores.backend.client_use import use_client
from soundcheck.stores.backend.interpreter_child import ask_interpreter
from soundcheck.stores.backend.run_line import run_line
from soundcheck.stores.prisma.call_compiler import compile_calls
from soundcheck.stores.prisma.native import native_generate, native_push

ROOT = Path(__file__).parents[2]
ROOMS = ("stores", "checks", "wizard", "screens")
MAKER = "stores/project/trust.py"
GIVEN = {
    "screens/commands/doctor_reading.py": "`doctor --app COMMAND`: the person named it",
    "wizard/trust.py": "after a yes that cannot be kept",
}
WHOLE = {
    "stores/backend/interpreter_child.py": "takes a Trusted",
    "stores/backend/run_line.py": "takes a Trusted",
    "screens/commands/run.py": "`run -- COMMAND`: the person's own",
}
BY_A_PERSONS_PATH = {
    "stores/programs/search_path.py": "on the lasting part of it",
    "stores/programs/conversation.py": "whether there is one, on the PATH of the child",
    "stores/backend/command.py": "reads the command of `doctor --app`, and starts nothing",
    "stores/project/own_command.py": "how this program is called, which it does not start",
    "screens/commands/run.py": "`run -- COMMAND`: the person's own",
}


def importers(module: str, name: str) -> set[str]:
    """The modules that import a name from one."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(module)
        if name in {one.name for one in node.names}
    }


def modules() -> list[Path]:
    return [one for room in ROOMS for one in (ROOT / room).rglob("*.py") if "prisma_client" not in one.parts]


def calls(name: str) -> set[str]:
    """The modules that call a function, or a method, of that name."""
    found = set()
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func
                called_name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
                if called_name == name:
                    found.add(path.relative_to(ROOT).as_posix())
    return found


@pytest.mark.parametrize(
    "starts",
    [ask_interpreter, ask_backend, use_client, run_line, compile_calls, native_generate, native_push, probe_app],
)
def test_it_cannot_be_called_without_trust(starts: Callable[..., Any]) -> None:
    parameter = inspect.signature(starts).parameters["trusted"]
    assert parameter.annotation == "Trusted"
    assert parameter.default is inspect.Parameter.empty
    assert parameter.kind is inspect.Parameter.KEYWORD_ONLY


def test_trust_is_made_in_one_place() -> None:
    assert calls("Trusted") == {MAKER}
    assert calls("trust_given") == GIVEN.keys()


def test_a_whole_environment_is_for_what_a_person_agreed_to() -> None:
    assert importers("stores.programs.environment", "whole") == WHOLE.keys()


def test_programs_of_ours_are_found_on_the_lasting_part_of_the_path() -> None:
    assert calls("which") == BY_A_PERSONS_PATH.keys()
