"""What a run's Trainer is to run on: whether Lightning knows it, and whether this machine has it."""

import sys
from collections.abc import Iterator
from typing import Any

from lighter.config.key_path import text
from lighter.config.plan import Plan, plain
from lighter.config.schema import TRAINER
from lighter.errors import Problem, suggestion
from lighter.training.lightnings import PACKAGES, is_lightnings

_AUTO, _GPU = "auto", {"gpu": ("cuda", "mps")}


def device_problems(plan: Plan, is_here: bool = False) -> Iterator[Problem]:
    """Names that Lightning does not know, no device at all; with `is_here` what is on other machines alone."""
    call = plan.call_at((TRAINER,))
    if call is None or not is_lightnings(call.name):
        return
    lightning: Any = sys.modules.get(PACKAGES[call.name.startswith(PACKAGES[1])])
    if lightning is None:  # it cannot be imported, which is told of the target
        return
    kinds, strategies = lightning.accelerators.AcceleratorRegistry, lightning.strategies.StrategyRegistry
    written = {key: plain(argument) for key, argument in call.keywords.items() if argument.is_plain}

    def wrong(key: str, what: str, help: str) -> Problem:
        return Problem(what, call.node.entries[key].value.position, text((TRAINER, key)), help)

    for key, names in (("accelerator", [_AUTO, *_GPU, *kinds]), ("strategy", [_AUTO, *strategies])):
        name = written.get(key)
        if isinstance(name, str) and name.lower() not in names:
            yield wrong(key, f"there is no {key} '{name}'", suggestion(name, names))
    if written.get("devices") in (0, "0", []):
        yield wrong("devices", "the trainer is given no device", "write 'devices: 1', or leave it out")
    name = str(written.get("accelerator"))
    asked = [kinds[one]["accelerator"] for one in _GPU.get(name, (name,)) if one in kinds] if is_here else []
    if asked and not any(kind.is_available() for kind in asked):
        yield wrong("accelerator", f"this machine has no '{name}'", "write 'accelerator: auto' for what it has")
