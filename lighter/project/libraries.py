"""What is known of modules that are no project's: which names are taken, what is installed, what has moved."""

import importlib.util
import os
import sys
import warnings
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder

# Lighter is built on these: a folder of that name in a project never replaces the installed package.
FOUNDATION = frozenset(
    {
        "fire",
        "lighter",
        "lightning",
        "lightning_fabric",
        "lightning_utilities",
        "monai",
        "numpy",
        "pydantic",
        "pytorch_lightning",
        "rich",
        "torch",
        "torchmetrics",
        "torchvision",
        "yaml",
    }
)

# What Python, or a library that research code uses, has given another name or dropped: dotted name -> its place.
_MOVED = {
    "__builtin__": "Python 3 calls it 'builtins'",
    "ConfigParser": "Python 3 calls it 'configparser'",
    "Queue": "Python 3 calls it 'queue'",
    "StringIO": "Python 3 has it in 'io'",
    "Tkinter": "Python 3 calls it 'tkinter'",
    "cPickle": "Python 3 calls it 'pickle'",
    "collections.Iterable": "Python 3.10 has it only in 'collections.abc'",
    "collections.Mapping": "Python 3.10 has it only in 'collections.abc'",
    "collections.Sequence": "Python 3.10 has it only in 'collections.abc'",
    "cStringIO": "Python 3 has it in 'io'",
    "distutils": "Python 3.12 dropped it; 'pip install setuptools' brings it back",
    "imp": "Python 3.12 dropped it for 'importlib'",
    "itertools.ifilter": "Python 3 calls it 'filter'",
    "itertools.imap": "Python 3 calls it 'map'",
    "itertools.izip": "Python 3 calls it 'zip'",
    "numpy.bool": "NumPy 1.24 dropped it for 'bool'",
    "numpy.float": "NumPy 1.24 dropped it for 'float'",
    "numpy.int": "NumPy 1.24 dropped it for 'int'",
    "numpy.object": "NumPy 1.24 dropped it for 'object'",
    "numpy.float_": "NumPy 2 dropped it for 'float64'",
    "numpy.Inf": "NumPy 2 calls it 'inf'",
    "pytorch_lightning.loggers.TestTubeLogger": "Lightning 1.7 dropped it for 'TensorBoardLogger' and its kin",
    "pytorch_lightning.metrics": "Lightning 1.5 dropped it for the package 'torchmetrics'",
    "scipy.misc.imread": "SciPy 1.2 dropped it for 'imageio.imread'",
    "scipy.misc.imresize": "SciPy 1.3 dropped it for 'PIL.Image.Image.resize'",
    "sklearn.externals": "scikit-learn 0.23 dropped it: 'joblib' and 'six' are packages of their own",
    "torch._six": "PyTorch 2.0 dropped it: 'string_classes' is 'str', 'container_abcs' is 'collections.abc'",
    "torchvision.models.utils": "torchvision 0.13 dropped it: 'load_state_dict_from_url' is in 'torch.hub'",
    "torchvision.models.resnet.model_urls": "torchvision 0.13 dropped it for 'ResNet18_Weights' and its kin",
    "urllib2": "Python 3 has it in 'urllib.request'",
    "urlparse": "Python 3 has it in 'urllib.parse'",
}

# Names that every file of Python 2 knows, and what Python 3 calls them.
BUILTINS_OF_2 = {
    "basestring": "str",
    "execfile": "exec",
    "long": "int",
    "raw_input": "input",
    "reduce": "functools.reduce",
    "reload": "importlib.reload",
    "unichr": "chr",
    "unicode": "str",
    "xrange": "range",
}


def is_librarys(dotted: str) -> bool:
    """Whether a dotted name is of a package that no project can hide."""
    return is_protected(dotted.partition(".")[0])


def is_protected(name: str) -> bool:
    """Whether a top-level name belongs to Python itself or to what Lighter is built on."""
    return name in sys.stdlib_module_names or name in FOUNDATION


def is_installed(name: str, path: str) -> bool:
    """Whether a top-level name would, but for projects, be imported from another file than the one at `path`."""
    if name == "test":  # of the standard library, which does not list it: it is there to test Python itself
        return False
    spec = installed_spec(name)
    if spec is None or spec.origin is None:  # one without an origin is a plain folder, which any package comes before
        return False
    return os.path.realpath(spec.origin) != os.path.realpath(path or os.sep)


def elsewhere(dotted: str, folder: str) -> bool:
    """Whether something loaded, or installed in another folder, has the module that a dotted name means."""
    first, _, below = dotted.partition(".")
    if first in sys.modules:
        places = getattr(sys.modules[first], "__path__", None)
    else:
        spec = installed_spec(first) if first != "test" else None
        if spec is None or spec.origin is None or os.path.realpath(spec.origin).startswith(os.path.join(folder, "")):
            return False
        places = spec.submodule_search_locations
    if not below or not places:
        return not below
    return PathFinder.find_spec(f"{first}.{below.partition('.')[0]}", list(places)) is not None


def installed_spec(name: str, path: Sequence[str] | None = None) -> ModuleSpec | None:
    """What a name means to all finders but ours, one with dots by the path of its package."""
    others = (finder for finder in sys.meta_path if not getattr(finder, "finds_projects", False))
    return next(filter(None, (finder.find_spec(name, path) for finder in others)), None)


def warn_of_shadowing(name: str, path: str) -> None:
    """Say that a name now means the project's own file, though a package of that name is installed."""
    warnings.warn(
        f"'import {name}' now means {path}, not the installed package '{name}': "
        "a project's own files come first, as when its scripts run",
        stacklevel=2,
    )


def is_importable(top: str) -> bool:
    """Whether a module without dots can be imported, from wherever."""
    try:
        return top in sys.modules or importlib.util.find_spec(top) is not None
    except (ImportError, ValueError, AttributeError):
        return False


def moved(dotted: str) -> str:
    """What has become of a name that was there in older versions; empty where that is not known."""
    parts = dotted.split(".")
    return next((_MOVED[n] for k in range(len(parts), 0, -1) if (n := ".".join(parts[:k])) in _MOVED), "")
