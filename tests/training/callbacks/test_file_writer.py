"""Predictions as files, one for each sample."""

import logging
import pickle
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from hypothesis import given
from hypothesis import strategies as st
from monai.data import DataLoader as MonaiLoader
from monai.data import MetaTensor
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset
from torch.utils.data._utils.collate import default_collate_fn_map

from lighter.callbacks import FileWriter
from lighter.errors import RunError
from lighter.training.callbacks.file_writer import LONGEST, FileFolder, file_name
from lighter.training.system import System


def text(content: str) -> Any:
    return lambda path: path.write_text(content)


def test_a_file_is_moved_to_its_place_when_it_is_whole(tmp_path: Path) -> None:
    folder = FileFolder(tmp_path)

    def write(path: Path) -> None:
        assert path.name == "a.txt"
        path.write_text("half")
        assert not (tmp_path / "x" / "a.txt").exists()

    folder.put("x/a.txt", write)
    assert (tmp_path / "x" / "a.txt").read_text() == "half"
    folder.close()
    assert folder.files == 1
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_what_fails_leaves_no_file(tmp_path: Path) -> None:
    folder = FileFolder(tmp_path)

    def fails(path: Path) -> None:
        path.write_text("half")
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        folder.put("a.txt", fails)
    folder.close()
    assert list(tmp_path.iterdir()) == []


def test_a_second_sample_of_one_name_is_told(tmp_path: Path) -> None:
    folder = FileFolder(tmp_path)
    folder.put("a.txt", text("first"))
    with pytest.raises(RunError) as told:
        folder.put("a.txt", text("second"))
    assert str(told.value) == (
        f"FileWriter: two samples have the file '{tmp_path / 'a.txt'}'; the second would replace the first. "
        "Give each sample an identifier of its own, or leave it out to number the files"
    )
    assert (tmp_path / "a.txt").read_text() == "first"
    other = FileFolder(tmp_path, 1, 2)
    folder.put("b.txt", text("first"))
    with pytest.raises(RunError, match="two samples have the file"):
        other.put("b.txt", text("second"))


def test_ranks_that_may_share_a_sample_write_it_twice(tmp_path: Path) -> None:
    folders = [FileFolder(tmp_path, rank, 2, may_repeat=True) for rank in range(2)]
    for folder in folders:
        folder.put("a.txt", text("same"))
        folder.close()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_files_of_an_earlier_run_are_replaced_and_others_stay(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    (tmp_path / "other.txt").write_text("other")
    folder = FileFolder(tmp_path)
    folder.put("a.txt", text("new"))
    folder.close()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.txt": "new", "other.txt": "other"}


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    for name in (".part0", ".part5", ".part1", ".partial", ".part5x"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "half.txt").write_text("half")
    folder = FileFolder(tmp_path, 0, 2)
    assert not (tmp_path / ".part0" / "half.txt").exists()
    folder.close()
    # That of rank 1 is for rank 1 to remove.
    assert sorted(path.name for path in tmp_path.iterdir()) == [".part1", ".part5x", ".partial"]


def test_a_writer_that_writes_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"the writer has made no file 'a\.obj'; it is called with a value and a path"):
        FileFolder(tmp_path).put("a.obj", lambda path: None)


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        ("case 1", "case 1.npy"),
        (7, "000007.npy"),
        (12345678, "12345678.npy"),
        (2.5, "2.5.npy"),
        ("a/b\\c:d", "a_b_c_d.npy"),
        ("/data/scans/a.npy", "_data_scans_a.npy"),
        ("..a", "__a.npy"),
        ("../../etc/passwd", "___.._etc_passwd.npy"),
        (".hidden", "_hidden.npy"),
        ("a\n?*|\x00", "a_____.npy"),
        ("ends with dots...", "ends with dots.npy"),
        ("naïve ☃", "naïve ☃.npy"),
        (("a", 1), "('a', 1).npy"),
        (True, "True.npy"),
    ],
)
def test_what_a_file_is_called(identifier: Any, name: str) -> None:
    assert file_name(identifier, ".npy") == name


@pytest.mark.parametrize("identifier", ["", " ", ".", "..", "/", "___", ".npy"])
def test_an_identifier_that_gives_no_name_is_told(identifier: str) -> None:
    with pytest.raises(RunError) as told:
        file_name(identifier, ".npy")
    assert str(told.value) == (
        f"FileWriter: the identifier {identifier!r} gives no name for a file; "
        "change it in the data, or leave it out to number the files"
    )


def test_long_names_are_cut_and_stay_different() -> None:
    names = {file_name("☃" * 200 + end, ".npy") for end in "ab"}
    assert len(names) == 2
    assert all(len(name.encode()) <= LONGEST + len(".npy") for name in names)


@given(st.text())
def test_no_name_leads_out_of_the_folder(identifier: str) -> None:
    try:
        name = file_name(identifier, ".npy")
    except RunError:
        return
    assert not {"/", "\\", "\0"} & set(name)
    assert not name.startswith(".")
    assert len(name.encode()) <= LONGEST + len(".npy")


