from collections.abc import Callable
from pathlib import Path

import pytest

from lighter.config.dumping import plain
from lighter.errors import ConfigError
from lighter.runs.sweeps.parameters import read_words
from lighter.runs.sweeps.reading import Sweep, read_sweep


def labels(sweep: Sweep) -> dict[str, list[object]]:
    return {one.name: [choice.label for choice in one.choices] for one in sweep.space.parameters}


def mistake(sweep: Callable[..., Sweep], parameters: str, more: str = "") -> str:
    with pytest.raises(ConfigError) as told:
        sweep(f"config: config.yaml\nparameters:\n  {parameters}\n{more}")
    return str(told.value)


def test_plain_choices_are_themselves_and_others_are_texts(sweep: Callable[..., Sweep]) -> None:
    text = "config: config.yaml\nparameters: {vars::a: [1, null, x], vars::b: [{c: 1}, [2]], vars::d: [1, true, 1.0]}\n"
    assert labels(sweep(text)) == {
        "vars::a": [1, None, "x"],
        "vars::b": ["{c: 1}", "[2]"],
        "vars::d": ["1", "true", "1.0"],  # which are equal to Python
    }


def test_a_step_as_wide_as_its_range_is_right(sweep: Callable[..., Sweep]) -> None:
    found = sweep("config: config.yaml\nparameters: {vars::a: {low: 0.1, high: 0.3, step: 0.2}}\n")
    assert found.space.size == 2  # 0.3 - 0.1 is less than 0.2


def test_whole_numbers_are_called_as_they_are_written_and_told_apart(sweep: Callable[..., Sweep]) -> None:
    text = "config: config.yaml\nparameters: {vars::a: [007, 1_0], vars::b: [7, '7'], vars::c: [1e-3, 0.1]}\n"
    assert labels(sweep(text)) == {"vars::a": ["007", "1_0"], "vars::b": ["7", "'7'"], "vars::c": [0.001, 0.1]}


def test_a_file_is_a_choice_by_its_name(sweep: Callable[..., Sweep]) -> None:
    Path("models").mkdir()
    Path("models/small.yaml").write_text("{_base_: base.yaml, size: 2}")
    Path("models/base.yaml").write_text("{_target_: line.parts.Line}")
    found = sweep("config: config.yaml\nparameters: {system::model: [models/small.yaml, models/base.yaml]}\n")
    (model,) = found.space.parameters
    assert [choice.label for choice in model.choices] == ["small", "base"]
    assert plain(model.nodes("small")[0]) == {"_target_": "line.parts.Line", "size": 2}


def test_files_on_the_command_line_are_choices_in_the_configs_folder_and_quotes_say_that_it_is_a_text(
    sweep: Callable[..., Sweep],
) -> None:
    sweep()
    Path("conf/models").mkdir(parents=True)
    Path("conf/models/small.yaml").write_text("{_target_: line.parts.Line}")
    Path("big.yaml").write_text("wide: {_target_: line.parts.Line, size: 9}")
    (model,) = read_sweep(["conf/config.yaml", "system::model=models/small.yaml,big.yaml::wide"]).space.parameters
    assert [choice.label for choice in model.choices] == ["small", "wide"]
    assert [plain(choice.nodes[0])["_target_"] for choice in model.choices] == ["line.parts.Line"] * 2
    (path,) = read_sweep(["conf/config.yaml", "vars::path='a.yaml','b.yaml'"]).space.parameters
    assert [choice.label for choice in path.choices] == ["a.yaml", "b.yaml"]
    with pytest.raises(ConfigError, match=r"there is no file 'conf/models/smal.yaml'[^$]*did you mean 'small.yaml'?"):
        read_sweep(["conf/config.yaml", "system::model=models/smal.yaml,big.yaml"])


