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
from lighter.project.registry import registry

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


@pytest.mark.parametrize("config", ["one_item.yaml", "masked_item.yaml", "negative_sampling.yaml"])
def test_the_other_types_train(config: str) -> None:
    assert f"val/{RECALL}" in Runner(RECOMMENDER / config, *SHORT).fit().metrics


def test_workers_that_are_spawned_know_the_imports() -> None:
    workers = ("num_workers: 1", "multiprocessing_context: spawn", "persistent_workers: true")
    overrides = (f"system::dataloaders::train::{one.replace(': ', '=')}" for one in workers)
    assert f"val/{RECALL}" in Runner(RECOMMENDER / "config.yaml", *SHORT, *overrides).fit().metrics


MINE = """
from sequential import *
from torch import nn, tensor

class Mean(nn.Module):
    def __init__(self, items, bias=True):
        super().__init__()
        self.taken, self.scores = nn.Embedding(items + 2, 4), nn.Linear(4, items + 2, bias)

    def forward(self, sequence):
        return self.scores(self.taken(sequence).cumsum(1))

def few(first, users=3):
    return DatasetPreprocessingConfig([[first, 1, 2, 3, 4][: 4 + user % 2] for user in range(users)], items=5)

class Constant:
    def __init__(self, module_type, name):
        self.module_type, self.name = module_type, name

    def __call__(self, **parts):
        return self.module_type(Mean(5), **parts)

register_module(
    "mean",
    ModuleConfig(GenericModuleFactory, TYPE, {"model_cls": Mean, "loss_function": LOSS})
)
register_module("constant", ModuleConfig(Constant, TYPE, {"name": "mine"}))
register_preprocessing_config_provider("few", PreprocessingConfigProvider(few, {"first": 0, "users": 2}))
"""
USING_MINE = {
    "imports": {
        "framework": {"path": str(RECOMMENDER), "module_name": "sequential"},
        "mine": {"path": ".", "module_name": "mine"},
    },
    "vars": {"few": {"_target_": "dataset/few", "users": 4}},
    "trainer": {"max_epochs": 1, "accelerator": "cpu", "log_every_n_steps": 1},
    "system": {
        "_target_": "module/mean",
        "items": "$@vars::few.items",
        "bias": False,
        "optimizer": {"_target_": "torch.optim.SGD", "lr": 0.1},
        "dataloaders": {
            "train": {
                "_target_": "torch.utils.data.DataLoader",
                "dataset": "$@vars::few.split('train')",
                "batch_size": 4,
            }
        },
    },
}


@pytest.mark.parametrize(
    ("module_type", "loss"),
    [
        ("MaskedTrainingModule", "nn.CrossEntropyLoss()"),
        ("NextItemPredictionModule", "nn.MultiMarginLoss()"),
        ("SequenceNextItemPredictionModule", "nn.CrossEntropyLoss(weight=tensor([1.0] * 7))"),
        ("NextItemPredictionWithNegativeSampleTrainingModule", "lambda right, others: (others.T - right).mean()"),
    ],
)
def test_modules_and_datasets_are_registered_in_the_words_of_the_framework(
    tmp_path: Path, module_type: str, loss: str
) -> None:
    (tmp_path / "mine.py").write_text(MINE.replace("TYPE", module_type).replace("LOSS", loss), encoding="utf-8")
    assert "train/loss/epoch" in Runner(USING_MINE, *QUIET).fit().metrics
    system = Config(USING_MINE, "~system::optimizer").resolve("system")
    assert type(system).__name__ == module_type
    assert system.model.scores.bias is None
    data = system.dataloaders["train"].dataset  # of 4 or 5 items, two are kept for later
    assert data.tolist() == [[0, 2, 3], [2, 3, 4], [0, 2, 3], [2, 3, 4]]


def test_a_factory_of_ones_own_is_constructed_with_the_parameters(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        MINE.replace("TYPE", "NextItemPredictionModule").replace("LOSS", "None"), encoding="utf-8"
    )
    run = Runner(USING_MINE, *QUIET, "system::_target_=module/constant", "~system::items", "~system::bias")
    assert "train/loss/epoch" in run.fit().metrics


@pytest.mark.parametrize(
    ("override", "help"),
    [
        ("+system::widht=3", "did you mean 'width'?"),
        ("+system::optimzer=3", "did you mean 'optimizer'?"),
        ("system::width=wide", "write a whole number"),
        ("+vars::shop::user=7", "did you mean 'users'?"),
    ],
)
def test_mistakes_in_the_arguments_of_a_module_or_dataset_are_told(override: str, help: str) -> None:
    (problem,) = Config(RECOMMENDER / "config.yaml", override).check("fit")
    assert problem.help == help


