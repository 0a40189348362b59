import json
from pathlib import Path

from lighter import Runner

OWN = """
import json
from pathlib import Path

from pytorch_lightning.loggers import CSVLogger
from pytorch_lightning.loggers.logger import Logger


class Own(Logger):
    def __init__(self, path):
        super().__init__()
        self.path = Path(path)

    name, version = "own", 0

    def log_hyperparams(self, params):
        self.path.write_text(json.dumps(params))

    def log_metrics(self, metrics, step=None):
        pass
"""

LOGGER = "trainer::logger={_target_: line.own.Own, path: told.json}"


def own(line: Path) -> None:
    (line / "line" / "own.py").write_text(OWN, encoding="utf-8")


def test_a_logger_of_ones_own_is_told_config_and_folder(line: Path) -> None:
    own(line)
    run = Runner("config.yaml", LOGGER).fit().run
    told = json.loads((line / "told.json").read_text(encoding="utf-8"))
    assert told["system/optimizer/lr"] == 0.1
    assert told["run/dir"] == str(run.path.resolve())
    assert (run.path / "metrics.csv").exists()
    assert not (run.path / "trackers.json").exists()  # nothing is known that it would go on by


def test_without_named_loggers_nothing_is_told(line: Path) -> None:
    run = Runner("config.yaml").fit().run
    assert not {"hparams.yaml", "trackers.json"} & {path.name for path in run.path.iterdir()}


def test_a_run_that_only_shows_that_all_runs_has_no_loggers(line: Path) -> None:
    own(line)
    Runner("config.yaml", LOGGER, "trainer::fast_dev_run=true").fit()
    assert not (line / "told.json").exists()


def test_a_csv_logger_of_the_config_stays_in_its_version(line: Path) -> None:
    logger = "trainer::logger={_target_: pytorch_lightning.loggers.CSVLogger, save_dir: logs}"
    for version in range(2):
        run = Runner("config.yaml", logger).fit().run
        record = json.loads((run.path / "trackers.json").read_text(encoding="utf-8"))
        assert record == {"trainer::logger": {"kind": "CSVLogger", "version": version}}
    one, other = (line / "logs" / "lightning_logs" / f"version_{n}" / "metrics.csv" for n in range(2))
    assert one.read_text(encoding="utf-8") == other.read_text(encoding="utf-8")


def test_a_test_leaves_the_metrics_of_the_fit_alone(line: Path) -> None:
    logger = "trainer::logger={_target_: pytorch_lightning.loggers.CSVLogger}"
    runner = Runner("config.yaml", logger)
    run = runner.fit().run
    before = (run.path / "metrics.csv").read_text(encoding="utf-8")
    runner.test()
    assert (run.path / "metrics.csv").read_text(encoding="utf-8") == before
    assert "test/metrics/error/epoch" in (run.path / "test" / "metrics.csv").read_text(encoding="utf-8")


def test_a_logger_may_be_named_elsewhere_in_the_config(line: Path) -> None:
    named = {"vars": {"board": {"_target_": "pytorch_lightning.loggers.TensorBoardLogger"}}}
    run = Runner("config.yaml", named, "trainer::logger=@vars::board").fit().run
    record = json.loads((run.path / "trackers.json").read_text(encoding="utf-8"))
    assert record == {"vars::board": {"kind": "TensorBoardLogger", "version": ""}}
    assert len(list((run.path / "tensorboard").glob("events*"))) == 1