INPUTS = torch.arange(10.0).reshape(5, 2)


class Named(Dataset[Any]):
    def __init__(self, names: Any = None) -> None:
        self.names = names or [f"s{number}" for number in range(5)]

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> Any:
        return {"input": INPUTS[index], "target": index, "identifier": self.names[index]}


class Parts(nn.Module):
    def forward(self, x: Tensor) -> Any:
        return {"logits": x, "more": [{"sum": x.sum(1)}, {"sum": -x.sum(1)}, {"sum": 0 * x.sum(1)}]}


def run(
    writer: FileWriter, folder: Path, data: Any = None, model: nn.Module | None = None, stage: str = "predict"
) -> None:
    loader = data if isinstance(data, DataLoader | list | dict) else DataLoader(data or Named(), batch_size=2)
    trainer = pl.Trainer(
        accelerator="cpu",
        callbacks=[writer],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        default_root_dir=folder,
    )
    adapters = {"batch": {"input": lambda batch: batch}} if isinstance(model, Detector) else None
    system = System(model or nn.Identity(), {"predict": loader, "test": loader}, adapters=adapters)
    getattr(trainer, stage)(system, **({"verbose": False} if stage == "test" else {"return_predictions": False}))


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_file_for_each_sample(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    writer = FileWriter()
    with caplog.at_level(logging.INFO, "lighter"):
        run(writer, tmp_path)
    assert writer.path_written == tmp_path / "predictions"
    assert names(writer.path_written) == [f"s{number}.pt" for number in range(5)]
    for number in range(5):
        found = torch.load(writer.path_written / f"s{number}.pt", weights_only=True)
        assert torch.equal(found, INPUTS[number])
    assert f"predictions in 5 files: {writer.path_written}" in caplog.messages


def test_files_are_numbered_where_the_data_has_no_identifiers(tmp_path: Path) -> None:
    run(FileWriter("f", format="npy"), tmp_path, TensorDataset(INPUTS))
    assert names(tmp_path / "f") == [f"{number:06}.npy" for number in range(5)]
    assert np.load(tmp_path / "f" / "000003.npy").tolist() == INPUTS[3].tolist()


@pytest.mark.filterwarnings("ignore:Your `predict_dataloader`'s sampler has shuffling enabled")
def test_numbers_are_those_of_the_data_in_any_order(tmp_path: Path) -> None:
    run(FileWriter("f", format="npy"), tmp_path, DataLoader(TensorDataset(INPUTS), batch_size=2, shuffle=True))
    assert [np.load(tmp_path / "f" / f"{n:06}.npy").tolist() for n in range(5)] == INPUTS.tolist()


@pytest.mark.parametrize("format", ["pt", "npz"])
def test_nested_predictions_in_one_file(tmp_path: Path, format: str) -> None:
    run(FileWriter("f", format=format), tmp_path, model=Parts())
    if format == "pt":
        found = torch.load(tmp_path / "f" / "s1.pt", weights_only=True)
        assert found["logits"].tolist() == [2.0, 3.0]
        assert [one["sum"].item() for one in found["more"]] == [5.0, -5.0, 0.0]
    else:
        with np.load(tmp_path / "f" / "s1.npz") as file:
            assert {name: one.tolist() for name, one in file.items()} == {
                "logits": [2.0, 3.0],
                "more_0_sum": 5.0,
                "more_1_sum": -5.0,
                "more_2_sum": 0.0,
            }


def test_several_values_have_a_folder_each(tmp_path: Path) -> None:
    values: dict[str, Any] = {
        "up": {"of": "pred", "part": "logits", "transforms": lambda logits: logits + 1},
        "truth": "target",
        "input": "input",
    }
    run(FileWriter("f", values, {"up": "npy", "truth": "npz", "input": "pt"}), tmp_path, model=Parts())
    assert names(tmp_path / "f")[::5] == ["input/s0.pt", "truth/s0.npz", "up/s0.npy"]
    assert np.load(tmp_path / "f" / "up" / "s4.npy").tolist() == [9.0, 10.0]
    with np.load(tmp_path / "f" / "truth" / "s4.npz") as file:
        assert file["truth"].tolist() == 4


@pytest.mark.parametrize("named", [True, False])
def test_several_loaders_have_a_folder_each(tmp_path: Path, named: bool) -> None:
    loaders = [DataLoader(TensorDataset(INPUTS[:count]), batch_size=2) for count in (2, 1)]
    run(FileWriter("f"), tmp_path, {"a/b": loaders[0], "c": loaders[1]} if named else loaders)
    first, second = ("a_b", "c") if named else ("0", "1")
    assert names(tmp_path / "f") == [f"{first}/000000.pt", f"{first}/000001.pt", f"{second}/000000.pt"]


def test_test_is_written_only_when_asked(tmp_path: Path) -> None:
    run(FileWriter("f"), tmp_path, stage="test")
    assert not (tmp_path / "f").exists()
    run(FileWriter("f", stages=["test"]), tmp_path, stage="test")
    assert len(names(tmp_path / "f")) == 5


class Detector(nn.Module):
    def forward(self, images: list[Tensor]) -> Any:
        return [{"boxes": image.new_zeros(int(image.sum()), 4)} for image in images]


def test_predictions_of_other_sizes_for_each_sample(tmp_path: Path) -> None:
    data: Any = [torch.tensor([2.0, 0, 0]), torch.zeros(3), torch.ones(3)]
    run(FileWriter("f"), tmp_path, DataLoader(data, batch_size=2, collate_fn=list), Detector())
    found = [torch.load(tmp_path / "f" / f"{number:06}.pt")["boxes"].shape for number in range(3)]
    assert found == [(2, 4), (0, 4), (3, 4)]


def test_a_function_of_ones_own(tmp_path: Path) -> None:
    def write(value: Tensor, path: Path) -> None:
        path.write_text(str(value.tolist()))

    run(FileWriter("f", format=write, suffix="txt"), tmp_path)
    assert (tmp_path / "f" / "s1.txt").read_text() == "[2.0, 3.0]"


def test_a_writer_can_be_sent_to_a_process_that_is_spawned() -> None:
    writer = pickle.loads(pickle.dumps(FileWriter(format={"a": torch.save, "b": "npy"}, suffix={"a": "x"},
                                                  values={"a": "pred", "b": "pred"})))  # fmt: skip
    assert writer._formats["a"][1] == ".x"


def test_what_ones_own_function_raises_stays_what_it_is(tmp_path: Path) -> None:
    def write(value: Tensor, path: Path) -> None:
        path.write_text("half")
        raise PermissionError("mine")

    with pytest.raises(PermissionError, match="mine"):
        run(FileWriter("f", format=write, suffix="txt"), tmp_path)
    assert names(tmp_path) == []


def test_two_samples_of_one_name_are_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"two samples have the file '.*/f/a_b\.pt'; the second would replace the first"):
        run(FileWriter("f"), tmp_path, Named(["x", "a/b", "y", "a_b"]))
    assert names(tmp_path / "f") == ["a_b.pt", "x.pt", "y.pt"]


