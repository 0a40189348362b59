import pickle
import zipfile
from argparse import Namespace
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as pl
import torch

from lighter import Config, ConfigError
from lighter.errors import RunError
from lighter.runs.checkpoints import (
    Checkpoint,
    configured_checkpoint,
    find_checkpoint,
    loading,
    require_intact,
    require_own,
    with_weights_only,
)
from lighter.runs.folder import RunDirectory
from lighter.training.stages import Stage


@pytest.fixture(autouse=True)
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunDirectory:
    monkeypatch.chdir(tmp_path)
    run = RunDirectory(Path("runs/digits/2026-01-01"))
    run.checkpoints.mkdir(parents=True)
    (run.path / "config.yaml").write_text("")
    for name in ("best", "last"):
        (run.checkpoints / f"{name}.ckpt").write_text("")
    return run


def test_best_and_last_are_of_the_newest_run(run: RunDirectory) -> None:
    assert find_checkpoint("best", "digits", None, Stage.TEST) == Checkpoint(run.checkpoints / "best.ckpt", run)
    assert find_checkpoint("last", "digits", None, Stage.FIT) == Checkpoint(run.checkpoints / "last.ckpt", run)


def test_best_and_last_are_of_the_folder_asked_for(run: RunDirectory) -> None:
    found = find_checkpoint("best", "another", str(run.path), Stage.TEST)
    assert found.path == run.checkpoints / "best.ckpt"


def test_the_folder_of_a_run_means_its_best_checkpoint_but_for_fit(run: RunDirectory) -> None:
    assert find_checkpoint(None, "digits", str(run.path), Stage.TEST).path == run.checkpoints / "best.ckpt"
    assert find_checkpoint(None, "digits", str(run.path), Stage.FIT) == Checkpoint()


def test_without_a_wish_there_is_none() -> None:
    assert find_checkpoint(None, "digits", None, Stage.TEST) == Checkpoint()


def test_a_path_is_that_file(run: RunDirectory) -> None:
    path = run.checkpoints / "last.ckpt"
    assert find_checkpoint(str(path), "digits", None, Stage.TEST).path == path


def test_an_absent_file_is_told_with_the_nearest(run: RunDirectory) -> None:
    with pytest.raises(
        RunError, match=r"there is no checkpoint '.*besst.ckpt': .* has no 'besst.ckpt'; did you mean 'best.ckpt'\?"
    ):
        find_checkpoint(str(run.checkpoints / "besst.ckpt"), "digits", None, Stage.TEST)


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("name", ["best", "last"])
@pytest.mark.parametrize("written", ["{}", "'@vars::which'"])
def test_a_name_in_a_config_means_what_it_means_on_the_command_line(
    run: RunDirectory, stage: Stage, name: str, written: str
) -> None:
    Path("digits.yaml").write_text(
        f"vars: {{which: {name}}}\nargs: {{{stage}: {{ckpt_path: {written.format(name)}}}}}\n"
    )
    found = configured_checkpoint(Config("digits.yaml"), None, stage)
    assert found == find_checkpoint(name, "digits", None, stage) == Checkpoint(run.checkpoints / f"{name}.ckpt", run)


@pytest.mark.parametrize("written", ["hpc", "registry:owner/model", "s3://bucket/x.ckpt", "null", "$'last'"])
def test_what_lightning_reads_itself_is_left_to_it(run: RunDirectory, written: str) -> None:
    Path("digits.yaml").write_text(f"args: {{test: {{ckpt_path: {written}}}}}\n")
    assert configured_checkpoint(Config("digits.yaml"), str(run.path), Stage.TEST) == Checkpoint()


def test_a_config_that_names_no_checkpoint_takes_that_of_the_run(run: RunDirectory) -> None:
    Path("digits.yaml").write_text("args: {fit: {ckpt_path: last}}\n")
    found = configured_checkpoint(Config("digits.yaml"), str(run.path), Stage.TEST)
    assert found == Checkpoint(run.checkpoints / "best.ckpt", run)


def test_a_file_that_a_config_names_and_nobody_wrote_is_told_with_its_place(run: RunDirectory) -> None:
    Path("digits.yaml").write_text(f"args:\n  test: {{ckpt_path: {run.checkpoints}/lost.ckpt}}\n")
    with pytest.raises(ConfigError, match=r"there is no checkpoint .*did you mean 'last.ckpt'") as caught:
        configured_checkpoint(Config("digits.yaml"), None, Stage.TEST)
    (problem,) = caught.value.problems
    assert (problem.place, str(problem.position)) == ("args::test::ckpt_path", "digits.yaml:2:10")


