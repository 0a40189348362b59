"""The example with `imports` keeps what it promises."""

import gc
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from lighter import Config, Runner
from lighter.project.importable import importable
from lighter.project.project import ImportedModule

RECOMMENDER = Path(__file__).parents[1] / "projects" / "recommender"
QUIET = ("trainer::enable_progress_bar=false", "trainer::enable_model_summary=false")
LIMITS = ("trainer::limit_train_batches=2", "trainer::limit_val_batches=1", "trainer::log_every_n_steps=1")
SHORT = (*QUIET, "trainer::max_epochs=1", *LIMITS)
RECALL = "metrics/recall@10/epoch"


@pytest.fixture(autouse=True)
def _one_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_it_is_far_better_than_popularity() -> None:
    popular = Runner(RECOMMENDER / "popularity.yaml", *QUIET).test().metrics[f"test/{RECALL}"]
    run = Runner(RECOMMENDER / "config.yaml", *QUIET)
    learned = run.test(run.fit().checkpoints["best"]).metrics[f"test/{RECALL}"]
    assert popular < 0.35
    assert learned > 0.8
    del run  # as long as it lives, what it has imported can be imported
    gc.collect()
    assert "sequential" not in sys.modules


@pytest.mark.parametrize("config", ["masked_item.yaml", "negative_sampling.yaml"])
def test_the_other_schemes_run(config: str) -> None:
    assert f"val/{RECALL}" in Runner(RECOMMENDER / config, *SHORT).fit().metrics


def test_workers_that_are_spawned_know_the_imports() -> None:
    workers = ("num_workers: 1", "multiprocessing_context: spawn", "persistent_workers: true")
    overrides = (f"system::dataloaders::train::{one.replace(': ', '=')}" for one in workers)
    assert f"val/{RECALL}" in Runner(RECOMMENDER / "config.yaml", *SHORT, *overrides).fit().metrics


def test_compare_takes_a_row_of_each_config(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = importlib.util.spec_from_file_location("compare", RECOMMENDER / "compare.py")
    assert spec is not None
    assert spec.loader is not None
    compare = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(compare)
    monkeypatch.setattr(compare, "QUIET", (*SHORT, "trainer::limit_test_batches=1"))
    compare.main()
    rows = capsys.readouterr().out.splitlines()[-5:]
    assert [row.split()[0] for row in rows] == ["recall@10", "popularity", "config", "masked_item", "negative_sampling"]


def test_the_metrics_rank() -> None:
    with importable(None, [ImportedModule.of(RECOMMENDER, "sequential")]):
        ranking: Any = importlib.import_module("sequential.ranking")
        scores, target = torch.tensor([[3.0, 2.0, 1.0], [3.0, 2.0, 1.0]]), torch.tensor([0, 2])  # ranks 1 and 3
        found = [metric(scores, target).item() for metric in (ranking.Recall(2), ranking.NDCG(3), ranking.MRR())]
    assert found == pytest.approx([0.5, (1 + 0.5) / 2, (1 + 1 / 3) / 2])


def test_defaults_are_overridden_by_name() -> None:
    config = Config(RECOMMENDER / "config.yaml", "system::dataloaders::train::dataset::users=7")
    data = config.resolve("system::dataloaders::train::dataset")
    assert tuple(data.histories.shape) == (7, 20)
    (problem,) = Config(RECOMMENDER / "config.yaml", "system::dataloaders::train::dataset::user=7").check("fit")
    assert problem.help == "did you mean 'users'?"
