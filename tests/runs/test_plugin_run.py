"""A run of a plugin model: fitted, stored, brought back, measured and written."""

import csv
import json
import logging
from pathlib import Path

import numpy as np
import pytest
import torch
from torchmetrics import MeanAbsoluteError, MetricCollection

from lighter import Config, ConfigError, Runner
from lighter.callbacks import FileWriter, TableWriter
from lighter.errors import RunError
from lighter.plugins import PluginSystem
from lighter.runs.folder import RunDirectory
from lighter.runs.plugin_run import as_tensor, measure, run_stage, write, writers_of
from lighter.training.adapters import MetricsAdapter
from lighter.training.stages import Mode, Stage

SOURCES = (None, np.array([1.0, 2.0]), np.array([1.0, 4.0]))


@pytest.fixture
def line(plugin_line: Path) -> Path:
    """In these tests the project is one of plugins."""
    return plugin_line


PARTS = (np.zeros((3, 2)), np.array([1, 2, 3]), np.array(["a", "b", "c"]), np.array([0.5, 1.5, 2.5]))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_table_is_written_where_a_run_has_it(tmp_path: Path) -> None:
    (path,) = write(writers_of(None), Stage.PREDICT, tmp_path, PARTS)
    assert path == tmp_path / "predictions" / "predictions.csv"
    assert rows(path) == [{"identifier": i, "pred": p} for i, p in (("a", "0.5"), ("b", "1.5"), ("c", "2.5"))]
    assert [file.name for file in path.parent.iterdir()] == ["predictions.csv"]


@pytest.mark.parametrize("input", [["x", "y", "z"], {"left": np.zeros(3)}, object(), torch.zeros(3)])
def test_any_input_and_no_identifier(tmp_path: Path, input) -> None:
    (path,) = write(
        [TableWriter(columns=["pred", "target"])], Stage.PREDICT, tmp_path, (input, [4, 5, 6], None, [1, 2, 3])
    )
    assert rows(path)[2] == {"identifier": "2", "pred": "3", "target": "6"}


def test_test_is_written_if_a_writer_wants_it(tmp_path: Path) -> None:
    assert write([TableWriter()], Stage.TEST, tmp_path, PARTS) == []
    assert len(rows(write([TableWriter(stages=["test"])], Stage.TEST, tmp_path, PARTS)[0])) == 3


def test_a_file_for_each_sample(tmp_path: Path) -> None:
    (folder,) = write([FileWriter("files", format="npy")], Stage.PREDICT, tmp_path, PARTS)
    assert len(list(folder.rglob("*.npy"))) == 3


def test_a_failed_writer_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="identifier"):
        write([TableWriter()], Stage.PREDICT, tmp_path, (*PARTS[:2], ["a"], PARTS[3]))
    assert list((tmp_path / "predictions").iterdir()) == []


def test_what_writes_no_predictions_is_told() -> None:
    assert writers_of([]) == []
    with pytest.raises(RunError, match="system::writers holds a int, which writes no predictions"):
        writers_of(1)


def test_all_stages_run_in_one_folder(line: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fitted = Runner("config.yaml").fit()
    assert fitted.metrics == {"val/metrics/error/epoch": pytest.approx(0, abs=1e-9)}
    assert fitted.checkpoints == {"last": str(fitted.run.path / "checkpoints" / "last.ckpt")}
    assert json.loads(Path(fitted.checkpoints["last"]).read_text())["found"] == pytest.approx([2, 1])

    tested = Runner("config.yaml").test("best")
    assert tested.run == fitted.run
    assert set(tested.metrics) == {"test/metrics/error/epoch", "test/metrics/largest/epoch"}
    predicted = Runner("config.yaml").predict("last")
    with predicted.written[0].open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["identifier"] for row in rows] == ["p20", "p21", "p22", "p23", "p24"]
    assert [float(row["pred"]) for row in rows] == pytest.approx([41, 43, 45, 47, 49])

    assert {p.name for p in fitted.run.path.iterdir()} == {
        *("config.yaml", "log.txt", "results.json", "checkpoints", "predictions"),
        *(".lock", "environment.json", "sources", "status.json"),
    }
    recorded = fitted.run.results()
    assert recorded["checkpoints"] == dict.fromkeys(("last", "best"), "checkpoints/last.ckpt")
    assert tested.weights == fitted.checkpoints["last"]
    assert recorded["fit"] == fitted.metrics
    assert recorded["test"] == tested.metrics
    assert recorded["predict"] == [str(predicted.written[0])]
    lines = ["data_access/points: 100% count 8", "data_access/points: 100% count 4", "fit/line.Line: 50% weight 1"]
    told = capsys.readouterr().out.splitlines()
    assert told[:1] + told[-1:] == [lines[0], lines[0].replace("8", "5")]
    assert lines[2] in (fitted.run.path / "log.txt").read_text()


