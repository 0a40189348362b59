"""What it costs to resolve targets in a project, beside imports with the project's folder on plain `sys.path`.

python benchmarks/project.py --rounds=11

A project of 500 modules is made: packages with and without `__init__.py`, bare, relative and standard imports. Each
side resolves one class of every module, then all of them again, in a fresh process, in turn. Plain imports run from
the sources, as Lighter does, and once more from the bytecode that Python caches. What is asked of the file system is
counted in processes of their own.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKAGES = 25
MODULES = 20  # in each package
ALL = PACKAGES * MODULES
TARGET = 3.0  # milliseconds that resolving a target may add to what the import itself takes
ASKED = ("stat", "lstat", "open", "listdir", "scandir", "readlink")

MODULE = '''"""Part {module} of package {package}."""

import collections
import functools
from dataclasses import dataclass
{imports}

SIZES = [{module}, 2, 3]


@dataclass
class Settings:
    width: int = {module}
    depth: int = 2
    rate: float = 0.1


class Block{module}:
    """A block, as long as those of real projects."""

    def __init__(self, settings=None, *parts):
        self.settings = settings or Settings()
        self.parts = list(parts)
        self.cache = collections.OrderedDict()

    def forward(self, x, scale=1.0):
        for index, part in enumerate(self.parts):
            if index % 2 == 0 and x is not None:
                x = part(x) * scale
            else:
                x = x + part(x)
        self.cache[len(self.cache)] = x
        return x

    @functools.cached_property
    def width(self):
        return sum(size * self.settings.width for size in SIZES)
'''


@dataclass(frozen=True)
class Side:
    """One of those that are compared: how it runs, and whether bytecode is there for it."""

    told: str
    mode: str
    has_bytecode: bool = False


OURS = Side("Lighter", "ours")
PLAIN = Side("`sys.path`, from source", "plain")
CACHED = Side("`sys.path`, from bytecode", "plain", has_bytecode=True)
SIDES = (OURS, PLAIN, CACHED)


def make(root: Path) -> None:
    """A project in script style: packages import one another by bare names, and their own modules by relative ones."""
    for package in range(PACKAGES):
        folder = root / f"package_{package}"
        folder.mkdir(parents=True)
        if package % 5:
            (folder / "__init__.py").write_text(f"VERSION = {package}\n", encoding="utf-8")
        for module in range(MODULES):
            imports = [f"from .part_{module - 1} import Block{module - 1}"] if module % 2 else []
            if package and module % 4 == 0:
                imports.append(f"from package_{package - 1}.part_{module} import Block{module} as Before")
            text = MODULE.format(package=package, module=module, imports="\n".join(imports))
            (folder / f"part_{module}.py").write_text(text, encoding="utf-8")


def names() -> list[str]:
    return [
        f"package_{package}.part_{module}.Block{module}" for package in range(PACKAGES) for module in range(MODULES)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=11, help="how often each side runs, after one run to warm up")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(*arguments.child)
        return
    with tempfile.TemporaryDirectory() as folder:
        roots = {side: Path(folder) / str(number) / "shop" for number, side in enumerate(SIDES)}
        for root in roots.values():
            make(root)
        taken = in_turn(roots, arguments.rounds)
        counts = {side: run(side, root, "count") for side, root in roots.items()}
    print(table(taken))
    print(judged(taken))
    print(counted(counts))


def in_turn(roots: dict[Side, Path], rounds: int) -> dict[Side, list[dict[str, float]]]:
    """Seconds of each round; the first one fills the caches and does not count, every second one goes backwards."""
    taken: dict[Side, list[dict[str, float]]] = {side: [] for side in roots}
    for number in range(rounds + 1):
        for side in roots if number % 2 else reversed(roots):
            seconds = run(side, roots[side], "time")
            if number:
                taken[side].append(seconds)
        print(f"round {number} of {rounds}", end="\r", file=sys.stderr, flush=True)
    return taken


def run(side: Side, root: Path, what: str) -> dict[str, Any]:
    """What a fresh process tells of one side."""
    if not side.has_bytecode:
        for cache in root.rglob("__pycache__"):
            shutil.rmtree(cache)
    command = [sys.executable, __file__, "--child", side.mode, str(root), what]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "" if side.has_bytecode else "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with status {done.returncode}:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def child(mode: str, root: str, what: str) -> None:
    """In its own process: resolve all, and tell the seconds or the counts."""
    import multiprocessing  # noqa: F401  # torch brings it, before anything is trained

    resolve = ours(root) if mode == "ours" else plain(root)
    asked = counting() if what == "count" else Counter()
    told = {}
    for name, targets in (("first", names()[:1]), ("all", names()[1:]), ("again", names())):
        asked.clear()
        start = time.perf_counter()
        for target in targets:
            resolve(target)
        told[name] = dict(asked) if what == "count" else time.perf_counter() - start
    print(json.dumps(told))


def ours(root: str) -> Callable[[str], object]:
    from lighter.project.locating import locate
    from lighter.project.project import Project

    project = Project.open(root)
    return lambda name: locate(f"shop.{name}", project)


def plain(root: str) -> Callable[[str], object]:
    import importlib

    sys.path.insert(0, root)

    def resolve(name: str) -> object:
        module, _, attribute = name.rpartition(".")
        return getattr(importlib.import_module(module), attribute)

    return resolve


def counting() -> Counter[str]:
    """Counts calls of the file system, those of Python's own import system too, which makes them in `posix`."""
    asked: Counter[str] = Counter()
    inner = sys.modules[os.name if os.name in sys.modules else "posix"]
    for name in ASKED:
        for module in {os, inner}:
            setattr(module, name, counted_call(asked, name, getattr(inner, name)))

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str) and arguments[1] is not None:
            asked["files opened"] += 1  # by `open`, which calls none of the above

    sys.addaudithook(hear)
    return asked


