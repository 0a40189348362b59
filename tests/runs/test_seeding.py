"""A run without a seed is given one, which its config then tells."""

from pathlib import Path

import torch

from lighter.config import Config
from lighter.runs.folder import RunDirectory
from lighter.runs.seeding import seed_all, seed_of, with_seed


def test_a_run_keeps_the_seed_that_it_was_given(tmp_path: Path) -> None:
    first, second = RunDirectory(tmp_path / "first"), RunDirectory(tmp_path / "second")
    assert seed_of(first) == seed_of(RunDirectory(tmp_path / "x" / ".." / "first"))  # as another rank may spell it
    assert seed_of(first) != seed_of(second)
    assert 0 <= seed_of(first) < 2**32
    seed = seed_of(first)
    first.path.mkdir()
    (first.path / "config.yaml").write_text(with_seed(Config.load({"vars": {"a": 1}}), seed), encoding="utf-8")
    assert seed_of(first.__class__(first.path.rename(tmp_path / "moved"))) == seed


def test_a_run_whose_config_tells_none_is_given_its_own(tmp_path: Path) -> None:
    before = seed_of(RunDirectory(tmp_path))
    (tmp_path / "config.yaml").write_text("vars: {a: 1}\n", encoding="utf-8")
    assert seed_of(RunDirectory(tmp_path)) == before


def test_the_config_as_it_runs_tells_the_seed() -> None:
    config = Config.load({"vars": {"a": 1}})
    assert with_seed(config, 7) == "vars:\n  a: 1\nseed: 7  # as none was given\n"
    assert with_seed(config, None) == config.dump()
    own = Config.load({"seed": 3})
    assert with_seed(own, 3) == own.dump() == "seed: 3\n"


def test_transforms_of_monai_repeat_with_the_seed() -> None:
    from monai.transforms import Compose, RandGaussianNoise

    cudnn = torch.backends.cudnn
    kept, drawn = (cudnn.deterministic, cudnn.benchmark), []
    for _ in range(2):
        seed_all(3)
        alone, together = RandGaussianNoise(prob=1.0), Compose([RandGaussianNoise(prob=1.0)])
        drawn.append([float(transform(torch.zeros(1)).sum()) for transform in (alone, together)])
    assert drawn[0] == drawn[1]
    assert all(drawn[0])
    assert (cudnn.deterministic, cudnn.benchmark) == kept
