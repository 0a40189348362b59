"""`lighter args`."""

import json

import pytest

from lighter.cli import main

MODULE = '''
from lighter.project.registry import register

raise_when_called = 1

@register("model", "net")
class Net:
    """A small net.

    Args:
        width: the number of channels
    """

    def __init__(self, width: int, depth: int = 2):
        raise AssertionError("nothing is called")
'''
CONFIG = """
project: shop
vars: {made: "$torch.nn.Linear"}
system:
  model: {_target_: shop.net.Net, width: 3}
  optimizer: {_target_: torch.optim.SGD, lr: 0.1}
  criterion: {_target_: "@vars::made"}
"""
ROWS = "  # A small net.\n  width: int      required  the number of channels\n  depth: int = 2\n"


@pytest.fixture(autouse=True)
def _files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "net.py").write_text(MODULE)
    (tmp_path / "run.yaml").write_text(CONFIG)


def told(capsys, *words, status=0):
    if not status:
        main(["args", *words])
        return capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main(["args", *words])
    assert ended.value.code == status
    return capsys.readouterr().err


def test_a_target_of_a_project_by_its_name_or_its_place(capsys):
    expected = f"shop.net.Net  shop/net.py:6\n{ROWS}"
    assert told(capsys, "shop.net.Net", "--project=shop") == expected
    assert told(capsys, "shop.net.Net", "run.yaml", "vars::x=1") == expected
    assert told(capsys, "run.yaml::system::model") == expected
    assert told(capsys, "run.yaml::system::model", "system::model::_target_=torch.nn.ReLU").startswith("torch.nn.ReLU")


def test_what_a_config_leaves_out_has_its_usual_target(capsys):
    assert "  max_epochs: " in told(capsys, "run.yaml::trainer")
    assert "  dataloaders: " in told(capsys, "run.yaml::system")


def test_what_is_registered(capsys):
    imported = "+imports={a: {path: shop, module_name: net}}"
    assert told(capsys, "model/net", "run.yaml", imported) == f"model/net  shop/net.py:6\n{ROWS}"


def test_the_same_for_programs(capfd):
    main(["args", "run.yaml::system::model", "--json"])
    answer = json.loads(capfd.readouterr().out)["answer"]
    assert (answer["target"], answer["place"], answer["summary"]) == (
        "shop.net.Net",
        "system::model::_target_",
        "A small net.",
    )
    assert [(one["name"], one["required"], one["default"]) for one in answer["arguments"]] == [
        ("width", True, None),
        ("depth", False, "2"),
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["torch.optim.Adma"], "'torch.optim' has no 'Adma'\n  --> command line: torch.optim.Adma\n"),
        (["torch.optim.Adma"], "did you mean 'Adam'?"),
        (["optimizer/Adam"], "nothing is registered as 'optimizer/Adam'"),
        (["shop.net.Nett", "run.yaml"], "did you mean 'Net'?"),
        (["shop.net.raise_when_called", "run.yaml"], "takes no arguments: it is of type int"),
        (["torch"], "it is a package: name what is in it, 'torch.nn.Name'"),
        (["torch.nn"], "takes no arguments: it is of type module; name a class or a function"),
        (["torch.optim.adam"], "takes no arguments: it is of type module; write 'torch.optim.adam.Adam'"),
        (["run.yaml"], "'run.yaml' is a config: name a place in it"),
        (["run.yaml::system::modle"], "did you mean 'system::model'?"),
        (["run.yaml::system::optimizer::lr"], "write run.yaml::system::optimizer"),
        (["run.yaml::vars::made"], "'vars::made' names no target"),
        (["run.yaml::system::criterion"], "the target of 'system::criterion' is known only when it is built"),
        (["none.yaml::system"], "none.yaml"),
        ([], "'lighter args' takes one target, not 0: lighter args TARGET [SOURCE... [id=value ...]] [--project=...]"),
        (["os.system", "--allow=torch"], "'os.system' is not on the list of what limited configs may use"),
    ],
)
def test_what_is_not_there_is_told(capsys, words, expected):
    assert expected in told(capsys, *words, status=2)
