"""What the key browser knows and decides, without a widget: keys, findings, prices, and what a write would do."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from soundcheck.screens.app.relation.known import Known
from soundcheck.stores.amounts import number_of
from soundcheck.stores.catalog.tables import Catalog
from soundcheck.stores.copies.key_audit import KeyAudit
from soundcheck.stores.copies.key_entry import KeyEntry
from soundcheck.stores.copies.key_scan import COUNT, MOST_KEYS, Scan
from soundcheck.stores.copies.key_source import KeySource
from soundcheck.stores.hidden_characters import visible
from soundcheck.stores.keys import KEY_PLAN, KeyRule, KnownKey, Shape, known_key
from soundcheck.stores.rows.filters import Operator, RowFilter
from soundcheck.stores.rows.server_text import server_text
from soundcheck.stores.services import Services
from soundcheck.wizard.cache_write import commands_to_drop, drop_keys, set_ttl

MOST_STEPS: Final = 100
"""Steps of the scan that counts the keys of a prefix."""
_USUAL_TTL: Final = 300
_FINDINGS: Final = {"no_ttl": "no TTL", "orphans": "orphans", "older": "older shape", "exposed": "secrets inside"}


@dataclass(frozen=True, slots=True)
class FoundKeys:
    """The keys that were found, and what was spent on them.

    `finding` is the finding of the audit whose keys are shown alone, "" for all keys. `spent` counts billed commands.
    """

    scan: Scan = field(default_factory=Scan)
    plan: tuple[KeyRule, ...] = KEY_PLAN
    known: Known | None = None
    audit: KeyAudit | None = None
    finding: str = ""
    spent: int = 0
    scanning: bool = False

    @property
    def catalog(self) -> Catalog | None:
        """The tables, once they were read."""
        return self.known.catalog if self.known is not None else None

    @property
    def shown(self) -> tuple[str, ...]:
        """The keys of the tree."""
        return self._having(self.finding) if self.finding else self.scan.keys

    @property
    def shown_prefix(self) -> str:
        """What all keys of the tree begin with."""
        return "" if self.finding else self.scan.prefix

    @property
    def can_scan_on(self) -> bool:
        """Whether another scan may find more."""
        return not self.scan.done and not self.scan.is_full and not self.scan.problem

    @property
    def findings(self) -> list[str]:
        """The findings of the audit that some key has."""
        return [name for name in _FINDINGS if self._having(name)]

    def _having(self, finding: str) -> tuple[str, ...]:
        return getattr(self.audit, finding) if self.audit is not None else ()

    # ── what becomes of it ──

    def scanned(self, scan: Scan) -> FoundKeys:
        """With a scan that went on."""
        spent = self.spent + scan.commands - self.scan.commands
        return replace(self, scan=scan, spent=spent, scanning=False)

    def afresh(self, prefix: str) -> FoundKeys:
        """Before a new scan."""
        return replace(self, scan=Scan(prefix), audit=None, finding="")

    def audited(self, audit: KeyAudit) -> FoundKeys:
        """With what an audit found."""
        return replace(self, audit=audit, finding="", spent=self.spent + audit.commands)

    def next_finding(self) -> FoundKeys:
        """Show the keys of the next finding; after the last one all keys again."""
        names = self.findings
        place = names.index(self.finding) + 1 if self.finding in names else 0
        return replace(self, finding=names[place] if place < len(names) else "")

    def without(self, gone: tuple[str, ...]) -> FoundKeys:
        """After keys were dropped; what the audit said no longer holds."""
        dropped = set(gone)
        scan = replace(self.scan, keys=tuple(key for key in self.scan.keys if key not in dropped))
        return replace(self, scan=scan, audit=None, finding="")

    def having_spent(self, commands: int) -> FoundKeys:
        """With so many more commands spent."""
        return replace(self, spent=self.spent + commands)

    # ── what it says ──

    @property
    def title(self) -> str:
        """The heading of the tree."""
        if self.finding:
            return f"Keys: {_FINDINGS[self.finding]}"
        return visible(f"Keys {self.scan.prefix}*" if self.scan.prefix else "Keys")

    @property
    def number(self) -> str:
        """How many keys there are."""
        return f"{len(self.scan.keys):,}{'' if self.scan.done else ' so far'}"

    @property
    def state(self) -> str:
        """Why there are no keys, or no more of them; "" where there is nothing to explain."""
        if self.scan.problem:
            return f"! {visible(self.scan.problem)}"
        if self.shown:
            return ""
        if self.scan.done:
            return "No key begins so." if self.scan.prefix else "The cache holds no keys."
        return "No key found yet: m keeps scanning."

    @property
    def price(self) -> str:
        """What was spent, what the rest of the scan costs, what the audit found."""
        scan, parts = self.scan, [f"{self.spent:,} commands used here"]
        if self.scanning:
            parts.append("◐ scanning…  esc stops")
        elif scan.is_full:
            parts.append("that is as many as are kept: / narrows them")
        elif scan.done:
            parts.append("all keys looked at")
        elif not scan.problem:
            parts.append(f"{COUNT} keys a command; the rest costs about {scan.steps_left:,}, m goes on")
        if self.audit is not None:
            found = [f"{len(self._having(name))} {_FINDINGS[name]}" for name in self.findings]
            said = ", ".join(found) or "nothing amiss"
            parts.append(f"of {self.audit.looked_at}: {said}{', v shows them' if found else ''}")
        return " · ".join(parts)

    # ── what is asked before a write ──

    def beginning(self, prefix: str) -> tuple[str, ...] | None:
        """All keys that begin so, where the scan has been through them; None where they are still to be counted."""
        if not (self.scan.done and prefix.startswith(self.scan.prefix)):
            return None
        return tuple(key for key in self.scan.keys if key.startswith(prefix))

    @property
    def price_of_counting(self) -> int:
        """Commands for a scan that counts the keys of a prefix."""
        return min(max(self.scan.steps_left + self.scan.steps, 1), MOST_STEPS) + 1

    def proposed_ttl(self, entry: KeyEntry) -> int:
        """Seconds: those of the key's rule, else what it has."""
        known = known_key(entry.key, self.plan)
        return known.rule.ttl if known is not None else entry.ttl or _USUAL_TTL


