"""From a key to its line of the key table. Pure."""

from __future__ import annotations

from stores.keys import KeyRule


def rule_of(key: str, plan: tuple[KeyRule, ...]) -> KeyRule | None:
    """The rule that made this key, the most specific one; None for a key of another kind.

    The value in the braces holds no colon where other patterns begin alike (`user:…`); a search may hold one.
    """
    best: KeyRule | None = None
    for rule in plan:
        head, _, rest = rule.pattern.partition("{")
        tail = rest.partition("}")[2]
        if not key.startswith(head) or not key.endswith(tail) or len(key) <= len(head) + len(tail):
            continue
        value = key[len(head) : len(key) - len(tail)]
        if ":" in value and any(other is not rule and other.pattern.startswith(head) for other in plan):
            continue
        if best is None or len(rule.pattern) > len(best.pattern):
            best = rule
    return best
