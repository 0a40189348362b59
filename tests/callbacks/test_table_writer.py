"""Predictions as a table."""

import csv
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from lighter.callbacks import TableWriter
from lighter.system import System

INPUTS = torch.arange(5.0).reshape(5, 1)


class Named(Dataset[Any]):
    def __len__(self) -> int:
        return len(INPUTS)

    def __getitem__(self, index: int) -> Any:
        return {"input": INPUTS[index], "target": index, "identifier": f"s{index}"}


class Model(nn.Module):
    """The input and its double."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, 2 * x], 1)


def system(data: Any = None, model: nn.Module | None = None) -> System:
    loader = DataLoader(Named() if data is None else data, batch_size=2)
    return System(Model() if model is None else model, {"predict": loader, "test": loader})


def run(writer: TableWriter, folder: Path, module: pl.LightningModule | None = None, stage: str = "predict") -> None:
    options: dict[str, Any] = {"enable_progress_bar": False, "logger": False, "default_root_dir": folder}
    trainer = pl.Trainer(accelerator="cpu", callbacks=[writer], enable_checkpointing=False, **options)
    arguments = {"verbose": False} if stage == "test" else {"return_predictions": False}
    getattr(trainer, stage)(module or system(), **arguments)


def table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_a_row_for_each_sample(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    writer = TableWriter()
    with caplog.at_level(logging.INFO, "lighter"):
        run(writer, tmp_path)
    path = tmp_path / "predictions" / "predictions.csv"
    assert writer.path_written == path
    assert table(path) == [["identifier", "pred_0", "pred_1"], *[[f"s{i}", f"{i}.0", f"{2 * i}.0"] for i in range(5)]]
    assert f"predictions of 5 samples: {path}" in caplog.messages
    assert list(path.parent.iterdir()) == [path]


def test_rows_are_numbered_where_the_data_has_no_identifiers(tmp_path: Path) -> None:
    run(TableWriter("t.csv"), tmp_path, system(TensorDataset(INPUTS)))
    assert [row[0] for row in table(tmp_path / "t.csv")] == ["identifier", "0", "1", "2", "3", "4"]


def test_columns_and_transforms(tmp_path: Path) -> None:
    columns: dict[str, Any] = {"label": {"of": "pred", "transforms": lambda pred: pred.argmax(1)}, "truth": "target"}
    run(TableWriter(tmp_path / "t.csv", columns), Path("elsewhere"))
    assert table(tmp_path / "t.csv") == [
        ["identifier", "label", "truth"],
        *[[f"s{i}", str(int(i > 0)), str(i)] for i in range(5)],
    ]
    run(TableWriter("u.csv", ["pred", "target"], {"pred": torch.sum, "target": [torch.neg]}), tmp_path)
    assert table(tmp_path / "u.csv")[1:3] == [["s0", "3.0", "0"], ["s1", "3.0", "-1"]]


class Parts(nn.Module):
    def forward(self, x: Tensor) -> Any:
        return {"logits": x, "extra": (x, torch.cat([x, x], 1))}


def test_nested_predictions(tmp_path: Path) -> None:
    run(TableWriter("t.csv"), tmp_path, system(model=Parts()))
    assert table(tmp_path / "t.csv")[0] == [
        "identifier",
        "pred_logits",
        "pred_extra_0",
        "pred_extra_1_0",
        "pred_extra_1_1",
    ]
    run(TableWriter("u.csv", ["pred::logits"]), tmp_path, system(model=Parts()))
    assert table(tmp_path / "u.csv")[:2] == [["identifier", "pred_logits"], ["s0", "0.0"]]


def test_test_is_written_only_when_asked(tmp_path: Path) -> None:
    run(TableWriter("t.csv"), tmp_path, stage="test")
    assert not (tmp_path / "t.csv").exists()
    writer = TableWriter("t.csv", stages=["test"])
    run(writer, tmp_path, stage="test")
    assert len(table(tmp_path / "t.csv")) == 6
    run(writer, tmp_path)
    assert writer.path_written == tmp_path / "t.csv"


class Other(pl.LightningModule):
    def predict_step(self, batch: Any, batch_idx: int) -> Any:
        return batch[0] * 2

    def predict_dataloader(self) -> Any:
        return DataLoader(TensorDataset(INPUTS), batch_size=2)


def test_another_lightning_module_may_predict(tmp_path: Path) -> None:
    run(TableWriter("t.csv"), tmp_path, Other())
    assert table(tmp_path / "t.csv")[-1] == ["4", "8.0"]


class Fails(Model):
    def forward(self, x: Tensor) -> Tensor:
        if bool((x > 3).any()):
            raise KeyError("mine")
        return super().forward(x)


def test_a_failed_run_leaves_no_file(tmp_path: Path) -> None:
    writer = TableWriter("t.csv")
    with pytest.raises(KeyError, match="mine"):
        run(writer, tmp_path, system(model=Fails()))
    assert list(tmp_path.iterdir()) == []
    assert writer.path_written is None


def test_a_killed_run_leaves_no_file_under_the_final_name(tmp_path: Path) -> None:
    class Killed(pl.Callback):
        def on_predict_batch_end(self, *_: Any) -> None:
            assert not (tmp_path / "t.csv").exists()
            assert (tmp_path / "t.csv.part0").exists()

    options: dict[str, Any] = {"enable_progress_bar": False, "logger": False, "default_root_dir": tmp_path}
    trainer = pl.Trainer(accelerator="cpu", callbacks=[TableWriter("t.csv"), Killed()], **options)
    trainer.predict(system(), return_predictions=False)
    assert (tmp_path / "t.csv").exists()


def test_a_later_run_replaces_the_table(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("old")
    run(TableWriter("t.csv"), tmp_path)
    assert len(table(tmp_path / "t.csv")) == 6


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"stages": ["fit"]}, ValueError, "TableWriter(stages): there is no 'fit'; write one of predict, test"),
        ({"columns": ["prde"]}, ValueError, "TableWriter(prde): there is no 'prde'; did you mean 'pred'?"),
        (
            {"transforms": {"preds": abs}},
            ValueError,
            "TableWriter(transforms): there is no 'preds'; did you mean 'pred'?",
        ),
        (
            {"columns": "pred"},
            TypeError,
            "TableWriter(columns): a list of texts, or a mapping from names, is wanted, not 'pred'",
        ),
    ],
)
def test_wrong_arguments_are_refused_when_it_is_made(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as told:
        TableWriter(**arguments)
    assert str(told.value) == message


def test_it_says_that_it_takes_the_predictions() -> None:
    assert TableWriter.writes_predictions


def test_callbacks_are_imported_when_they_are_asked_for() -> None:
    code = "import sys, lighter.callbacks; assert 'torch' not in sys.modules; lighter.callbacks.TableWriter"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    import lighter.callbacks

    assert dir(lighter.callbacks) == ["TableWriter"]
    with pytest.raises(AttributeError, match=r"module 'lighter\.callbacks' has no attribute 'TableWritr'"):
        _ = lighter.callbacks.TableWritr
