"""Every message whole, as a person reads it: `messages.txt` holds small configs and what is told of them.

After a change of words run the tests with `LIGHTER_REWRITE_MESSAGES=1`, and read what has changed in that file.
"""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

from lighter.config import Config
from lighter.errors import ConfigError

GOLDEN = Path(__file__).with_name("messages.txt")
CASE, PART, CHECK = "=== ", "--- ", "--- check "


@dataclass
class Case:
    """Files by name, how they are checked (sources, perhaps a `--stage=...`), and what is told."""

    name: str
    files: dict[str, str]
    check: str
    told: str

    def __str__(self) -> str:
        files = [f"{PART}{name}\n{text}" for name, text in self.files.items()]
        return "".join((f"{CASE}{self.name}\n", *files, f"{CHECK}{self.check}\n", self.told, "\n\n"))


def read(text: str) -> tuple[str, list[Case]]:
    """What stands above all cases, and the cases."""
    intro, *cases = text.split(f"\n{CASE}")
    return intro, [_case(case) for case in cases]


def _case(text: str) -> Case:
    above, _, rest = text.partition(f"\n{CHECK}")
    name, *files = above.split(f"\n{PART}")
    check, _, told = rest.partition("\n")
    split = (file.partition("\n") for file in files)
    return Case(name, {title: f"{content}\n" for title, _, content in split}, check, told.strip("\n"))


INTRO, CASES = read(GOLDEN.read_text(encoding="utf-8"))
COMMON = CASES[0].files


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_told(case, write, monkeypatch):
    monkeypatch.delenv("LIGHTER_NEEDS_SLURM", raising=False)  # which is near the name of one that is not set
    for name, text in {**COMMON, **case.files}.items():
        write(name, text)
    told = tell(*shlex.split(case.check))
    if os.environ.get("LIGHTER_REWRITE_MESSAGES"):
        case.told = told
        GOLDEN.write_text("\n".join([INTRO, "".join(map(str, CASES))]).rstrip("\n") + "\n", encoding="utf-8")
    assert told == case.told


def tell(*words: str) -> str:
    """All that is wrong with a config, as the command line says it."""
    stage = next((word.removeprefix("--stage=") for word in words if word.startswith("--stage=")), None)
    try:
        config = Config.load(*(word for word in words if not word.startswith("--")))
        problems = [*config.check(stage), *config.warnings]
    except ConfigError as error:
        return str(error)
    return str(ConfigError(problems)) if problems else "nothing"


def test_the_file_is_read_and_written_as_it_is():
    text = GOLDEN.read_text(encoding="utf-8")
    assert "\n".join([INTRO, "".join(map(str, CASES))]).rstrip("\n") + "\n" == text
    assert len(CASES) >= 50
    assert len({case.name for case in CASES}) == len(CASES)
