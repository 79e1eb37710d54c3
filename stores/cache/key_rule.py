"""From a key to its line of the key table. Pure."""

from __future__ import annotations

from soundcheck.stores.keys import KeyRule


class KeyRules:
    """The rules of a plan, made ready to be asked for every request."""

    def __init__(self, plan: tuple[KeyRule, ...]) -> None:
        parts = [(rule.pattern.partition("{")[0], rule.pattern.partition("}")[2], rule) for rule in plan]
        parts.sort(key=lambda part: len(part[2].pattern), reverse=True)
        self._parts = [
            (
                head,
                tail,
                len(head) + len(tail),
                any(other.startswith(head) for other, _, one in parts if one is not rule),
                rule,
            )
            for head, tail, rule in parts
        ]

    def of(self, key: str) -> KeyRule | None:
        """The rule that made this key, the most specific one; None for a key of another kind.

        The value in the braces holds no colon where other patterns begin alike (`user:…`); a search may hold one.
        """
        for head, tail, length, shares_head, rule in self._parts:
            if not key.startswith(head) or not key.endswith(tail) or len(key) <= length:
                continue
            if not shares_head or ":" not in key[len(head) : len(key) - len(tail)]:
                return rule
        return None
