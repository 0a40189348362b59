import json
import os
from datetime import datetime
from pathlib import Path

import pytest

from lighter.config.run_folder import RunFolder
from lighter.errors import RunError
from lighter.runs.folder import RunDirectory, newest_run, no_run, open_run, require_writable, share, time_of
from lighter.runs.whole_files import write_whole


@pytest.fixture(autouse=True)
def _in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_new_runs_get_folders_of_their_own() -> None:
    paths = {open_run("digits", None).path for _ in range(3)}
    assert len(paths) == 3
    assert {path.parent for path in paths} == {Path("runs/digits")}


def test_the_folder_asked_for_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_run("digits", "some/where").path == Path("some/where")
    monkeypatch.setenv("HOME", str(Path.cwd() / "home"))
    assert open_run("digits", "~/where").path == Path.cwd() / "home" / "where"
    assert Path("some/where").is_dir()


def test_a_file_is_no_folder() -> None:
    Path("taken").write_text("")
    with pytest.raises(RunError, match="'taken' is a file"):
        open_run("digits", "taken")


def test_a_folder_that_cannot_be_written_to_is_told_before_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RunError, match=r"'/proc/run' cannot be made: .*; give another '--run_dir'"):
        open_run("digits", "/proc/run")
    monkeypatch.setattr(os, "access", lambda *_: False)  # whoever runs the tests may be allowed to write everywhere
    with pytest.raises(RunError, match=r"the run folder '\.' cannot be written to; give another '--run_dir'"):
        require_writable(RunDirectory(Path()))


def test_started_processes_use_the_folder_of_the_first() -> None:
    run = open_run("digits", None)
    with share(run):
        assert open_run("digits", None).path == run.path.absolute()
    assert open_run("digits", None).path != run.path


def test_a_folder_that_is_named_by_a_time_is_new() -> None:
    folder = RunFolder("out/{now:%Y}/{config}", {"config": "digits"})
    paths = [open_run("digits", None, folder).path for _ in range(3)]
    assert [path.name for path in paths] == ["digits", "digits_2", "digits_3"]
    with share(RunDirectory(paths[1])):  # as rank zero does
        assert open_run("digits", None, folder).path == paths[1].absolute()
    assert open_run("digits", "mine", folder).path == Path("mine")
    for path, config in zip(paths, ("digits", "digits", "letters"), strict=True):
        write_whole(path / "checkpoints" / "last.ckpt", "")
        write_whole(path / "environment.json", json.dumps({"config": config}))
    assert newest_run("digits", folder) == RunDirectory(paths[1])
    assert newest_run("digits") is None


def test_newest_run_is_the_last_with_a_checkpoint() -> None:
    assert newest_run("digits") is None
    for name in ("2026-01-01", "2026-01-02", "2026-01-03"):
        Path("runs/digits", name, "checkpoints").mkdir(parents=True)
    for name in ("2026-01-01", "2026-01-02"):
        Path("runs/digits", name, "checkpoints", "last.ckpt").write_text("")
    newest = newest_run("digits")
    assert newest is not None
    assert newest.path.name == "2026-01-02"


def test_a_name_of_its_own_does_not_make_a_run_the_newest() -> None:
    for age, name in enumerate(("2026-01-02", "mine", "2026-01-01")):
        checkpoints = Path("runs/digits", name, "checkpoints")
        checkpoints.mkdir(parents=True)
        (checkpoints / "last.ckpt").touch()
        (checkpoints.parent / "config.yaml").touch()
        os.utime(checkpoints.parent / "config.yaml", (100 - age, 100 - age))
    newest = newest_run("digits")
    assert newest is not None
    assert newest.path.name == "2026-01-02"


def test_what_is_kept_is_averaged_else_the_best_else_the_last() -> None:
    run = RunDirectory(Path("run"))
    assert run.kept is None
    for name in ("previous", "last", "best", "averaged"):
        write_whole(run.checkpoints / f"{name}.ckpt", "")
        assert run.kept == run.checkpoints / f"{name}.ckpt"
    assert run.checkpoint("last") == run.checkpoints / "last.ckpt"


@pytest.mark.parametrize(
    "written", ["checkpoints/e-a/b.ckpt", "old/checkpoints/e-a/b.ckpt", "/checkpoints/old/checkpoints/e-a/b.ckpt"]
)
def test_a_recorded_checkpoint_is_found_where_the_folder_lies_now(written: str) -> None:
    for folder in ("old", "new"):
        write_whole(Path(folder, "checkpoints/e-a/b.ckpt"), "")
    run = RunDirectory(Path("new"))
    run.record("checkpoints", {"best": written})
    assert run.checkpoint("best") == Path("new/checkpoints/e-a/b.ckpt")


