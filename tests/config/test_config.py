"""The face of the config: what a stage checks, imports and builds."""

import json
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lighter.config import Config
from lighter.config.building import Builder
from lighter.errors import ConfigError
from lighter.training.stages import Stage

MODEL = """
import torch

class Net(torch.nn.Linear):
    def __init__(self, size: int = 1):
        super().__init__(size, 1)
"""
NEVER = "raise AssertionError('this is not to be imported')\n"
RUN = """
project: parts
vars: {size: 2}
system:
  model: {_target_: parts.models.Net, size: "@vars::size"}
  criterion: {_target_: parts.never_criterion.Loss}
  optimizer: {_target_: parts.never_optimizer.Adam}
  scheduler: {_target_: parts.never_optimizer.Steps}
  dataloaders:
    train: {_target_: parts.never_train.Loader}
    val: {_target_: parts.never_train.Loader}
    test: {_target_: torch.utils.data.DataLoader, dataset: [1, 2], batch_size: 2}
  metrics:
    train: {_target_: parts.never_train.Metric}
    test: {a: {_target_: torchmetrics.MeanMetric}}
  adapters:
    train: {batch: {_target_: parts.never_train.Adapter}}
trainer: {max_epochs: 1}
args: {fit: {ckpt_path: {_target_: parts.never_train.path}}}
"""


@pytest.fixture
def run(write):
    """A config whose training parts must never be imported."""
    for name in ("never_criterion", "never_optimizer", "never_train"):
        write(f"parts/{name}.py", NEVER)
    write("parts/models.py", MODEL)
    return write("run.yaml", RUN)


def test_a_stage_checks_and_builds_only_what_it_needs(run):
    config = Config.load(run, "system::criterion::_target_=torch.nn.MSELoss")
    assert config.check("test") == []
    builder = Builder(config.plan(Stage.TEST), config.project)
    system = builder.build(("system",))
    assert (system.model.in_features, len(system.dataloaders["test"])) == (2, 1)
    assert set(builder.built) == {
        ("system",),
        ("system", "model"),
        ("system", "criterion"),
        ("system", "dataloaders", "test"),
        ("system", "metrics", "test", "a"),
    }


def test_another_stage_needs_the_rest(run):
    told = [place for problem in Config.load(run).check("fit") for place in (problem.place, *problem.again)]
    assert sorted(told) == [
        "args::fit::ckpt_path::_target_",
        "system::adapters::train::batch::_target_",
        "system::criterion::_target_",
        "system::dataloaders::train::_target_",
        "system::dataloaders::val::_target_",
        "system::metrics::train::_target_",
        "system::optimizer::_target_",
        "system::scheduler::_target_",
    ]


def test_structure_is_checked_everywhere_whatever_the_stage(run):
    config = Config.load(run, "system::optimizer::lr=@vars::lr", "+system::dataloaders::train::x=$1 +")
    assert [problem.place for problem in config.check_structure(Stage.TEST)] == [
        "system::dataloaders::train::x",
        "system::optimizer::lr",
    ]


def test_the_first_check_imports_nothing(run):
    config = Config.load(run, "system::modl=1", "seeds=1")
    assert [problem.what for problem in config.check_structure(Stage.TEST)] == ["'seeds' is no top-level key"]
    assert not any(name.startswith("parts") for name in sys.modules)


