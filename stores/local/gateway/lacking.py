"""What Upstash has and the local Valkey lacks: said of the local stack, for the program is right. Pure.

The commands are those of `@upstash/redis` 1.39.0 that Valkey 9.1.2 does not know. `docs/gateway.md` lists them.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Final

from soundcheck.stores.local.gateway.request import RawCommand
from soundcheck.stores.upstash.error_texts import LOCALLY_LACKING_TEXT

FAMILIES: Final = (b"JSON.", b"SEARCH.", b"VECTOR.")
COMMANDS: Final = frozenset(
    b"XDELEX XACKDEL ARCOUNT ARDEL ARDELRANGE ARGET ARGETRANGE ARGREP ARINFO ARINSERT ARLASTITEMS ARLEN ARMGET ARMSET "
    b"ARNEXT AROP ARRING ARSCAN ARSEEK ARSET".split()
)
OPERATIONS: Final = frozenset({b"DIFF", b"DIFF1", b"ANDOR", b"ONE"})
"""Of BITOP, since Redis 8.2."""


def lacking(words: RawCommand, known: Container[bytes]) -> str | None:
    """The error for a command, or a form of one, that Upstash has and this Valkey (`known`: its commands) has not."""
    name = words[0].upper()
    if name not in known and (name.startswith(FAMILIES) or name in COMMANDS):
        return _text(name)
    if name == b"BITOP" and len(words) > 1 and (operation := words[1].upper()) in OPERATIONS:
        return _text(name + b" " + operation)
    return None


def _text(name: bytes) -> str:
    shown = name[:64].decode("utf-8", "replace")
    return f"{LOCALLY_LACKING_TEXT} {shown}, which Upstash has. See docs/gateway.md for what else"
