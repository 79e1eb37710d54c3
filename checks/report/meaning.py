"""What a check asks, and what each of its findings means: read from the judgement itself, so that it cannot differ.

The texts are those that the judgement hands to `fail`, `warn` and `unknown`, and those of the tables of explanations
it uses; what is filled in from the evidence stands in braces.

What a finding's template has in braces, in words for people: `{host}` reads as `<host>`.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Final

from soundcheck.checks.check import Check, Registry
from soundcheck.checks.explanation import Explanation
from soundcheck.checks.finding import Status

FILLED_IN: Final = "what stands between < and > is filled in by a run"

_FIELD: Final = re.compile(r"\{(\w*|…)[^{}]*\}")
_NUMBERS: Final = frozenset(
    {"columns", "count", "counted", "expected", "hours", "left", "limit", "lines", "size", "trip", "usable", "used"}
)
_NOTHING: Final = frozenset({"npm", "place"})
"""Half a sentence that is only there at times."""

_WORDS: Final[Mapping[str, str]] = {
    "apart": "so long",
    "beaten": "variable",
    "broken": "which",
    "cause": "why, as the run finds it",
    "differs": "name",
    "ends": "time",
    "evidence": "folder",
    "extra": "which",
    "file": "env file",
    "folder": "folder of the client",
    "hint": "what to do, for what the run finds",
    "http_status": "status",
    "in_use": "secret",
    "inside": "terminal program",
    "kind": "what it is",
    "last": "its name",
    "libpq": "variables",
    "message": "what is wrong, as the run finds it",
    "missing": "what is missing",
    "not_after": "day",
    "off": "variable",
    "other": "which",
    "others": "which",
    "problems": "what is wrong with it",
    "proxies": "proxy",
    "reader": "program",
    "repeated": "variable",
    "room": "so many MB",
    "said": "its words",
    "schema": "schema file",
    "silent": "why",
    "summary": "what failed",
    "term": "name of the terminal",
    "MOVE": "command",
    "text": "its words",
    "torn": "variable",
    "unreadable": "variable",
    "unused": "which",
    "way": "ahead of or behind",
    "witness": "another host",
}
_VAGUE: Final = frozenset({"…", "what"})


def worded(template: str) -> str:
    """The template for people, without braces."""
    if template == "{…}":
        return "<what the run finds>"
    return _FIELD.sub(lambda field: _word(field.group(1)), template)


def _word(name: str) -> str:
    if name in _NOTHING:
        return ""
    if name in _VAGUE:
        return "…"
    return f"<{'number' if name in _NUMBERS else _WORDS.get(name) or name.replace('_', ' ')}>"


_STATUSES: Final = {"fail": "fail", "warn": "warn", "unknown": "unknown"}

_LAYERS: Final[Mapping[str, frozenset[str]]] = {
    "dns": frozenset({"unknown_name", "no_network", "dns"}),
    "tcp": frozenset({"refused", "unreachable", "timeout", "broken", "cut", "reset"}),
    "tls": frozenset(
        {"not_postgres", "tls_not_offered", "tls_wrong_host", "tls_expired", "tls_unknown_ca", "tls_no_root"}
        | {"tls_broken", "bad_sslmode", "weak_sslmode", "tls", "timeout", "cut"}
    ),
}
"""Which codes of a table of explanations a layer can end with; the later layers have all that are named nowhere."""

_DEEPEST: Final = 4
_BAD: Final = frozenset({Status.FAIL, Status.WARN, Status.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Meaning:
    """One way in which a check can end badly. Texts are templates."""

    status: str
    summary: str
    cause: str
    hint: str
    blame: str = ""


@dataclass(frozen=True, slots=True)
class CheckMeaning:
    """A check explained. `needed_by` are the checks that rest on it; `deadline` is in seconds."""

    id: str
    group: str
    title: str
    requires: tuple[str, ...]
    needed_by: tuple[str, ...]
    deadline: float
    findings: tuple[Meaning, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """For people."""
        told = [
            f"{self.id}: {self.title}",
            f"  rests on: {', '.join(self.requires) or 'nothing'}",
            f"  needed by: {', '.join(self.needed_by) or 'nothing'}",
            f"  deadline: {self.deadline:g} s",
        ]
        found = []
        for meaning in self.findings:
            found += ["", f"{meaning.status}: {worded(meaning.summary)}"]
            found += [f"  why: {worded(meaning.cause)}"] if meaning.cause else []
            found += [f"  do:  {worded(meaning.hint)}"] if meaning.hint else []
        return (*told, *([f"  {FILLED_IN}"] if any("<" in line for line in found) else []), *found)


def explain_checks(registry: Registry, name: str = "") -> tuple[CheckMeaning, ...]:
    """The check of that id, those of that group, or all. Raises `UsageError` for a name that fits nothing."""
    if name:
        registry.select([name])
    named = [check for check in registry if not name or check.id == name or check.id.startswith(f"{name}.")]
    return tuple(
        CheckMeaning(
            id=check.id,
            group=check.group.value,
            title=check.title,
            requires=check.requires,
            needed_by=tuple(other.id for other in registry if check.id in other.requires),
            deadline=check.deadline,
            findings=_meanings(check),
        )
        for check in named
    )


def _meanings(check: Check) -> tuple[Meaning, ...]:
    if check.endings:
        rows = [row for row in check.endings.values() if row.status in _BAD]
        return tuple(Meaning(r.status, r.summary, r.cause, r.hint, r.blame or "") for r in rows)
    found = _of_function(check.judge, check.id.partition(".")[2], set(), 0)
    return tuple({(meaning.status, meaning.summary): meaning for meaning in found}.values())


def _of_function(judge: Callable[..., object], layer: str, seen: set[int], depth: int) -> Iterator[Meaning]:
    if not isinstance(judge, FunctionType) or id(judge) in seen or depth > _DEEPEST:
        return
    seen.add(id(judge))
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(judge)))
    except (OSError, SyntaxError):  # no source at hand, or a lambda cut out of its line
        return
    names = {**judge.__globals__, **inspect.getclosurevars(judge).nonlocals}
    for node in ast.walk(tree):  # a text that is put together first, and handed over by its name
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.JoinedStr | ast.Constant):
            names |= {
                target.id: _template(node.value, names) for target in node.targets if isinstance(target, ast.Name)
            }
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Call | ast.Name)]
    for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):
        if isinstance(node, ast.Call):
            yield from _of_call(node, names)
        else:
            yield from _of_value(names.get(node.id), layer, seen, depth)


def _of_value(value: object, layer: str, seen: set[int], depth: int) -> Iterator[Meaning]:
    if isinstance(value, FunctionType) and value.__module__.startswith("soundcheck.checks."):
        if value.__module__ not in {
            "soundcheck.checks.finding",
            "soundcheck.checks.explanation",
        }:  # the makers of findings themselves
            yield from _of_function(value, layer, seen, depth + 1)
    elif isinstance(value, Explanation):
        yield _told(value)
    elif isinstance(value, Mapping) and id(value) not in seen:
        seen.add(id(value))
        yield from (_told(e) for code, e in value.items() if isinstance(e, Explanation) and _belongs(str(code), layer))


def _belongs(code: str, layer: str) -> bool:
    return code in _LAYERS[layer] if layer in _LAYERS else not any(code in codes for codes in _LAYERS.values())


def _told(explanation: Explanation) -> Meaning:
    e = explanation
    return Meaning("fail", e.summary, e.cause, e.hint, e.blame or "")


def _of_call(node: ast.Call, names: Mapping[str, object]) -> Iterator[Meaning]:
    if not isinstance(node.func, ast.Name) or node.func.id not in _STATUSES or not node.args:
        return
    given = {keyword.arg: keyword.value for keyword in node.keywords}

    def said(name: str) -> str:
        return _template(given[name], names) if name in given else ""

    blame = given.get("blame")
    whose = blame.attr.lower() if isinstance(blame, ast.Attribute) else ""
    yield Meaning(_STATUSES[node.func.id], _template(node.args[0], names), said("cause"), said("hint"), whose)


def _template(node: ast.expr, names: Mapping[str, object]) -> str:
    """A text with what is filled in shown in braces."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_template(part, names) for part in node.values)
    if (number := _number(node, names)) is not None:
        return f"{number:g}"
    if isinstance(node, ast.BinOp):
        right = _template(node.right, names) if isinstance(node.op, ast.Add) else ""  # else a number, as bytes in MB
        return _template(node.left, names) + right
    if isinstance(node, ast.BoolOp):
        return _template(node.values[-1], names)
    if isinstance(node, ast.FormattedValue):
        number = _number(node.value, names)
        return f"{number:.0f}" if number is not None else _template(node.value, names)
    if isinstance(node, ast.IfExp):  # "is" if there is one, else "are"
        ways = [_template(way, names) for way in (node.body, node.orelse)]
        return "/".join(way for way in ways if way) if not any("{" in way or " " in way for way in ways) else "{…}"
    if isinstance(node, ast.Name) and isinstance(known := names.get(node.id), str):
        return known
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):  # a known text, fitted to its place
        whole = node.func.value
        if isinstance(whole, ast.Name) and isinstance(known := names.get(whole.id), str):
            return known
    return f"{{{_name_of(node) or '…'}}}"