def test_the_first_check_loads_nothing_heavy(run):
    code = f"""
import json, sys
from lighter.config import Config
from lighter.training.stages import Stage
config = Config.load({str(run)!r}, "sead=1", "vars::x=$torch.ones(1)", "vars::y=@no")
told = [problem.what for problem in config.check_structure(Stage.FIT)]
print(json.dumps([told, sorted(sys.modules)]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    told, modules = json.loads(done.stdout)
    assert told == ["'sead' is no top-level key", "there is no 'no'"]
    heavy = {"fire", "lightning_fabric", "monai", "numpy", "pytorch_lightning", "rich", "torch", "torchmetrics"}
    assert heavy.isdisjoint(modules)


def test_a_stage_has_a_name(run):
    with pytest.raises(Exception, match="did you mean 'test'"):
        Config.load(run).check("tset")


@pytest.mark.parametrize(
    ("sources", "name", "folder"),
    [
        ([{}], "run", None),
        (["exp.yaml", "vars::x=1"], "exp", None),
        (["vars::x=1", "exp.yaml"], "exp", None),
        ([{"vars": {}}, "exp.yaml"], "exp", None),
        (["cats/config.yaml"], "cats", None),
        (["runs/dogs/now"], "dogs", "runs/dogs/now"),
        (["runs/dogs/now/", "vars::x=1"], "dogs", "runs/dogs/now"),
        (["out/lr=1"], "birds", "out/lr=1"),
        (["out/lr=1/config.yaml"], "birds", None),
        (["out/odd"], "out", "out/odd"),
    ],
)
def test_what_its_runs_are_called(write, sources, name, folder):
    write("exp.yaml", "vars: {}")
    write("cats/config.yaml", "vars: {}")
    write("runs/dogs/now/config.yaml", "vars: {}")
    write("out/lr=1/config.yaml", "vars: {}")
    write("out/lr=1/environment.json", '{"config": "birds"}')
    write("out/odd/config.yaml", "vars: {}")
    write("out/odd/environment.json", '{"config": "../../birds"}')
    config = Config.load(*sources)
    assert (config.name, config.run_folder) == (name, folder)


def test_a_mistake_in_a_copied_piece_names_the_macro(write):
    write("base.yaml", "net: {_target_: collections.deque, size: '@no'}")
    write("a.yaml", 'x:\n  y: "%base.yaml::net"\n')
    (problem,) = Config.load("a.yaml").check()
    ((said, position),) = problem.also
    assert (str(problem.position), said, str(position)) == ("base.yaml:1:42", "copied here", "a.yaml:2:6")


def test_keys_that_are_no_place_do_no_harm(write):
    write("base.yaml", "net: {'': '@no', 'a::': '@no', '#': '@no'}")
    write("a.yaml", 'vars: {"x::y": "%base.yaml::net"}\n')
    assert len(Config.load("a.yaml").check()) == 3


def test_a_project_that_is_not_there_is_a_mistake_of_the_config(write):
    write("projects/cats/a.py", "")
    config = Config.load(write("a.yaml", "project: projects/cat\nx: {_target_: cats.a.X}"))
    assert [problem.help for problem in config.check()] == ["did you mean 'projects/cats'?"]
    with pytest.raises(ConfigError, match="there is no folder 'projects/cat'"):
        config.resolve("x")


def test_resolve_tells_all_that_is_wrong_with_what_is_asked_for():
    config = Config({"a": ["@no", "$1 +"], "b": 1})
    with pytest.raises(ConfigError) as raised:
        config.resolve("a")
    assert len(raised.value.problems) == 2
    assert config.resolve("b") == 1


def test_a_plan_of_a_broken_config_is_refused():
    with pytest.raises(ConfigError, match="there is no 'no'"):
        Config({"a": "@no"}).plan()


RESERVED = "_target_ _args_ _mode_ _disabled_ _requires_ _base_"
OF_A_RUN = "system model optimizer scheduler dataloaders train trainer data args fit project vars adapters"
KEYS = st.sampled_from(f"a b c +a ~b =c a::b b#0 :: {RESERVED} {OF_A_RUN}".split())
LEAVES = st.one_of(
    st.none() | st.booleans() | st.integers() | st.floats(),
    st.sampled_from(
        ["builtins.dict", "no.such", "collections.OrderedDict", "callable", "true", "a.yaml", "..", "x", "\ud800"]
    ),
    st.sampled_from(
        [
            "@a",
            "@a::b",
            "@::b",
            "@::::a",
            "@b::0",
            "@system::model",
            "$@a",
            "$@::b + 1",
            "$c",
            "$import os",
            "$1 +",
            "$'",
        ]
    ),
    st.sampled_from(["%a", "%a::b", "%::c", "%b::0", "%system", "%a.yaml::a", "%self.yaml::b", "%self.yaml", "%d"]),
    st.text(st.sampled_from("@$%:#ab .'\"\\\n"), max_size=6),
)
CONFIGS = st.recursive(
    LEAVES, lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=4), max_leaves=15
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=300)
@given(st.lists(st.dictionaries(KEYS, CONFIGS, max_size=4), min_size=1, max_size=3), st.sampled_from([None, *Stage]))
def test_any_config_is_checked_or_refused(write, configs, stage):
    write("a.yaml", "a: {b: [1, '@a::c'], c: '%self.yaml::a'}")
    write("self.yaml", "a: {c: 1}\nb: '%self.yaml::a'")
    told = []
    try:
        config = Config.load(*configs)
        told = config.check_structure(stage)
        assert isinstance(config.dump(), str)
    except ConfigError as error:
        told = error.problems
    assert all(map(str, told))


def test_a_large_config_is_checked_and_built():
    items = {
        f"c{i}": {"_target_": "types.SimpleNamespace", "a": f"@items::c{i - 1}", "b": f"$@k + {i}"}
        for i in range(1, 3000)
    }
    config = Config({"items": {"c0": 0, **items}, "k": 1})
    assert config.check() == []
    assert config.resolve("items::c2999").b == 3000
    assert config.resolve("items::c2999").a is config.resolve("items::c2998")
