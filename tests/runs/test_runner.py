import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import BaseModel, PositiveInt

from lighter import Config, ConfigError, Runner, load
from lighter.errors import PathError, RunError
from lighter.runs.folder import RunDirectory
from lighter.runs.result import Result
from lighter.training.stages import Stage

MODULE = """
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader, TensorDataset


class Module(pl.LightningModule):
    def __init__(self, size):
        super().__init__()
        self.layer = torch.nn.Linear(size, 1)

    def training_step(self, batch, batch_idx):
        return self.layer(batch[0]).square().mean()

    def predict_step(self, batch, batch_idx):
        return self.layer(batch[0])

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


class Data(pl.LightningDataModule):
    def __init__(self, count):
        super().__init__()
        self.inputs = TensorDataset(torch.ones(count, 2))

    def train_dataloader(self):
        return DataLoader(self.inputs, batch_size=2)

    predict_dataloader = train_dataloader
"""


def test_fit_gives_metrics_and_a_folder(line: Path) -> None:
    result = Runner("config.yaml").fit()
    assert result.metrics["val/loss/epoch"] == pytest.approx(0, abs=2)
    assert {p.name for p in result.run.path.iterdir()} == {
        ".lock",
        "config.yaml",
        "environment.json",
        "log.txt",
        "metrics.csv",
        "results.json",
        "checkpoints",
        "sources",
        "status.json",
    }
    assert result.run.path.parent == Path("runs", line.name)
    assert {name: Path(path).name for name, path in result.checkpoints.items()} == {
        "best": "best.ckpt",
        "last": "last.ckpt",
    }


def test_the_recorded_config_repeats_the_run(line: Path) -> None:
    first = Runner("config.yaml", "trainer::max_epochs=1").fit()
    second = Runner(first.run.path / "config.yaml").fit()
    assert second.metrics == first.metrics


def test_a_schedule_may_ask_the_trainer_for_its_steps(line: Path) -> None:
    steps = "$2 * @trainer.estimated_stepping_batches"
    cycle = f"{{_target_: torch.optim.lr_scheduler.OneCycleLR, max_lr: 0.1, total_steps: {steps}}}"
    runner = Runner("config.yaml", f"system::scheduler={{interval: step, scheduler: {cycle}}}")
    runner.fit()
    assert runner.system.trainer.lr_scheduler_configs[0].scheduler.total_steps == 2 * 2 * 3


def test_test_uses_the_best_checkpoint_of_the_newest_run_and_its_folder(line: Path) -> None:
    fitted = Runner("config.yaml").fit()
    tested = Runner("config.yaml").test("best")
    assert tested.run == fitted.run
    assert set(tested.metrics) == {"test/loss/epoch", "test/metrics/error/epoch"}
    recorded = fitted.run.results()
    assert recorded["test"] == tested.metrics
    assert recorded["fit"] == fitted.metrics


def test_a_run_folder_is_a_source(line: Path) -> None:
    fitted = Runner("config.yaml").fit()
    assert Runner("config.yaml").test("best").metrics == Runner(str(fitted.run.path)).test().metrics


def test_predictions_are_written_and_found(line: Path) -> None:
    Runner("config.yaml").fit()
    result = Runner("config.yaml").predict("last")
    assert len(result.written) == 1
    assert len(result.written[0].read_text().splitlines()) == 1 + 5


def test_fit_goes_on_from_a_checkpoint(line: Path) -> None:
    whole = Runner("config.yaml", "trainer::max_epochs=4").fit()
    Runner("config.yaml").fit()
    resumed = Runner("config.yaml", "trainer::max_epochs=4").fit("last")
    assert resumed.metrics["val/loss/epoch"] == pytest.approx(whole.metrics["val/loss/epoch"])


