"""Attempts to have code from outside run under a project's names: none of its lines is.

What the project's own code does with `exec`, with the parts of `importlib` (`spec_from_file_location`, a loader of its
own), or by putting a module into `sys.modules` or an outside folder on `sys.path`, is its own doing, as in any program.
"""

import contextlib
import importlib
import importlib.util
import os
import pickle
import py_compile
import shutil
import socket
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec, PathFinder
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from lighter.project.importable import make_importable
from lighter.project.locating import InvalidPath, locate
from lighter.project.project import Project
from lighter.project.target_not_found import TargetNotFound
from lighter.utils.dynamic_imports import import_module_from_path

Make = Callable[[str, dict[str, str | bytes]], Project]

BASE: dict[str, str | bytes] = {
    "models/__init__.py": "",
    "models/real.py": "class Real: pass\n",
    "loose/real.py": "class Real: pass\n",
    "src/tools.py": "",
    "notes.txt": "open('{out}/ran', 'w').close()\n",
}


@pytest.fixture
def outside(make: Make, tmp_path: Path) -> Iterator[Path]:
    """A folder beside the project's, where each file leaves a mark when it runs; none may."""
    out = tmp_path / "outside"
    run = f"open({str(out / 'ran')!r}, 'w').close()\nclass Net: pass\n"
    files = ("net.py", "__init__.py", "pack/__init__.py", "pack/net.py", "shop/__init__.py", "shop/net.py")
    make("outside", dict.fromkeys((*files, "models/__init__.py", "models/net.py", "shop/models/net.py"), run))
    (tmp_path / "shop-too").mkdir()
    shutil.copy(out / "net.py", tmp_path / "shop-too")
    yield out
    assert not (out / "ran").exists()


@pytest.fixture(params=["package", "scripts"])
def project(request: pytest.FixtureRequest, make: Make, outside: Path) -> Project:
    """A project of either style."""
    files = {name: text.replace("{out}", str(outside)) for name, text in BASE.items() if isinstance(text, str)}
    return make("shop", {**files, **({"__init__.py": ""} if request.param == "package" else {})})


def write(project: Project, files: dict[str, str], out: Path) -> None:
    for name, text in files.items():
        path = project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("{out}", str(out)), encoding="utf-8")


def link(project: Project, links: dict[str, str], out: Path) -> None:
    for name, target in links.items():
        path = project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to(target.replace("{out}", str(out)))


def refused(project: Project, dotted: str) -> None:
    """By every way to name it: as a target, by path, by an import statement, in a pickle."""
    write(project, {"asks.py": f"import {dotted.rpartition('.')[0]}\n"}, project.root)
    for name in (dotted, dotted.replace("shop", "project", 1)):
        with pytest.raises(TargetNotFound):
            locate(name, project)
    with pytest.raises(TargetNotFound):
        import_module_from_path(dotted, str(project.root))
    for name in ("shop.asks", "project.asks.Net"):
        with pytest.raises(ModuleNotFoundError, match=r"no module|No module"):
            locate(name, project)
    with pytest.raises(ModuleNotFoundError):
        pickle.loads(b"c%b\nNet\n." % dotted.rpartition(".")[0].encode())
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(dotted)


# Links

