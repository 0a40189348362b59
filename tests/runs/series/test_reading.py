from pathlib import Path

import pytest

from lighter.errors import ConfigError, Problem
from lighter.runs.series.reading import Series, is_series, read_series
from lighter.training.stages import Stage


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "a.yaml").write_text("vars: {x: 1}\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.yaml").write_text("_base_: ../a.yaml\nvars: {y: 2}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def series(text: str) -> Series:
    path = Path("all.yaml")
    path.write_text(text)
    return read_series(path)


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as told:
        series(text)
    return told.value.problems


def test_experiments_stand_by_name_in_their_order(folder: Path) -> None:
    found = series("experiments: {second: sub/b.yaml, first: [a.yaml, {vars::x: 5}], whole: {_base_: a.yaml}}")
    assert [(one.name, len(one.sources)) for one in found.experiments] == [("second", 1), ("first", 2), ("whole", 1)]
    assert (found.name, found.stages, found.metrics) == ("all", (Stage.FIT,), ())


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("experiments: {a: a.yaml}", True),
        ("experiments: [a.yaml]\njobs: 2", True),
        ("system: {}\nexperiments: {}", False),
        ("vars: 1", False),
        ("experiments: [", False),
    ],
)
def test_which_file_is_a_series(folder: Path, text: str, is_one: bool) -> None:
    Path("some.yaml").write_text(text)
    assert is_series(Path("some.yaml")) is is_one
    assert not is_series(Path("none.yaml"))


def test_those_of_a_list_take_the_name_of_their_first_file(folder: Path) -> None:
    found = series("{experiments: [sub/b.yaml, [a.yaml, {vars::x: 5}]], stages: [fit, test], metrics: val/loss/epoch}")
    assert [one.name for one in found.experiments] == ["b", "a"]
    assert (found.stages, found.metrics) == ((Stage.FIT, Stage.TEST), ("val/loss/epoch",))


@pytest.mark.parametrize(
    ("text", "what", "help"),
    [
        ("experiments:", "'experiments' takes experiments by name", "write 'experiments:' and below it"),
        ("experiments: [{vars: {}}]", "an experiment in a list begins with a file", "or give it a name"),
        ("experiments: [a.yaml, [a.yaml, {vars::x: 2}]]", "two experiments are called 'a'", "give each a name"),
        ("experiments: {a/b: a.yaml}", "'a/b' is no name of an experiment", "it names a folder"),
        ("experiments: {a: [a.yaml, vars::x=2]}", "'vars::x=2' is no file", "write '{vars::x: 2}'"),
        ("experiments: {a: [a.yaml, vars=b.yaml]}", "'vars=b.yaml' is no file", "write '{_base_: {vars: b.yaml}}'"),
        ("experiments: {a: [a.yaml, 3]}", "an experiment is made of files", "write '[file.yaml, {a::b: value}]'"),
        ("experiments: {a: b.yaml}", "there is no file 'b.yaml'", "did you mean 'a.yaml'?"),
        ("{experiments: {a: a.yaml}, stages: tset}", "there is no stage 'tset'", "did you mean 'test'?"),
        ("{experiments: {a: a.yaml}, stages: [1]}", "'stages' takes a list of names", "write 'stages: [...]'"),
        ("{experiments: {a: a.yaml}, metric: x}", "a series has no 'metric'", "did you mean 'metrics'?"),
        ("{system: {}}", "'all.yaml' has no 'experiments'", "a single config runs with 'lighter fit all.yaml'"),
        ("{config: a.yaml}", "'all.yaml' has no 'experiments'", "a sweep runs with 'lighter sweep all.yaml'"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_to_write(folder: Path, text: str, what: str, help: str) -> None:
    (told,) = problems(text)
    assert what in told.what
    assert help in told.help
    assert told.position is not None
    assert told.position.source.name == "all.yaml"


def test_all_mistakes_of_a_series_are_told_together(folder: Path) -> None:
    assert len(problems("{experiments: {a: no.yaml, ./: a.yaml, b: 3}, stages: [a, b], x: 1}")) == 6
