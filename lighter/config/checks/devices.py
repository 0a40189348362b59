"""What a run's Trainer is to run on: whether Lightning knows it, and whether this machine has it."""

import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from lighter.config.key_path import text
from lighter.config.plan import Plan, plain
from lighter.config.schema import TRAINER
from lighter.errors import Problem, suggestion
from lighter.training.lightnings import PACKAGES, is_lightnings

# What others call a precision, and what Lightning calls it.
_PRECISIONS = {
    **dict.fromkeys(("fp16", "float16", "half", "amp", "mixed", "mixed-16", "fp16-mixed", "16-amp"), "16-mixed"),
    **dict.fromkeys(("bfloat16", "bf16-amp", "mixed-bf16", "bfloat16-mixed"), "bf16-mixed"),
    **dict.fromkeys(("fp32", "float32", "float", "single", "full", "no"), "32-true"),
    **dict.fromkeys(("fp64", "float64", "double"), "64-true"),
}
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
    precision = written.get("precision")
    if isinstance(precision, str) and (meant := _PRECISIONS.get(precision.lower())) is not None:
        yield wrong("precision", f"there is no precision '{precision}'", f"did you mean '{meant}'?")
    if written.get("devices") in (0, "0", []):
        yield wrong("devices", "the trainer is given no device", "write 'devices: 1', or leave it out")
    name = str(written.get("accelerator"))
    asked = [kinds[one]["accelerator"] for one in _GPU.get(name, (name,)) if one in kinds] if is_here else []
    if asked and not any(kind.is_available() for kind in asked):
        yield wrong("accelerator", f"this machine has no '{name}'", "write 'accelerator: auto' for what it has")
    if is_here and "plugins" not in call.keywords and (told := _slurm_tasks(written)):
        what, help = told
        yield Problem(what, call.node.position, text((TRAINER, "devices")), help)


def _slurm_tasks(written: Mapping[str, Any]) -> tuple[str, str] | None:
    """What is wrong where SLURM has started another number of processes than the Trainer would wait for."""
    env = os.environ
    # By these Lightning knows a job that is not typed by a person.
    if "SLURM_NTASKS" not in env or env.get("SLURM_JOB_NAME") in ("bash", "interactive"):
        return None
    devices, nodes = written.get("devices", _AUTO), written.get("num_nodes", 1)
    if devices == _AUTO and written.get("accelerator") == "cpu":
        devices = 1
    if not isinstance(devices, int) or devices < 1 or not isinstance(nodes, int):
        return None
    started = int(env["SLURM_NTASKS"])
    if started == devices * nodes:
        return None
    what = f"SLURM has started {started} task{'s' * (started != 1)}, and the trainer asks for {devices * nodes}: "
    what += f"num_nodes {nodes}, devices {devices} on each"
    return what, f"write 'sbatch --nodes={nodes} --ntasks-per-node={devices}', and 'srun lighter fit ...' in the script"
