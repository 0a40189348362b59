"""Predictions as a table."""

import csv
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from lighter.callbacks import TableWriter
from lighter.training.system import System

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


def test_parquet_holds_what_csv_holds(tmp_path: Path) -> None:
    run(TableWriter("t.parquet"), tmp_path)
    found = pq.read_table(tmp_path / "t.parquet").to_pydict()
    assert found == {
        "identifier": [f"s{i}" for i in range(5)],
        "pred_0": [float(i) for i in range(5)],
        "pred_1": [2.0 * i for i in range(5)],
    }
    run(TableWriter("table", format="parquet"), tmp_path)
    assert pq.read_table(tmp_path / "table").num_rows == 5


def test_rows_are_numbered_where_the_data_has_no_identifiers(tmp_path: Path) -> None:
    run(TableWriter("t.csv"), tmp_path, system(TensorDataset(INPUTS)))
    assert [row[0] for row in table(tmp_path / "t.csv")] == ["identifier", "0", "1", "2", "3", "4"]


@pytest.mark.filterwarnings("ignore:Your `predict_dataloader`'s sampler has shuffling enabled")
def test_a_shuffled_loader_makes_a_table_in_the_order_of_the_data(tmp_path: Path) -> None:
    loader = DataLoader(TensorDataset(INPUTS), batch_size=2, shuffle=True)
    run(TableWriter("t.csv"), tmp_path, System(Model(), {"predict": loader}))
    assert table(tmp_path / "t.csv")[1:] == [[f"{i}", f"{i}.0", f"{2 * i}.0"] for i in range(5)]


@pytest.mark.parametrize("names", [["0", "1"], ["near", "far"]])
def test_several_loaders_are_told_apart(tmp_path: Path, names: list[str]) -> None:
    loaders = [DataLoader(TensorDataset(INPUTS[:count]), batch_size=2) for count in (3, 2)]
    given: Any = loaders if names[0] == "0" else dict(zip(names, loaders, strict=True))
    run(TableWriter("t.csv"), tmp_path, System(Model(), {"predict": given}))
    header, *rows = table(tmp_path / "t.csv")
    assert header[:2] == ["loader", "identifier"]
    assert [tuple(row[:2]) for row in rows] == [
        (names[0], "0"),
        (names[0], "1"),
        (names[0], "2"),
        (names[1], "0"),
        (names[1], "1"),
    ]


class Detector(nn.Module):
    """A mapping for each sample, with as many boxes as its pixels say; the channels are no samples."""

    def forward(self, images: list[Tensor]) -> Any:
        counts = [int(image.flatten()[0]) for image in images]
        return [{"boxes": torch.ones(n, 4), "labels": torch.arange(n), "n": torch.tensor(n)} for n in counts]


def test_predictions_of_other_sizes_for_each_sample(tmp_path: Path) -> None:
    data: Any = [torch.full((3, 2, 2), float(count)) for count in (0, 2, 1)]
    loader = DataLoader(data, batch_size=2, collate_fn=list)
    module = System(Detector(), {"predict": loader}, adapters={"batch": {"input": lambda batch: batch}})
    run(TableWriter("t.parquet"), tmp_path, module)
    assert pq.read_table(tmp_path / "t.parquet").to_pydict() == {
        "identifier": [0, 1, 2],
        "pred_boxes": [[], [[1.0] * 4] * 2, [[1.0] * 4]],
        "pred_labels": [[], [0, 1], [0]],
        "pred_n": [0, 2, 1],
    }


def test_a_batch_that_lacks_samples_has_rows_without_numbers(tmp_path: Path) -> None:
    def without_first(samples: list[Any]) -> Tensor:
        return torch.stack([sample[0] for sample in samples[1:] or samples])

    loader = DataLoader(TensorDataset(INPUTS), batch_size=3, collate_fn=without_first)
    run(TableWriter("t.csv"), tmp_path, System(Model(), {"predict": loader}))
    assert [row[:2] for row in table(tmp_path / "t.csv")[1:]] == [["", "1.0"], ["", "2.0"], ["", "4.0"]]


def test_a_cell_with_an_image_is_better_a_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    data = TensorDataset(torch.zeros(2, 101, 100))
    run(TableWriter("t.csv"), tmp_path, System(nn.Identity(), {"predict": DataLoader(data)}))
    assert [record.message for record in caplog.records if record.levelno == logging.WARNING] == [
        "TableWriter: a cell of 'pred' holds 10100 numbers; lighter.callbacks.FileWriter writes a file a sample"
    ]


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
            {"path": "t.txt"},
            ValueError,
            "TableWriter: the suffix of 't.txt' is of no known format; write .csv or .parquet",
        ),
        (
            {"columns": {"loader": "pred"}},
            ValueError,
            "TableWriter(columns): 'loader' is a column of its own; give yours another name",
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

    assert dir(lighter.callbacks) == sorted(lighter.callbacks.__all__)
    with pytest.raises(AttributeError, match=r"module 'lighter\.callbacks' has no attribute 'TableWritr'"):
        _ = lighter.callbacks.TableWritr