def test_a_run_folder_is_a_source_and_validates(line: Path) -> None:
    fitted = Runner("config.yaml", run_dir="one").fit()
    assert Runner("one").validate().metrics == pytest.approx(fitted.metrics)


def test_a_stage_accesses_only_the_data_that_it_needs(line: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Runner("config.yaml", "~system::metrics::val", run_dir="one").fit()
    assert [text for text in capsys.readouterr().out.splitlines() if "data" in text] == [
        "data_access/points: 100% count 8"
    ]


def test_further_arguments_reach_the_plugins(line: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Runner("config.yaml", "system::fit::weight=2.0", run_dir="one").fit()
    assert "fit/line.Line: 50% weight 2" in capsys.readouterr().out
    predicted = Runner("one", "system::predict={shift: 100}", "system::writers=[]").predict("last")
    assert predicted.written == ()
    (predictions,) = predicted.predictions  # one batch
    assert predictions.tolist() == pytest.approx([141, 143, 145, 147, 149])


def test_fit_goes_on_from_a_file(line: Path) -> None:
    first = Runner("config.yaml", "system::model::degree=2", run_dir="one").fit()
    second = Runner("config.yaml", run_dir="two").fit(first.checkpoints["last"])
    assert json.loads(Path(second.checkpoints["last"]).read_text())["degree"] == 2


def test_a_model_that_was_not_fitted_is_told(line: Path) -> None:
    with pytest.raises(RunError, match=r"'test' takes a model that was fitted; write --ckpt_path=best, or its file"):
        Runner("config.yaml").test()


def test_a_file_of_something_else_is_told_with_its_name(line: Path) -> None:
    with pytest.raises(json.JSONDecodeError) as caught:
        Runner("config.yaml").test("config.yaml")
    assert any("while 'config.yaml' was deserialized" in note for note in caught.value.__notes__)


def test_a_fit_that_fails_leaves_no_file_and_tells_its_place(line: Path) -> None:
    with pytest.raises(ValueError, match="invalid literal") as caught:
        Runner("config.yaml", "system::model::degree=two", run_dir="one").fit()
    assert line / "line" / "plugins.py" in [entry.path for entry in caught.traceback]
    assert not (line / "one" / "checkpoints").exists()
    assert "ValueError: invalid literal" in (line / "one" / "log.txt").read_text()


def test_keys_of_a_trainer_are_told_to_have_no_effect(line: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "lighter"):
        Runner("config.yaml", "trainer={max_epochs: 2}", run_dir="one").fit()
    assert caplog.messages == [
        "command line: trainer={max_epochs: 2}: 'trainer' has no effect: a plugin model runs without a Trainer"
    ]


def test_only_rank_zero_fits(line: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lightning_fabric.utilities.rank_zero import rank_zero_only

    monkeypatch.setattr(rank_zero_only, "rank", 1)
    outcome = run_stage(lambda: pytest.fail("built"), Stage.FIT, RunDirectory(line), None)
    assert outcome.metrics == {}


def test_mistakes_are_told_before_anything_is_accessed(line: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["system::data::train::cuont=3", "system::fit::wieght=1", "system::model::degre=1", "system::writer=[]"]
    with pytest.raises(ConfigError) as caught:
        Runner("config.yaml", *given).fit()
    assert {problem.help for problem in caught.value.problems} >= {
        f"did you mean '{name}'?" for name in ("count", "weight", "degree", "writers")
    }
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("stage", Stage)
def test_an_unknown_model_type_is_told_once(line: Path, stage: Stage) -> None:
    with pytest.raises(ConfigError) as caught:
        Runner("config.yaml", "system::model::_target_=instantiate/line.Lin").check(stage)
    (problem,) = caught.value.problems
    assert problem.what == "nothing is registered as 'instantiate/line.Lin'"
    assert problem.help == "did you mean 'instantiate/line.Line'?"


def test_plugins_that_the_type_lacks_are_told(line: Path) -> None:
    code = (line / "line" / "plugins.py").read_text(encoding="utf-8")
    (line / "line" / "plugins.py").write_text(code.partition("@plugins.serialize")[0], encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        Runner("config.yaml").check(Stage.FIT)
    assert [problem.help for problem in caught.value.problems] == [
        f"register it with @plugins.{step}(['line.Line'])" for step in ("serialize", "deserialize")
    ]


def test_unknown_data_and_unknown_modules_are_told(line: Path) -> None:
    with pytest.raises(ConfigError, match="nothing is registered as 'data_access/point'"):
        Runner("config.yaml", "system::data::train::_target_=data_access/point").check(Stage.FIT)
    with pytest.raises(ConfigError, match="'line' has no 'plugin'"):
        Runner("config.yaml", "plugins::names=[line.plugin]").check(Stage.FIT)


def test_a_module_that_raises_is_told_with_its_line(line: Path) -> None:
    (line / "line" / "broken.py").write_text("import json\njson.load(1)\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"importing 'line.broken' raised AttributeError(.|\n)*broken.py:2"):
        Runner("config.yaml", "plugins::names=[line.broken]").check(Stage.FIT)


def test_a_limited_config_has_no_plugins(line: Path) -> None:
    with pytest.raises(ConfigError, match="'plugins' runs code that --allow does not judge"):
        Runner("config.yaml", allow="line,torchmetrics").check(Stage.FIT)


def test_a_data_access_is_a_target_anywhere(line: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = {
        "project": "line",
        "plugins": {"names": ["line.plugins"]},
        "vars": {"_target_": "data_access/points", "count": 2},
    }
    assert Config.load(config).resolve("vars")["name"] == ["p0", "p1"]
    assert capsys.readouterr().err == ""  # nobody shows its state


def test_an_interrupted_fit_leaves_no_model(line: Path) -> None:
    code = (line / "line" / "plugins.py").read_text(encoding="utf-8")
    stopped = code.replace(
        "    return json.dumps(instance)", "    raise KeyboardInterrupt\n    return json.dumps(instance)"
    )
    (line / "line" / "plugins.py").write_text(stopped, encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        Runner("config.yaml", run_dir="one").fit()
    with pytest.raises(RunError, match="holds no checkpoint"):
        Runner("config.yaml", run_dir="one").test("best")


def mean(pred, target):
    return np.mean(pred - target)


@pytest.mark.parametrize(
    ("metrics", "found"),
    [
        ({"error": MeanAbsoluteError()}, {"error": 1.0}),
        (MeanAbsoluteError(), {"MeanAbsoluteError": 1.0}),
        (MetricCollection({"error": MeanAbsoluteError()}), {"error": 1.0}),
        ({"error": MeanAbsoluteError(), "mean": mean}, {"mean": 1.0, "error": 1.0}),
        ([mean], {"mean": 1.0}),
        ({"parts": lambda pred, target: {"first": pred[0], "last": 2}}, {"parts/first": 1.0, "parts/last": 2.0}),
        (None, {}),
    ],
)
def test_all_forms_of_metrics_give_logged_names(metrics, found):
    measured = measure(PluginSystem(metrics={"test": metrics}), Mode.TEST, SOURCES)
    assert measured == {f"test/metrics/{name}/epoch": value for name, value in found.items()}


def test_a_function_may_want_its_arguments_by_other_names():
    adapter = MetricsAdapter({"y_true": "target", "y_pred": "pred"})
    system = PluginSystem(
        metrics={"val": {"sum": lambda y_true, y_pred: y_true[0] + y_pred[1]}}, adapters={"metrics": adapter}
    )
    assert measure(system, Mode.VAL, SOURCES) == {"val/metrics/sum/epoch": 5.0}


def test_numbers_become_tensors_and_texts_lists():
    found = as_tensor({"a": np.ones(2), "b": np.array(["x", "y"]), "c": (np.float32(1), "z")})
    assert torch.equal(found.pop("a"), torch.ones(2, dtype=torch.float64))
    assert found == {"b": ["x", "y"], "c": (1.0, "z")}
