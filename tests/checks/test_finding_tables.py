"""Judges return codes; tables have the words. Held over the whole tree, and over all evidence that was recorded."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import string
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, Final, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

import soundcheck.checks
from soundcheck.checks.backend.app_report import CHECK as APP
from soundcheck.checks.evidence import SPREAD, from_json, to_json
from soundcheck.checks.explanation import Explanation, Judgement, said, word
from soundcheck.checks.finding import Blame, Finding, Status
from soundcheck.checks.findings import ANY
from soundcheck.checks.judging import Judging
from tests.checks.test_recorded_evidence import judging_of, recorded

ROOT: Final = Path(__file__).parents[2]

OTHERS_WORDS: Final = {
    "text": "the server's own words",
    "kind": "the class of the client's own error",
    "message": "the words of the error that looking ended with",
    "hint": "the hint of that error",
    "problem": "a phrase of the same table",
    "others": "phrases of the same table",
    "failure.summary": "another row of the table",
    "failure.cause": "another row of the table",
    "failure.hint": "another row of the table",
    "node": "the name that a Node gives itself",
    "sources": "phrases of the same table",
}
"""Fields that may stand alone in a row, because what fills them in is a sentence, or a name, already."""

OLDER: Final = {
    "database.role": {"tables"},
    "database.limits": {"tables"},
    "database.clock": {"tables"},
    "database.indexes": {"tables"},
    "cache.write": {"write"},
}
"""Fields of evidence that no judgement needs, and that are not kept any more."""


@cache
def modules() -> tuple[ModuleType, ...]:
    found = pkgutil.walk_packages(soundcheck.checks.__path__, "soundcheck.checks.")
    return tuple(importlib.import_module(one.name) for one in found)


@cache
def judgings() -> dict[str, Judging[Any]]:
    """Every judge with its table, by the place where it is defined."""
    return {
        f"{module.__name__}.{name}": value
        for module in modules()
        for name, value in vars(module).items()
        if isinstance(value, Judging)
    }


def evidence_kinds() -> set[type[Any]]:
    """The dataclasses of evidence, with those within them."""
    found: set[type[Any]] = set()

    def take(kind: Any) -> None:
        for inside in (kind, *getattr(kind, "__args__", ())):
            if is_dataclass(inside) and isinstance(inside, type) and inside not in found:
                found.add(inside)
                for hint in get_type_hints(inside).values():
                    take(hint)

    for judging in judgings().values():
        take(judging.kind)
    return found


def judging_functions() -> dict[str, FunctionType]:
    """The judges, what evidence says of itself, and the functions of `checks` that these call, however deep."""
    found: dict[str, FunctionType] = {}

    def take(function: Callable[..., Any]) -> None:
        if not isinstance(function, FunctionType) or not function.__module__.startswith("soundcheck.checks."):
            return
        name = f"{function.__module__}.{function.__qualname__}"
        if name in found or function.__module__ in {said.__module__, from_json.__module__}:
            return
        found[name] = function
        names = {node.id for node in ast.walk(tree_of(function)) if isinstance(node, ast.Name)}
        for one in names & function.__globals__.keys():
            take(function.__globals__[one])

    for judging in judgings().values():
        take(judging.judge)
    for kind in evidence_kinds():
        for member in vars(kind).values():
            take(member.fget if isinstance(member, property) else member)
    return found


def tree_of(function: FunctionType) -> ast.AST:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError):  # what a dataclass generates
        return ast.Module([], [])


def spoken(tree: ast.AST) -> Iterator[str]:
    """The strings of a function that are not its docstring."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


_SENTENCE: Final = re.compile(r"\w\W* \W*\w|^[A-Z][a-z]+[.:!?]$")
"""Two words, or one with a capital and an end."""


def test_every_check_has_its_judge_and_its_table() -> None:
    from soundcheck.checks.catalogue import default_registry

    for check in default_registry():
        judging = judging_of(check.id)
        assert judging in judgings().values(), check.id
        assert set(check.endings) <= set(judging.rows), check.id
        assert {row.status for row in check.endings.values()} - {Status.SKIP}, check.id


def test_no_judge_holds_a_sentence() -> None:
    functions = judging_functions()
    assert len(functions) > 80, "the judges and their helpers"
    sentences = {
        name: words
        for name, function in functions.items()
        for words in spoken(tree_of(function))
        if _SENTENCE.search(words)
    }
    assert sentences == {}


def test_only_a_table_words_a_finding() -> None:
    """And a kept run, whose words are those of then."""
    makers = {
        path.relative_to(ROOT).as_posix()
        for room in ("checks", "wizard", "screens")
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == Finding.__name__
    }
    assert makers == {"checks/explanation.py", "checks/report/stored_run.py"}


def test_rows_are_written_in_tables_alone() -> None:
    elsewhere = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "checks").rglob("*.py")
        if not path.name.endswith(("findings.py", "failures.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"Explanation", "holds", "phrase", "not_asked", "warning", "undecided"}
    }
    assert elsewhere == {"checks/explanation.py"}


def codes_of(judgement: Judgement) -> Iterator[str]:
    yield judgement.code
    for value in (judgement.failure, *judgement.fields.values()):
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Judgement):
                yield from codes_of(one)


def test_every_row_is_reached_by_recorded_evidence() -> None:
    reached: set[int] = set()
    for line in recorded():
        judging = judging_of(line.check)
        judgement = judging.judge(from_json(judging.kind, line.evidence))
        reached |= {id(judging.rows[code]) for code in codes_of(judgement)}
    unreached = {
        f"{name}: {code}"
        for name, judging in judgings().items()
        for code, row in judging.rows.items()
        if id(row) not in reached
    }
    assert unreached == set()


