"""Which step of set-up a check belongs to. Pure."""

from __future__ import annotations

from checks.registry import Registry
from wizard.step import STEPS, Step


def step_of(check_id: str, registry: Registry) -> Step | None:
    """The first step that is complete only when this check passes, itself or as what another one rests on."""
    for step in STEPS:
        if check_id in step.checks:
            return step
    for step in STEPS:
        known = [name for name in step.checks if name in registry]
        if known and any(check.id == check_id for check in registry.select(known)):
            return step
    return None
