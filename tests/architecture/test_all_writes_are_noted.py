"""Whatever the wizard writes goes through the journal, so that `soundcheck remove` finds it."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
WRITES = {
    "write_atomically",
    "write_over",
    "write_text",
    "write_bytes",
    "symlink_to",
    "copyfile",
    "copytree",
    "touch",
    "KeptFile",
}

WITHOUT = {
    "fix_journal.py": "state of ours",
    "setup/session.py": "state of ours",
    "move/state.py": "state of ours",
    "remove/flow.py": "undoes what was noted",
    "replace/write.py": "purges backups; files go through swap_file",
    "env/step.py": "undo_env puts back what was noted",
    "fixes/git.py": "an undo puts back what was noted",
    "fixes/node.py": "an undo puts back what was noted",
}
"""Modules that write without a note, and why; everything else uses `Journal.write_file`."""


def writers(folder: Path) -> set[str]:
    found = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = node.func if isinstance(node, ast.Call) else None
            called = name.id if isinstance(name, ast.Name) else name.attr if isinstance(name, ast.Attribute) else ""
            if called in WRITES:
                found.add(path.relative_to(folder).as_posix())
    return found


def test_no_module_of_the_wizard_writes_past_the_journal() -> None:
    assert writers(ROOT / "wizard") == set(WITHOUT)


def test_what_undoes_notes_what_it_wrote_before() -> None:
    for name in ("env/step.py", "fixes/git.py", "fixes/node.py"):
        assert ".write_file(" in (ROOT / "wizard" / name).read_text("utf-8"), name
