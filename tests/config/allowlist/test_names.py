"""The tables: what is in them, and that what they name exists where this environment has it."""

import importlib
from collections.abc import Iterator

import pytest

from lighter.config.allowlist.names import (
    ALWAYS,
    TOLD_WEIGHTS_ONLY,
    is_harmless,
    is_left_out,
    is_passage,
    leads_to_harmless,
    reason_against,
)

TABLES = importlib.import_module("lighter.config.allowlist.names")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("posix.system", "runs commands or starts processes"),
        ("subprocess", "runs commands or starts processes"),
        ("builtins.eval", "runs code that it is given"),
        ("importlib._bootstrap._gcd_import", "loads code"),
        ("torch._ops._Ops.load_library", "loads code"),
        ("any.thing.load_library", "loads code"),
        ("lighter.config.config.Config", "builds what other texts name"),
        ("pickle.loads", "reads pickled objects, which bring code"),
        ("builtins.type.mro", "reaches into the running program"),
        ("numpy.ndarray.tofile", "opens or changes files"),
        ("_socket.socket", "opens connections"),
        ("torch.nn.Linear", ""),
        ("osmosis.system", ""),
        ("my.os.system", ""),
        ("save", ""),
        ("nt._path_exists", ""),
        ("nt.system", "runs commands or starts processes"),
    ],
)
def test_what_is_held_against_a_name(name: str, why: str) -> None:
    assert reason_against(name) == why


@pytest.mark.parametrize("name", ["builtins.len", "builtins.str.lower", "math.sqrt", "collections.OrderedDict.items"])
def test_harmless_names(name: str) -> None:
    assert is_harmless(name)


@pytest.mark.parametrize(
    "name",
    ["builtins.vars", "builtins.str.format", "pathlib.Path.home", "mathematics.x", "functools.reduce", "builtins"],
)
def test_names_that_are_not_known_to_be_harmless(name: str) -> None:
    assert not is_harmless(name)


def test_a_module_may_be_gone_through_to_a_part_of_it() -> None:
    assert all(map(is_passage, ["os", "os.path", "os.path.join"]))
    assert not any(map(is_passage, ["os.system", "os.pathsep", "posix", "shutil"]))


def test_modules_on_the_way_to_what_is_harmless() -> None:
    assert all(map(leads_to_harmless, ["builtins", "collections", "functools", "pathlib"]))
    assert not leads_to_harmless("os")


@pytest.mark.parametrize(
    ("name", "is_out"),
    [
        ("torch.nn.modules.linear.Linear", False),
        ("torch._VariableFunctionsClass.relu", False),
        ("torch.nn.init._make_deprecate.<locals>.init", False),
        ("torch.overrides.is_tensor_like", True),
        ("torch.utils.data._utils.fetch.Fetcher", True),
        ("torch.ScriptModule", True),
        ("lightning.pytorch.trainer.trainer.Trainer", False),
        ("lightning.pytorch.utilities.parsing.AttributeDict", True),
        ("lighter.training.system.System", False),
        ("lighter.training.loaders.data_loader.DataLoader", False),
        ("lighter.runs.whole_files.write_whole", True),
        ("my_project.anything._private.x", False),
        ("torch", False),
    ],
)
def test_parts_of_packages_that_are_for_configs(name: str, is_out: bool) -> None:
    assert is_left_out(name) is is_out


def all_names() -> Iterator[str]:
    for table in (TABLES._REFUSED.values(), [TABLES._TYPES, TABLES._MODULES, TABLES._SINGLE, TABLES._HARMFUL]):
        for text in table:
            yield from text.split()
    yield from (f"{package}.{part}" for package, parts in TABLES._PARTS.items() for part in parts.split())
    yield from (name for name in (*ALWAYS, *TOLD_WEIGHTS_ONLY) if "." in name)


# In other versions of these packages, or of Python, than are installed here.
ELSEWHERE = {
    "lighter.plugins",
    "lighter.project.registry",
    "monai.data.utils.pickle_operations",
    "numpy.distutils",
    "torch.utils.bottleneck",
}
INSTALLED = ("builtins", "lighter", "lightning_fabric", "monai", "numpy", "pytorch_lightning", "torch", "torchmetrics")


@pytest.mark.parametrize("package", INSTALLED)
def test_what_the_tables_name_is_there(package: str) -> None:
    names = {name for name in all_names() if name.split(".")[0] == package} - ELSEWHERE
    assert sorted(name for name in names if not exists(name)) == []


def exists(name: str) -> bool:
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            value: object = importlib.import_module(".".join(parts[:count]))
        except ModuleNotFoundError:
            continue
        for part in parts[count:]:
            if not hasattr(value, part):
                # Classes that C code keeps to itself have a name, yet no place.
                return part in {"_VariableFunctionsClass", "TensorBase"}
            value = getattr(value, part)
        return True
    return False
