import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lighter.cli import main

Lighter = Callable[..., subprocess.CompletedProcess[str]]


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["run", *words])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_a_failed_experiment_gives_status_1_and_a_table(line: Path, capfd: pytest.CaptureFixture[str]) -> None:
    fails = "{system::dataloaders::train::dataset::fails_at: 3}"
    Path("all.yaml").write_text(f"experiments: {{fails: [config.yaml, {fails}]}}")
    assert run("all.yaml", "trainer::max_epochs=1") == 1
    (folder,) = Path("runs/all").iterdir()
    said = capfd.readouterr().out
    assert "[1/1] fails: fit" in said
    assert f"fails failed: KeyError: 'no such point' ({folder}/fails/log.txt)\nsummary: {folder}\n" in said
    assert json.loads((folder / "summary.json").read_text())[0]["status"] == "failed"
    assert "max_epochs: 1" in (folder / "fails" / "config.yaml").read_text()


def test_a_mistake_starts_no_experiment(line: Path, capfd: pytest.CaptureFixture[str]) -> None:
    Path("all.yaml").write_text("experiments: {one: config.yaml, two: [config.yaml, {system::optimizer::lrr: 1}]}")
    assert run("all.yaml") == 2
    assert "takes no argument 'lrr'" in capfd.readouterr().err
    assert not Path("runs").exists()


def test_sources_that_are_not_there_load_no_torch(line: Path, loaded: Callable[..., tuple[int, set[str]]]) -> None:
    Path("all.yaml").write_text("experiments: {one: [config.yaml, nowhere.yaml]}")
    assert loaded("run", "all.yaml") == (2, set())


def test_no_mistake_of_a_limited_series_is_let_through(line: Path, capfd: pytest.CaptureFixture[str]) -> None:
    Path("all.yaml").write_text("experiments: {one: config.yaml}")
    assert run("all.yaml", "--allow=torch") == 2
    assert "--allow" in capfd.readouterr().err


def test_a_limited_series_is_not_led_elsewhere_by_its_file(
    line: Path, tmp_path_factory: pytest.TempPathFactory, capfd: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path_factory.mktemp("other") / "config.yaml"
    other.write_text("{}")
    for written, told in (
        ("experiments: {one: config.yaml}\nlauncher: {_target_: os.system, command: touch done}", "is not on the list"),
        ("experiments: {one: config.yaml}\nlauncher: slurm", "is not on the list"),
        (f"experiments: {{one: {other}}}", "lies outside of the folders"),
        (f"experiments: {{one: [config.yaml, {{_base_: {other}}}]}}", "_base_"),
    ):
        Path("all.yaml").write_text(written)
        assert run("all.yaml", "--allow=torch,line", "--run_dir=out") == 2
        assert told in capfd.readouterr().err
    assert not Path("out").exists()
    assert not Path("done").exists()


def test_a_prepared_series_is_limited_as_the_command_says(
    line: Path, tmp_path_factory: pytest.TempPathFactory, capfd: pytest.CaptureFixture[str]
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    Path("out/one").mkdir(parents=True)
    Path("out/one.yaml").write_text("vars: {x: '$__import__(\"os\").mkdir(\"done\")'}\nsystem: '@vars::x'\n")
    begun = {"names": ["one"], "stages": ["fit"], "launcher": "{_target_: os.system, command: touch done}"}
    for changed, told in (
        ({}, "'os.system' is not on the list"),
        ({"names": ["../one"]}, "names a folder elsewhere: '../one'"),
        ({"runs": [str(elsewhere)]}, "names a folder elsewhere"),
        ({"stages": ["export"]}, "there is no stage 'export'"),
    ):
        Path("out/series.json").write_text(json.dumps({**begun, **changed}))
        assert run("--resume=out", "--allow=torch,line") == 2
        assert told in capfd.readouterr().err
    Path("out/series.json").write_text(json.dumps(begun))
    assert run("--resume=out", "--allow=torch,line", "--launcher=local", "--jobs=1") == 1
    Path("out/one/job/link").symlink_to(elsewhere)
    assert run("--resume=out", "--allow=torch,line", "--launcher=local") == 1
    assert "'out/one/job/link' leads out of the folder 'out'" in capfd.readouterr().err
    assert not Path("done").exists()
    assert not any(elsewhere.iterdir())


def test_what_is_left_of_a_series_goes_on(line: Path, capfd: pytest.CaptureFixture[str]) -> None:
    Path("all.yaml").write_text("experiments: {one: config.yaml}\njobs: 1")
    assert run("all.yaml", "--run_dir=out", "system::model=$__import__('os').abort()") == 1
    composed = Path("out/one.yaml").read_text().replace("$__import__('os').abort()", "$torch.nn.Linear(2, 1)")
    Path("out/one.yaml").write_text(composed)
    shutil.rmtree("out/one/checkpoints", ignore_errors=True)
    for name in ("config.yaml", "status.json"):
        Path("out/one", name).unlink()
    main(["run", "--resume=out"])
    assert json.loads(Path("out/summary.json").read_text())[0]["status"] == "ok"
    assert run("--resume=out", "all.yaml") == 2
    assert "leave '--run_dir' and the sources out" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["config.yaml"], 2, "'config.yaml' has no 'experiments'"),
        (["a::b=3"], 2, "takes the file of a series first, and 'a::b=3' is an override"),
        (["all.yaml", "trackers/mine.yaml"], 2, "help: copy 'trackers/sample.yaml' to it, and fill it in"),
        (
            ["all.yaml", "--run_dir=before"],
            2,
            "'before' already holds a series; go on with it (lighter run --resume before)",
        ),
    ],
)
def test_what_cannot_run_is_told(
    line: Path, capfd: pytest.CaptureFixture[str], words: list[str], status: int, told: str
) -> None:
    for name in ("trackers/sample.yaml", "before/summary.json"):
        Path(name).parent.mkdir()
        Path(name).write_text("{}")
    Path("all.yaml").write_text("experiments: {one: config.yaml}")
    assert run(*words) == status
    assert told in capfd.readouterr().err


def test_a_series_is_not_started_by_torchrun(
    line: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "x")
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert run("all.yaml") == 1
    assert "a series is started once, not by torchrun or srun" in capfd.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="signals are not those of POSIX")
def test_a_series_that_is_stopped_says_what_is_done_and_goes_on(held: str, stopped: Lighter, lighter: Lighter) -> None:
    Path("all.yaml").write_text(f"experiments: {{long: {held}, never: [config.yaml, {{trainer::max_epochs: 1}}]}}")
    done = stopped(signal.SIGTERM, "run", "all.yaml", "--run_dir=out")
    assert done.returncode == 143, done.stderr
    assert "[1/2] long: fit" in done.stdout
    assert done.stdout.endswith("summary: out\ngo on with: lighter run --resume out\n")
    assert [row["status"] for row in json.loads(Path("out/summary.json").read_text())] == ["interrupted", "not run"]
    assert "Terminated" in Path("out/long/log.txt").read_text()  # it was let finish what it had to say
    done = stopped(signal.SIGINT, "run", "--resume=out")
    assert (done.returncode, "│ interrupted │" in done.stdout) == (130, True)
    Path("held").unlink()
    done = lighter("run", "--resume=out")
    assert (done.returncode, done.stdout.count("│ ok     │")) == (0, 2), done.stdout
    assert done.stdout.endswith("summary: out\n")
