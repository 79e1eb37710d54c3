"""Which keys are loaded most often, in little memory.

The space-saving rule: Metwally, Agrawal, El Abbadi, "Efficient computation of frequent and top-k elements in data
streams", 2005. A count is never too low, and too high by at most the smallest one kept.
"""

from __future__ import annotations

from typing import Final

_KEPT: Final = 128


class MissedKeys:
    """Counts until it is taken."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: dict[str, list[int]] = {}  # key -> what was counted, and how much of it may belong to others

    def add(self, key: str) -> None:
        """A request for it went to the loader."""
        found = self._counts.get(key)
        if found is not None:
            found[0] += 1
        elif len(self._counts) < _KEPT:
            self._counts[key] = [1, 0]
        else:
            rarest = min(self._counts, key=lambda one: self._counts[one][0])
            counted, _ = self._counts.pop(rarest)
            self._counts[key] = [counted + 1, counted]

    def take(self, most: int) -> tuple[tuple[str, int], ...]:
        """The keys that certainly missed twice or more, most often first; then begin again."""
        sure = [(key, counted - others) for key, (counted, others) in self._counts.items()]
        self._counts.clear()
        return tuple(sorted((one for one in sure if one[1] > 1), key=lambda one: (-one[1], one[0]))[:most])