def test_what_walks_together_is_one_parameter(sweep: Callable[..., Sweep]) -> None:
    parameters = "{vars::a: [1, 2], vars::c: [7], vars::b: [x, y]}"
    found = sweep(f"config: config.yaml\nparameters: {parameters}\nzip: [vars::a, vars::b]\n")
    assert labels(found) == {"vars::a + vars::b": ["1, x", "2, y"], "vars::c": [7]}
    together = found.space.parameters[0]
    assert [plain(node) for node in together.nodes("2, y")] == [2, "y"]


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("a::b=1,2", [1, 2]),
        ("a::b=[1,2],[3]", [[1, 2], [3]]),
        ("a::b={c: 1, d: 2},null", [{"c": 1, "d": 2}, None]),
        ("a::b='x,y',z", ["x,y", "z"]),
        ("a::b=$max(1,2),$3", ["$max(1,2)", "$3"]),
        ("a::b=don't,won't", ["don't", "won't"]),
        ("=a::b={c: 1},{d: 2}", [{"c": 1}, {"d": 2}]),
    ],
)
def test_commas_outside_of_brackets_and_quotes_list_choices(word: str, parts: list[object]) -> None:
    found = read_words(word)
    assert found is not None
    assert [plain(choice.nodes[0]) for choice in found.choices] == parts


@pytest.mark.parametrize("word", ["a::b=1", "a::b=[1,2]", "~a::b", "a::b='1,2'", "a::b="])
def test_without_one_it_is_an_override(word: str) -> None:
    assert read_words(word) is None


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ("vars::a: {low: 2, high: 1}", "write '{low: 1, high: 2}'"),
        ("vars::a: {low: 1, high: 1}", "write a list of choices"),
        ("vars::a: {low: 0, high: 1, log: true}", "a range by its logarithm begins above 0, not at 0"),
        ("vars::a: {low: 1, high: 9, log: true, step: 2}", "a range by its logarithm takes no step"),
        ("vars::a: {low: 0, high: 1, step: 1.0e-300}", "steps of 1e-300 are too many from 0 to 1"),
        ("vars::a: {low: 1, high: 9, step: 0}", "the step of a range is above 0"),
        ("vars::a: {low: 0.0, high: 0.9, step: 0.0}", "write 'step: 0.09'"),
        ("vars::a: {low: 0.0, high: 10.0, step: 0.0}", "write 'step: 1'"),
        ("vars::a: {low: 0.0, high: 1.0, step: 0.0}", "write 'step: 0.1'"),
        ("vars::a: {low: 0.1, high: 0.5, step: -0.1}", "write 'step: 0.1'"),
        ("vars::a: {low: 0.1, high: 0.5, step: 1}", "write 'step: 0.04'"),
        ("vars::a: {low: 1, high: 3, step: 5}", "write 'step: 1'"),
        ("vars::a: {low: 0, high: 10, step: 3}", "do not come to 10, the last is 9"),
        ("vars::a: {low: 0, high: .inf}", "the 'high' of a range is a number"),
        ("vars::a: {low: true, high: 3}", "the 'low' of a range is a number"),
        ("vars::a: {low: 1}", "the range has no 'high'"),
        ("vars::a: {low: 1, high: 2, logs: true}", "a range has no 'logs'"),
        ("vars::a: {low: 1, high: 2, log: 1}", "the 'log' of a range is true or false"),
        ("vars::a: []", "'vars::a' has no choices"),
        ("vars::a: 3", "'vars::a' says nothing to choose from"),
        ("vars::a: [1, 2, 1]", "'vars::a' has the same choice twice"),
        ("vars::a: [small.yaml]", "there is no file 'small.yaml'"),
        ("~vars::a: [1]", "'~vars::a' removes a place"),
        ("'vars::': [1]", "has an empty key"),
    ],
)
def test_a_mistake_is_told_with_its_line(sweep: Callable[..., Sweep], parameters: str, told: str) -> None:
    said = mistake(sweep, parameters)
    assert told in said
    assert "sweep.yaml:3:" in said


@pytest.mark.parametrize(
    ("zipped", "told"),
    [
        ("[vars::a, vars::x]", "'zip' names no parameter 'vars::x'"),
        ("[vars::a]", "'zip' takes two places or more"),
        ("[vars::a, vars::a]", "'zip' takes two places or more, each once"),
        ("[vars::a, vars::c]", "'vars::a' has 2, 'vars::c' has 3"),
        ("[vars::a, vars::d]", "'vars::d' has a range"),
    ],
)
def test_what_cannot_walk_together_is_told(sweep: Callable[..., Sweep], zipped: str, told: str) -> None:
    parameters = "{vars::a: [1, 2], vars::c: [1, 2, 3], vars::d: {low: 1, high: 2}}"
    with pytest.raises(ConfigError, match=told.replace("[", r"\[")):
        sweep(f"config: config.yaml\nparameters: {parameters}\nzip: {zipped}\n")
