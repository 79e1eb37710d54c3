"""Hostile words through real processes: what a shell can hand over ends as it does within the tests' own process."""

from __future__ import annotations

import pytest

WORDS = (
    (["rows", "users", "--limit", "9" * 5000], 2),
    (["tables", "--schema=--"], 2),
    (["tables", "--profile", "redis://x:sesame-open@h"], 2),
    (["rows", "\udcff\udc80", "--where", "\n", "--columns", ""], 4),
    (["doctor", "--explain", "\x1b[2J"], 2),
    (["--", "--json", "\u202e"], 2),
    ([""], 2),
)


@pytest.mark.parametrize("garbage", [False, True], ids=["empty project", "garbage files"])
def test_each_ends_with_a_cause_a_next_step_and_its_code(desk, garbage: bool) -> None:
    if garbage:
        desk.env_file.write_bytes(b"\xff\xfe=\x00\nDATABASE_URL=\n")
        (desk.project / "schema.prisma").write_bytes(b"\x00\xff model {")
    before = {one.name: one.read_bytes() for one in desk.project.iterdir()}
    for words, code in WORDS:
        done = desk.run(*words)
        said = done.stdout + done.stderr
        assert (done.returncode, "Traceback" in said) == (code, False), (words, said)
        assert [line for line in done.stderr.splitlines() if line.startswith("✗ error: ")], (words, said)
        assert "  Next: " in done.stderr, (words, said)
        assert "sesame-open" not in said
        assert "\x1b" not in said
    assert {one.name: one.read_bytes() for one in desk.project.iterdir()} == before