def test_any_lightning_module_and_data_module_run(line: Path) -> None:
    (line / "line" / "module.py").write_text(MODULE, encoding="utf-8")
    config = {
        "project": str(line / "line"),
        "trainer": {"max_steps": 2, "accelerator": "cpu", "enable_progress_bar": False, "log_every_n_steps": 1},
        "system": {"_target_": "line.module.Module", "size": 2},
        "data": {"_target_": "line.module.Data", "count": 4},
        "args": {"predict": {"return_predictions": True}},
    }
    assert set(Runner(config).fit().checkpoints) == {"last"}
    predicted = Runner(config).predict()
    (table,) = predicted.written  # as of a System
    rows = [float(line.partition(",")[2]) for line in table.read_text().splitlines()[1:]]
    assert rows == pytest.approx(torch.cat(predicted.predictions).flatten().tolist())


def test_a_stage_builds_only_what_it_needs(line: Path) -> None:
    broken = "system::dataloaders::train::dataset::count=-1"
    with pytest.raises(RuntimeError, match="negative"):
        Runner("config.yaml", broken).fit()
    assert Runner("config.yaml", broken, "system::optimizer::lr=-5").test().metrics


def test_all_mistakes_are_told_and_nothing_is_made(line: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        Runner("config.yaml", "system::model::sise=3", "system::optimizer::momentumm=1").fit()
    assert [problem.help for problem in caught.value.problems] == ["did you mean 'size'?", "did you mean 'momentum'?"]
    assert not (line / "runs").exists()


def test_the_users_exception_keeps_type_and_gains_the_place(line: Path) -> None:
    with pytest.raises(RuntimeError) as caught:
        Runner("config.yaml", "system::model::size=-1").fit()
    assert any("while building 'system::model' (config.yaml:" in note for note in caught.value.__notes__)


def test_an_exception_of_the_trainer_gains_its_place_too(line: Path) -> None:
    with pytest.raises(ValueError, match="num_nodes") as caught:
        Runner("config.yaml", "trainer::num_nodes=0").fit()
    assert any("while building 'trainer' (config.yaml:" in note for note in caught.value.__notes__)


def test_a_failed_run_keeps_log_and_last_checkpoint(line: Path) -> None:
    failing = ["system::dataloaders::train::dataset::fails_at=9"]
    with pytest.raises(KeyError, match="no such point"):
        Runner("config.yaml", *failing, run_dir="failed").fit()
    assert "no such point" in Path("failed/log.txt").read_text()
    assert Path("failed/checkpoints/exception.ckpt").is_file()


def test_two_runs_never_share_a_folder(line: Path) -> None:
    Runner("config.yaml", run_dir="one").fit()
    with pytest.raises(RunError, match="already holds a run"):
        Runner("config.yaml", run_dir="one").fit()


def test_loggers_and_checkpoints_of_the_config_stay(line: Path) -> None:
    mine = (
        "_target_: pytorch_lightning.callbacks.ModelCheckpoint, dirpath: own, filename: mine, monitor: val/loss/epoch"
    )
    own = [f"+trainer::callbacks=[{{{mine}}}]", "trainer::logger=false"]
    result = Runner("config.yaml", *own).fit()
    assert not (result.run.path / "metrics.csv").exists()
    assert Path(result.checkpoints["best"]).name == "mine.ckpt"
    assert Runner("config.yaml").test("best").run == result.run


def test_best_follows_early_stopping(line: Path) -> None:
    stopping = "{_target_: pytorch_lightning.callbacks.EarlyStopping, monitor: val/metrics/error/epoch, mode: max}"
    result = Runner("config.yaml", f"trainer::callbacks=[{stopping}]").fit()
    best = torch.load(result.checkpoints["best"], weights_only=False)
    assert "val/metrics/error/epoch" in {state.get("monitor") for state in best["callbacks"].values()}
    assert result.run.results()["monitored"] == {"name": "val/metrics/error/epoch", "mode": "max"}


def test_process_is_left_as_it_was(line: Path) -> None:
    before = (list(sys.path), sys.excepthook)
    Runner("config.yaml").fit()
    assert (list(sys.path), sys.excepthook) == before


def test_a_config_comes_alone(line: Path) -> None:
    config = Config.load("config.yaml")
    assert isinstance(Runner(config).fit().metrics, dict)
    with pytest.raises(TypeError, match=r"Config\.load"):
        Runner(config, "a=1")


def test_seed_makes_runs_equal(line: Path) -> None:
    first, second = (
        torch.load(Runner("config.yaml").fit().checkpoints["last"], weights_only=False)["state_dict"] for _ in range(2)
    )
    assert all(torch.equal(first[name], second[name]) for name in first)


CALLBACKS = """[
  {_target_: pytorch_lightning.callbacks.EarlyStopping, monitor: val/loss/epoch},
  {_target_: pytorch_lightning.callbacks.LearningRateMonitor},
  {_target_: pytorch_lightning.callbacks.Timer},
  {_target_: pytorch_lightning.callbacks.ModelCheckpoint, monitor: val/loss/epoch, save_last: true},
]"""
SCHEDULER = "system::scheduler={_target_: torch.optim.lr_scheduler."
ONE_CYCLE = (
    f"{SCHEDULER}OneCycleLR, max_lr: 0.1, total_steps: 99}}".replace("={", "={interval: step, scheduler: {") + "}"
)


@pytest.mark.parametrize(
    "override",
    [
        "system::optimizer={_target_: torch.optim.AdamW, lr: 0.1, amsgrad: true}",
        "system::optimizer::lr=$np.float64(0.1)",
        f"{SCHEDULER}ReduceLROnPlateau}}",
        f"{SCHEDULER}CosineAnnealingLR, T_max: 4}}",
        ONE_CYCLE,
        f"{SCHEDULER}LambdaLR, lr_lambda: '$lambda epoch: 0.9**epoch'}}",
        f"trainer::callbacks={CALLBACKS}",
    ],
)
def test_our_checkpoints_hold_nothing_but_weights(line: Path, override: str) -> None:
    result = Runner("config.yaml", override).fit()
    for name in ("best", "last"):
        assert Runner("config.yaml", override).test(result.checkpoints[name]).metrics
    resumed = Runner("config.yaml", override, "trainer::max_epochs=3").fit(result.checkpoints["last"])
    assert torch.load(resumed.checkpoints["last"], weights_only=False)["epoch"] == 2


WITH_OBJECTS = """
from argparse import Namespace
import os
from lighter import System


class Payload:
    def __reduce__(self):
        return os.system, ("touch done",)


class Keeping(System):
    def on_save_checkpoint(self, checkpoint):
        checkpoint["kept"] = Payload()
"""


def test_a_checkpoint_with_objects_is_loaded_only_if_that_is_written(line: Path) -> None:
    (line / "line" / "keeping.py").write_text(WITH_OBJECTS, encoding="utf-8")
    keeping = ("config.yaml", "trainer::max_epochs=1", "+system::_target_=line.keeping.Keeping")
    Runner(*keeping, run_dir="kept").fit()
    with pytest.raises(
        RunError, match=r"holds more than weights: \w+\.system; .* write args::test::weights_only=false"
    ):
        Runner(*keeping, run_dir="kept").test("last")
    assert not Path("done").exists()
    with pytest.raises(RunError, match="write args::fit::weights_only=false"):
        Runner(*keeping).fit("kept/checkpoints/last.ckpt")
    assert Runner(*keeping, "args::test::weights_only=false", run_dir="kept").test("last").metrics
    assert Path("done").exists()


def test_a_limited_config_cannot_have_objects_loaded(line: Path) -> None:
    for written in ("false", "$1 > 2", "null"):
        with pytest.raises((ConfigError, RunError), match="weights_only"):
            Runner("config.yaml", f"args::fit::weights_only={written}", allow=["torch", "line"]).fit()


def test_workers_of_a_limited_run_import_nothing_from_the_folder_that_they_work_in(line: Path) -> None:
    for name in ("multiprocessing", "signal", "struct", "threading"):
        Path(f"{name}.py").write_text("import os\nos.mkdir('done')\n")
    loader = "system::dataloaders::train"
    words = (
        f"{loader}::num_workers=1",
        f"{loader}::multiprocessing_context=spawn",
        f"{loader}::persistent_workers=true",
    )
    assert Runner("config.yaml", *words, "trainer::max_epochs=1", allow="torch,line").fit().checkpoints
    assert not Path("done").exists()
    assert "PYTHONSAFEPATH" not in os.environ


def test_only_what_is_listed_is_built(line: Path) -> None:
    result = Runner("config.yaml", "trainer::max_epochs=1", allow=["torch", "line"]).fit()
    assert Runner("config.yaml", allow="torch,line").test(result.checkpoints["best"]).metrics
    result.run.record("checkpoints", {"best": str(Path("config.yaml").absolute())})
    with pytest.raises(RunError, match=r"config\.yaml' leads out of the folder"):
        Runner(str(result.run.path), allow="torch,line").test()
    with pytest.raises(ConfigError, match="add 'line' to --allow, if you trust it"):
        Runner("config.yaml", allow=["torch"], run_dir="refused").fit()
    assert not Path("refused").exists()


def test_what_only_the_run_can_tell_ends_it(line: Path) -> None:
    (line / "line" / "given.py").write_text("import os\n\n\ndef given():\n    return os.system\n")
    late = "system::criterion={_target_: line.given.given}"
    with pytest.raises(ConfigError, match=r"'posix\.system' is not on the list"):
        Runner("config.yaml", late, allow=["torch", "line"]).fit()


def test_a_component_of_the_run_alone(line: Path) -> None:
    runner = Runner("config.yaml", "system::model={_target_: model/tiny, outputs: 1}", "trainer::fast_dev_run=true")
    with pytest.raises(ConfigError, match="nothing is registered as 'model/tiny'"):
        runner.check(Stage.FIT)
    runner.add_component("model", "tiny", lambda outputs: torch.nn.Linear(2, outputs))
    assert runner.fit().metrics.keys() >= {"train/loss/epoch"}
    with pytest.raises(ConfigError, match="nothing is registered as 'model/tiny'"):
        Runner(*runner.config.given).check(Stage.FIT)


def test_after_fit_the_other_stages_evaluate_what_it_has_trained(line: Path) -> None:
    runner = Runner("config.yaml")
    fitted = runner.fit()
    newer = Runner("config.yaml").fit()
    tested = runner.test()
    assert tested.run == fitted.run != newer.run
    assert tested.metrics == Runner(fitted.run.path).test().metrics != Runner("config.yaml").test().metrics
    best = torch.load(fitted.checkpoints["best"], weights_only=False)["state_dict"]
    assert torch.equal(best["model.layer.weight"], runner.system.model.layer.weight)
    assert {runner.validate().run, runner.predict("last").run} == {fitted.run}
    assert runner.fit().run not in (fitted.run, newer.run)
    assert runner.run("test").run == runner.fitted


def test_a_run_folder_that_the_config_names_is_evaluated(line: Path) -> None:
    fitted = Runner("config.yaml", "run::dir=one").fit()
    tested = [Runner("config.yaml", "run::dir=one").test(asked) for asked in (None, "best", "last")]
    assert {result.run for result in tested} == {fitted.run}
    assert tested[0].metrics == tested[1].metrics == Runner("one").test().metrics


def test_a_pattern_names_the_folder_of_each_run(line: Path) -> None:
    Path("exp.yaml").write_text(Path("config.yaml").read_text() + "run: {dir: 'out/{now:%Y}/{config}-{seed}'}\n")
    first, second = (Runner("exp.yaml", *words).fit().run for words in ((), ("trainer::max_epochs=1",)))
    year = first.path.parent
    assert (first.path, second.path) == (year / "exp-1", year / "exp-1_2")
    assert Runner("exp.yaml").test("best").run == second
    assert Runner("exp.yaml").fit(resume="last").run == second  # and no folder was made
    assert Runner(str(first.path), "trainer::max_epochs=3").fit(resume=str(first.path)).run == first
    assert {path.name for path in year.iterdir() if path.is_dir()} == {"exp-1", "exp-1_2"}
    assert Config(first.path).name == "exp"
    assert Runner(str(first.path), "seed=2").fit().run.path.name == "exp-2"


def test_a_pattern_without_a_time_names_one_folder(line: Path) -> None:
    words = ("run::dir=out/{overrides}", "trainer::max_epochs=1")
    fitted = Runner("config.yaml", *words).fit()
    assert fitted.run.path == Path("out/trainer.max_epochs=1")
    assert Runner("config.yaml", *words).test().run == fitted.run
    with pytest.raises(PathError, match=r"'out/trainer.max_epochs=1' already holds a run"):
        Runner("config.yaml", *words).fit()


def test_the_whole_run_is_in_the_folder_that_is_meant(line: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path.cwd() / "home"
    monkeypatch.setenv("HOME", str(home))
    for given, folder in (({"run_dir": "~/a"}, home / "a"), ({}, home / "b")):
        result = Runner("config.yaml", "run::dir=~/b", **given).fit()
        assert (result.run.path, (folder / "checkpoints" / "last.ckpt").is_file()) == (folder, True)
        assert Config(result.run.path)["run::dir"] == str(home / "b")
    assert Runner("config.yaml", "run::dir=~/b").test("~/a/checkpoints/last.ckpt").metrics
    assert load("~/a", "~/b/checkpoints/last.ckpt").state_dict()
    assert Runner("~/a", "trainer::max_epochs=2").fit(resume="~/a").run.path == home / "a"
    assert not Path("~").exists()


def test_fit_goes_on_from_the_last_of_the_same_runner(line: Path) -> None:
    runner = Runner("config.yaml")
    fitted = runner.fit()
    Runner("config.yaml", "trainer::max_epochs=5").fit()  # of the same name, and newer
    resumed = runner.fit("last")
    ends = [torch.load(result.checkpoints["last"], weights_only=False) for result in (fitted, resumed)]
    assert ends[0]["global_step"] == ends[1]["global_step"]


def test_weights_that_nobody_trained_are_told(line: Path, caplog: pytest.LogCaptureFixture) -> None:
    runner = Runner("config.yaml", "trainer::enable_checkpointing=false", "trainer::max_epochs=1")
    runner.fit()
    assert "checkpoint" not in caplog.text
    tested = runner.test()
    told = f"the run '{tested.run.path}' has left no checkpoint: the weights are as the config builds them, not trained"
    assert told in caplog.text
    assert told in (tested.run.path / "log.txt").read_text()


def test_weights_that_are_not_trained_are_told_where_a_run_has_some(
    line: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert Runner("config.yaml").test().weights is None
    assert not caplog.text
    run = Runner("config.yaml", "trainer::max_epochs=1").fit().run
    Runner("config.yaml").test()
    told = "not trained; --ckpt_path=best takes those of this config's newest run"
    assert f"the weights are as the config builds them, {told}, '{run.path}'" in caplog.text


def test_a_run_is_tested_into_another_folder(line: Path) -> None:
    run = Runner("config.yaml", "trainer::max_epochs=1").fit().run
    tested = Runner(str(run.path), run_dir="elsewhere").test()
    assert (str(tested.run.path), tested.weights) == ("elsewhere", str(run.checkpoints / "best.ckpt"))
    assert "test" not in run.results()


def test_a_checkpoint_in_the_arguments_of_a_stage_is_taken(line: Path) -> None:
    other = Runner("config.yaml", "trainer::max_epochs=1", "system::optimizer::lr=0.5").fit().checkpoints["last"]
    runner = Runner("config.yaml", f"args::test::ckpt_path={other}")
    runner.fit()
    assert runner.test().metrics == Runner("config.yaml").test(other).metrics != runner.test("last").metrics


def test_the_best_that_a_config_names_is_that_of_its_own_run(line: Path) -> None:
    runner = Runner("config.yaml", "args::test::ckpt_path=best", "args::validate::ckpt_path=$'last'")
    run = runner.fit().run
    tested = Runner("config.yaml", "args::test::ckpt_path=best").test()
    assert (tested.run, tested.weights) == (run, str(run.checkpoints / "best.ckpt"))
    assert runner.test().weights == str(run.checkpoints / "best.ckpt")
    assert runner.validate().weights == str(run.checkpoints / "last.ckpt")


def test_a_fit_from_the_last_that_is_resumed_before_it_has_one_starts_from_there_again(line: Path) -> None:
    first = Runner("config.yaml", "trainer::max_epochs=1").fit()
    more = Runner("config.yaml", "trainer::max_epochs=2", "args::fit::ckpt_path=last", run_dir="more")
    second = more.fit()
    for path in second.run.checkpoints.iterdir():
        path.unlink()
    again = Runner("more").fit(resume="more")
    begun = torch.load(first.checkpoints["last"])["global_step"]
    assert torch.load(again.checkpoints["last"])["global_step"] == 2 * begun
    assert again.metrics == pytest.approx(second.metrics)


def test_runner_and_result_read_well(line: Path) -> None:
    runner = Runner("config.yaml", "trainer::max_epochs=1", run_dir="one")
    assert repr(runner) == "Runner(Config('config.yaml', 'trainer::max_epochs=1'))"
    names = [text.split("  ")[0] for text in repr(runner.fit()).split("\n  ")]
    assert names == [
        "fit in one, last epoch",
        *("train/loss/epoch", "train/lr", "train/momentum", "val/loss/epoch", "val/metrics/error/epoch"),
        *("best checkpoint", "last checkpoint"),
    ]
    read = [" ".join(line.split()) for line in repr(runner.predict()).splitlines()]
    assert read == [
        "predict in one",
        "weights one/checkpoints/best.ckpt",
        "predictions one/predictions/predictions.csv",
    ]
    kept = Result(Stage.PREDICT, RunDirectory(Path("one")), {}, predictions=[1, 2])
    assert repr(kept) == "predict in one\n  predictions  2 batches"


def test_a_config_of_mappings_with_a_component_whose_arguments_stand_elsewhere(line: Path) -> None:
    loader = {"_target_": "torch.utils.data.DataLoader", "dataset": {"_target_": "line.parts.Points", "count": 4}}
    collate = {"_target_": "collate_fn/custom", "key": "%vars::key", "size": "@vars::size"}
    system = {
        "model": {"_target_": "line.parts.Line"},
        "dataloaders": {"test": {**loader, "collate_fn": collate}},
        "metrics": {"test": {"_target_": "torchmetrics.MeanAbsoluteError"}},
        "adapters": {"batch": {"input": "x", "target": "y"}},
    }
    written = {"project": "line", "vars": {"key": "x", "size": 2}, "trainer": {"accelerator": "cpu"}, "system": system}
    made: list[tuple[str, int]] = []
    runner = Runner(written, "trainer::enable_progress_bar=false")
    runner.add_component("collate_fn", "custom", partial(collator, made), config=Collate)
    assert set(runner.test().metrics) == {"test/metrics/MeanAbsoluteError/epoch"}
    assert made == [("x", 2)]

    runner = Runner(written, "vars::key=[1]", {"vars": {"size": -2}})
    runner.add_component("collate_fn", "custom", partial(collator, made), config=Collate)
    with pytest.raises(ConfigError) as caught:
        runner.check("test")
    assert [problem.text().split("\n")[:2] for problem in caught.value.problems] == [
        [
            "error: collate_fn/custom: input should be a valid string; it is [1]",
            "  --> command line: vars::key=[1]  system::dataloaders::test::collate_fn::key",
        ],
        [
            "error: collate_fn/custom: input should be greater than 0; it is -2",
            "  --> mapping  system::dataloaders::test::collate_fn::size",
        ],
    ]


class Collate(BaseModel):
    key: str
    size: PositiveInt


def collator(made: list[tuple[str, int]], key: str, size: int) -> Any:
    made.append((key, size))
    return lambda samples: {
        key: torch.stack([x for x, _ in samples])[:, :size],
        "y": torch.stack([y for _, y in samples]),
    }


def test_a_system_still_imports_from_its_project(line: Path) -> None:
    with (line / "line" / "parts.py").open("a", encoding="utf-8") as file:
        file.write("\n\nclass Late(Line):\n    def size(self):\n        from late import SIZE\n        return SIZE\n")
    (line / "line" / "late.py").write_text("SIZE = 3\n", encoding="utf-8")
    runner = Runner("config.yaml", "system::model::_target_=line.parts.Late", "trainer::fast_dev_run=true")
    runner.fit()
    finders = sys.meta_path[:]
    assert runner.system.model.size() == 3
    assert sys.modules["line.parts"].Late is type(runner.system.model)
    assert sys.meta_path == finders


def test_edited_code_is_run_anew_unless_the_old_is_in_use(line: Path, caplog: pytest.LogCaptureFixture) -> None:
    parts = line / "line" / "parts.py"
    code = parts.read_text(encoding="utf-8")
    for size in (2, 3):
        parts.write_text(f"{code}\n\nclass Sized(Line):\n    size = {size}\n", encoding="utf-8")
        runner = Runner("config.yaml", "system::model::_target_=line.parts.Sized", "trainer::fast_dev_run=true")
        runner.fit()
        assert runner.system.model.size == size
    assert caplog.text.count("files have changed since") == 0
    parts.write_text(code, encoding="utf-8")
    Runner("config.yaml", "trainer::fast_dev_run=true").fit()
    assert caplog.text.count("files have changed since") == 1


def test_a_project_can_be_imported_no_longer_than_its_runner_lives(line: Path) -> None:
    runner = Runner("config.yaml", "trainer::fast_dev_run=true")
    runner.fit()
    assert "line.parts" in sys.modules
    del runner
    assert "line.parts" not in sys.modules


@pytest.mark.filterwarnings("ignore")
def test_loaders_without_a_batch_are_told(line: Path, caplog: pytest.LogCaptureFixture) -> None:
    Runner(
        "config.yaml", "system::dataloaders::train::drop_last=true", "system::dataloaders::train::batch_size=99"
    ).fit()
    assert "nothing was trained: the train loader gives no batch" in caplog.text
    Runner("config.yaml", "system::dataloaders::test::dataset::count=0").test()
    assert "'test' has nothing to show: the test loader gives no batch" in caplog.text


def test_callbacks_and_loggers_by_name(line: Path) -> None:
    named = {
        "callbacks": {
            "stop": {
                "_target_": "pytorch_lightning.callbacks.EarlyStopping",
                "monitor": "val/loss/epoch",
                "stopping_threshold": 1e9,  # reached after the first epoch
            },
            "rate": None,
        },
        "logger": {"board": {"_target_": "pytorch_lightning.loggers.TensorBoardLogger"}, "none": None},
    }
    run = Runner("config.yaml", {"trainer": named}).fit().run.path
    assert (run / "tensorboard").is_dir()
    assert '"trainer::logger::board"' in (run / "trackers.json").read_text()
    epochs = {row.split(",")[0] for row in (run / "metrics.csv").read_text().splitlines()[1:]}
    assert epochs == {"0"}
    again = Runner("config.yaml", {"trainer": named}, "trainer::logger::board=null", "~trainer::callbacks::stop").fit()
    assert {path.name for path in again.run.path.iterdir()} >= {"metrics.csv"}
    assert not (again.run.path / "tensorboard").exists()


def test_a_file_for_a_place_is_in_the_record_and_the_run_repeats_without_it(line: Path) -> None:
    (line / "models").mkdir()
    (line / "models" / "usual.yaml").write_text("{_target_: line.parts.Line}")
    (line / "models" / "lazy.yaml").write_text("{_target_: torch.nn.LazyLinear, out_features: 1}")
    (line / "exp.yaml").write_text("_base_: [config.yaml, {=system::model: models/usual.yaml}]\n")
    run = Runner("exp.yaml", "system::model::bias=false", "system::model=models/lazy.yaml").fit().run.path
    assert (run / "sources" / "models" / "lazy.yaml").is_file()
    for path in (line / "models").iterdir():
        path.unlink()
    assert Config.load(str(run))["system::model"] == {
        "_target_": "torch.nn.LazyLinear",
        "out_features": 1,
        "bias": False,
    }
    assert Runner(str(run)).test().metrics
