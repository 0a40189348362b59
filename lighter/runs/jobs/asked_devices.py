"""What a config's Trainer asks for, held against what a launcher gives a job."""

from collections.abc import Iterator
from typing import Any

from lighter.config import Config
from lighter.config.key_path import text
from lighter.config.schema import TRAINER
from lighter.config.tree import Mapping
from lighter.errors import Problem


def devices_of(config: Config) -> int | None:
    """How many devices a node the Trainer asks for; None where it takes what there is."""
    asked = _value(config, "devices")
    if isinstance(asked, list):
        return max(asked, default=-1) + 1 if all(isinstance(one, int) for one in asked) else None
    if isinstance(asked, str) and asked.isdecimal():
        asked = int(asked)
    return asked if isinstance(asked, int) and asked > 0 else None


def gpus_of(config: Config) -> int:
    """How many GPUs a run needs at least, where it is given any."""
    return 0 if on_cpu(config) else devices_of(config) or 1


def nodes_of(config: Config) -> int:
    """How many nodes the Trainer asks for."""
    asked = _value(config, "num_nodes")
    return int(asked) if isinstance(asked, int) else 1


def on_cpu(config: Config) -> bool:
    """Whether it uses no GPU by its own word."""
    return str(_value(config, "accelerator")) == "cpu"


def writes_checkpoints(config: Config) -> bool:
    """Whether a run of it can be resumed."""
    return bool(_value(config, "enable_checkpointing") is not False)


def problem(config: Config, key: str, what: str, help: str) -> Problem:
    """Something that the Trainer and a launcher do not agree on."""
    trainer = config.tree.get(TRAINER)
    entry = trainer.entries.get(key) if isinstance(trainer, Mapping) else None
    place = text((TRAINER, key))
    return Problem(what, entry.value.position if entry is not None else None, place, help)


def too_many_gpus(config: Config, gpus: int | None) -> Iterator[Problem]:
    """A Trainer that asks for more than the GPUs of a job."""
    if gpus is not None and gpus_of(config) > gpus:
        what = f"the trainer asks for {gpus_of(config)} devices, and the launcher gives a job {gpus}"
        yield problem(config, "devices", what, f"write 'gpus: {gpus_of(config)}' in the launcher")


def _value(config: Config, key: str) -> Any:
    return config.get(text((TRAINER, key)))