def counted_call(asked: Counter[str], name: str, call: Callable[..., object]) -> Callable[..., object]:
    def counted(*positional: Any, **named: Any) -> object:
        asked[name] += 1
        return call(*positional, **named)

    return counted


def table(taken: dict[Side, list[dict[str, float]]]) -> str:
    lines = [
        "| milliseconds | the first target | each other one, with its module | each again |",
        "|---|---:|---:|---:|",
    ]
    for side, rounds in taken.items():
        cells = (f"{milliseconds(rounds, name):.3f}" for name in ("first", "all", "again"))
        lines.append(f"| {side.told} | {' | '.join(cells)} |")
    return "\n".join(lines)


def milliseconds(rounds: list[dict[str, float]], name: str) -> float:
    """Of one target, in the middle of all rounds."""
    count = {"first": 1, "all": ALL - 1, "again": ALL}[name]
    return 1000 * statistics.median(seconds[name] for seconds in rounds) / count


def judged(taken: dict[Side, list[dict[str, float]]]) -> str:
    """The ratios, each of two runs of one round, and what the target asks for."""
    lines = [""]
    for other in (PLAIN, CACHED):
        ratios = [a["all"] / b["all"] for a, b in zip(taken[OURS], taken[other], strict=True)]
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        lines.append(f"- Lighter / {other.told}: {statistics.median(ratios):.2f} ({spread}), modules and all")
    added = max(
        milliseconds(taken[OURS], name) - milliseconds(taken[PLAIN], name) for name in ("first", "all", "again")
    )
    verdict = "met" if added <= TARGET else "MISSED"
    lines.append(f"- a target costs at most {added:.2f} ms more than its import from source ({TARGET}: {verdict})")
    return "\n".join(lines)


def counted(counts: dict[Side, dict[str, dict[str, int]]]) -> str:
    """How often the file system is asked, for each module that is loaded and for each target found again."""
    names = [*ASKED, "files opened"]
    lines = ["", f"| calls for each target | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}"]
    for side, told in counts.items():
        for phase, count in (("with its module", ALL - 1), ("again", ALL)):
            asked = told["all" if phase == "with its module" else phase]
            cells = (f"{asked.get(name, 0) / count:.1f}" for name in names)
            lines.append(f"| {side.told}, {phase} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