def drop_title(number: int) -> str:
    """The question before so many keys are dropped."""
    return "Drop this key?" if number == 1 else f"Drop {number:,} keys?"


def key_to_drop(key: str) -> list[str]:
    """What dropping one key means."""
    return [key, f"{commands_to_drop(1)} commands."]


def keys_to_drop(prefix: str, keys: tuple[str, ...], *, whole: bool) -> list[str]:
    """What dropping all keys of a prefix means; `whole` says that there are no more than these."""
    number = len(keys)
    lines = [
        f"{prefix}*  {number_of(number, 'key')}" + ("" if whole else ", and there may be more"),
        *[f"  {key}" for key in keys[:5]],
        *([f"  … and {number - 5:,} more"] if number > 5 else []),
        f"{commands_to_drop(number):,} commands. Their next readers will load them from the database again.",
    ]
    return [*lines, "More than these were not looked for."] if number >= MOST_KEYS else lines


@dataclass(frozen=True, slots=True)
class CacheWritten:
    """A write that was made: what to say, the keys it was about, those that are gone, the commands it took."""

    said: str
    keys: tuple[str, ...]
    gone: tuple[str, ...]
    commands: int


async def drop(services: Services, keys: tuple[str, ...]) -> CacheWritten:
    """Drop them. Raises `StepFailed` where the cache refuses."""
    number = await drop_keys(services, keys)
    said = f"Dropped {number_of(number, 'key')}."
    return CacheWritten(said, keys, keys, commands_to_drop(len(keys)))


async def expire(services: Services, key: str, seconds: int) -> CacheWritten:
    """Give it another time to live. Raises `StepFailed` where the cache refuses."""
    there = await set_ttl(services, key, seconds)
    return CacheWritten(f"It expires in {seconds} s." if there else "It is not there any more.", (key,), (), 1)


def filters_of(source: KeySource, known: KnownKey) -> tuple[RowFilter, ...]:
    """The filters that show the row behind a key, or the rows of a list. The source has rows."""
    if source.rule.shape is Shape.LIST or not source.table.primary_key:
        return (RowFilter(source.rule.sources[0].column, Operator.EQUAL, known.value),)
    row = source.rows[0]
    return tuple(RowFilter(name, Operator.EQUAL, server_text(row[name]) or "") for name in source.table.primary_key)
