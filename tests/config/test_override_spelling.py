"""Overrides as other tools write them: told with the place that they mean; what may be meant as it is stays."""

from pathlib import Path

import pytest

from lighter import Config
from lighter.config.override_spelling import names_of
from lighter.errors import ConfigError

CONFIG = """
project: .
vars: {width: 3, weights: {train.json: 1.0}, dotted.key: 1}
system:
  model: {_target_: torch.nn.Linear, in_features: "@vars::width", out_features: 1}
  optimizer: {_target_: torch.optim.SGD, lr: 0.1}
  dataloaders: {train: {_target_: a.b, batch_size: 2}, val: {_target_: a.b, batch_size: 2}}
trainer: {max_epochs: 1}
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.yaml").write_text(CONFIG)
    (tmp_path / "plain.yaml").write_text("a: {b: {c: 1}}\n")
    for file in ("conf/model/tiny.yaml", "experiment/big.yaml"):
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).write_text("_target_: torch.nn.Flatten\n")


def told(*sources: str) -> list[tuple[str, str]]:
    with pytest.raises(ConfigError) as caught:
        Config.load(*sources)
    return [(problem.what, problem.help) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("override", "instead"),
    [
        ("system.optimizer.lr=1", "system::optimizer::lr=1"),
        ("optimizer.lr=1", "system::optimizer::lr=1"),
        ("system::optimizer.lr=1", "system::optimizer::lr=1"),
        ("+optimizer.momentum=1", "system::optimizer::momentum=1"),
        ("trainer.devices=2", "trainer::devices=2"),
        ("model.init_args.out_features=2", "system::model::out_features=2"),
    ],
)
def test_dots_between_keys(override: str, instead: str) -> None:
    name = override.lstrip("+").partition("=")[0]
    what = f"'{name}' is no place: '::' stands between keys"
    assert told("c.yaml", override) == [(what, f"write '{instead}'")]
    assert Config.load("c.yaml", instead)


@pytest.mark.parametrize(
    ("override", "instead"),
    [
        ("optimizer::lr=1", "system::optimizer::lr=1"),
        ("lr=1", "system::optimizer::lr=1"),
        ("learning_rate=1", "system::optimizer::lr=1"),
        ("momentum=1", "system::optimizer::momentum=1"),
        ("epochs=2", "trainer::max_epochs=2"),
        ("seed_everything=2", "seed=2"),
        ("width=2", "vars::width=2"),
    ],
)
def test_the_last_names_of_a_place(override: str, instead: str) -> None:
    top = override.partition("=")[0].partition("::")[0]
    assert told("c.yaml", override) == [(f"'{top}' is no top-level key", f"write '{instead}'")]
    assert Config.load("c.yaml", instead)


@pytest.mark.parametrize("name", ["optimizer.lr", "system::optimizer::lr"])
def test_two_plus_signs(name: str) -> None:
    what = f"'++{name}' begins with two '+', and one adds"
    assert told("c.yaml", f"++{name}=1") == [(what, "write 'system::optimizer::lr=1'")]


def test_several_places_are_told() -> None:
    (found,) = told("c.yaml", "batch_size=4")
    assert found[1] == "write 'system::dataloaders::train::batch_size=4' or 'system::dataloaders::val::batch_size=4'"


def test_each_wrong_override_is_told_and_before_the_file_too() -> None:
    assert [help for _, help in told("lr=1", "c.yaml", "trainer.devices=2")] == [
        "write 'system::optimizer::lr=1'",
        "write 'trainer::devices=2'",
    ]


@pytest.mark.parametrize(
    ("override", "help"),
    [
        ("model=tiny", "to lay a file at that place write 'system::model=conf/model/tiny.yaml'"),
        ("model=huge", "to lay a file at that place write 'system::model=model/huge.yaml'"),
        ("trainer=gpu", "to lay a file at that place write 'trainer=trainer/gpu.yaml'"),
        ("model=net.Net", "write 'system::model::_target_=net.Net'"),
        ("data=net.Data", "write 'data::_target_=net.Data'"),
        ("experiment=big", "write 'experiment/big.yaml' as one more source"),
    ],
)
def test_a_file_of_a_group(override: str, help: str) -> None:
    assert [found[1] for found in told("c.yaml", override)] == [help]


@pytest.mark.parametrize(
    ("override", "help"),
    [
        ("system::model=tiny", "write 'system::model=conf/model/tiny.yaml'"),
        ("system::model=model", "write 'system::model=conf/model/other.json', or conf/model/tiny.yaml"),
        ("system::model=conf/model/", "write 'system::model=conf/model/other.json', or conf/model/tiny.yaml"),
        ("system::model=conf/model/tiny", "write 'system::model=conf/model/tiny.yaml'"),
        ("system::model=tinny", "write 'system::model=conf/model/tiny.yaml'"),
        ("system::criterion=big", "write 'system::criterion=experiment/big.yaml'"),
        ("trainer::callbacks=big", "write 'trainer::callbacks=experiment/big.yaml'"),
    ],
)
def test_a_word_where_no_text_may_be_is_told_the_file(override: str, help: str) -> None:
    Path("conf/model/other.json").write_text("{}")
    Path("conf/model/read.me").write_text("")
    path, _, word = override.partition("=")
    assert told("c.yaml", override) == [(f"'{path}' takes no text, and '{word}' is no file", help)]
    assert [found[1] for found in told("c.yaml", "trainer=model")] == [
        "to lay a file at that place write 'trainer=conf/model/other.json', or conf/model/tiny.yaml"
    ]


@pytest.mark.parametrize("word", ["huge", "..", "/etc", "ReLU", "$torch.nn.ReLU()", "'a b'", "x" * 300, "*"])
def test_a_word_that_no_file_has_is_left_to_the_check_of_what_is_there(word: str) -> None:
    assert Config.load("c.yaml", f"system::model={word}")


@pytest.mark.parametrize("override", ["=system::model=conf/model/tiny.yaml", "=system::model=%conf/model/tiny.yaml"])
def test_a_file_of_a_group_is_laid_as_it_is_told(override: str) -> None:
    assert Config.load("c.yaml", override)["system::model"] == {"_target_": "torch.nn.Flatten"}


@pytest.mark.parametrize(
    ("sources", "help"),
    [
        (["c.yaml", "++vars.new=1"], "write 'vars::new=1'"),
        (["plain.yaml", "++a.b.d=1"], "'a::b' has c; to add a new key write '+a::b::d=1'"),
        (["plain.yaml", "++z.b=1"], "the config has a; to add a new key write '+z::b=1'"),
        (["c.yaml", "++hydra.job=1"], "there is no 'hydra::job'; put values of your own under 'vars'"),
        (["plain.yaml", "a.b.c=2"], "write 'a::b::c=2'"),
        (["c.yaml", "~system.optimizer.lr"], "did you mean 'system::optimizer::lr'?"),
    ],
)
def test_what_is_new(sources: list[str], help: str) -> None:
    assert [found[1] for found in told(*sources)] == [help]


@pytest.mark.parametrize(
    "sources",
    [
        ["c.yaml", "vars::weights::train.json=0.5"],
        ["c.yaml", "+vars::other.json=0.5"],
        ["c.yaml", "vars::dotted.key=2"],
        ["c.yaml", "+vars::lr=0.5"],
        ["c.yaml", "foo=1"],  # no place is meant: the check of the top-level keys tells it
        ["plain.yaml", "c=2"],
        ["plain.yaml", "new.key=2"],
        ["plain.yaml", "system=2"],
        ["trainer::max_epochs=2", "c.yaml"],
        ["c.yaml", "trainer=null"],
        ["c.yaml", "data={_target_: a.b}"],
        ["c.yaml", "=trainer=%c.yaml::trainer"],
    ],
)
def test_what_may_be_meant_as_it_is(sources: list[str]) -> None:
    assert Config.load(*sources)


def test_places_elsewhere_are_told_the_same_way() -> None:
    found, *_ = Config.load("c.yaml", "vars::a=@system.optimizer", "vars::b=@vars::width").check()
    assert found.help == "did you mean 'system::optimizer'?"
    with pytest.raises(ConfigError, match="did you mean 'system::optimizer'"):
        Config.load("c.yaml").dump("optimizer")


@pytest.mark.parametrize(
    ("written", "names"),
    [("a.b", ("a", "b")), ("+a#b", ("a", "b")), ("a::init_args.b", ("a", "b")), ("a..b", ()), ("", ())],
)
def test_how_a_place_is_written(written: str, names: tuple[str, ...]) -> None:
    assert names_of(written) == names


def test_code_is_no_config() -> None:
    ((what, _),) = told("train.py")
    assert what == "'train.py' is code, and a config is YAML or JSON"


@pytest.mark.parametrize(
    ("override", "is_list"),
    [
        ("system::optimizer::lr=0.1,0.2", True),
        ("system::optimizer::lr=choice(0.1,0.2)", True),
        ("system::optimizer::lr=range(1,3)", True),
        ("system::optimizer::lr=fast", False),
        ("system::optimizer::lr='0.1,0.2'", False),
    ],
)
def test_values_with_commas_are_for_a_sweep_where_they_are_refused(override: str, is_list: bool) -> None:
    (problem,) = [one for one in Config.load("c.yaml", override).check() if "SGD" in one.what]
    sweep = f"'lighter sweep config.yaml {override}' tries one value after the other"
    assert (sweep in problem.help) is is_list


def test_values_with_commas_are_taken_where_a_text_is() -> None:
    assert Config.load("c.yaml", "trainer::devices=0,1", "+vars::a=x,y")["trainer::devices"] == "0,1"
    (found,) = told("c.yaml", "lr=0.1,0.2")
    assert found[1].endswith("'lighter sweep config.yaml lr=0.1,0.2' tries one value after the other")