def test_a_fit_into_a_new_folder_starts_from_the_newest_run(run: RunDirectory) -> None:
    assert find_checkpoint("last", "digits", "new", Stage.FIT).run == run
    with pytest.raises(RunError, match="the run folder 'new' holds no checkpoint"):
        find_checkpoint("last", "digits", "new", Stage.TEST)


def test_no_run_is_told() -> None:
    told = "no run of 'other' has a checkpoint yet; run 'lighter fit' first, or name the file"
    with pytest.raises(RunError, match=f"{told}, or a trained run before the config: 'lighter test RUN ...'$"):
        find_checkpoint("best", "other", None, Stage.TEST)
    with pytest.raises(RunError, match=f"{told}$"):
        find_checkpoint("best", "other", None, Stage.FIT)


def test_a_folder_without_checkpoints_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="'empty' holds no checkpoint"):
        find_checkpoint("best", "other", "empty", Stage.TEST)


def test_only_weights_are_loaded_unless_the_arguments_say_otherwise() -> None:
    method = pl.Trainer.fit
    assert with_weights_only({}, method, is_limited=False) == {"weights_only": True}
    assert with_weights_only({"ckpt_path": "x"}, method, is_limited=True) == {"ckpt_path": "x", "weights_only": True}
    assert with_weights_only({"weights_only": False}, method, is_limited=False) == {"weights_only": False}
    assert with_weights_only({"weights_only": None}, method, is_limited=False) == {"weights_only": None}


def test_a_method_that_does_not_take_it_gets_none() -> None:
    def fit(model: Any, ckpt_path: Any = None) -> None: ...

    def any_fit(model: Any, **arguments: Any) -> None: ...

    assert with_weights_only({}, fit, is_limited=False) == {}
    assert with_weights_only({}, any_fit, is_limited=False) == {"weights_only": True}


@pytest.mark.parametrize("value", [False, None, 0])
def test_a_limited_config_cannot_say_otherwise(value: object) -> None:
    with pytest.raises(RunError, match="'weights_only' is to stay true under --allow"):
        with_weights_only({"weights_only": value}, pl.Trainer.fit, is_limited=True)


@pytest.mark.parametrize(
    "number", [np.float64(0.5), np.float32(0.5), np.int64(3), np.bool_(True), Namespace(a=1), SimpleNamespace(a=[1])]
)
def test_plain_data_may_stand_beside_weights(number: Any) -> None:
    torch.save({"lr": number}, "numbers.ckpt")
    with loading("numbers.ckpt", Stage.FIT):
        assert torch.load("numbers.ckpt", weights_only=True) == {"lr": number}
    with pytest.raises(pickle.UnpicklingError):
        torch.load("numbers.ckpt", weights_only=True)


def test_objects_in_a_checkpoint_are_told_by_name() -> None:
    torch.save({"price": Decimal(1), "lr": np.float64(0.5)}, "objects.ckpt")
    with pytest.raises(RunError) as caught, loading("objects.ckpt", Stage.TEST):
        torch.load("objects.ckpt", weights_only=True)
    assert str(caught.value) == (
        "the checkpoint 'objects.ckpt' holds more than weights: decimal.Decimal; "
        "if you trust it, write args::test::weights_only=false, which runs what code it brings"
    )
    assert isinstance(caught.value.__cause__, pickle.UnpicklingError)


@pytest.mark.parametrize("path", [None, "absent.ckpt", "weights.ckpt"])
def test_other_failures_to_unpickle_pass_as_they_are(path: str | None) -> None:
    torch.save({"weights": torch.zeros(1)}, "weights.ckpt")
    with pytest.raises(pickle.UnpicklingError, match="mine"), loading(path, Stage.TEST):
        raise pickle.UnpicklingError("mine")


def test_a_checkpoint_of_several_ranks_is_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "best.ckpt"
    folder.mkdir()
    with pytest.raises(RunError, match="there is no checkpoint"):
        find_checkpoint(str(folder), "digits", None, Stage.TEST)
    (folder / ".metadata").write_bytes(b"")
    assert find_checkpoint(str(folder), "digits", None, Stage.TEST).path == folder
    told = "is a folder, with a part for each rank; load it with the strategy that wrote it, or make one file of it"
    with pytest.raises(RunError, match=told), loading(folder, Stage.TEST):
        folder.read_bytes()


