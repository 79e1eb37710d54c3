"""Whatever is written goes through `stores/atomic_file.py`, which looks at a path first; exceptions have a reason."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TypeGuard

ROOT = Path(__file__).parents[2]
ROOMS = ("stores", "checks", "wizard", "screens")
WRITES = {"write_text", "write_bytes", "rename", "renames", "copyfile", "copytree"}
OPENS_TO_WRITE = {"O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND"}

WITHOUT = {
    "stores/atomic_file.py": "it is the one",
    "stores/cache/measured/recording.py": "grows line by line; refuses what is no file itself",
    "stores/project/journal.py": "grows line by line, and replaces nothing",
    "screens/log_file.py": "grows line by line, and replaces nothing; a link to a device is written through",
    "screens/app/parts/save_screen.py": "never writes what is there already",
    "stores/local/state_file.py": "unsynced by intention; refuses what is no file itself",
    "stores/prisma/client_folder.py": "fills a folder of its own and swaps the folder in",
    "stores/prisma/own_client.py": "fills a private folder of its own",
    "stores/prisma/native.py": "fills a folder of its own",
    "stores/prisma/install.py": "fills a folder of its own and swaps the folder in",
    "stores/local/postgres_cluster.py": "fills a folder of its own and swaps the folder in",
    "stores/local/shared_programs.py": "fills a folder of its own and swaps the folder in",
    "stores/local/children.py": "a server's log, appended to",
    "stores/local/server_log.py": "cuts a server's log short",
    "stores/file_lock.py": "a lock",
    "screens/command_streams.py": "opens the null device in place of a stream that is closed",
}


OURS = {
    "stores/atomic_file.py": "it is the one",
    "stores/project/backups.py": "a copy of ours, under a name of its own",
    "stores/project/kept_file.py": "state of ours",
    "stores/project/journal.py": "an original that is kept; the file itself goes through `write_over`",
    "stores/local/state_file.py": "state of ours",
    "stores/project/authority.py": "the roots of the system and of the company together, in our state",
    "stores/prisma/query_engine.py": "a launcher of ours",
    "checks/report/history.py": "a run that is kept",
    "wizard/replace/write.py": "backups and originals, cleared of a secret",
    "wizard/setup/session.py": "state of ours",
}
"""Who replaces a file whatever other names it has and whatever its mode says, and why that is right."""


def writers() -> set[str]:
    found = set()
    for path in (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            flag = isinstance(node, ast.Attribute) and node.attr in OPENS_TO_WRITE
            if flag or (isinstance(node, ast.Call) and _writes(node)):
                found.add(path.relative_to(ROOT).as_posix())
    return found


def _writes(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in {"open", "fdopen"}:
        modes = [word.value for word in (*call.args, *(one.value for one in call.keywords)) if _is_text(word)]
        return any(set(mode) <= set("rwaxbt+") and set(mode) & set("wax+") for mode in modes)
    if name == "replace":  # of a path; a text's takes two words, a dataclass's takes keywords
        return isinstance(call.func, ast.Attribute) and len(call.args) == 1 and not call.keywords
    return name in WRITES


def _is_text(word: ast.expr) -> TypeGuard[ast.Constant]:
    return isinstance(word, ast.Constant) and isinstance(word.value, str)


def test_nothing_is_written_past_the_one_place_that_looks_first() -> None:
    assert writers() == set(WITHOUT)


def test_a_persons_file_is_replaced_by_what_looks_for_other_names_and_rights() -> None:
    """`write_atomically` is for state of ours; a file of the project or of the person's goes through `write_over`."""
    callers = set()
    for path in (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Name) and node.id == "write_atomically" and isinstance(node.ctx, ast.Load):
                callers.add(path.relative_to(ROOT).as_posix())
    assert callers == set(OURS)
