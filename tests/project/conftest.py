"""Project folders made of texts, and an import system that every test leaves as it was."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lighter.project.importable import unload
from lighter.project.project import Project

Make = Callable[[str, dict[str, str | bytes]], Project]

PACKAGE: dict[str, str | bytes] = {
    "__init__.py": "from .models import zoo\nLIMIT = 7\n",
    "models/my_model.py": "from ..parts import Part\n"
    "class MyModel(Part):\n    class Inner:\n        @staticmethod\n        def make(): return 'made'\n",
    "models/zoo.py": "class Lion: pass\n",
    "models/script.py": "raise SystemExit('a neighbour ran')\nclass Trainer: pass\n",
    "models/old.py": "print 'Python 2'\n",
    "parts/__init__.py": "from .part import *\n",
    "parts/part.py": "class Part: pass\ndef part(): return 'function'\n",
}


@pytest.fixture(autouse=True)
def _import_system(tmp_path: Path) -> Iterator[None]:
    unload()
    finders, path = sys.meta_path[:], sys.path[:]
    yield
    unload()
    assert sys.meta_path == finders
    sys.path[:] = path
    for name, module in list(sys.modules.items()):
        if str(tmp_path) in str(getattr(module, "__file__", None) or getattr(module, "__path__", None)):
            del sys.modules[name]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write files below a folder, `{"models/net.py": "class Net: ..."}`, and open the folder as a project."""

    def _make(name: str, files: dict[str, str | bytes]) -> Project:
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            file = tmp_path / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return Project.open(tmp_path / name)

    return _make


@pytest.fixture
def shop(make: Make) -> Project:
    """A project in package style."""
    return make("shop", PACKAGE)
