"""What a project has only as a file that is not loaded is told where its code does without it."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from lighter.config import Config
from lighter.errors import shown_path
from lighter.project.left_out import LeftOut
from lighter.project.locating import locate
from lighter.project.project import Project

Make = Callable[[str, dict[str, str | bytes]], Project]

BUILT = "fast.cpython-311-x86_64-linux-gnu.so"
FALLBACK = "try:\n    {}\nexcept ImportError:\n    fast = None\n"
ONLY = f"there is only {BUILT}, and of a project only .py files are loaded"


@contextmanager
def told() -> Iterator[list[str]]:
    found: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield found
    found += [str(one.message) for one in caught]


@pytest.mark.parametrize(
    ("files", "statement", "name"),
    [
        ({f"src/{BUILT}": b"\0"}, "import fast", "fast"),
        ({BUILT: b"\0"}, "from fast import go", "fast"),
        ({f"ops/{BUILT}": b"\0"}, "from ops.fast import go", "ops.fast"),
        ({f"ops/{BUILT}": b"\0", "ops/__init__.py": ""}, "from ops import fast", "shop.ops.fast"),
        ({f"ops/{BUILT}": b"\0", "ops/__init__.py": ""}, "from .ops import fast", "shop.ops.fast"),
    ],
)
def test_a_fallback_for_what_is_built_is_told_once(
    make: Make, files: dict[str, str | bytes], statement: str, name: str
) -> None:
    net = FALLBACK.format(statement) + "class Net: pass\n"
    shop = make("shop", {**files, "net.py": net, "also.py": net})
    with told() as found:
        assert locate("shop.net.Net", shop)
        assert locate("shop.also.Net", shop)
    own = name if name.startswith("shop.") or "." not in name else f"shop.{name}"
    assert found in ([f"'{one}' is left out of the project 'shop': {ONLY}"] for one in (name, own))


def test_how_to_have_it(make: Make) -> None:
    files: dict[str, str | bytes] = {BUILT: b"\0", "setup.py": "", f"ops/{BUILT}": b"\0"}
    text = FALLBACK.format("import fast") + FALLBACK.format("from .ops import fast")
    shop = make("shop", {**files, "net.py": text})
    with told() as found:
        locate("shop.net", shop)
    install = f"'pip install {shown_path(shop.root)}' installs it"
    assert [line.rpartition("; ")[2] for line in found] == [
        install,
        f"{install}, for targets that name the installed package",
    ]


def test_an_error_is_not_told_twice(make: Make) -> None:
    shop = make("shop", {BUILT: b"\0", "net.py": "import fast\nclass Net: pass\n", "other.py": ""})
    with told() as found:
        with pytest.raises(ModuleNotFoundError, match=ONLY):
            locate("shop.net.Net", shop)
        locate("shop.other", shop)
    assert found == []


def test_a_fallback_further_out_counts(make: Make) -> None:
    files: dict[str, str | bytes] = {
        BUILT: b"\0",
        "ops.py": "import fast\n",
        "net.py": FALLBACK.format("import ops") + "class Net: pass\n",
    }
    with told() as found:
        locate("shop.net.Net", make("shop", files))
    assert len(found) == 1


def test_what_a_function_imports_later_is_told_too(make: Make) -> None:
    text = "class Net:\n    def go(self):\n        try:\n            import fast\n        except ImportError: ...\n"
    shop = make("shop", {"net.py": text, BUILT: b"\0"})
    net = Config({"project": str(shop.root), "net": {"_target_": "shop.net.Net"}}).resolve("net")
    with told() as found:
        net.go()
        net.go()
    assert found == [f"'fast' is left out of the project 'shop': {ONLY}"]


def test_what_is_absent_is_not_told(make: Make) -> None:
    shop = make("shop", {"net.py": FALLBACK.format("import fast_that_is_nowhere"), "ops/a.py": ""})
    with told() as found:
        locate("shop.net", shop)
    assert found == []
    assert LeftOut() is not None