def _name_of(node: ast.expr) -> str:
    """What a value is called where it is filled in: `text(evidence, "file")`, `evidence["file"]`, `_listed(files)`."""
    if isinstance(node, ast.Name):
        return node.id.lstrip("_")
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):
        return _key(node.slice) or _name_of(node.value)
    if isinstance(node, ast.Call):
        said = [_key(argument) for argument in node.args[1:2] if isinstance(node.func, ast.Name)]
        whole = node.func.value if isinstance(node.func, ast.Attribute) and not node.args else None
        return next((word for word in said if word), "") or _name_of_one((*node.args[:1], *([whole] if whole else [])))
    return ""


def _name_of_one(nodes: tuple[ast.expr, ...]) -> str:
    return next((name for name in map(_name_of, nodes) if name), "")


def _key(node: ast.expr) -> str:
    text = node.value if isinstance(node, ast.Constant) else ""
    return text if isinstance(text, str) and text.isidentifier() else ""


def _number(node: ast.expr, names: Mapping[str, object]) -> float | None:
    """A number that stands in the code itself: `FREE_BYTES / 1_000_000`."""
    if isinstance(node, ast.Constant | ast.Name):
        known = node.value if isinstance(node, ast.Constant) else names.get(node.id)
        return float(known) if isinstance(known, int | float) and not isinstance(known, bool) else None
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        whole, at = names.get(node.value.id), _number(node.slice, names)
        return float(whole[int(at)]) if isinstance(whole, tuple) and at is not None else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        left, right = _number(node.left, names), _number(node.right, names)
        return left / right if left is not None and right else None
    return None
