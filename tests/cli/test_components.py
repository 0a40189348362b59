"""`lighter components`."""

import pytest

from lighter.cli import main

MODULE = """
from pydantic import BaseModel, Field
from lighter.project.registry import register

class Size(BaseModel):
    width: int = Field(gt=0, description="the number of channels")
    depth: int = 2

@register("model", "net", config=Size)
class Net:
    '''A small net.'''

@register("dataset", "points")
def points(count=3): ...
"""


@pytest.fixture(autouse=True)
def _files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "mine.py").write_text(MODULE)
    (tmp_path / "run.yaml").write_text("imports: {a: {path: lib, module_name: mine}}\n")
    (tmp_path / "model").mkdir()  # a folder that is no run


def told(capsys, *words):
    main(["components", *words])
    return capsys.readouterr().out


POINTS = "dataset/points  lib/mine.py:13\n  count = 3\n"
NET = (
    "model/net  lib/mine.py:9\n  # A small net.\n  width: int      required  the number of channels\n  depth: int = 2\n"
)


def test_what_a_config_imports(capsys):
    assert told(capsys, "run.yaml") == f"{POINTS}\n{NET}"
    assert told(capsys, "model", "run.yaml") == NET
    assert told(capsys, "model", "run.yaml", "vars::x=1") == NET
    assert "model/net" not in told(capsys)


def test_a_kind_that_is_not_there(capsys):
    for words, expected in (
        (["modle", "run.yaml"], "no component of the kind 'modle' is registered; did you mean 'model'?"),
        (["qqqq", "run.yaml"], "there are components of the kinds dataset, model"),
        (["model"], "no component of the kind 'model' is registered; "),
    ):
        with pytest.raises(SystemExit) as caught:
            main(["components", *words])
        assert caught.value.code == 2
        assert expected in capsys.readouterr().err


def test_an_import_that_fails_is_told(capsys):
    with pytest.raises(SystemExit):
        main(["components", "run.yaml", "imports::a::module_name=mnie"])
    assert "did you mean 'mine'?" in capsys.readouterr().err


def test_nothing_heavy_is_loaded(loaded):
    assert loaded("components", "run.yaml") == (0, set())
