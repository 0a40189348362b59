"""A project is served while something needs it, here and in the processes that are started meanwhile."""

import gc
import importlib
import multiprocessing
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from lighter.config import Config
from lighter.project.importable import (
    active_imports,
    active_project,
    importable,
    keep_importable,
    keep_while_alive,
    make_importable,
    means_project,
    owner_of,
    owner_of_module,
    unload,
)
from lighter.project.locating import locate
from lighter.project.project import ImportedModule, Project
from lighter.project.registry import current
from lighter.project.target_not_found import TargetNotFound
from lighter.utils.dynamic_imports import import_module_from_path

Make = Callable[[str, dict[str, str | bytes]], Project]

FILES: dict[str, str | bytes] = {
    "parts.py": "class Part:\n    def other(self):\n        from more import Other\n        return Other()\n",
    "more.py": "class Other: pass\n",
    "paths.py": "import sys\nsys.path.append('/nowhere')\ndef is_there(): return '/nowhere' in sys.path\n",
}


@contextmanager
def unchanged() -> Iterator[None]:
    """Asserts that the import system is after the block what it was before."""
    before = sys.path[:], sys.meta_path[:], set(sys.modules)
    yield
    gc.collect()
    assert sys.path == before[0]
    assert sys.meta_path == before[1]
    assert {name for name in set(sys.modules) - before[2] if name.startswith(("bits", "parts", "more"))} == set()
    assert not vars(multiprocessing.current_process())["_config"].keys() - {"authkey", "semprefix", "daemon", "tempdir"}


@pytest.fixture
def bits(make: Make) -> Project:
    return make("bits", FILES)


def test_a_project_is_served_inside_and_not_after(bits: Project) -> None:
    with unchanged():
        with importable(bits):
            part = locate("bits.parts.Part", bits)
            assert means_project("more")
            assert active_project() == bits
            assert sys.modules["parts"] is sys.modules["bits.parts"]
        assert not means_project("more")
        assert active_project() is None
    with importable(bits):
        assert locate("bits.parts.Part", bits) is part  # loaded once


def test_nothing_is_served_without_a_project() -> None:
    with unchanged(), importable(None):
        assert active_project() is None


def test_what_raises_leaves_nothing(bits: Project) -> None:
    with unchanged(), pytest.raises(TargetNotFound), importable(bits):
        locate("bits.parts.Nothing", bits)


def test_a_scope_inside_another_ends_nothing(bits: Project) -> None:
    with unchanged(), importable(bits):
        make_importable(bits)
        with importable(bits):
            pass
        assert active_project() == bits


def test_after_another_project_the_first_is_served_again(bits: Project, make: Make) -> None:
    other = make("other", {"parts.py": "x = 1"})
    with unchanged(), importable(bits):
        mine = locate("bits.parts", bits)
        with importable(other):
            assert importlib.import_module("parts") is not None if make_importable(other) else None
            assert sys.modules["parts"] is not mine
        assert active_project() == bits
        assert importlib.import_module("parts") is mine


def test_an_object_keeps_its_project_until_it_is_gone(bits: Project) -> None:
    with unchanged():
        with importable(bits):
            part = locate("bits.parts.Part", bits)()  # type: ignore[operator]  # a class
            keep_while_alive(bits, [{"a": (part, 1, "text")}])
        assert type(part.other()).__name__ == "Other"  # it still imports
        assert pickle.loads(pickle.dumps(part)) is not None
        del part


def test_a_class_keeps_its_project_for_good_and_another_does_not(bits: Project) -> None:
    with importable(bits):
        make_importable(bits)
        keep_while_alive(bits, [dict, len, 7, locate])
    assert active_project() is None
    with importable(bits):
        keep_while_alive(bits, locate("bits.parts.Part", bits))
    assert active_project() == bits
    unload()
    assert active_project() is None


def test_a_project_that_is_kept_stays_until_it_is_withdrawn(bits: Project) -> None:
    with unchanged():
        make_importable(bits)
        keep_importable(bits)
        with importable(bits):
            pass
        assert active_project() == bits
        unload()


def test_an_imported_module_stays(bits: Project) -> None:
    module = import_module_from_path("parts", str(bits.root))
    with importable(bits):
        pass
    assert sys.modules["bits.parts"] is module


def test_a_release_after_a_withdrawal_changes_nothing(bits: Project) -> None:
    with importable(bits):
        part = locate("bits.parts.Part", bits)()  # type: ignore[operator]  # a class
        keep_while_alive(bits, part)
    unload()
    with importable(bits):
        make_importable(bits)
        del part
        gc.collect()
        assert active_project() == bits


