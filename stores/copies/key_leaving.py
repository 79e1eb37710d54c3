"""A key as it may leave the screen: search terms, session codes and other personal parts hashed. Pure.

The hash is salted anew in every run, so that the same key looks the same in one output and cannot be looked up later.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final

from soundcheck.stores.keys import KEY_PLAN, KeyRule, known_key
from soundcheck.stores.sensitivity import Sensitivity, sensitivity

_SALT: Final = secrets.token_bytes(16)
_PRIVATE: Final = frozenset(
    {("recent_searches", "query"), ("sessions", "sessionCode"), ("session_participants", "sessionCode")}
)
_WORDS: Final = frozenset(
    {"search", "query", "q", "session", "sess", "code", "login", "verify", "reset", "auth", "lock"}
)
_JOINT: Final = re.compile(r"[:/|.]")


def key_leaving(key: str, plan: tuple[KeyRule, ...] = KEY_PLAN, salt: bytes = _SALT) -> str:
    """`search:love songs` becomes `search:#77ab01ce`; `user:42:library` stays.

    In a key of no rule, whatever follows a word like `session` or `token` is hashed.
    """
    found = known_key(key, plan)
    if found is not None:
        source = found.rule.sources[0]
        open_ = sensitivity(source.table, source.column) is Sensitivity.OPEN
        return (
            key
            if open_ and (source.table, source.column) not in _PRIVATE
            else found.rule.key(_hashed(found.value, salt))
        )
    for joint in _JOINT.finditer(key):
        word = _JOINT.split(key[: joint.start()])[-1].lower()
        secret = sensitivity("", word) is not Sensitivity.OPEN
        if (secret or word in _WORDS or word.removesuffix("s") in _WORDS) and joint.end() < len(key):
            return key[: joint.end()] + _hashed(key[joint.end() :], salt)
    return key


def _hashed(text: str, salt: bytes) -> str:
    return "#" + hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=salt, digest_size=4).hexdigest()
