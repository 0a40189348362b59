import json
import math
import os
from pathlib import Path
from typing import get_args

import jsonschema
import pytest

from lighter import load
from lighter.cli.answer import SCHEMA, answering, tell
from lighter.cli.usage import ANSWERING
from lighter.errors import Mistake

RULES = json.loads(SCHEMA.read_text(encoding="utf-8"))


@pytest.fixture
def answer(lighter):
    """What a command answers, in the form of the schema, and what it says beside."""

    def run(*words, status=0):
        done = lighter(*words, "--json")
        told = json.loads(done.stdout)
        jsonschema.validate(told, RULES, cls=jsonschema.Draft202012Validator)
        assert (done.returncode, told["status"], told["command"]) == (status, status, words[0]), done.stderr
        return told, done.stderr

    return run


def test_the_schema_knows_every_command_and_code():
    jsonschema.Draft202012Validator.check_schema(RULES)
    assert RULES["properties"]["command"]["enum"] == list(ANSWERING)
    assert RULES["$defs"]["mistake"]["properties"]["code"]["enum"] == list(get_args(Mistake))


def test_a_run_answers_with_what_it_has_come_to(answer, line):
    told, said = answer("fit", "config.yaml", "trainer::max_epochs=1", "--run_dir=run")
    fitted = told["answer"]
    assert fitted["run"] == str(line / "run")
    assert fitted["metrics"]["val/loss/epoch"] == fitted["best"]["val/loss/epoch"] > 0
    assert [Path(path).name for path in fitted["checkpoints"].values()] == ["best.ckpt", "last.ckpt"]
    assert "fit results" in said  # for people, on stderr
    for stage in ("validate", "test", "predict"):
        told, _ = answer(stage, "run")
        assert (told["answer"]["stage"], Path(told["answer"]["weights"]).name) == (stage, "best.ckpt")
    assert [Path(path).is_file() for path in told["answer"]["written"]] == [True]
    told, _ = answer("runs", ".")
    assert [(one["status"], one["metric"]) for one in told["answer"]["runs"]] == [("finished", "val/loss/epoch")]


def test_a_series_answers_with_its_experiments(answer, line):
    (line / "series.yaml").write_text(
        "stages: [fit]\n"
        "experiments:\n"
        "  one: config.yaml\n"
        "  two: [config.yaml, {system::dataloaders::train::dataset::fails_at: 1}]\n"
    )
    told, said = answer("run", "series.yaml", "trainer::max_epochs=1", "--run_dir=all", status=1)
    rows = told["answer"]["experiments"]
    assert [(row["name"], row["status"]) for row in rows] == [("one", "ok"), ("two", "failed")]
    assert rows[0]["metrics"]["train/loss/epoch"] > 0
    assert "no such point" in rows[1]["reason"]
    assert "fit results" in said  # of the processes that it has started


def test_what_is_wrong_as_a_whole_has_its_file_and_what_is_nowhere_a_code(answer, line):
    (line / "series.yaml").write_text("experiments: {one: config.yaml}\n")
    (told,) = answer("fit", "series.yaml", status=2)[0]["mistakes"]
    assert (told["code"], told["file"], told["line"]) == ("foreign", str(line / "series.yaml"), None)
    (told,) = answer("show", "config.yaml", "--id=varz", status=2)[0]["mistakes"]
    assert (told["code"], told["file"]) == ("reference", None)


def test_the_check_of_a_series_answers_with_its_experiments(answer, line):
    (line / "series.yaml").write_text("experiments: {one: config.yaml}\n")
    told, _ = answer("check", "series.yaml")
    assert told["answer"] == {"name": "series", "experiments": ["one"], "stages": ["fit"]}


def test_a_sweep_answers_with_its_trials_which_are_runs_like_others(answer, lighter, line):
    (line / "sweep.yaml").write_text("config: config.yaml\nparameters: {system::optimizer::lr: [0.1, 0.01]}\n")
    told, _ = answer("check", "sweep.yaml")
    assert told["answer"] == {"name": "sweep", "trials": 2}
    told, said = answer("sweep", "sweep.yaml", "trainer::max_epochs=1", "--run_dir=swept", "--jobs=2")
    first, second = told["answer"]["trials"]
    assert told["answer"]["monitor"] == [{"name": "val/loss/epoch", "mode": "min"}]
    assert told["answer"]["best"] == [min((first, second), key=lambda one: one["values"])["number"]]
    assert (first["state"], first["parameters"]) == ("complete", {"system::optimizer::lr": 0.1})
    assert first["values"] == [first["metrics"]["val/loss/epoch"]]
    assert "2/2 done" in said
    told, _ = answer("diff", first["run"], second["run"], status=1)
    assert told["answer"]["differences"] == [{"place": "system::optimizer::lr", "old": "0.1", "new": "0.01"}]
    told, _ = answer("test", second["run"])
    assert Path(told["answer"]["weights"]) == Path(second["run"], "checkpoints", "best.ckpt")
    told, _ = answer("runs", "swept")
    listed = [str(Path(one["folder"]).absolute()) for one in told["answer"]["runs"]]
    assert sorted(listed) == [first["run"], second["run"]]
    assert lighter("report", first["run"], second["run"], "--out=both.html").returncode == 0
    assert load(second["run"]).layer.weight.shape == (1, 2)


