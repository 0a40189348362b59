"""What a limited config may build: what gets past it would have left a file called `done`."""

import os
import pickle
import sys
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from lighter import Config, ConfigError
from lighter.config.allowlist.policy import Allowed, read_allow
from lighter.config.allowlist.refusal import Refusal
from lighter.config.building import Builder
from lighter.errors import Problem, UsageError
from lighter.project.importable import unload

ALLOW = ("torch", "monai", "numpy", "my_project")
TOUCH = "touch done"

DOORS = """
import builtins
import functools
import os
import pickle
import subprocess
from functools import partial
from os import system
from os import system as harmless

run = subprocess.run
bound = partial(os.system)
cached = functools.lru_cache(os.system)
wrapped = functools.wraps(os.system)(lambda command: os.system(command))
commands = {"system": os.system}


class Door:
    leave = staticmethod(os.system)

    def __init__(self):
        self.system = os.system


door = Door()


def give(name="system"):
    return getattr(os, name)


def give_many():
    return [1, {"deep": (os.system,)}]


def give_module():
    return os


def double(x):
    return 2 * x


def load_checkpoint(path):
    return path
"""


class Payload:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (TOUCH,)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a project, a module that acts when it is imported, and files that act when they are unpickled."""
    for name, text in (("my_project", DOORS), ("evil_project", f"import os\nos.system('{TOUCH}')\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "doors.py").write_text(text, encoding="utf-8")
    (tmp_path / "beside_the_config.py").write_text(f"import os\nos.system('{TOUCH}')\n", encoding="utf-8")
    torch.save({"a": Payload()}, tmp_path / "payload.pt")
    np.save(tmp_path / "payload.npy", np.array([Payload()], dtype=object), allow_pickle=True)
    (tmp_path / "payload.pkl").write_bytes(pickle.dumps(Payload()))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    unload()
    sys.modules.pop("beside_the_config", None)


def call(target: str, /, *args: object, **kwargs: object) -> dict[str, object]:
    return {"_target_": target, **({"_args_": list(args)} if args else {}), **kwargs}


ATTEMPTS: dict[str, object] = {
    # commands
    "os.system": call("os.system", TOUCH),
    "os.popen": call("os.popen", TOUCH),
    "os.spawnlp": call("os.spawnlp", 0, "touch", "touch", "done"),
    "posix.system": call("posix.system", TOUCH),
    "subprocess.run": call("subprocess.run", ["touch", "done"]),
    "subprocess.Popen": call("subprocess.Popen", ["touch", "done"]),
    "subprocess.check_output": call("subprocess.check_output", TOUCH, shell=True),
    "pty.spawn": call("pty.spawn", ["touch", "done"]),
    "multiprocessing.Process": call("multiprocessing.Process", target="$print"),
    "threading.Thread": call("threading.Thread", target="$print"),
    "torch.multiprocessing.spawn": call("torch.multiprocessing.spawn", "$print"),
    "torch.utils.collect_env.run": call("torch.utils.collect_env.run", TOUCH),
    "monai run_cmd": call("monai.utils.misc.run_cmd", ["touch", "done"]),
    "asyncio": call("asyncio.create_subprocess_shell", TOUCH),
    # Python code
    "eval": call("builtins.eval", "__import__('os').system('touch done')"),
    "eval without dots": call("eval", "__import__('os').system('touch done')"),
    "exec": call("builtins.exec", "open('done', 'w')"),
    "compile": call("builtins.compile", "open('done', 'w')", "x", "exec"),
    "timeit": call("timeit.timeit", "open('done', 'w')", number=1),
    "runpy": call("runpy.run_path", "beside_the_config.py"),
    "code.InteractiveConsole": call("code.InteractiveConsole"),
    "numpy runstring": call("numpy.testing.runstring", "open('done', 'w')", {}),
    "torch benchmark": call("torch.utils.benchmark.Timer", "open('done', 'w')"),
    "cpp_extension": call("torch.utils.cpp_extension.load_inline", "x", "int a;"),
    "safe_eval of monai": call("monai.utils.safeeval.safe_eval", "1 + 1"),
    "pdb": call("builtins.dict", _mode_="debug"),
    # modules
    "__import__": call("builtins.__import__", "beside_the_config"),
    "importlib": call("importlib.import_module", "beside_the_config"),
    "a module beside the config": call("beside_the_config.anything"),
    "a package that is not listed": call("http.server.HTTPServer"),
    "import statement": "$import beside_the_config",
    "import of os": "$from os import system",
    "torch.hub.load": call("torch.hub.load", ".", "doors", source="local"),
    "torch.ops.load_library": call("torch.ops.load_library", "payload.pt"),
    "torch.classes.load_library": call("torch.classes.load_library", "payload.pt"),
    "ctypes": call("ctypes.CDLL", "libc.so.6"),
    "numpy.ctypeslib": call("numpy.ctypeslib.load_library", "payload", "."),
    "cuda allocator": call("torch.cuda.memory.CUDAPluggableAllocator", "payload.pt", "a", "b"),
    "optional_import": call("monai.utils.optional_import", "os", name="system"),
    "instantiate of monai": call("monai.utils.module.instantiate", "os.system", "default", command=TOUCH),
    "import_module_from_path": call("lighter.utils.dynamic_imports.import_module_from_path", "evil_project/doors.py"),
    "locate": call("lighter.project.locating.locate", "os.system"),
    # configs in configs
    "Config": call("lighter.Config", {"a": {"_target_": "os.system"}}),
    "Runner": call("lighter.Runner", "config.yaml"),
    "monai.bundle.run": call("monai.bundle.run", config_file="x.json"),
    "ConfigParser": call("monai.bundle.ConfigParser", {"a": "$1"}),
    "LightningCLI": call("pytorch_lightning.cli.LightningCLI"),
    "hydra": call("hydra.utils.instantiate", {"_target_": "os.system"}),
    # pickles
    "pickle.loads": call("pickle.loads", b"cposix\nsystem\n(S'touch done'\ntR."),
    "torch.load": call("torch.load", "payload.pt"),
    "torch.load weights_only=false": call("torch.load", "payload.pt", weights_only=False),
    "torch.load weights_only=null": call("torch.load", "payload.pt", weights_only=None),
    "torch.load as a callable": call("torch.load", _mode_="callable"),
    "numpy.load": call("numpy.load", "payload.npy", allow_pickle=True),
    "numpy.load by position": call("numpy.load", "payload.npy", None, True),
    "numpy read_array": call("numpy.lib.format.read_array", "x"),
    "cloud_io": call("lightning_fabric.utilities.cloud_io._load", "payload.pt"),
    "load_from_checkpoint": call("pytorch_lightning.LightningModule.load_from_checkpoint", "payload.pt"),
    "a reader that unpickles": call("monai.data.NumpyReader", allow_pickle=True),
    # files
    "open": call("builtins.open", "done", "w"),
    "io.open": call("io.open", "done", "w"),
    "Path.write_text": call("pathlib.Path.write_text", "$1", "x"),
    "shutil.rmtree": call("shutil.rmtree", "my_project"),
    "numpy.savetxt": call("numpy.savetxt", "done", [1]),
    "numpy.memmap": call("numpy.memmap", "done", mode="w+", shape=1),
    "ndarray.tofile": call("numpy.ndarray.tofile", "$np.zeros(1)", "done"),
    "torch.save": call("torch.save", 1, "done"),
    "torch.from_file": call("torch.from_file", "done", shared=True, size=1),
    "storage.from_file": call("torch.UntypedStorage.from_file", "done", True, 1),
    "PyTorchFileWriter": call("torch.PyTorchFileWriter", "done"),
    "remove_checkpoint": call(
        "lightning_fabric.plugins.io.torch_io.TorchCheckpointIO.remove_checkpoint", None, "my_project"
    ),
    "write_whole": call("lighter.runs.whole_files.write_whole", "done", "x"),
    "logging": call("logging.FileHandler", "done"),
    "CSVSaver": call("monai.data.CSVSaver", ".", "done"),
    # connections
    "socket": call("socket.create_connection", ["localhost", 1]),
    "urllib": call("urllib.request.urlopen", "file:///etc/hostname"),
    "webbrowser": call("webbrowser.open", "file:///"),
    "download_url": call("monai.apps.utils.download_url", "file:///etc/hostname", "done"),
    # the inside of the program
    "getattr": call("builtins.getattr", "$torch", "os"),
    "setattr": call("builtins.setattr", "$torch.nn.Linear", "forward", "$print"),
    "attrgetter": call("operator.attrgetter", "os.system"),
    "methodcaller": call("operator.methodcaller", "system", TOUCH),
    "type": call("builtins.type", "X", [], {}),
    "globals of a method": call("torch.nn.Linear.__init__.__globals__.get", "os"),
    "__builtins__": call("torch.__builtins__.get", "eval"),
    "sys.exit": call("sys.exit"),
    "gc.get_objects": call("gc.get_objects"),
    "inner name in a text": call("builtins.dict", part="batch::__class__::__init__::__globals__::os::system"),
    "frame in a text": call("builtins.dict", a=["pred::gi_frame::f_back::f_builtins::exec"]),
    # other names for the same
    "logging.os.system": call("logging.os.system", TOUCH),
    "torch.os.system": call("torch.os.system", TOUCH),
    "torch.serialization.os.system": call("torch.serialization.os.system", TOUCH),
    "torch.utils.data.dataloader.os.system": call("torch.utils.data.dataloader.os.system", TOUCH),
    "monai.config.deviceconfig.os.system": call("monai.config.deviceconfig.os.system", TOUCH),
    "monai.utils.misc.subprocess.run": call("monai.utils.misc.subprocess.run", ["touch", "done"]),
    "numpy.f2py.os.system": call("numpy.f2py.os.system", TOUCH),
    "os of Lightning": call("pytorch_lightning.trainer.trainer.os.system", TOUCH),
    "os.path.os.system": call("os.path.os.system", TOUCH),
    "os.path.genericpath.os.system": call("os.path.genericpath.os.system", TOUCH),
    "glob.os.system": call("glob.os.system", TOUCH),
    "from os import system": call("my_project.doors.system", TOUCH),
    "under another name": call("my_project.doors.harmless", TOUCH),
    "an alias of a function": call("my_project.doors.run", ["touch", "done"]),
    "builtins of a project": call("my_project.doors.builtins.open", "done", "w"),
    "pickle of a project": call("my_project.doors.pickle.loads", b"cposix\nsystem\n(S'touch done'\ntR."),
    "a partial call": call("my_project.doors.bound", TOUCH),
    "a cached function": call("my_project.doors.cached", TOUCH),
    "a wrapped function": call("my_project.doors.wrapped", TOUCH),
    "a static method": call("my_project.doors.Door.leave", TOUCH),
    "an attribute of an object": call("my_project.doors.door.system", TOUCH),
    "a method of a mapping": call("my_project.doors.commands.get", "system"),
    "given by a function": call("my_project.doors.give"),
    "given deep in a list": call("my_project.doors.give_many"),
    "given by a function, then called": call("@given", TOUCH),
    "a module given by a function": call("my_project.doors.give_module"),
    "partial with a function in it": call("functools.partial", "@given", TOUCH),
    "not called": call("os.system", TOUCH, _mode_="callable"),
    "a target by reference": call("@name", TOUCH),
    "a target by expression": call("$'os' + '.system'", TOUCH),
    "a target by an expression that gives it": call("$torch.os.system", TOUCH),
    "in _requires_": {"_target_": "builtins.dict", "_requires_": "$torch.os.system('touch done')"},
    "in _disabled_": {"_target_": "builtins.dict", "_disabled_": "$torch.os.system('touch done') == 0"},
    "in _mode_": {"_target_": "builtins.dict", "_mode_": "$torch.os.system('touch done') or 'default'"},
    "by a macro": "%copied",
    "deep below": {"x": [{"y": call("os.system", TOUCH)}]},
    "an allowed one handed a forbidden one": call("builtins.map", "@given", [TOUCH]),
    # too large
    "factorial": call("math.factorial", 10**9),
    "power": call("builtins.pow", 9, 10**10),
    "remote code": call("my_project.doors.Door", trust_remote_code=True),
}


def config(written: object) -> dict[str, object]:
    given = call("my_project.doors.give")
    return {
        "project": "my_project",
        "given": given,
        "name": "os.system",
        "copied": call("os.system", TOUCH),
        "a": written,
    }


@pytest.mark.parametrize("written", ATTEMPTS.values(), ids=ATTEMPTS)
def test_an_attempt_is_refused_and_leaves_nothing(folder: Path, written: object) -> None:
    before = sorted(path.name for path in folder.rglob("*") if "__pycache__" not in str(path))
    with pytest.raises(ConfigError) as caught:
        Config(config(written)).resolve("a", allow=ALLOW)
    assert all(problem.place and problem.help for problem in caught.value.problems)
    assert sorted(path.name for path in folder.rglob("*") if "__pycache__" not in str(path)) == before


@pytest.mark.parametrize("written", ATTEMPTS.values(), ids=ATTEMPTS)
def test_what_the_check_did_not_see_is_refused_when_it_is_built(folder: Path, written: object) -> None:
    limited = Config(config(written))
    builder = Builder(limited.plan(), limited.project, Allowed.of(ALLOW, limited.project))
    with pytest.raises(ConfigError):
        builder.build(("a",))
    assert not (folder / "done").exists()


@pytest.mark.parametrize(
    "name",
    [
        "os.system",
        "eval without dots",
        "torch.load weights_only=false",
        "numpy.load by position",
        "a module beside the config",
        "torch.os.system",
        "from os import system",
        "a wrapped function",
        "given by a function, then called",
        "in _requires_",
        "by a macro",
        "torch.from_file",
    ],
)
def test_without_a_list_an_attempt_succeeds(folder: Path, name: str) -> None:
    try:
        Config(config(ATTEMPTS[name])).resolve("a")
    except Exception as error:  # what came of it does not matter  # noqa: BLE001
        del error
    assert (folder / "done").exists()


ORDINARY: dict[str, object] = {
    "a layer": call("torch.nn.Linear", 2, 3),
    "a tensor": call("torch.tensor", [1.0, 2.0]),
    "an optimizer": call("torch.optim.AdamW", "$[torch.nn.Parameter(torch.zeros(1))]", lr=1e-3),
    "a scheduler to come": call("torch.optim.lr_scheduler.CosineAnnealingLR", T_max=3, _mode_="callable"),
    "a loader": call("torch.utils.data.DataLoader", "$list(range(8))", batch_size=4, collate_fn="$torch.tensor"),
    "collate function": call("torch.utils.data.default_collate", _mode_="callable"),
    "a function": call("torch.nn.functional.relu", "$torch.zeros(2)"),
    "a function by name": call("torch.nn.functional.max_pool2d", _mode_="callable", kernel_size=2),
    "initialisation": call("torch.nn.init.xavier_uniform_", "$torch.zeros(2, 2)"),
    "a metric": call("torchmetrics.Accuracy", task="multiclass", num_classes=3),
    "a callback": call("pytorch_lightning.callbacks.EarlyStopping", monitor="val/loss/epoch"),
    "a callback that calls": call(
        "pytorch_lightning.callbacks.LambdaCallback", on_fit_start="$lambda trainer, module: None"
    ),
    "a Trainer": call("pytorch_lightning.Trainer", accelerator="cpu", logger=False, enable_checkpointing=False),
    "Lighter's loader": call("lighter.DataLoader", "$list(range(8))", batch_size=4),
    "an adapter": call("lighter.BatchAdapter", input="image", target="label"),
    "an adapter by an older name": call("lighter.adapters.BatchAdapter", input="image", target="label"),
    "transforms of MONAI": call(
        "monai.transforms.Compose", [call("monai.transforms.ScaleIntensity"), call("monai.transforms.ToTensor")]
    ),
    "a short name of MONAI": call("DiceLoss", sigmoid=True),
    "a network of MONAI": call("monai.networks.nets.UNet", 2, 1, 1, channels=[4, 8], strides=[2]),
    "an inferer of MONAI": call("monai.inferers.SlidingWindowInferer", roi_size=[8, 8]),
    "a metric of MONAI": call("monai.metrics.DiceMetric"),
    "an array": call("numpy.linspace", 0, 1, num=5),
    "a random generator": call("numpy.random.default_rng", 0),
    "a function of the project": call("my_project.doors.double", 2),
    "the alias of the project": call("project.doors.double", 2),
    "a function of the project that loads": call("my_project.doors.load_checkpoint", "x.pt"),
    "a mapping": call("builtins.dict", a=1),
    "a partial call": call("functools.partial", "$torch.add", 1),
    "an ordered mapping": call("collections.OrderedDict", {"a": 1}),
    "an item getter": call("operator.itemgetter", "image"),
    "a joined path": call("os.path.join", "a", "b"),
    "files": call("glob.glob", "*"),
    "a path": call("pathlib.Path", "data"),
    "safe weights": call("torch.load", "weights.pt", weights_only=True),
    "safe arrays": call("numpy.load", "array.npy"),
    "a chain of layers": call("torch.nn.Sequential", call("torch.nn.Flatten"), call("torch.nn.ReLU")),
    "a list of built things": [call("torch.nn.ReLU"), "@a::0"],
    "a target by reference": call("$torch.nn.ReLU"),
    "to be compiled": call("torch.compile", _mode_="callable", fullgraph=True),
}


@pytest.mark.parametrize("written", ORDINARY.values(), ids=ORDINARY)
def test_ordinary_things_are_built(folder: Path, written: object) -> None:
    torch.save(torch.zeros(1), "weights.pt")
    np.save("array.npy", np.zeros(1))
    ordinary = Config({"project": "my_project", "a": written})
    assert ordinary.check(allow=ALLOW) == []
    assert ordinary.resolve("a", allow=ALLOW) is not None


def told(written: object, allow: list[str]) -> Problem:
    (problem,) = Config({"project": "my_project", "a": written}).check(allow=allow)
    return problem


def test_what_is_not_listed_is_told_with_what_to_write() -> None:
    problem = told(call("scipy.ndimage.zoom"), ["torch", "my_project"])
    assert problem.what == "'scipy.ndimage.zoom' is under no package that --allow lists (torch, my_project)"
    assert (problem.place, problem.help) == ("a::_target_", "add 'scipy' to --allow, if you trust it")


def test_an_alias_is_told_with_its_own_name() -> None:
    what = "'torch.os.system' is posix.system, which runs commands or starts processes: no limited config may do that"
    assert told(call("torch.os.system", TOUCH), ["torch"]).what == what


def test_a_module_that_an_object_comes_from_is_what_counts() -> None:
    problem = told(call("monai.networks.nets.unet.nn.Linear", 1, 1), ["monai"])
    assert "'monai.networks.nets.unet.nn.Linear' is torch.nn.modules.linear.Linear" in problem.what
    assert problem.help == "add 'torch' to --allow, if you trust it"


def test_a_part_of_a_package_that_is_not_for_configs_may_be_listed_itself() -> None:
    problem = told(call("torch.storage.TypedStorage"), ["torch"])
    assert "reads pickled objects" in problem.what
    problem = told(call("torch.overrides.get_ignored_functions"), ["torch"])
    assert problem.what.endswith("is in no part of 'torch' that limited configs may use")
    assert problem.help == "add 'torch.overrides' to --allow, if you trust it"
    assert Config({"a": call("torch.overrides.get_ignored_functions")}).check(allow=["torch.overrides"]) == []


def test_a_part_of_a_package_may_be_listed() -> None:
    assert Config({"a": call("torch.nn.Linear", 1, 1)}).check(allow=["torch.nn"]) == []
    assert Config({"a": "$torch.nn.functional.relu(torch.nn.Parameter())"}).check(allow=["torch.nn"]) == []
    assert told(call("torch.optim.Adam", []), ["torch.nn"]).help == "add 'torch' to --allow, if you trust it"


def test_all_is_told_at_once_and_nothing_is_built(folder: Path) -> None:
    mapping = {"a": call("torch.os.system", TOUCH), "b": "$open('done', 'w')", "c": call("scipy.x"), "d": "$import sys"}
    problems = Config({**mapping, "e": call("torch.nn.Linear", 1, 1, biass=1)}).check(allow=["torch"])
    assert sorted(problem.place for problem in problems) == ["a::_target_", "b", "c::_target_", "d", "e::biass"]
    with pytest.raises(ConfigError):
        Config(mapping).resolve(allow=["torch"])
    assert not (folder / "done").exists()


def test_what_is_refused_elsewhere_hinders_no_other_place() -> None:
    mapping = Config({"a": call("os.system", TOUCH), "b": {"c": call("torch.nn.ReLU")}})
    assert isinstance(mapping.resolve("b::c", allow=["torch"]), nn.ReLU)


def test_a_list_has_objects_of_its_own() -> None:
    mapping = Config({"a": call("torch.nn.ReLU")})
    assert mapping.resolve("a", allow=["torch"]) is mapping.resolve("a", allow="torch")
    assert mapping.resolve("a", allow=["torch"]) is not mapping.resolve("a")
    assert copy(mapping.limited(["torch"])).is_limited
    assert not mapping.is_limited
    assert mapping.limited(None) is mapping


def test_nothing_that_is_not_listed_is_imported(folder: Path) -> None:
    base = {"a": call("evil_project.doors.Model", x=1)}
    changed = Config(base, {"a": call("beside_the_config.Model")}, {"b": "$import beside_the_config"})
    assert len(changed.check(allow=["torch"])) == 2
    changed.limited(["torch"]).dump()
    assert not (folder / "done").exists()
    assert "beside_the_config" not in sys.modules


def test_a_project_is_allowed_by_its_name_or_as_project(folder: Path) -> None:
    mapping = Config({"project": "my_project", "a": call("my_project.doors.double", 2)})
    assert mapping.resolve("a", allow=["my_project"]) == mapping.resolve("a", allow=["project"]) == 4
    assert mapping.resolve("a", allow=["my_project.doors"]) == 4
    (problem,) = mapping.check(allow=["my_project.models"])
    assert problem.help == "add 'my_project' to --allow, if you trust it"


@pytest.mark.parametrize("name", ["torch", "scipy"])
def test_a_project_with_the_name_of_a_package_is_not_taken_for_it(folder: Path, name: str) -> None:
    (folder / "work" / name).mkdir(parents=True)
    (folder / "work" / name / "optim.py").write_text(f"import os\nos.system('{TOUCH}')\ndef double(x): return 2 * x\n")
    (folder / "work" / name / "stats.py").write_text("def double(x): return 2 * x\n")
    mapping = Config(
        {"project": f"work/{name}", "a": call("torch.optim.SGD", "$[torch.nn.Parameter(torch.zeros(1))]", lr=1)}
    )
    assert isinstance(mapping.resolve("a", allow=["torch", name]), torch.optim.SGD)
    own = Config({"project": f"work/{name}", "a": call("project.stats.double", 2)})
    assert own.check(allow=[name]) != []
    assert own.resolve("a", allow=["project"]) == 4
    assert not (folder / "done").exists()


def test_a_project_that_is_not_listed_is_not_imported(folder: Path) -> None:
    for target in ("evil_project.doors.run", "project.doors.run"):
        (problem,) = Config({"project": "evil_project", "a": call(target)}).check(allow=["torch"])
        assert problem.help.startswith("add '")
    assert not (folder / "done").exists()


def test_a_short_name_without_monai_is_told() -> None:
    assert told(call("DiceLoss"), ["torch"]).help == "add 'monai' to --allow, if you trust it, or write the whole name"
    assert told(call("dict"), ["torch"]).help == "write 'builtins.dict'"


def test_weights_only_cannot_be_switched_off_by_the_config() -> None:
    mapping = {"x": {"reader": {"allow_pickle": True}}, "y": "$dict(weights_only=False)"}
    problems = Config(mapping).check(allow=["torch"])
    assert {problem.place for problem in problems} == {"x::reader::allow_pickle", "y"}
    assert {problem.help for problem in problems} == {"leave 'allow_pickle' out", "leave 'weights_only' out"}


def test_a_description_may_say_anything() -> None:
    assert Config({"a": call("builtins.dict", _desc_="of __init__")}).check(allow=["torch"]) == []


def test_names_of_packages_are_read() -> None:
    assert read_allow("torch, monai,torch") == read_allow(["torch", "monai"]) == ("torch", "monai")
    assert read_allow("pytorch-cifar,my_project.models") == ("pytorch-cifar", "my_project.models")
    assert read_allow([]) == ()


@pytest.mark.parametrize("wrong", ["torch,", "", "a b", "torch/nn", "*", "torch..nn"])
def test_what_is_no_name_of_a_package_is_told(wrong: str) -> None:
    with pytest.raises(UsageError, match="'--allow' takes names of packages"):
        read_allow(wrong)


def test_an_empty_list_allows_what_a_run_is_made_of() -> None:
    empty = Config({"a": call("torchmetrics.MeanMetric"), "b": call("torch.nn.ReLU")})
    (problem,) = empty.check(allow=[])
    assert problem.what == "'torch.nn.ReLU' is under no package that --allow lists (nothing)"


def test_allowed_judges_what_it_is_asked() -> None:
    allowed = Allowed.of(("torch",), None)
    assert allowed.name("torch.nn.Linear") is None
    assert isinstance(allowed.name("os.system"), Refusal)
    assert allowed.thing(nn.Linear) is None
    assert allowed.thing(nn.Linear(1, 1), called=True) is None
    assert allowed.thing(5) is None
    assert isinstance(allowed.thing(os.system), Refusal)
    assert isinstance(allowed.thing(sys._getframe()), Refusal)
    assert isinstance(allowed.call(torch.load, ("x",)), Refusal)
    assert allowed.call(torch.load, ("x",), {"weights_only": True}) is None
    assert isinstance(allowed.outcome([{"a": (os.system,)}]), Refusal)
    assert allowed.outcome([Path, 1, "os.system"]) is None
