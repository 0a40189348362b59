"""The seed of a training run: what the config says, else one that the run is given, so that it can be repeated."""

import sys
import zlib

from lighter.config import Config
from lighter.config.schema import SEED
from lighter.runs.folder import CONFIG, RunDirectory


def seed_all(seed: int) -> None:
    """Seeds Python, NumPy, torch and the workers of loaders; and MONAI where it is there, which has its own."""
    import pytorch_lightning as pl

    pl.seed_everything(seed, workers=True, verbose=False)
    utilities, transforms = (sys.modules.get(f"monai.{name}") for name in ("utils.misc", "transforms.transform"))
    if utilities is not None:
        cudnn = sys.modules["torch"].backends.cudnn
        kept = cudnn.deterministic, cudnn.benchmark
        utilities.set_determinism(seed)  # of what a Compose is made with
        cudnn.deterministic, cudnn.benchmark = kept  # which is the Trainer's to say
    if transforms is not None:
        transforms.Randomizable.R.seed(seed)  # of a transform that is in no Compose


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