def test_what_a_file_adds_to_the_path_goes_and_comes_with_it(bits: Project) -> None:
    with unchanged():
        with importable(bits):
            is_there = locate("bits.paths.is_there", bits)
            assert is_there()  # type: ignore[operator]  # a function
        assert not is_there()  # type: ignore[operator]  # a function
        with importable(bits):
            make_importable(bits)
            assert is_there()  # type: ignore[operator]  # a function


def test_a_config_leaves_nothing_but_what_lives(bits: Project) -> None:
    with unchanged():
        config = Config({"project": str(bits.root), "vars": {"part": {"_target_": "bits.parts.Part"}, "size": 3}})
        assert config.check() == []
        assert active_project() is None
        assert config.resolve("vars::size") == 3
        assert active_project() is None
        part = config.resolve("vars::part")
        del config
        gc.collect()
        assert type(part.other()).__module__ == "bits.more"
        del part


def test_an_edited_file_is_loaded_anew_when_nothing_lives_of_the_old(bits: Project) -> None:
    with importable(bits):
        part, more = locate("bits.parts.Part", bits), locate("bits.more", bits)
    (bits.root / "more.py").write_text("class Other:\n    size = 2\n")
    with importable(bits):
        assert locate("bits.more.Other.size", bits) == 2
        assert locate("bits.more", bits) is not more
        assert locate("bits.parts.Part", bits) is not part  # it may hold what is old


def test_an_edited_file_is_not_loaded_anew_while_an_object_lives(bits: Project) -> None:
    with importable(bits):
        part = locate("bits.parts.Part", bits)()  # type: ignore[operator]  # a class
        keep_while_alive(bits, part)
    (bits.root / "parts.py").write_text("class Part: pass\nclass New: pass\n")
    with importable(bits):
        assert locate("bits.parts.Part", bits) is type(part)
    del part
    gc.collect()
    with importable(bits):
        assert locate("bits.parts.New", bits)


def test_a_spawned_process_knows_the_projects_and_those_that_it_spawns(bits: Project, make: Make) -> None:
    other = make("other", {"more.py": "class Other: pass"})
    make_importable(bits)
    make_importable(other)
    part = locate("bits.parts.Part", bits)()  # type: ignore[operator]  # a class
    for method in ("spawn", "forkserver"):
        context: Any = multiprocessing.get_context(method)
        process = context.Process(target=part_in_process, args=(part, method, 1))
        process.start()
        process.join(100)
        assert process.exitcode == 0


def part_in_process(part: object, method: str, deeper: int) -> None:
    """Runs in the process that is started, and in one that this starts."""
    assert type(part).__module__ == "bits.parts"
    assert type(part.other()).__module__ == "bits.more"  # type: ignore[attr-defined]  # a part
    if deeper:
        context: Any = multiprocessing.get_context(method)
        process = context.Process(target=part_in_process, args=(part, method, 0))
        process.start()
        process.join(100)
        assert process.exitcode == 0


def test_an_import_is_served_inside_and_while_what_it_made_lives(bits: Project, make: Make) -> None:
    lib = make("lib", {"parts_lib.py": "import more_lib\nclass Part: more = more_lib", "more_lib.py": ""}).root
    imported = ImportedModule.of(lib, "parts_lib")
    with unchanged():
        with importable(bits, [imported]):
            assert active_imports() == (imported,)
            part = importlib.import_module("parts_lib").Part()
            assert owner_of(part) == imported == owner_of_module("parts_lib-beside.more_lib")
            keep_while_alive(imported, part)
            with importable(None, [imported]):
                pass
            assert active_imports() == (imported,)
        assert active_project() is None
        assert importlib.import_module("parts_lib").Part is type(part)
        del part
        gc.collect()
        assert active_imports() == ()


def test_of_two_imports_of_one_name_the_outer_is_served_again(make: Make) -> None:
    outer, inner = (ImportedModule.of(make(name, {"parts_lib.py": f"x = {name!r}"}).root, "parts_lib") for name in "ab")
    with unchanged(), importable(None, [outer]):
        with importable(None, [inner]):
            assert importlib.import_module("parts_lib").x == "b"
        assert importlib.import_module("parts_lib").x == "a"


def test_a_spawned_process_knows_the_imports(make: Make) -> None:
    text = "from lighter.project.registry import register\n@register('part', 'spawned')\nclass Part: pass"
    imported = ImportedModule.of(make("lib", {"parts_lib.py": text}).root, "parts_lib")
    with importable(None, [imported]):
        part = importlib.import_module("parts_lib").Part()
        for method in ("spawn", "forkserver"):
            context: Any = multiprocessing.get_context(method)
            for given in (part, None):
                process = context.Process(target=component_in_process, args=(given,))
                process.start()
                process.join(100)
                assert process.exitcode == 0


def component_in_process(part: object) -> None:
    """Runs in the process that is started, where nothing has imported the module unless the argument did."""
    assert type(current().find("part/spawned").make).__name__ == "type"
    assert part is None or type(part) is current().find("part/spawned").make