LINKS: dict[str, tuple[dict[str, str], str]] = {
    "a file": ({"net.py": "{out}/net.py"}, "shop.net.Net"),
    "a file, by a relative link": ({"net.py": "../outside/net.py"}, "shop.net.Net"),
    "a file in a package": ({"models/net.py": "{out}/net.py"}, "shop.models.net.Net"),
    "a file in a plain folder": ({"loose/net.py": "{out}/net.py"}, "shop.loose.net.Net"),
    "a file below src": ({"src/net.py": "{out}/net.py"}, "shop.src.net.Net"),
    "a file below src, by its short name": ({"src/net.py": "{out}/net.py"}, "shop.net.Net"),
    "a package": ({"pack": "{out}/pack"}, "shop.pack.Net"),
    "a file of a linked package": ({"pack": "{out}/pack"}, "shop.pack.net.Net"),
    "a plain folder": ({"folder": "{out}"}, "shop.folder.net.Net"),
    "a folder inside src": ({"src/pack": "{out}/pack"}, "shop.src.pack.net.Net"),
    "src itself": ({"code": "src", "srcs": "{out}"}, "shop.srcs.net.Net"),
    "an __init__.py": ({"half/__init__.py": "{out}/net.py"}, "shop.half.Net"),
    "an __init__.py, and a file beside it": ({"half/__init__.py": "{out}/net.py"}, "shop.half.real.Net"),
    "a chain": ({"net.py": "b.py", "b.py": "models/c.py", "models/c.py": "{out}/net.py"}, "shop.net.Net"),
    "a file through a linked folder": ({"way": "{out}/pack", "net.py": "way/net.py"}, "shop.net.Net"),
    "up through a linked folder": ({"way": "{out}/pack", "net.py": "way/../net.py"}, "shop.net.Net"),
    "the folder above": ({"up": ".."}, "shop.up.outside.net.Net"),
    "the folder above, from below": ({"models/up": "../.."}, "shop.models.up.outside.net.Net"),
    "the folder above, by another way": ({"up": "{out}/../shop/.."}, "shop.up.outside.net.Net"),
    "a folder whose name begins as the project's": ({"net.py": "../shop-too/net.py"}, "shop.net.Net"),
    "by way of /proc": ({"net.py": "/proc/self/root{out}/net.py"}, "shop.net.Net"),
    "by way of /proc's working directory": ({"here": "/proc/self/cwd"}, "shop.here.net.Net"),
    "a loop": ({"net.py": "net.py"}, "shop.net.Net"),
    "a loop of folders": ({"a": "b", "b": "a"}, "shop.a.b.net.Net"),
    "itself, over and over": ({"me": "."}, "shop.me.me.me.net.Net"),
    "to nothing": ({"net.py": "nowhere.py"}, "shop.net.Net"),
    "to no .py file, which lies inside": ({"net.py": "notes.txt"}, "shop.net.Net"),
    "to a folder": ({"net.py": "{out}/pack"}, "shop.net.Net"),
    "to a device": ({"net.py": "/dev/null"}, "shop.net.Net"),
}