def test_checkpoints_are_recorded_by_where_they_lie_in_the_folder() -> None:
    run = RunDirectory(Path("run"))
    elsewhere = Path("elsewhere.ckpt").absolute()
    write_whole(elsewhere, "")
    run.record_checkpoints({"last": "run/checkpoints/last.ckpt", "best": "elsewhere.ckpt", "averaged": "s3://a/b.ckpt"})
    recorded = {"last": "checkpoints/last.ckpt", "best": str(elsewhere), "averaged": "s3://a/b.ckpt"}
    assert run.results()["checkpoints"] == recorded
    assert run.checkpoint("best") == elsewhere


def test_results_of_stages_gather() -> None:
    run = RunDirectory(Path("run"))
    run.record("fit", {"loss": 1.0})
    run.record("test", {"loss": 2.0})
    assert json.loads(Path("run/results.json").read_text()) == {"fit": {"loss": 1.0}, "test": {"loss": 2.0}}


@pytest.mark.parametrize(("text", "fault"), [("{", "Expecting"), ("[]", "holds no mapping"), ("\udcff", "utf-8")])
def test_a_broken_file_of_results_is_passed_over(text: str, fault: str, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("2026-01-01", "2026-01-02"):
        write_whole(Path("runs/digits", name, "checkpoints", "last.ckpt"), "")
    broken = Path("runs/digits/2026-01-02/results.json").resolve()
    broken.write_bytes(text.encode(errors="surrogateescape"))
    newest = newest_run("digits")
    assert newest is not None
    assert newest.path.name == "2026-01-02"
    assert RunDirectory(broken.parent).results() == {}
    assert f"'{broken}' cannot be read, and is passed over: " in caplog.text
    assert fault in caplog.text
    newest.record("fit", {"loss": 1.0})
    assert newest.results() == {"fit": {"loss": 1.0}}


def test_a_folder_may_be_named_by_a_time() -> None:
    assert time_of("2026-01-31_12-00-00") == datetime(2026, 1, 31, 12).astimezone()
    assert time_of("2026-01-31_12-00-00_12") == datetime(2026, 1, 31, 12).astimezone()
    assert time_of(open_run("digits", None).path.name) is not None
    assert time_of("2026-01-31") is time_of("2026-13-31_12-00-00") is time_of("mine") is None


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("runs/digits/b", "there is no run 'runs/digits/b': 'runs/digits' has no 'b'; it has 2026-01-02, 2026-01-01"),
        ("rns/digits", "there is no run 'rns/digits': '.' has no 'rns'; did you mean 'runs'?"),
        ("none/x", "there is no run 'none/x': '.' has no 'none'; it has runs, out, empty"),
        ("empty/x", "there is no run 'empty/x': 'empty' has no 'x'; 'lighter fit' makes one"),
        ("empty", "'empty' is not the folder of a run; it has no 'config.yaml'; 'lighter fit' makes one"),
        (
            "runs/digits/2026-01-01/log.txt",
            "is a file, not the folder of a run; did you mean 'runs/digits/2026-01-01'?",
        ),
        (
            "runs",
            "'runs' is not the folder of a run; did you mean 'runs/digits/2026-01-02'? it also holds runs/digits/",
        ),
        ("out", "'out' is not the folder of a run; did you mean 'out/digits/2026/lr=1'?"),
        ("note.txt", "'note.txt' is a file, not the folder of a run; give the folder that 'lighter fit' has made"),
    ],
)
def test_what_is_no_run_is_said_with_the_nearest(path: str, told: str) -> None:
    for name in ("2026-01-01", "2026-01-02"):
        write_whole(Path("runs/digits", name, "config.yaml"), "")
        write_whole(Path("runs/digits", name, "log.txt"), "")
    write_whole(Path("out/digits/2026/lr=1/config.yaml"), "")
    Path("empty").mkdir()
    Path("note.txt").touch()
    assert told in no_run(Path(path))


def test_what_is_no_file_in_a_run_folder_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("mine")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "log.txt").symlink_to(tmp_path / "outside")
    with pytest.raises(RunError, match=r"run/log.txt' is a link, not a file of a run; remove it"):
        require_writable(RunDirectory(tmp_path / "run"))
    assert (tmp_path / "outside").read_text() == "mine"


def test_a_recorded_checkpoint_of_another_shape_is_none(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    for recorded in ([1], {"best": 5}, {"best": None}, "x"):
        run.record("checkpoints", recorded)
        assert run.checkpoint("best") is None


def test_a_pipe_is_no_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    os.mkfifo(tmp_path / "checkpoints" / "last.ckpt")
    assert RunDirectory(tmp_path).checkpoint("last") is None


def test_a_number_that_no_fraction_reaches_is_infinite(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(f'{{"a": 1{"0" * 400}, "b": -1{"0" * 400}, "c": {10**298}}}')
    assert RunDirectory(tmp_path).results() == {"a": float("inf"), "b": -float("inf"), "c": 10**298}