def test_what_reads_alone(answer, line):
    told, said = answer("check", "config.yaml")
    assert (told["answer"]["stages"], told["mistakes"], said) == (["fit", "validate", "test", "predict"], [], "")
    (line / "sweep.yaml").write_text("config: config.yaml\nparameters: {system::optimizer::lr: [0.1, 0.2]}\n")
    told, _ = answer("check", "sweep.yaml")
    assert told["answer"] == {"name": "sweep", "trials": 2}
    (line / "values.yaml").write_text("vars: {a: .inf, b: $$x, c: é, d: 1e-3}", encoding="utf-8")
    told, _ = answer("show", "values.yaml", "--id=vars")
    assert told["answer"]["config"] == {"a": "inf", "b": "$$x", "c": "é", "d": 0.001}
    told, _ = answer("diff", "config.yaml", "config.yaml")
    assert told["answer"] == {"differences": []}
    (line / "other.yaml").write_text("_base_: config.yaml\nseed: 2\n")
    told, _ = answer("diff", "config.yaml", "other.yaml", status=1)
    assert told["answer"] == {"differences": [{"place": "seed", "old": "1", "new": "2"}]}
    (line / "parts.py").write_text(
        "import lighter\n@lighter.register('model', 'net')\ndef net(width: int = 3):\n    'A net.'\n"
    )
    (line / "parts.yaml").write_text("imports: {parts: {path: ., module_name: parts}}")
    told, _ = answer("components", "model", "parts.yaml")
    (component,) = told["answer"]["components"]
    assert (component["name"], component["summary"]) == ("model/net", "A net.")
    (argument,) = component["arguments"]
    assert (argument["written"], argument["required"]) == ("width: int = 3", False)
    told, _ = answer("args", "config.yaml::system::optimizer")
    assert (told["answer"]["target"], told["answer"]["place"]) == ("torch.optim.SGD", "system::optimizer::_target_")
    assert [one["name"] for one in told["answer"]["arguments"] if one["required"]] == ["params"]


def test_a_mistake_says_where_it_is_and_what_cures_it(answer, line):
    config = line / "config.yaml"
    config.write_text(config.read_text().replace("    predict:", "    predic:"))
    told, said = answer("check", "config.yaml", "--stage=fit", status=2)
    (mistake,) = told["mistakes"]
    assert told["answer"] is None
    assert (mistake["code"], mistake["severity"]) == ("key", "error")
    assert mistake["text"] == "'system::dataloaders' holds no 'predic'"
    assert mistake["place"] == "system::dataloaders::predic"
    number, text = next((n, one) for n, one in enumerate(config.read_text().splitlines(), 1) if "predic:" in one)
    column = text.index("predic") + 1
    where = {"file": str(config), "line": number, "column": column, "end_column": column + 6}
    assert mistake | where | {"source": "config.yaml"} == mistake
    assert mistake["edit"] == {**where, "old": "predic", "new": "predict"}
    assert "holds no 'predic'" in said


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (("check", "config.yaml", "--stag=fit"), 2, "usage"),
        (("check",), 2, "usage"),
        (("show", "nosuch.yaml"), 2, "file"),
        (("fit", "config.yaml", "system::dataloaders::train::dataset::fails_at=0"), 1, "failure"),
        (("runs", ".", "--format=xml"), 2, "usage"),
    ],
)
def test_what_ends_a_command_is_a_mistake_with_a_code(answer, line, words, status, code):
    told, _ = answer(*words, status=status)
    assert [mistake["code"] for mistake in told["mistakes"]] == [code]


def test_a_number_that_is_not_finite_is_a_text(capfd):
    with answering("fit", is_said=lambda: True):
        tell(metrics={"a": math.nan, "b": -math.inf, "c": 1.5})
        os.write(1, b"for people")
    said = capfd.readouterr()
    assert said.err == "for people"
    assert json.loads(said.out)["answer"]["metrics"] == {"a": "nan", "b": "-inf", "c": 1.5}


def test_another_rank_says_nothing(capfd):
    with answering("fit", is_said=lambda: False):
        tell(metrics={})
    assert capfd.readouterr().out == ""


def test_the_page_lists_every_code():
    page = (Path(__file__).parents[2] / "docs" / "reference" / "messages.md").read_text(encoding="utf-8")
    table = page.partition("| `code` |")[2].partition("\n\n")[0]
    assert [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")] == list(get_args(Mistake))