@pytest.mark.parametrize("name", LINKS)
def test_links_out(project: Project, outside: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    links, dotted = LINKS[name]
    link(project, links, outside)
    monkeypatch.chdir(outside)
    refused(project, dotted)


@pytest.mark.parametrize("links", [{"src": "{out}"}, {"src": "../outside"}])
def test_src_that_leads_out(project: Project, outside: Path, links: dict[str, str]) -> None:
    shutil.rmtree(project.root / "src")
    link(project, links, outside)
    for dotted in ("shop.src.net.Net", "shop.net.Net", "shop.pack.net.Net"):
        refused(project, dotted)
    for name in ("pack.net", "net"):
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module(name)


def test_a_root_whose_init_leads_out(project: Project, outside: Path) -> None:
    link(project, {"__init__.py": "{out}/__init__.py"}, outside)
    refused(project, "shop.models.real.Real")


def test_a_search_for_a_definition_does_not_leave(project: Project, outside: Path) -> None:
    link(
        project, {"models/net.py": "{out}/net.py", "models/other.py": "{out}/net.py", "net.py": "{out}/net.py"}, outside
    )
    for dotted in ("shop.models.Net", "shop.Net", "shop.loose.Net"):
        with pytest.raises(TargetNotFound):
            locate(dotted, project)


INSIDE = {
    "a file": ({"net.py": "models/real.py"}, "shop.net.Real"),
    "up and down again": ({"models/net.py": "../../shop/models/real.py"}, "shop.models.net.Real"),
    "a chain": ({"a.py": "b.py", "b.py": "models/real.py"}, "shop.a.Real"),
    "a folder": ({"nets": "models"}, "shop.nets.real.Real"),
    "an __init__.py": ({"loose/__init__.py": "../models/real.py"}, "shop.loose.Real"),
    "src": ({"src": "models"}, "shop.src.real.Real"),
}


@pytest.mark.parametrize("name", INSIDE)
def test_links_that_stay_inside_are_followed(project: Project, outside: Path, name: str) -> None:
    links, dotted = INSIDE[name]
    if "src" in links:
        shutil.rmtree(project.root / "src")
    link(project, links, outside)
    assert isinstance(locate(dotted, project), type)


def test_a_project_behind_a_link_stays_where_it_was_opened(project: Project, outside: Path, tmp_path: Path) -> None:
    way = tmp_path / "way"
    way.symlink_to(project.root)
    opened = Project.open(way)
    way.unlink()
    way.symlink_to(outside)
    assert isinstance(locate("way.models.real.Real", opened), type)
    with pytest.raises(TargetNotFound):
        locate("way.net.Net", opened)


# What lies in the folder, and is no .py file


def compiled(project: Project, outside: Path, to: str, mode: str) -> None:
    target = project.root / to
    target.parent.mkdir(exist_ok=True)
    py_compile.compile(
        str(outside / "net.py"), str(target), invalidation_mode=py_compile.PycInvalidationMode[mode], doraise=True
    )


def as_device(path: Path) -> None:
    try:
        os.mknod(path, 0o666 | 0o020000, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("only root makes devices")


def as_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's address may not be long
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as made:
        made.bind(path.name)
    os.chdir(here)


def as_zip(path: Path, outside: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(outside / "net.py", "net.py")
        archive.write(outside / "net.py", "net/__init__.py")


PLANTED: dict[str, tuple[Callable[[Project, Path], object], str]] = {
    "bytecode without source": (lambda p, out: compiled(p, out, "net.pyc", "TIMESTAMP"), "shop.net.Net"),
    "bytecode in the cache": (
        lambda p, out: compiled(p, out, f"__pycache__/net.{sys.implementation.cache_tag}.pyc", "UNCHECKED_HASH"),
        "shop.net.Net",
    ),
    "a package of bytecode": (
        lambda p, out: compiled(p, out, "net/__init__.pyc", "UNCHECKED_HASH"),
        "shop.net.net.Net",
    ),
    "bytecode called .py": (lambda p, out: compiled(p, out, "net.py.pyc", "UNCHECKED_HASH"), "shop.net.Net"),
    "an extension module": (
        lambda p, _: (p.root / f"net{EXTENSION_SUFFIXES[0]}").write_bytes(b"\x7fELF"),
        "shop.net.Net",
    ),
    "a short-named extension": (lambda p, _: (p.root / "net.so").write_bytes(b"\x7fELF"), "shop.net.Net"),
    "an extension of Windows": (lambda p, _: (p.root / "net.pyd").write_bytes(b"MZ"), "shop.net.Net"),
    "a zip file": (lambda p, out: as_zip(p.root / "archive.zip", out), "shop.archive.net.Net"),
    "a zip file as a folder": (lambda p, out: as_zip(p.root / "archive", out), "shop.archive.net.Net"),
    "an egg": (lambda p, out: as_zip(p.root / "net.egg", out), "shop.net.Net"),
    "a pipe": (lambda p, _: os.mkfifo(p.root / "net.py"), "shop.net.Net"),
    "a socket": (lambda p, _: as_socket(p.root / "net.py"), "shop.net.Net"),
    "a device": (lambda p, _: as_device(p.root / "net.py"), "shop.net.Net"),
    "a folder called net.py": (lambda p, out: shutil.copytree(out, p.root / "net.py"), "shop.net.Net"),
    "a .pyw file": (lambda p, out: shutil.copy(out / "net.py", p.root / "net.pyw"), "shop.net.Net"),
    "a stub": (lambda p, out: shutil.copy(out / "net.py", p.root / "net.pyi"), "shop.net.Net"),
    "a file without a suffix": (lambda p, out: shutil.copy(out / "net.py", p.root / "net"), "shop.net.Net"),
    "a backup": (lambda p, out: shutil.copy(out / "net.py", p.root / "net.py~"), "shop.net.Net"),
    "a .pth file": (lambda p, out: write(p, {"a.pth": "{out}\nimport net\n"}, out), "shop.net.Net"),
    "a .pth file by its name": (lambda p, out: write(p, {"shop.pth": "{out}\n"}, out), "shop.pack.net.Net"),
    "an easy-install.pth": (lambda p, out: write(p, {"easy-install.pth": "{out}\n"}, out), "shop.net.Net"),
    "an .egg-link": (lambda p, out: write(p, {"net.egg-link": "{out}\n."}, out), "shop.net.Net"),
    "a .pkg file": (lambda p, out: write(p, {"models.pkg": "{out}\n"}, out), "shop.models.net.Net"),
    "a path configuration": (lambda p, out: write(p, {"pyvenv.cfg": "home = {out}"}, out), "shop.net.Net"),
    "an editable install": (
        lambda p, out: write(
            p,
            {
                "__editable__.shop-0.1.pth": "import __editable___shop_finder; __editable___shop_finder.install()",
                "__editable___shop_finder.py": "open('{out}/ran', 'w')",
                "sitecustomize.py": "open('{out}/ran', 'w')",
                "conftest.py": "open('{out}/ran', 'w')",
            },
            out,
        ),
        "shop.net.Net",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_planted_files(project: Project, outside: Path, name: str) -> None:
    plant, dotted = PLANTED[name]
    plant(project, outside)
    refused(project, dotted)


@pytest.mark.filterwarnings("ignore:'import .*' now means:UserWarning")
@pytest.mark.parametrize("name", [name for name in PLANTED if "byte" in name or "extension" in name or "pipe" in name])
def test_planted_files_with_the_folder_on_the_path(project: Project, outside: Path, name: str) -> None:
    plant, dotted = PLANTED[name]
    plant(project, outside)
    sys.path[:0] = ["", str(project.root)]
    refused(project, dotted)
    write(project, {"main.py": "import net\nnet.Net\n"}, outside)
    with pytest.raises((ModuleNotFoundError, AttributeError)):
        locate("shop.main", project)


@pytest.mark.parametrize("mode", [mode.name for mode in py_compile.PycInvalidationMode])
@pytest.mark.parametrize("name", ["real", "__init__"])
def test_bytecode_never_stands_in_for_its_source(project: Project, outside: Path, name: str, mode: str) -> None:
    source = project.root / "models" / f"{name}.py"
    text = source.read_bytes()
    shutil.copy(outside / "net.py", source)  # so that size, time and hash are the source's
    facts = source.stat()
    py_compile.compile(str(source), cache_from_source(source), invalidation_mode=py_compile.PycInvalidationMode[mode])
    source.write_bytes(text.ljust(facts.st_size, b"\n"))
    os.utime(source, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert isinstance(locate("shop.models.real.Real", project), type)


# A module that changes what the import system goes by

CHANGED: dict[str, str] = {
    "assigned": "__path__ = ['{out}']",
    "appended": "__path__.append('{out}')",
    "put first": "__path__.insert(0, '{out}')",
    "a tuple": "__path__ = ('{out}',)",
    "a text": "__path__ = '{out}'",
    "paths": "import pathlib\n__path__ = [pathlib.Path('{out}')]",
    "bytes": "__path__ = [b'{out}']",
    "no text": "__path__ = [None, 1, '{out}']",
    "an own iterator": "class P:\n    def __iter__(self): return iter(['{out}'])\n__path__ = P()",
    "first inside, then outside": "class P:\n"
    "    n = 0\n"
    "    def __iter__(self):\n"
    "        P.n += 1\n"
    "        return iter([__file__.rpartition('/')[0] if P.n == 1 else '{out}'])\n"
    "__path__ = P()",
    "relative": "__path__.append(__path__[0] + '/../../outside')",
    "relative to the working directory": "__path__ = ['../outside', '.']",
    "by a link": "import os\nos.symlink('{out}', __path__[0] + '/way')\n__path__.append(__path__[0] + '/way')",
    "a zip file": "__path__ = ['{out}/archive.zip']",
    "extended": "import sys, pkgutil\nsys.path.append('{out}/shop')\n"
    "__path__ = pkgutil.extend_path(__path__, 'models')",
    "its root's": "import sys\nsys.modules[__name__.partition('.')[0]].__path__ = ['{out}/shop']\n__path__ = ['{out}']",
    "its name too": "__name__ = 'other'\n__path__ = ['{out}']",
    "its package too": "__package__ = 'other'\n__path__ = ['{out}']",
    "its spec": "__spec__.submodule_search_locations[:] = ['{out}']",
    "its spec too": "__path__ = ['{out}']\n__spec__ = None",
    "its spec's name": "__spec__.name = 'other'\n__path__ = ['{out}']",
    "its file": "__file__ = '{out}/__init__.py'\n__path__ = ['{out}']",
    "its loader": "from importlib.machinery import SourceFileLoader as L\n__loader__ = L(__name__, '{out}/net.py')\n"
    "__path__ = ['{out}']",
    "all of it": "__name__ = __package__ = 'other'\n__spec__ = __loader__ = None\n"
    "__file__ = '{out}'\n__path__ = ['{out}']",
}


@pytest.mark.filterwarnings("ignore:__package__ != __spec__:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:can't resolve package:ImportWarning")
@pytest.mark.parametrize("name", CHANGED)
def test_changed_modules(project: Project, outside: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    as_zip(outside / "archive.zip", outside)
    monkeypatch.chdir(project.root)
    write(project, {"models/__init__.py": CHANGED[name] + "\n"}, outside)
    asked = ["import models.net", "from models import net", "from models.net import Net", "import shop.models.net"]
    asked += ["from .models import net", "import importlib\nimportlib.import_module('.net', 'models')"]
    for number, statement in enumerate(asked):
        write(project, {f"asks_{number}.py": f"{statement}\nraise SystemExit('it was there')\n"}, outside)
        with pytest.raises((ImportError, KeyError)):  # of the import system, for a name that nobody has entered
            locate(f"shop.asks_{number}.Net", project)
    for dotted in ("shop.models.net.Net", "shop.models.Net", "project.models.net"):
        with pytest.raises((TargetNotFound, KeyError)):
            locate(dotted, project)


def test_a_plain_folder_whose_path_another_module_changes(project: Project, outside: Path) -> None:
    write(project, {"main.py": "from . import loose\nloose.__path__ = ['{out}']\nfrom loose import net"}, outside)
    with pytest.raises(ImportError):
        locate("shop.main", project)
    with pytest.raises(TargetNotFound):
        locate("shop.loose.net.Net", project)


# Import statements, and what stands for them

STATEMENTS = {
    "from .. import outside": ImportError,
    "from ... import outside": ImportError,
    "from ..outside import net": ImportError,
    "from ...outside.net import Net": ImportError,
    "from . import outside": ImportError,
    "import outside.net": ImportError,
    "import shop.outside": ImportError,
    "import importlib; importlib.import_module('..outside.net', __package__)": ImportError,
    "import importlib; importlib.import_module('.../outside/net', 'shop')": ImportError,
    "import importlib; importlib.import_module('shop.../outside/net')": ImportError,
    "import importlib; importlib.import_module('shop.{out}/net')": ImportError,
    "import importlib; importlib.import_module('shop/../outside/net')": ImportError,
    "import importlib; importlib.import_module('shop.linked')": ImportError,
    "import importlib; importlib.import_module('shop.models/../../outside/net')": ImportError,
    "import importlib; importlib.import_module('shop.net\\0')": ImportError,
    "__import__('{out}/net')": ImportError,
    "__import__('outside/net')": ImportError,
    "__import__('linked')": ImportError,
    "__import__('net', globals(), locals(), ['Net'], 2)": ImportError,
    "__import__('outside.net', globals(), locals(), [], 5)": ImportError,
    "__import__('shop', fromlist=['linked']).linked": AttributeError,
    "from models import *": AttributeError,
    "from .models import *": AttributeError,
    "import runpy; runpy.run_module('shop.linked')": ImportError,
    "import runpy; runpy.run_module('linked')": ImportError,
    "import pkgutil; pkgutil.resolve_name('shop.linked:Net')": ImportError,
    "import pydoc; pydoc.importfile and pydoc.locate('shop.linked.Net').x": AttributeError,
    "import pickle; pickle.loads(b'clinked\\nNet\\n.')": ImportError,
    "import pickle; pickle.loads(b'cshop.linked\\nNet\\n.')": ImportError,
    "import pickle; pickle.loads(b'cshop.../outside/net\\nNet\\n.')": ImportError,
    "import pkgutil; [__import__(m.name) for m in pkgutil.iter_modules(['.']) if m.name == 'linked'][0]": IndexError,
    "import pkgutil, shop; [__import__('shop.' + m.name) for m in pkgutil.iter_modules(shop.__path__)]": ImportError,
    "import sys; sys.path.insert(0, '{out}'); from shop.models import net": ImportError,
    "import sys; sys.path.insert(0, '{out}'); import shop.net": ImportError,
    "import os, sys; sys.path.insert(0, os.path.dirname(__file__)); import linked": ImportError,
    "import os; os.chdir('{out}'); import shop.net": ImportError,
    "import sys; sys.path_importer_cache.clear(); import shop.linked": ImportError,
    "import importlib; importlib.invalidate_caches(); import shop.linked": ImportError,
    "import importlib.util as u; u.find_spec('shop.linked').loader": ImportError,
    "exec('import shop.linked')": ImportError,
    "import threading, queue; q = queue.Queue(); t = threading.Thread(target=lambda: q.put(__import__('shop.linked')),"
    " daemon=True); import sys; threading.excepthook = lambda a: q.put(None); t.start(); q.get().x": AttributeError,
}


@pytest.mark.filterwarnings("ignore:'import .*' now means:UserWarning")
@pytest.mark.parametrize("statement", STATEMENTS)
def test_import_statements(project: Project, outside: Path, monkeypatch: pytest.MonkeyPatch, statement: str) -> None:
    link(project, {"linked.py": "{out}/net.py", "models/linked.py": "{out}/net.py"}, outside)
    write(project, {"models/__init__.py": "__all__ = ['linked']", "deep/main.py": statement + "\n"}, outside)
    write(project, {"main.py": statement + "\n"}, outside)
    monkeypatch.chdir(outside.parent)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    for dotted in ("shop.main.Net", "shop.main"):
        with pytest.raises(STATEMENTS[statement]):
            locate(dotted, project)


# What stands beside the project, under its names


class Claiming:
    """A finder as editable installs bring one: it knows the project's name, and an outside folder for it."""

    def __init__(self, out: Path) -> None:
        self.out = out

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return PathFinder.find_spec(name, [str(self.out), str(self.out / "shop")])


def on_path(project: Project, out: Path) -> None:
    sys.path.insert(0, str(out))


def at_the_end(project: Project, out: Path) -> None:
    sys.path.append(str(out))


def working_directory(project: Project, out: Path) -> None:
    os.chdir(out)
    sys.path.insert(0, "")


def parent_on_path(project: Project, out: Path) -> None:
    sys.path.insert(0, str(project.root.parent))


def root_on_path(project: Project, out: Path) -> None:
    sys.path.insert(0, str(project.root))


def root_as_working_directory(project: Project, out: Path) -> None:
    os.chdir(project.root)
    sys.path.insert(0, "")


def plain_folder(project: Project, out: Path) -> None:
    (out / "shop" / "__init__.py").unlink()
    sys.path.insert(0, str(out))


def finder(project: Project, out: Path) -> None:
    sys.meta_path.insert(0, Claiming(out))  # type: ignore[arg-type]  # it claims to be one


def path_hook(project: Project, out: Path) -> None:
    def hook(entry: str) -> Claiming:
        if "shop" not in entry:
            raise ImportError
        return Claiming(out)

    sys.path_hooks.insert(0, hook)  # type: ignore[arg-type]  # as above
    sys.path_importer_cache.clear()


def planted_importers(project: Project, out: Path) -> None:
    sys.path.insert(0, str(project.root.parent))
    for place in (project.root, project.root.parent):
        sys.path_importer_cache[str(place)] = Claiming(out)  # type: ignore[assignment]  # as above


BESIDE = [on_path, at_the_end, working_directory, parent_on_path, root_on_path, root_as_working_directory]
BESIDE += [plain_folder, finder, path_hook, planted_importers]


@pytest.mark.filterwarnings("ignore:'import .*' now means:UserWarning")
@pytest.mark.parametrize("plant", BESIDE)
def test_what_stands_beside(
    project: Project, outside: Path, monkeypatch: pytest.MonkeyPatch, plant: Callable[[Project, Path], None]
) -> None:
    monkeypatch.chdir(outside.parent)
    for name in ("path_hooks", "meta_path"):
        monkeypatch.setattr(sys, name, getattr(sys, name)[:])
    monkeypatch.setattr(sys, "path_importer_cache", sys.path_importer_cache.copy())
    link(project, {"linked.py": "{out}/net.py", "folder": "{out}/pack"}, outside)
    plant(project, outside)
    for statement in ("import linked", "import folder.net", "from shop import net", "import shop.models.net"):
        write(project, {"main.py": statement}, outside)
        with pytest.raises(ImportError):
            locate("shop.main", project)
    for dotted in ("shop.net.Net", "shop.models.net.Net", "shop.linked.Net", "shop.folder.net.Net", "project.Net"):
        with pytest.raises(TargetNotFound):
            locate(dotted, project)
    assert isinstance(locate("shop.models.real.Real", project), type)
    assert sys.modules["shop"].__path__ == [str(project.root)]


APPENDS = "import os, sys\nsys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'loose'))\n"


@pytest.mark.parametrize(
    "appends", [APPENDS, "import sys\nsys.path.append('loose')\n", "import sys; sys.path[:0] = ['loose']\n"]
)
@pytest.mark.parametrize("name", ["linked", "folder.net", "net", "half"])
def test_a_folder_that_the_project_puts_on_the_path(
    project: Project, outside: Path, monkeypatch: pytest.MonkeyPatch, appends: str, name: str
) -> None:
    """A link out in it is none of its modules, nor is bytecode."""
    links = {"loose/linked.py": "{out}/net.py", "loose/folder": "{out}/pack", "loose/half/__init__.py": "{out}/net.py"}
    link(project, links, outside)
    compiled(project, outside, "loose/net.pyc", "UNCHECKED_HASH")
    write(project, {"main.py": f"{appends}import real\nassert real.Real\nimport {name}\n"}, outside)
    monkeypatch.chdir(project.root)
    monkeypatch.setattr(sys, "path_importer_cache", {})  # where 'loose' is another test's
    with pytest.raises(ModuleNotFoundError):
        locate("shop.main", project)


def test_what_is_installed_in_a_folder_of_the_projects_is_left_alone(project: Project, make: Make) -> None:
    """A virtual environment in the project's folder may be full of links, and what was built in its place compiled."""
    site = project.root / "env" / "lib" / "python3" / "site-packages"
    site.mkdir(parents=True)
    (project.root / "env" / "pyvenv.cfg").touch()
    real = make("cache", {"tool.py": "x = 1"}).root
    (site / "tool.py").symlink_to(real / "tool.py")
    sys.path.append(str(site))
    write(project, {"main.py": "from tool import x\n"}, real)
    assert locate("shop.main.x", project) == 1


def test_a_package_of_its_name_that_was_loaded_before(project: Project, make: Make) -> None:
    make("site", {"shop/__init__.py": "", "shop/net.py": "class Net: pass"})
    sys.path.insert(0, str(project.root.parent / "site"))
    importlib.import_module("shop")
    for dotted in ("shop.net.Net", "project.net.Net"):
        with pytest.raises(TargetNotFound):
            locate(dotted, project)
    assert isinstance(locate("shop.models.real.Real", project), type)


@pytest.mark.parametrize(
    "dotted", ["Shop.models.real.Real", "SHOP.models", "shop.Models.real.Real", "shop.models.REAL.Real", "shop.NET.Net"]
)
def test_names_in_another_case(project: Project, outside: Path, dotted: str) -> None:
    with pytest.raises(TargetNotFound):
        locate(dotted, project)


ALIKE = ["．．", "‥", "outside／net", "net\u200b", "\u202enet", "nеt", "ｎｅｔ", "%2e%2e", "~", "$HOME", "*", "net.py"]  # noqa: RUF001  # that is what is tried
ALIKE += [
    "__pycache__.net",
    "__main__",
    "__init__.net",
    "__path__.net",
    "net;import outside.net",
    " .net",
    "file://net",
]


@pytest.mark.parametrize("name", ALIKE)
def test_names_that_only_look_like_paths(project: Project, outside: Path, name: str) -> None:
    for dotted in (f"shop.{name}.Net", f"shop.models.{name}.Net", f"project.{name}"):
        with pytest.raises((TargetNotFound, InvalidPath)):
            locate(dotted, project)
        with pytest.raises((TargetNotFound, InvalidPath)):
            import_module_from_path(dotted, str(project.root))
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module(dotted)


# Files that are swapped meanwhile


def swapped(path: Path, target: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    else:
        shutil.rmtree(path)
    path.symlink_to(target)


SWAPS: dict[str, tuple[str, str]] = {
    "the file": ("models/real.py", "net.py"),
    "its folder": ("models", "pack"),
    "the whole project": ("", "shop"),
}


@pytest.mark.parametrize("name", SWAPS)
def test_what_is_swapped_after_it_was_found_is_not_run(project: Project, outside: Path, name: str) -> None:
    shutil.copy(outside / "net.py", outside / "pack" / "real.py")
    (outside / "shop" / "models").mkdir(exist_ok=True)
    shutil.copy(outside / "net.py", outside / "shop" / "models" / "real.py")
    make_importable(project)
    spec = importlib.util.find_spec("shop.models.real")
    assert spec is not None
    assert spec.loader is not None
    path, target = SWAPS[name]
    swapped(project.root / path, outside / target)
    with pytest.raises(ImportError):
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    with pytest.raises(TargetNotFound):
        locate("shop.models.real.Real", project)


def test_what_is_swapped_after_it_was_loaded_is_not_reloaded(project: Project, outside: Path) -> None:
    locate("shop.models.real.Real", project)
    swapped(project.root / "models" / "real.py", outside / "net.py")
    with pytest.raises(ModuleNotFoundError):
        importlib.reload(sys.modules["shop.models.real"])


def test_a_link_that_led_inside_when_it_was_found(project: Project, outside: Path) -> None:
    link(project, {"net.py": "models/real.py"}, outside)
    make_importable(project)
    spec = importlib.util.find_spec("shop.net")
    assert spec is not None
    assert spec.loader is not None
    link(project, {"net.py": "{out}/net.py"}, outside)
    with pytest.raises(ImportError, match="leads out of the project"):
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


def test_a_folder_that_leads_out_whenever_nobody_looks(
    project: Project, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real whenever its own facts are asked for, a link out whenever a file in it is opened or asked about."""
    shutil.copy(outside / "net.py", outside / "pack" / "real.py")
    models, aside = project.root / "models", project.root / "aside"
    make_importable(project)
    spec = importlib.util.find_spec("shop.models.real")
    assert spec is not None
    assert spec.loader is not None
    plain = {name: getattr(os, name) for name in ("open", "lstat", "stat")}

    def put(outward: bool) -> None:
        if outward and not models.is_symlink():
            models.rename(aside)
            models.symlink_to(outside / "pack")
        elif not outward and models.is_symlink():
            models.unlink()
            aside.rename(models)

    def turning(name: str) -> Callable[..., object]:
        def call(path: object, *rest: object, **named: object) -> object:
            monkeypatch.undo()
            put(outward=str(path).endswith("real.py"))
            result = plain[name](path, *rest, **named)
            turn()
            return result

        return call

    def turn() -> None:
        for name in plain:
            monkeypatch.setattr(os, name, turning(name))

    turn()
    with contextlib.suppress(ImportError):
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    monkeypatch.undo()


def test_a_folder_that_is_swapped_all_the_time(project: Project, outside: Path) -> None:
    shutil.copy(outside / "net.py", outside / "pack" / "real.py")
    (project.root / "models").rename(project.root / "inner")
    models, new, stop = project.root / "models", project.root / "new", threading.Event()

    def swap() -> None:
        while not stop.is_set():
            for target in (outside / "pack", "inner"):
                new.symlink_to(target)
                new.replace(models)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        until = time.monotonic() + 0.2
        while time.monotonic() < until:
            with contextlib.suppress(ImportError, FileNotFoundError):  # a link may go while Python follows it
                locate("shop.models.real.Real", project)
            for name in [name for name in sys.modules if name.partition(".")[0] in ("shop", "models")]:
                del sys.modules[name]
    finally:
        stop.set()
        thread.join()


# Absolute paths


@pytest.mark.parametrize(
    "name",
    ["notes.txt", "link_to_text.py", "folder.py", "pipe.py", "net.pyc", "net.so", "a.zip/net.py", "gone.py", "net.py/"],
)
def test_absolute_paths_of_what_is_no_file(project: Project, outside: Path, name: str) -> None:
    root = project.root
    link(project, {"link_to_text.py": "notes.txt"}, outside)
    (root / "folder.py").mkdir()
    os.mkfifo(root / "pipe.py")
    as_zip(root / "a.zip", outside)
    compiled(project, outside, "net.pyc", "UNCHECKED_HASH")
    (root / "net.so").touch()
    with pytest.raises((InvalidPath, ModuleNotFoundError)):
        import_module_from_path(f"{root}/{name}")


@pytest.mark.parametrize(
    "name", ["{root}/../outside/net.py", "models/real.py", "{root}/net.py\0", "{root}/\nnet.py", ""]
)
def test_absolute_paths_that_are_none(
    project: Project, outside: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(project.root)
    with pytest.raises(InvalidPath):
        import_module_from_path(name.format(root=project.root))


def test_a_file_by_its_path_reaches_no_other_through_links(project: Project, outside: Path) -> None:
    link(project, {"models/net.py": "{out}/net.py", "loose/net.py": "{out}/net.py"}, outside)
    write(project, {"models/asks.py": "from . import net", "loose/asks.py": "import net"}, outside)
    for folder in ("models", "loose"):
        with pytest.raises(ImportError):
            import_module_from_path(f"{project.root}/{folder}/asks.py")
