"""Paths of a config start from the file that they are written in, and `~` is the home folder."""

from pathlib import Path

import pytest
import torch

from lighter import Config
from lighter.config.dumping import plain
from lighter.config.loading import load_mapping
from lighter.config.paths import checkpoint_problems, from_folder, path_keys
from lighter.config.tree import find

LOADED = "{_target_: lighter.weights.load_weights, model: {_target_: torch.nn.Linear, _args_: [1, 1]}, path: w.pt}"


def keys(place, value):
    return path_keys(place, load_mapping({"x": value}).get("x"))


def built(argument, *sources, place="r"):
    """What a class of this name is given for an argument that is a path."""
    return Config(*sources).plan().call_at((place,)).keywords[argument].value


@pytest.mark.parametrize(
    ("place", "value", "found"),
    [
        (("r",), {"_target_": "lighter.weights.load_weights"}, ("path",)),
        (("r",), {"_target_": "lighter.load_weights"}, ("path",)),
        (("r",), {"_target_": "pytorch_lightning.callbacks.ModelCheckpoint"}, ("dirpath",)),
        (("r",), {"_target_": "lightning.pytorch.loggers.CSVLogger"}, ("save_dir",)),
        (("r",), {"_target_": "my_project.ModelCheckpoint"}, ()),
        (("r",), {"_target_": "$1"}, ()),
        (("args", "fit"), {"ckpt_path": "x"}, ("ckpt_path",)),
        (("args", "other"), {"ckpt_path": "x"}, ()),
        (("run",), {"dir": "x"}, ("dir",)),
        (("x", "run"), {"dir": "x"}, ()),
        (("r",), [1], ()),
        (("r",), 1, ()),
    ],
)
def test_which_values_are_paths(place, value, found):
    assert keys(place, value) == found


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("w.pt", "{here}/conf/w.pt"),
        ("../w.pt", "{here}/conf/../w.pt"),
        ("/w.pt", "/w.pt"),
        ("~/w.pt", "{here}/home/w.pt"),
        ("~nosuchuser/w.pt", "{here}/conf/~nosuchuser/w.pt"),
        ("s3://a/w.pt", "s3://a/w.pt"),
        ("'@vars::w'", "{here}/conf/v.pt"),
        ("'@other'", "{here}/conf/v.pt"),
        ("'%sub/more.yaml::w'", "{here}/conf/sub/m.pt"),
    ],
)
def test_where_a_path_starts(write, monkeypatch, written, value):
    here = Path.cwd()
    monkeypatch.setenv("HOME", str(here / "home"))
    write("conf/sub/more.yaml", "w: m.pt")
    text = f"vars: {{w: v.pt}}\nother: '@vars::w'\nr: {LOADED.replace('w.pt', written)}\n"
    path = str(write("conf/c.yaml", text))
    assert built("path", path) == value.format(here=here)
    recorded = Config(Config(path).dump() and plain(Config(path).portable))
    assert Path(built("path", recorded.portable)).resolve() == Path(value.format(here=here)).resolve() or "://" in value


