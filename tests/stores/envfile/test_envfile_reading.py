"""Reading an env file: values as both readers see them, problems as results, and what other files say."""

from __future__ import annotations

from pathlib import Path

from soundcheck.stores.envfile import read_env
from soundcheck.stores.envfile.neighbours import conflicts, neighbours
from soundcheck.stores.envfile.usages import files_reading
from soundcheck.stores.secret import Secret


def test_values_come_with_their_line_as_both_readers_see_them(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("A=1\n\nA='two' # c\nB=\"x\\ty\"\nC=${A}!\nD=v#w\nBARE\n")
    file.chmod(0o640)
    reading = read_env(file)
    assert {n: (v.value.reveal(), v.line, v.agrees) for n, v in reading.values.items()} == {
        "A": ("two", 3, True),
        "B": ("x\ty", 4, False),
        "C": ("two!", 5, True),
        "D": ("v#w", 6, False),
    }
    assert reading.values["A"].lines == (1, 3)
    assert reading.values["D"].node_value == Secret("v")
    assert (reading.exists, reading.mode, reading.link_target, reading.problems) == (True, 0o640, None, ())
    assert "two" not in repr(reading)
    assert reading.get("A") == Secret("two")
    assert reading.get("BARE") is None


def test_a_file_that_is_not_there_is_a_result(tmp_path: Path) -> None:
    assert [p.code for p in read_env(tmp_path / ".env").problems] == ["missing"]
    assert read_env(tmp_path / "gone" / ".env").problem("no_folder") is not None
    assert read_env(tmp_path / ".env").digest == ""


def test_a_link_is_read_and_named(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("A=1")
    (tmp_path / ".env").symlink_to("real")
    reading = read_env(tmp_path / ".env")
    assert reading.link_target == tmp_path / "real"
    assert reading.get("A") == Secret("1")


def test_every_unreadable_line_is_a_problem_with_its_number(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\nnot a line\nB=2\nC='open\n")
    reading = read_env(tmp_path / ".env")
    assert [(p.code, p.line) for p in reading.problems] == [("unparseable", 2), ("unparseable", 4)]
    assert reading.values == {}
    assert "not a line" not in repr(reading)


def test_other_files_that_say_something_else_are_conflicts(tmp_path: Path) -> None:
    (tmp_path / "prisma").mkdir()
    (tmp_path / ".env").write_text("A=1\nB=2\n")
    (tmp_path / "prisma" / ".env").write_text("\nA=other\nB=2\n")
    (tmp_path / ".env.local").write_text("B=3\nC=4\n")
    main = read_env(tmp_path / ".env")
    found = conflicts(main, neighbours(tmp_path / ".env"))
    assert [(c.name, c.path.relative_to(tmp_path).as_posix(), c.line) for c in found] == [
        ("A", "prisma/.env", 2),
        ("B", ".env.local", 1),
    ]
    assert neighbours(tmp_path / "prisma" / ".env") == ()


def test_the_search_for_readers_is_bounded_and_follows_no_links(tmp_path: Path) -> None:
    for n in range(6):
        (tmp_path / f"m{n}.py").write_text("os.environ['DATABASE_URL']")
    outside = tmp_path / "outside.txt"
    outside.write_text("DATABASE_URL")
    (tmp_path / "link.py").symlink_to(outside)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "x.py").write_text("DATABASE_URL")
    (tmp_path / "README.md").write_text("DATABASE_URL")
    (tmp_path / "Dockerfile").write_text("ENV DATABASE_URL=x")
    names = [p.name for p in files_reading(tmp_path, "DATABASE_URL")]
    assert names == ["Dockerfile", "m0.py", "m1.py", "m2.py", "m3.py", "m4.py", "m5.py"]
    assert len(files_reading(tmp_path, "DATABASE_URL", max_files=3)) == 2