def test_a_batch_that_lacks_samples_cannot_be_numbered(tmp_path: Path) -> None:
    def without_first(samples: list[Any]) -> Tensor:
        return torch.stack([sample[0] for sample in samples[1:]])

    loader = DataLoader(TensorDataset(INPUTS), batch_size=3, collate_fn=without_first)
    with pytest.raises(RunError, match="a batch has 2 predictions, but not one or more for each sample of the data"):
        run(FileWriter("f"), tmp_path, loader)


def volumes(count: int) -> Any:
    return [
        {
            "input": MetaTensor(torch.rand(1, 4, 5, 6), affine=torch.diag(torch.tensor([1.0 + i, 2, 3, 1]))),
            "identifier": f"/data/case{i}.nii.gz",
        }
        for i in range(count)
    ]


def test_volumes_lie_where_their_inputs_lay(tmp_path: Path) -> None:
    mask: Any = {"of": "pred", "transforms": lambda pred: pred.argmax(1, keepdim=True)}
    plain: Any = {"of": "pred", "transforms": lambda pred: pred.as_tensor()}
    writer = FileWriter("f", {"mask": mask, "plain": plain}, "nifti")
    run(writer, tmp_path, MonaiLoader(volumes(3), batch_size=2), nn.Conv3d(1, 2, 1))
    for number in range(3):
        for value, shape in (("mask", (4, 5, 6)), ("plain", (4, 5, 6, 2))):
            found: Any = nibabel.load(tmp_path / "f" / value / f"_data_case{number}.nii.gz")
            assert found.shape == shape
            assert found.affine.diagonal().tolist() == [1.0 + number, 2, 3, 1]


def test_volumes_that_lost_their_places_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # MONAI's loader, when it is first used, teaches PyTorch's how to collate them.
    monkeypatch.delitem(default_collate_fn_map, MetaTensor, raising=False)
    with pytest.raises(RunError, match=r"load with monai\.data\.DataLoader"):
        run(FileWriter("f", format="nifti"), tmp_path, DataLoader(volumes(2), batch_size=2))


@pytest.mark.parametrize(
    ("arguments", "error", "told"),
    [
        ({"stages": ["fit"]}, ValueError, "FileWriter(stages): there is no 'fit'; write one of predict, test"),
        ({"values": {}}, TypeError, "FileWriter(values): a list of texts, or a mapping from names, is wanted, not {}"),
        (
            {"values": ["pred", "input"], "format": {"pred": "npy"}},
            ValueError,
            "FileWriter(format): there is none for 'input'; write format: {input: npy}",
        ),
        (
            {"format": {"prd": "npy"}},
            ValueError,
            "FileWriter(format): there is no 'prd'; did you mean 'pred'?",
        ),
    ],
)
def test_wrong_arguments_are_refused_when_it_is_made(
    arguments: dict[str, Any], error: type[Exception], told: str
) -> None:
    with pytest.raises(error) as found:
        FileWriter(**arguments)
    assert str(found.value) == told
