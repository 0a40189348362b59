"""How long a config takes from its source to its objects, beside MONAI's parser and Hydra's `instantiate`.

python benchmarks/config.py --rounds=3

Each side is given the same components, written its own way: plain values, a list, references, an expression. All run in
one process, in turn, so that whatever else the machine does meets them alike; one that is not installed is left out.
"""

import argparse
import gc
import importlib.util
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

SIZES = (100, 400, 1600, 6400)
CHAIN = 10_000
FLAT = 1.5  # the most that a component of the largest config may cost of one in the smallest
# How many times as fast as another side, at least: by size and source.
TARGETS = {(1600, "mapping", "MONAI"): 20, (1600, "mapping", "Hydra"): 5, (6400, "file", "MONAI"): 40}
SLOW = 5.0  # seconds; what takes longer is not run again
SOURCES = ("mapping", "file")

Resolve = Callable[[Any], Any]
Times = dict[tuple[str, str, int], float]


@dataclass(frozen=True)
class Side:
    """One of those that are compared: what it is called, the package it needs, how it resolves a source."""

    name: str
    package: str
    resolve: Resolve


def by_lighter(source: Any) -> Any:
    from lighter import Config

    return Config.load(source).resolve()


def by_monai(source: Any) -> Any:
    from monai.bundle import ConfigParser

    config = source if isinstance(source, dict) else ConfigParser.load_config_file(source)
    return ConfigParser(config).get_parsed_content()


def by_hydra(source: Any) -> Any:
    from hydra.utils import instantiate
    from omegaconf import OmegaConf

    OmegaConf.register_new_resolver("times", lambda a, b: a * b, replace=True)
    return instantiate(OmegaConf.create(source) if isinstance(source, dict) else OmegaConf.load(source))


LIGHTER = Side("Lighter", "lighter", by_lighter)
OTHERS = (Side("MONAI", "monai", by_monai), Side("Hydra", "hydra", by_hydra))


def components(count: int, side: Side) -> dict[str, Any]:
    """A config of this many components, as a side writes it."""
    in_hydra = side.name == "Hydra"

    def place(name: str) -> str:
        return "${" + name.replace("::", ".") + "}" if in_hydra else f"@{name}"

    config: dict[str, Any] = {"vars": {"size": 4, "scale": 0.5}, "first": {"_target_": "types.SimpleNamespace"}}
    for number in range(count):
        config[f"part_{number}"] = {
            "_target_": "types.SimpleNamespace",
            "name": f"part {number}",
            "size": place("vars::size"),
            # Hydra has no expressions: a resolver of the user's does it.
            "scale": f"${{times:${{vars.scale}},{number}}}" if in_hydra else f"$@vars::scale * {number}",
            "sizes": [1, 2, place("vars::size")],
            "before": place(f"part_{number - 1}::name" if number else "vars::size"),
            "first": place("first"),
        }
    return config


def chain(count: int) -> dict[str, Any]:
    """References, each to the next."""
    return {**{f"link_{number}": f"@link_{number + 1}" for number in range(count)}, f"link_{count}": 1}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how often each runs; the fastest counts")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="how many components")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    sides = [LIGHTER, *filter(is_there, OTHERS)]
    for side in sides:
        side.resolve(components(3, side))  # imports what it needs
    times: Times = {}
    with tempfile.TemporaryDirectory() as folder:
        for size in arguments.sizes:
            for source in SOURCES:
                for side, taken in in_turn(sides, source, size, arguments.rounds, Path(folder)):
                    times[side.name, source, size] = taken
    print(table(times, arguments.sizes, sides))
    print(judged(times))
    print(f"\nA chain of {CHAIN:,} references: {chained(sides)}")


def is_there(side: Side) -> bool:
    found = importlib.util.find_spec(side.package) is not None
    if not found:
        print(f"{side.name} is not installed, and left out\n")
    return found


def in_turn(sides: list[Side], source: str, size: int, rounds: int, folder: Path) -> list[tuple[Side, float]]:
    """The fastest of several rounds for each side; nobody always runs in the wake of the same other."""
    fastest: dict[Side, float] = {}
    for number in range(rounds):
        for side in sides if number % 2 == 0 else reversed(sides):
            if fastest.get(side, 0) < SLOW:
                taken = timed(side, given(components(size, side), source, folder / f"{side.name}_{size}.yaml"))
                fastest[side] = min(taken, fastest.get(side, taken))
                print(f"{side.name}, {size} from a {source}: {taken:.3f} s".ljust(60), end="\r", file=sys.stderr)
    return list(fastest.items())


def given(config: dict[str, Any], source: str, path: Path) -> Any:
    if source == "mapping":
        return config
    if not path.exists():
        path.write_text(yaml.dump(config, sort_keys=False), encoding="utf-8")
    return str(path)


def timed(side: Side, source: Any) -> float:
    gc.collect()
    start = time.perf_counter()
    result = side.resolve(source)
    taken = time.perf_counter() - start
    last = list(result.values())[-1]
    if (last.size, list(last.sizes)) != (4, [1, 2, 4]):
        raise SystemExit(f"{side.name} built {last}")
    return taken


def table(times: Times, sizes: tuple[int, ...], sides: list[Side]) -> str:
    """Seconds of each side, and how many times as long as Lighter the others take."""
    names = [side.name for side in sides]
    heads = [*names, *(f"{name} / Lighter" for name in names[1:])]
    lines = [f"| components | from a | {' | '.join(heads)} |", f"|---:|---|{'---:|' * len(heads)}"]
    for source in SOURCES:
        for size in sizes:
            taken = [times[name, source, size] for name in names]
            cells = [f"{t:.3f} s" for t in taken] + [f"{t / taken[0]:.0f}" for t in taken[1:]]
            lines.append(f"| {size:,} | {source} | {' | '.join(cells)} |")
    return "\n".join(lines)


def judged(times: Times) -> str:
    """What the targets ask for, and what was measured."""
    lines = [""]
    for (size, source, name), target in TARGETS.items():
        if (name, source, size) in times:
            ratio = times[name, source, size] / times["Lighter", source, size]
            lines.append(
                verdict(
                    f"{size:,} from a {source}: {ratio:.1f} times as fast as {name}", ratio >= target, f"≥ {target}"
                )
            )
    for source in SOURCES:
        each = {
            size: taken / size for (name, where, size), taken in times.items() if (name, where) == ("Lighter", source)
        }
        growth = each[max(each)] / each[min(each)]
        told = f"a component of {max(each):,} from a {source} costs {growth:.2f} times one of {min(each):,}"
        lines.append(verdict(told, growth <= FLAT, f"≤ {FLAT}"))
    return "\n".join(lines)


def verdict(told: str, met: bool, target: str) -> str:
    return f"- {told} (target {target}: {'met' if met else 'MISSED'})"


def chained(sides: list[Side]) -> str:
    told = []
    for side in sides:
        config = chain(CHAIN)
        if side.name == "Hydra":
            config = {key: f"${{{value[1:]}}}" if isinstance(value, str) else value for key, value in config.items()}
        start = time.perf_counter()
        try:
            resolved = side.resolve(config)
            assert resolved["link_0"] == 1
            told.append(f"{side.name} {time.perf_counter() - start:.2f} s")
        except Exception as error:  # noqa: BLE001  # whatever ends it
            told.append(f"{side.name} ends with {type(error).__name__}")
    return ", ".join(told)


if __name__ == "__main__":
    main()