def test_what_others_have_declared_safe_stays_so() -> None:
    from torch.serialization import get_safe_globals, safe_globals

    from lighter.training.checkpoint_file import safe_classes

    own = next(iter(safe_classes()))
    with safe_globals([own]):
        with loading(None, Stage.FIT):
            pass
        assert own in get_safe_globals()


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def overwritten(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def flipped(path: Path) -> None:
    """One bit of one weight."""
    with zipfile.ZipFile(path) as archive:
        info = next(one for one in archive.infolist() if one.filename.endswith("data/0"))
    content = bytearray(path.read_bytes())
    content[content.index(torch.full((99,), 1.5).numpy().tobytes()) + 200] ^= 1
    assert info.file_size == 4 * 99
    path.write_bytes(content)


@pytest.fixture
def last(tmp_path: Path) -> Path:
    path = tmp_path / "last.ckpt"
    torch.save({"weights": torch.full((99,), 1.5)}, path)
    return path


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (cut_off, "it is cut off or overwritten (File is not a zip file)"),
        (emptied, "it is empty"),
        (overwritten, "it does not begin as a checkpoint does"),
        (flipped, "the content of its part 'last/data/0' has changed since it was written"),
    ],
)
def test_damage_is_told_with_the_checkpoint_before(last: Path, damage: Callable[[Path], None], fault: str) -> None:
    require_intact(last)
    previous, older = last.with_name("previous.ckpt"), last.with_name("older.ckpt")
    previous.write_bytes(last.read_bytes())
    damage(last)
    older.write_bytes(last.read_bytes())  # newer than the good one, but no better
    with pytest.raises(RunError) as told:
        require_intact(last)
    cure = f"the one before it is well: --ckpt_path={previous}"
    assert str(told.value) == f"the checkpoint '{last}' is damaged: {fault}; {cure}"


def test_a_checkpoint_with_one_bit_changed_is_told_or_loads_as_it_was(last: Path) -> None:
    whole, expected = last.read_bytes(), torch.load(last)["weights"]
    told = 0
    for place in range(0, len(whole), 3):
        content = bytearray(whole)
        content[place] ^= 1 << place % 8
        last.write_bytes(content)
        try:
            require_intact(last)
            with loading(last, Stage.FIT):
                assert torch.equal(torch.load(last)["weights"], expected)
        except RunError as error:
            assert "is damaged: " in str(error)  # noqa: PT017  # one of the two must be
            told += 1
    assert told > len(whole) / 12


def test_that_there_is_no_other_is_told(last: Path) -> None:
    emptied(last)
    with pytest.raises(RunError, match="is damaged: it is empty; there is no other beside it"):
        require_intact(last)


def test_what_is_not_known_is_not_called_damaged(last: Path) -> None:
    torch.save({"a": torch.ones(2)}, last, _use_new_zipfile_serialization=False)
    require_intact(last)
    last.write_text('{"format": "of its own"}', encoding="utf-8")
    require_intact(last)
    require_intact(last.parent)  # a part for each rank


def test_what_leads_out_of_a_run_folder_is_not_its_own(tmp_path: Path, last: Path) -> None:
    run = RunDirectory(tmp_path / "run")
    run.checkpoints.mkdir(parents=True)
    (run.checkpoints / "last.ckpt").write_bytes(last.read_bytes())
    (run.checkpoints / "best.ckpt").symlink_to("last.ckpt")
    require_own(run)
    run.record("checkpoints", {"best": str(last)})
    with pytest.raises(RunError, match=rf"'{last}' leads out of the folder '{run.path}'; if you trust it, leave"):
        require_own(run)
    run.record("checkpoints", {})
    (run.path / "predictions").symlink_to(tmp_path)
    with pytest.raises(RunError, match="predictions' leads out of the folder"):
        require_own(run)
    (run.path / "predictions").unlink()
    (run.checkpoints / "hpc.ckpt").mkdir()
    (run.checkpoints / "hpc.ckpt" / ".metadata").touch()
    with pytest.raises(RunError, match=r"'.*/hpc.ckpt' is a folder, which may hold code; if you trust it, leave out"):
        require_own(run)


def test_a_folder_is_no_checkpoint_of_a_limited_config(tmp_path: Path) -> None:
    limited = Config({"system": {}}).limited(["torch"])
    with pytest.raises(RunError, match="is a folder, which may hold code"), loading(str(tmp_path), Stage.TEST, limited):
        pytest.fail("it is loaded")
