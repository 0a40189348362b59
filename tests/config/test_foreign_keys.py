"""Components as other tools write them: told with the `_target_` to write; plain mappings stay plain."""

from pathlib import Path

import pytest

from lighter import Config
from lighter.errors import Problem


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def loaded(text: str) -> Config:
    Path("c.yaml").write_text(text, encoding="utf-8")
    return Config.load("c.yaml")


def told(text: str) -> list[Problem]:
    return loaded(text).check_structure()


@pytest.mark.parametrize(
    ("text", "place", "key", "help"),
    [
        ("system: {model: {target: net.Net}}", "system::model", "target", "write '_target_: net.Net'"),
        ("system: {model: {_target: net.Net, width: 1}}", "system::model", "_target", "write '_target_: net.Net'"),
        (
            "system: {model: {target: net.Net, params: {a: 1}}}",
            "system::model",
            "target",
            "write '_target_: net.Net', and beside it what is below 'params:'",
        ),
        (
            "system: {criterion: {class_path: torch.nn.MSELoss}}",
            "system::criterion",
            "class_path",
            "write '_target_: torch.nn.MSELoss'",
        ),
        (
            "system: {optimizer: {class_path: torch.optim.SGD, init_args: {lr: 1}}}",
            "system::optimizer",
            "class_path",
            "write '_target_: torch.optim.SGD', and beside it what is below 'init_args:'",
        ),
        (
            "system: {}\ntrainer: {callbacks: [{class_path: a.B, init_args: {c: 1}}]}",
            "trainer::callbacks::0",
            "class_path",
            "write '_target_: a.B', and beside it what is below 'init_args:'",
        ),
        (
            "system: {dataloaders: {train: {_target_: torch.utils.data.DataLoader, dataset: {class_path: a.B}}}}",
            "system::dataloaders::train::dataset",
            "class_path",
            "write '_target_: a.B'",
        ),
        ("system: {}\ndata: {class_path: a.B}", "data", "class_path", "write '_target_: a.B'"),
        (
            "system: {dataloaders: {train: {component_key: loader, variant_key: fast, config: {a: 1}}}}",
            "system::dataloaders::train",
            "component_key",
            "write '_target_: loader/fast', and beside it what is below 'config:'",
        ),
        # With underscores it is meant to be the key, wherever it stands.
        (
            "system: {optimizer: {_targt_: torch.optim.SGD}}",
            "system::optimizer",
            "_targt_",
            "write '_target_: torch.optim.SGD'",
        ),
        ("a: {b: {_taget_: c.D, e: 1}}", "a::b", "_taget_", "write '_target_: c.D'"),
    ],
)
def test_what_is_written_instead(text: str, place: str, key: str, help: str) -> None:
    (problem,) = told(text)
    assert (problem.what, problem.place, problem.help) == (
        f"'{place}' is a plain mapping: '{key}' makes nothing",
        f"{place}::{key}",
        help,
    )


def test_nothing_else_is_told_of_that_place() -> None:
    text = "system: {optimizer: {target: torch.optim.SGD, lr: 1}}\ndata: {class_path: a.B}\n"
    places = [problem.place for problem in loaded(text).check("fit")]
    assert [place for place in places if place.startswith(("system::optimizer", "data"))] == [
        "system::optimizer::target",
        "data::class_path",
    ]


def test_the_key_alone_is_an_edit() -> None:
    (problem,) = told("system: {model: {target: net.Net, width: 1}}\n")
    assert problem.edit is not None
    assert (problem.edit.old, problem.edit.new, problem.edit.span) == ("target", "_target_", (17, 23))
    (problem,) = told("system: {model: {target: net.Net, params: {}}}\n")
    assert problem.edit is None


def test_what_somebody_s_own_code_may_read_is_a_warning() -> None:
    config = loaded("system: {model: {_target_: net.Net, encoder: {class_path: a.B, init_args: {c: 1}}}}\n")
    assert config.check_structure() == []
    assert [warning.place for warning in config.warnings] == ["system::model::encoder::class_path"]


@pytest.mark.parametrize(
    "text",
    [
        "a: {target: b.C}\nc: {class_path: a.B}\n",  # no run: a mapping like any other
        "system: {model: {_target_: net.Net, encoder: {target: a.B, weight: 1}}}\n",
        "system: {}\nvars: {target: a.B, class_path: a.B}\n",
        "system: {adapters: {batch: {target: a.b}}}\n",
        "system: {metrics: {val: {target: {_target_: a.B}}}}\n",
        "system: {model: {_target_: net.Net, target: a.B}}\n",
        "system: {}\ntrainer: {target: word}\n",
        "a: {_type_: b.C, _name_: d.E, _args_: [1]}\n",
        "a: {_targt_: word}\n",
    ],
)
def test_what_stays_a_plain_mapping(text: str) -> None:
    config = loaded(text)
    assert (config.check_structure(), config.warnings) == ([], ())
