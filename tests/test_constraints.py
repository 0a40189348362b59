"""Exact versions: `constraints.txt` pins all that is installed, torch first."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
LINES = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()


def test_each_line_pins_one_release() -> None:
    assert [line for line in LINES if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []
    assert len({name(line) for line in LINES}) == len(LINES)


def test_torch_comes_first_and_without_a_build() -> None:
    assert re.fullmatch(r"torch==\d+\.\d+\.\d+", LINES[0])


def test_all_that_is_asked_for_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"].values()
    asked = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *(one for e in extras for one in e),
    ]
    assert {name(one) for one in asked} - {name(line) for line in LINES} == {"lighter"}


def test_all_that_comes_with_it_is_pinned() -> None:
    pinned = {name(line) for line in LINES}
    installed = {name(found.metadata["Name"]): found for found in metadata.distributions()}
    missing = set()
    for found in (installed[pin] for pin in pinned & installed.keys()):
        for requirement in map(Requirement, found.requires or []):
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                missing |= {name(requirement.name)} - pinned
    assert missing == set()


def name(requirement: str) -> str:
    """The name of a distribution, as all its spellings are one."""
    return re.sub(r"[-_.]+", "-", Requirement(requirement).name).lower()