def test_one_of_an_override_or_of_a_mapping_starts_from_the_working_folder(write, monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    path = str(write("conf/c.yaml", f"r: {LOADED}"))
    assert built("path", path, "r::path=o.pt") == "o.pt"
    assert built("path", path, {"r": {"path": "o.pt"}}) == "o.pt"
    assert built("path", path, "r::path=~/o.pt") == "/home/me/o.pt"
    # The record lies elsewhere.
    assert find(Config(path, "r::path=o.pt").portable, ("r", "path")).value == str(Path("o.pt").absolute())


def test_the_arguments_of_a_run_are_paths_too(write):
    path = str(write("conf/c.yaml", "system: {_target_: a.B}\ntrainer: {default_root_dir: logs, max_epochs: 1}"))
    plan = Config(path).plan("fit")
    assert plan.call_at(("trainer",)).keywords["default_root_dir"].value == str(Path.cwd() / "conf" / "logs")
    assert plain(Config(path).portable)["trainer"]["default_root_dir"] == str(Path.cwd() / "conf" / "logs")


def test_names_of_checkpoints_are_no_paths(write):
    path = str(write("conf/c.yaml", "args: {fit: {ckpt_path: last}, test: {ckpt_path: a.ckpt}}"))
    args = Config(path).resolve("args")
    assert args["fit"]["ckpt_path"] == "last"
    assert args["test"]["ckpt_path"] == str(Path.cwd() / "conf" / "a.ckpt")


def test_what_is_nearly_the_name_of_a_checkpoint_is_told(write):
    def told(written):
        path = write("conf/c.yaml", f"vars: {{lst: lst}}\nargs: {{test: {{ckpt_path: {written}}}}}\n")
        return [(str(one.position), one.what, one.help) for one in checkpoint_problems(Config(str(path)).tree)]

    what = "'{}' is no checkpoint: neither 'best' nor 'last', and no file"
    assert told("Best") == [("conf/c.yaml:2:26", what.format("Best"), "did you mean 'best'?")]
    assert told("'@vars::lst'") == [("conf/c.yaml:1:13", what.format("lst"), "did you mean 'last'?")]
    assert [told(other) for other in ("best", "last", "hpc", "null", "later/last.ckpt", "weights")] == [[]] * 6
    write("conf/lst", "")
    assert told("lst") == []


def test_what_an_expression_gives_is_left_as_it_is(write):
    path = str(write("conf/c.yaml", f"r: {LOADED.replace('w.pt', chr(34) + '$str(1)' + chr(34))}"))
    assert Config(path).resolve("r::path") == "1"


def test_references_in_a_circle_are_no_path():
    config = Config({"a": "@b", "b": "@a", "r": {"_target_": "lighter.load_weights", "path": "@a"}})
    assert any("circular" in problem.what for problem in config.check())
    assert plain(config.portable)["r"]["path"] == "@a"


def test_weights_are_found_from_anywhere(write, monkeypatch):
    model = torch.nn.Linear(1, 1)
    path = write("conf/c.yaml", f"r: {LOADED}").absolute()
    torch.save(model.state_dict(), "conf/w.pt")
    Path("else").mkdir()
    monkeypatch.chdir("else")
    assert torch.equal(Config(str(path)).resolve("r").weight, model.weight)


def test_the_home_folder_is_known_wherever_files_are_named(write, monkeypatch):
    monkeypatch.setenv("HOME", str(Path("home").absolute()))
    write("home/base.yaml", "x: {a: 1}")
    write("home/code/m.py", "def one():\n    return 1\n")
    more = "imports: {o: {path: ~/code, module_name: m}}\ny: '%~/base.yaml::x'\nz: {_target_: code.m.one}"
    write("c.yaml", f"_base_: ~/base.yaml\nproject: ~/code\n{more}")
    config = Config("c.yaml")
    assert config.check() == []
    assert (config["x"], config["y"], config.resolve("z")) == ({"a": 1}, {"a": 1}, 1)
    assert Config("~/base.yaml")["x"] == {"a": 1}
    assert plain(config.portable)["project"] == str(Path("home/code").absolute().resolve())
    assert Config(plain(config.portable)).resolve("z") == 1


def test_a_run_folder_may_be_in_the_home_folder(write, monkeypatch):
    monkeypatch.setenv("HOME", str(Path("home").absolute()))
    write("home/runs/first/config.yaml", "x: 1")
    config = Config("~/runs/first", "x=2")
    assert (config["x"], config.run_folder, config.name) == (2, str(Path("home/runs/first").absolute()), "runs")


def test_the_folder_of_runs(write, monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    path = str(write("conf/c.yaml", "run: {dir: here}"))
    assert Config(path).run_dir == str(Path.cwd() / "conf" / "here")
    assert Config(path, "run::dir=there").run_dir == "there"
    assert Config(path, "run::dir=~/there").run_dir == "/home/me/there"
    assert Config({"a": 1}).run_dir is None
    assert from_folder(Path("a"), "~") == Path("/home/me")
