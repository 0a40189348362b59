import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from lighter.cli import main


def test_all_is_well_is_one_line(cold_lighter, line):
    done = cold_lighter("check", "config.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    # Model, criterion, optimizer, three loaders with their data, two metrics, the System and the Trainer.
    assert done.stdout == f"'{line.name}' is valid for fit, validate, test, predict (13 targets)\n"


def test_one_stage(lighter, line):
    done = lighter("check", "config.yaml", "--stage=test", "system::optimizer::_target_=no.such.Optimizer")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"'{line.name}' is valid for test (7 targets)\n"


@pytest.mark.parametrize(("asked", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_mistakes_have_colours_on_a_terminal_where_they_are_wanted(line, asked, coloured):
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "lighter", "check", "config.yaml", "sed=1"]
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | asked
    subprocess.run(words, stderr=theirs, env=environment, check=False)
    os.close(theirs)
    said = os.read(ours, 10_000)
    os.close(ours)
    assert b"did you mean 'seed'" in said
    assert (b"\x1b[" in said) is coloured


def test_every_mistake_of_a_phase_is_told(lighter, line):
    wrong = "system::dataloaders::test::batchsize=2", "system::model::siz=2"
    done = lighter("check", "config.yaml", *wrong)
    assert (done.returncode, done.stdout) == (2, "")
    assert "error: torch.utils.data.DataLoader takes no argument 'batchsize'" in done.stderr
    assert "error: line.parts.Line takes no argument 'siz'" in done.stderr
    assert done.stderr.count("error:") == 2
    assert lighter("check", "config.yaml", wrong[0], "--stage", "fit").returncode == 0


def test_a_plain_mapping(lighter, line):
    (line / "parts.yaml").write_text("a: {_target_: collections.Counter, x: 1}\nb: '@a'\n")
    done = lighter("check", "parts.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "'parts' is valid as a plain mapping: it has no 'system' to run (1 target)\n"
    assert lighter("check", "parts.yaml", "--stage=fit").returncode == 2


def test_a_run_folder(lighter, line):
    assert lighter("fit", "config.yaml", "trainer::max_epochs=1", "--run_dir=done").returncode == 0
    done = lighter("check", "done")
    assert done.stdout == f"'{line.name}' is valid for fit, validate, test, predict (13 targets)\n"


def test_an_unknown_stage_is_told_with_the_nearest(lighter, line):
    done = lighter("check", "config.yaml", "--stage=tests")
    assert (done.returncode, done.stderr) == (2, "error: there is no stage 'tests'; did you mean 'test'?\n")


def test_one_look_tells_all(lighter, line):
    wrong = ["sytem=1", "+vars::x=@no::such", "+system::model::siz=1", "+trainer::callbacks=[EarlyStopping]"]
    done = lighter("check", "config.yaml", *wrong)
    assert done.returncode == 2
    for told in ("'sytem' is no", "there is no 'no::such'", "takes no argument 'siz'", "not 'EarlyStopping'"):
        assert told in done.stderr


def test_nothing_is_built(lighter, line):
    assert lighter("check", "config.yaml", "system::model::size=-1").returncode == 0
    assert not (line / "runs").exists()


def test_a_sweep_is_checked_as_it_would_be_run(line: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("sweep.yaml").write_text("config: config.yaml\nparameters: {system::optimizer::lr: [0.1, 0.2]}\n")
    main(["check", "sweep.yaml"])
    assert capsys.readouterr().out == "'sweep' is valid: a sweep of 2 trials\n"
    Path("sweep.yaml").write_text("config: config.yaml\nparameters: {system::optimizer::lr: [0.1, fast]}\n")
    with pytest.raises(SystemExit):
        main(["check", "sweep.yaml"])
    assert "sweep.yaml:2:" in capsys.readouterr().err


def test_a_series_is_checked_as_it_would_be_run(line: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write = Path("series.yaml").write_text
    write("experiments: {a: config.yaml, b: [config.yaml, {seed: 4}]}\nstages: [fit, test]\n")
    main(["check", "series.yaml"])
    assert capsys.readouterr().out == "'series' is valid: a series of 2 experiments, for fit, test\n"
    for word, told in (("system::optimizer::lr=fast", "not 'fast'"), ("+trainer::nodes=2", "no argument 'nodes'")):
        with pytest.raises(SystemExit, match="2"):
            main(["check", "series.yaml", word])
        assert told in capsys.readouterr().err
    write("experiments: {a: config.yaml, b: [config.yaml, {sed: 4}]}\n")
    with pytest.raises(SystemExit, match="2"):
        main(["check", "series.yaml"])
    assert "did you mean 'seed'?" in capsys.readouterr().err
    write("experiments: {a: config.yaml}\nlauncher: {_target_: lighter.launchers.Local, gpu: 1}\n")
    with pytest.raises(SystemExit, match="2"):
        main(["check", "series.yaml"])
    assert "takes no argument 'gpu'" in capsys.readouterr().err
    assert not Path("runs").exists()


@pytest.mark.parametrize("text", ["experiments: {a: config.yaml}", "config: config.yaml\nparameters: {seed: [1, 2]}"])
@pytest.mark.parametrize("flag", ["--stage=fit", "--fix"])
def test_flags_for_a_single_config_are_not_passed_over(
    line: Path, capsys: pytest.CaptureFixture[str], text: str, flag: str
) -> None:
    Path("several.yaml").write_text(text)
    with pytest.raises(SystemExit, match="2"):
        main(["check", "several.yaml", flag])
    told = f"'{flag.partition('=')[0]}' is for a single config, and 'several.yaml' holds several: leave it out"
    assert told in capsys.readouterr().err
