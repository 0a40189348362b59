"""The seed of a training run: what the config says, else one that the run is given, so that it can be repeated."""

import zlib

from lighter.config import Config
from lighter.config.schema import SEED
from lighter.run_directory import CONFIG, RunDirectory

__all__ = ["seed_of", "with_seed"]


def seed_of(run: RunDirectory) -> int:
    """The seed that a run was given before, else one of its own, which all ranks know without asking: of its path."""
    if run.holds_run:
        found = Config.load(str(run.path / CONFIG)).get(SEED)
        if found is not None:
            return int(found)
    return zlib.crc32(str(run.path.resolve()).encode())


def with_seed(config: Config, seed: int | None) -> str:
    """The config as it runs, with the seed that it was given."""
    text = config.dump()
    return text if seed is None or SEED in config else f"{text}{SEED}: {seed}  # as none was given\n"
