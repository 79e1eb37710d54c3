"""Our reading of a `.env` as Node and Prisma have it, held against what the real dotenv 16 answered."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundcheck.stores.envfile.readers import node_raw_values, node_values, python_values

RECORDED = [
    ("A=1\nB=2", {"A": "1", "B": "2"}),
    ("A=\nB=2", {"A": "", "B": "2"}),
    ("\ufeffA=1\r\nB=2\rC=3", {"A": "1", "B": "2", "C": "3"}),
    ("A=a b # c", {"A": "a b"}),
    ("A=x#y\nB=https://x#y", {"A": "x", "B": "https://x"}),
    ("X: 3\nexport Y=4", {"X": "3", "Y": "4"}),
    ("A='x\ny'\nB=\"x\\ny\"", {"A": "x\ny", "B": "x\ny"}),
    ('A="it\'s" # say "hi"', {"A": "it's"}),
    ("A=`b'\"b`", {"A": "b'\"b"}),
    ('A="open', {"A": '"open'}),
    ("A=\n'b'", {"A": "b"}),
    ("A.B-c=1\nA=1\nA=2", {"A.B-c": "1", "A": "2"}),
    ("A='a\\'b'\nB=\"a\\\"b\"", {"A": "a\\'b", "B": 'a\\"b'}),
    ("# A=1\n#B=2\nC=3#", {"C": "3"}),
]
"""Answers of npm's dotenv 16.6.1."""


@pytest.mark.parametrize(("text", "expected"), RECORDED)
def test_node_reads_what_dotenv_16_reads(text: str, expected: dict[str, str]) -> None:
    assert node_raw_values(text) == expected


def test_prisma_expands_braces_only_and_knows_an_escape() -> None:
    text = "A=one\nB=${A}-$A\nC=\\${A}\nD=${MISSING}.\nE=${B}"
    assert node_values(text) == {"A": "one", "B": "one-$A", "C": "${A}", "D": ".", "E": "one-$A"}


def test_an_exported_name_wins_for_prisma_and_not_for_python_dotenv() -> None:
    text = "A=file\nB=${A}"
    assert node_values(text, {"A": "exported"}) == {"A": "exported", "B": "exported"}
    assert python_values(text, {"A": "exported"}) == {"A": "file", "B": "file"}


def test_a_value_that_refers_to_itself_comes_to_an_end() -> None:
    assert "A" in node_values("A=${A}x${A}")


def _node_dotenv() -> Path | None:
    folder = os.environ.get("SOUNDCHECK_TEST_NODE_MODULES", "")
    return Path(folder) / "dotenv" if folder and (Path(folder) / "dotenv").is_dir() and shutil.which("node") else None


@pytest.mark.skipif(_node_dotenv() is None, reason="SOUNDCHECK_TEST_NODE_MODULES names no folder with dotenv in it")
@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from(list("AB=='\"`#\n\r\t \\nrx$:-.é\ufeff\u2028")), max_size=30), max_size=40))
def test_node_reads_what_the_installed_dotenv_reads(texts: list[list[str]]) -> None:
    joined = ["".join(text) for text in texts]
    script = (
        "const d=require(process.argv[1]);let s='';process.stdin.on('data',c=>s+=c).on('end',"
        "()=>console.log(JSON.stringify(JSON.parse(s).map(t=>Object.entries(d.parse(t))))))"
    )
    answer = subprocess.run(
        ["node", "-e", script, str(_node_dotenv())],
        input=json.dumps(joined),
        capture_output=True,
        text=True,
        check=True,
    )
    for text, expected in zip(joined, json.loads(answer.stdout), strict=True):
        assert node_raw_values(text) == dict(expected)
