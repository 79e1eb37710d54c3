"""What the key browser decides, without a screen: which keys are shown, what is said, what a write costs."""

from __future__ import annotations

import pytest

from soundcheck.screens.app.keys.found_keys import FoundKeys, key_to_drop, keys_to_drop
from soundcheck.stores.copies.key_audit import KeyAudit
from soundcheck.stores.copies.key_scan import MOST_KEYS, Scan

KEYS = ("post:1", "user:1", "user:2")
DONE = Scan(keys=KEYS, total=3, commands=2, steps=1, done=True)
HALF = Scan(keys=KEYS, total=2_000, commands=2, steps=1)
AUDIT = KeyAudit(no_ttl=("user:1",), exposed=("user:2",), looked_at=3, commands=6)


def test_the_findings_are_shown_one_after_the_other_then_all_keys_again() -> None:
    found, shown = FoundKeys(scan=DONE).audited(AUDIT), []
    for _ in range(3):
        found = found.next_finding()
        shown.append((found.title, found.shown))
    assert shown == [("Keys: no TTL", ("user:1",)), ("Keys: secrets inside", ("user:2",)), ("Keys", KEYS)]


def test_every_command_is_counted_once() -> None:
    found = FoundKeys(scanning=True).scanned(HALF)
    assert (found.spent, found.scanning) == (2, False)
    assert found.scanned(DONE).spent == 2, "a scan says what it cost altogether"
    assert found.audited(AUDIT).having_spent(3).spent == 11


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (FoundKeys(scan=DONE, spent=2), "2 commands used here · all keys looked at"),
        (FoundKeys(scan=HALF, scanning=True), "0 commands used here · ◐ scanning…  esc stops"),
        (FoundKeys(scan=HALF), "0 commands used here · 500 keys a command; the rest costs about 3, m goes on"),
        (FoundKeys(scan=Scan(problem="no")), "0 commands used here"),
        (FoundKeys(scan=DONE, audit=KeyAudit(looked_at=3)), "0 commands used here · all keys looked at · "
         "of 3: nothing amiss"),
        (FoundKeys(scan=DONE, audit=AUDIT), "0 commands used here · all keys looked at · "
         "of 3: 1 no TTL, 1 secrets inside, v shows them"),
    ],
)  # fmt: skip
def test_the_price_line(found: FoundKeys, said: str) -> None:
    assert found.price == said


def test_what_was_dropped_is_in_no_list_any_more_and_the_audit_is_over() -> None:
    found = FoundKeys(scan=DONE).audited(AUDIT).next_finding().without(("user:1",))
    assert (found.shown, found.audit, found.finding) == (("post:1", "user:2"), None, "")


@pytest.mark.parametrize(
    ("scan", "prefix", "keys"),
    [
        (DONE, "user:", ("user:1", "user:2")),
        (DONE, "none:", ()),
        (HALF, "user:", None),
        (Scan(prefix="user:", keys=KEYS[1:], done=True), "user:1", ("user:1",)),
        (Scan(prefix="user:", keys=KEYS[1:], done=True), "post:", None),
    ],
)
def test_only_a_scan_that_saw_them_all_spares_the_count(scan: Scan, prefix: str, keys: tuple[str, ...] | None) -> None:
    assert FoundKeys(scan=scan).beginning(prefix) == keys


def test_a_drop_names_its_price_its_keys_and_what_may_be_missing() -> None:
    assert key_to_drop("user:1") == ["user:1", "3 commands."]
    some = tuple(f"user:{n}" for n in range(120))
    told = keys_to_drop("user:", some, whole=False)
    assert told[0] == "user:*  120 keys, and there may be more"
    assert told[1:] == [
        *[f"  user:{n}" for n in range(5)], "  … and 115 more",
        "6 commands. Their next readers will load them from the database again.",
    ]  # fmt: skip
    assert keys_to_drop("user:", ("user:1",), whole=True)[0] == "user:*  1 key"
    most = tuple(map(str, range(MOST_KEYS)))
    assert keys_to_drop("", most, whole=False)[-1] == "More than these were not looked for."
