"""The four rooms import one way, only screens/app knows Textual, and heavy imports come after the first frame."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ORDER = ["stores", "checks", "wizard", "screens"]
DRAWING = {"textual", "rich"}
HEAVY = {"psycopg", "psycopg_pool", "redis", "httpx", "prisma", "uvicorn"}


def modules(room: str) -> list[Path]:
    found = [path for path in sorted((ROOT / room).rglob("*.py")) if "node_modules" not in path.parts]
    assert found, f"{room} has no modules, so nothing would be tested"
    return found


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every imported library or room with its line, inside functions too; `soundcheck.stores.x` counts as `stores`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, _room(alias.name)) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            names = [f"soundcheck.{a.name}" for a in node.names] if node.module == "soundcheck" else [node.module or ""]
            yield from ((node.lineno, _room(name)) for name in names)


def _room(module: str) -> str:
    top, _, rest = module.partition(".")
    room = rest.split(".")[0]
    return room if top == "soundcheck" and room in ORDER else top


@pytest.mark.parametrize("room", ORDER)
def test_a_room_imports_only_rooms_to_its_left(room: str) -> None:
    forbidden = set(ORDER[ORDER.index(room) + 1 :])
    wrong = [
        f"{p.relative_to(ROOT)}:{line} imports {name}"
        for p in modules(room)
        for line, name in imports(p)
        if name in forbidden
    ]
    assert wrong == []


def test_a_room_is_imported_by_its_installed_name() -> None:
    """`import stores` works in a checkout by accident and loads every class a second time."""
    places = [
        p for folder in (*ORDER, "tests", "benchmarks", "tools", "examples") for p in (ROOT / folder).rglob("*.py")
    ]
    wrong = []
    for path in places:
        if "node_modules" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            wrong += [f"{path.relative_to(ROOT)}:{node.lineno}" for name in names if name.split(".")[0] in ORDER]
    assert wrong == []


@pytest.mark.parametrize("room", ORDER)
def test_only_the_app_knows_textual(room: str) -> None:
    wrong = [
        f"{p.relative_to(ROOT)}:{line} imports {name}"
        for p in modules(room)
        if not p.is_relative_to(ROOT / "screens" / "app")
        for line, name in imports(p)
        if name in DRAWING
    ]
    assert wrong == []


def test_the_import_test_sees_an_import_inside_a_function(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "def f():\n    from textual import app\n    import soundcheck.screens.app\n    from soundcheck import checks\n"
    )
    assert list(imports(module)) == [(2, "textual"), (3, "screens"), (4, "checks")]


def loaded_after(code: str) -> set[str]:
    """The top-level names in `sys.modules` after running code in a fresh interpreter."""
    script = f"{code}\nimport sys; print(' '.join(sorted({{name.split('.')[0] for name in sys.modules}})))"
    run = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(run.stdout.split())


def test_importing_the_app_loads_no_driver() -> None:
    assert not loaded_after("import soundcheck.screens.app.app") & HEAVY


def test_the_version_is_told_without_textual_or_a_driver() -> None:
    loaded = loaded_after("import sys; from soundcheck.screens.cli import main; main(['--version'])")
    assert not loaded & (DRAWING | HEAVY)


def test_the_doctor_runs_without_textual(tmp_path: Path) -> None:
    code = (
        "import contextlib, io, os, sys\n"
        f"os.environ['SOUNDCHECK_HOME'] = {str(tmp_path / 'home')!r}\n"
        "from soundcheck.screens.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()) as out:\n"
        f"    code = main(['doctor', '--json', '--project', {str(tmp_path)!r}])\n"
        "assert code in (0, 3), code\n"
        'assert \'"kind": "doctor"\' in out.getvalue()\n'
    )
    assert "textual" not in loaded_after(code)


def test_files_stay_small_enough_to_be_one_room_each() -> None:
    long = {
        str(p.relative_to(ROOT)): n
        for room in ORDER
        for p in modules(room)
        if (n := len(p.read_text().splitlines())) > 400
    }
    assert long == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = {"utils", "helpers", "manager", "base", "common", "misc", "mixins"}
    assert [str(p) for room in ORDER for p in modules(room) if p.stem in vague] == []