def test_what_explain_lists_of_a_check_is_all_that_it_ends_with() -> None:
    from soundcheck.checks.catalogue import default_registry

    unlisted = set()
    for line in recorded():
        if line.check == APP:
            continue
        judging, endings = judging_of(line.check), default_registry()[line.check].endings
        code = judging.judge(from_json(judging.kind, line.evidence)).code
        if judging.rows[code] not in endings.values():
            unlisted.add((line.check, code))
    assert unlisted == set()


def test_every_code_in_a_judge_is_a_row_of_a_table() -> None:
    known = {*ANY, *(code for judging in judgings().values() for code in judging.rows)}
    unknown = {
        (name, node.args[0].value)
        for name, function in judging_functions().items()
        for node in ast.walk(tree_of(function))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in {"said", "Judgement"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value not in known
    }
    assert unknown == set()


def fields_of(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def is_bare(template: str) -> bool:
    """Whether nothing but fields stands in it, so that the table says nothing."""
    written = "".join(words for words, _, _, _ in string.Formatter().parse(template))
    return bool(template) and not re.search(r"\w", written)


@pytest.mark.parametrize("name", [*judgings(), "any"])
def test_no_row_is_a_bare_placeholder_but_for_the_words_of_others(name: str) -> None:
    rows = ANY if name == "any" else judgings()[name].rows
    bare = {
        code: template
        for code, row in rows.items()
        for template in (row.summary, row.cause, row.hint)
        if is_bare(template) and not fields_of(template) <= {*OTHERS_WORDS, "env_file"}
    }
    bare.pop("proxy", None)  # a phrase: a variable and its value
    assert bare == {}


@pytest.mark.parametrize("name", [*judgings(), "any"])
def test_every_row_that_is_not_fine_says_why_whose_move_it_is_and_what_to_do(name: str) -> None:
    rows = ANY if name == "any" else judgings()[name].rows
    for code, row in rows.items():
        if row.status in {Status.FAIL, Status.WARN, Status.UNKNOWN} and "{failure." not in row.summary + row.cause:
            assert row.summary, code
            assert row.cause, code
            assert row.hint, code
            assert row.blame is not None, code
        elif row.status is Status.SKIP:
            assert row.because, code


def test_no_product_code_reads_source_code() -> None:
    readers = {
        f"{path.relative_to(ROOT).as_posix()}: {word}"
        for room in ("stores", "checks", "wizard", "screens")
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for word in (getattr(node, "attr", ""), getattr(node, "module", ""), getattr(node, "name", ""))
        if word in {"getsource", "getsourcelines", "getsourcefile", "getclosurevars", "linecache", "tokenize"}
        or (word == "parse" and isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "ast")
    }
    assert readers == set()


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(data=st.data())
def test_evidence_of_any_form_reads_as_typed_evidence(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(evidence_kinds(), key=lambda kind: kind.__qualname__)))
    names = st.sampled_from([*known_fields(kind), "something new"])
    found = from_json(kind, data.draw(st.dictionaries(names, JSON, max_size=6)))
    assert from_json(kind, to_json(found)) == found


@pytest.mark.parametrize("number", [10**400, -(10**400), float("inf"), float("nan"), True, "7", None, [7]])
def test_what_is_no_number_here_reads_as_none(number: Any) -> None:
    found = from_json(judging_of("cache.room").kind, {"used_bytes": number})
    assert found.used_bytes is None or found.used_bytes == number
    assert from_json(judging_of("database.latency").kind, {"round_trip_ms": number}).round_trip_ms is None


def known_fields(kind: type[Any]) -> set[str]:
    hints = get_type_hints(kind)
    spread = [known_fields(hints[one.name]) for one in fields(kind) if one.metadata == SPREAD]
    return {one.name for one in fields(kind) if one.metadata != SPREAD}.union(*spread)


def test_no_field_of_recorded_evidence_is_lost() -> None:
    lost = {
        (line.check, name)
        for line in recorded()
        for name in line.evidence
        if name not in known_fields(judging_of(line.check).kind) | OLDER.get(line.check, set())
    }
    assert lost == set()


def test_a_field_that_a_judge_forgot_is_an_error_and_not_an_empty_word() -> None:
    with pytest.raises(KeyError):
        word({"a": Explanation("{host} is gone.", "c", Blame.YOU, "h")}, said("a"))


@pytest.mark.parametrize(
    ("template", "values", "words"),
    [
        ("{names}", {"names": ("a", "b")}, "a, b"),
        ("{names: and }", {"names": ("a", "b", "c")}, "a and b and c"),
        ("{names:; |2}", {"names": ("a", "b", "c", "d")}, "a; b and 2 more"),
        ("{names:, |2}", {"names": ("a", "b")}, "a, b"),
        ("{count} {count:index/indexes}", {"count": 1}, "1 index"),
        ("{count} {count:index/indexes}", {"count": 0}, "0 indexes"),
        ("{size:,.1f} MB", {"size": 1234.56}, "1,234.6 MB"),
        ("{mode:o}", {"mode": 0o644}, "644"),
        ("{text}", {"text": "a {brace} of theirs"}, "a {brace} of theirs"),
        ("{part} x", {"part": Judgement("other", {"name": "y"})}, "<y> x"),
        ("{parts}", {"parts": (Judgement("other", {"name": "y"}), Judgement("other", {"name": "z"}))}, "<y>, <z>"),
    ],
)
def test_a_template_is_filled_in(template: str, values: dict[str, Any], words: str) -> None:
    rows = {"row": Explanation(template), "other": Explanation("<{name}>")}
    assert word(rows, Judgement("row", values)).summary == words