def test_what_a_user_registers_is_named_with_the_line_of_the_user() -> None:
    with importable(None, [ImportedModule.of(RECOMMENDER, name) for name in ("sequential", "shop")]):
        importlib.import_module("shop")
        origins = {one.written: one.origin for one in registry.all()}
        assert origins["module/gru"].startswith(str(RECOMMENDER / "shop" / "__init__.py"))
        assert origins["dataset/shop"].startswith(str(RECOMMENDER / "shop" / "__init__.py"))
        sequential: Any = importlib.import_module("sequential")
        parameters = {"model_cls": torch.nn.Linear, "loss_fuction": 1}
        wrong = sequential.ModuleConfig(sequential.GenericModuleFactory, sequential.MaskedTrainingModule, parameters)
        with pytest.raises(TypeError, match="loss_fuction"):
            sequential.register_module("wrong", wrong)
        with pytest.raises(TypeError, match="wide"):
            sequential.PreprocessingConfigProvider(lambda width: None, {"wide": 1})


def test_a_type_supplies_its_training_data() -> None:
    with importable(None, [ImportedModule.of(RECOMMENDER, "sequential")]):
        training: Any = importlib.import_module("sequential.training")
        history = torch.tensor([[0, 2, 3, 4, 5], [6, 7, 8, 9, 10]])  # PAD is 0, MASK is 1
        each = training.SequenceNextItemPredictionModule(torch.nn.Identity())
        input, target = each.sample(history)
        assert input.tolist() == [[0, 2, 3, 4], [6, 7, 8, 9]]
        assert target.tolist() == [[2, 3, 4, 5], [7, 8, 9, 10]]
        assert each.question(history)[1].tolist() == [[0, 0, 0, 5], [0, 0, 0, 10]]
        one = training.NextItemPredictionModule(torch.nn.Identity())
        for _ in range(20):
            input, target = one.sample(history)
            assert history[:, : input.shape[1] + 1].tolist() == torch.cat([input, target[:, -1:]], 1).tolist()
            assert target[:, :-1].sum() == 0
        masked = training.MaskedTrainingModule(torch.nn.Identity(), share=0.5)
        for _ in range(20):
            input, target = masked.sample(history)
            assert torch.equal(torch.where(target == 0, input, target), history)
            assert torch.equal(input == 1, target != 0)
            assert (input == 1).any(dim=1).all()
        assert masked.question(history)[0].tolist() == [[0, 2, 3, 4, 1], [6, 7, 8, 9, 1]]


def test_histories_are_split_by_user_and_padded_on_the_left() -> None:
    with importable(None, [ImportedModule.of(RECOMMENDER, "sequential")]):
        sequential: Any = importlib.import_module("sequential")
        data = sequential.DatasetPreprocessingConfig([[0, 1, 2, 3, 4], [4, 3, 2, 1]], items=5, longest=3)
        assert data.split("train").tolist() == [[2, 3, 4], [0, 6, 5]]
        assert data.split("val").tolist() == [[3, 4, 5], [6, 5, 4]]
        assert data.split("test").tolist() == [[4, 5, 6], [5, 4, 3]]
        with pytest.raises(ValueError, match="a user has 3 items"):
            sequential.DatasetPreprocessingConfig([[0, 1, 2]], items=5)


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
    rows = capsys.readouterr().out.splitlines()[-6:]
    assert [row.split()[0] for row in rows] == ["recall@10", *compare.CONFIGS]


def test_the_metrics_rank() -> None:
    with importable(None, [ImportedModule.of(RECOMMENDER, "sequential")]):
        ranking: Any = importlib.import_module("sequential.ranking")
        scores, target = torch.tensor([[3.0, 2.0, 1.0], [3.0, 2.0, 1.0]]), torch.tensor([0, 2])  # ranks 1 and 3
        found = [metric(scores, target).item() for metric in (ranking.Recall(2), ranking.NDCG(3), ranking.MRR())]
    assert found == pytest.approx([0.5, (1 + 0.5) / 2, (1 + 1 / 3) / 2])


def test_defaults_are_overridden_by_name() -> None:
    data = Config(RECOMMENDER / "config.yaml", "vars::shop::users=7").resolve("vars::shop")
    assert tuple(data.split("test").shape) == (7, 20)
