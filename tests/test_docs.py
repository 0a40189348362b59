"""The docs stay true: their files are written, their commands run and print what is shown, their configs read.

With LIGHTER_REWRITE_DOCS=1 a block that does not show what is printed gets all of it, to be shortened by hand.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import lighter
from lighter.config.composing import compose
from lighter.config.former import SPELLINGS

ROOT = Path(__file__).parents[1]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"])
BLOCK = re.compile(r'^```(?P<kind>\w+)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL)
BEFORE = re.compile(r"^<!-- The files are those of (?P<page>\S+) -->$", re.MULTILINE)
LONGEST_PAGE = 150
CUT = "..."  # stands for any lines, or for the rest of one
ITEM = re.compile(r"(?:-|\d+\.) ")
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[-+]?\d+)?")
EXAMPLES = sorted(
    p for kind in ("md", "py", "yaml") for p in (ROOT / "projects").rglob(f"*.{kind}") if "runs" not in p.parts
)
NAME = re.compile(r"(?:\bfrom |(?<![\w./-]))(lighter(?:\.\w+)+)")
PROMISED = (
    *(f"lighter.{name}" for name in lighter.__all__),
    "lighter.plugins",
    "lighter.callbacks",
    "lighter.launchers",
    "lighter.utils.dynamic_imports",
)
# A group of entry points; an older name; what a launcher has run.
OTHER = {"lighter.errors.ConfigError", "lighter.components", "lighter.weights.load_weights", "lighter.runs.jobs"}
OTHER |= {"lighter.adapters.BatchAdapter", "lighter.adapters.CriterionAdapter"}
OTHER |= {name for spelling in SPELLINGS for name in spelling.of}
Lighter = Callable[..., subprocess.CompletedProcess[str]]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path) -> list[re.Match[str]]:
    return list(BLOCK.finditer(page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_print_what_the_page_shows(page: Path, tmp_path: Path, warm: Lighter) -> None:
    start = folder = tmp_path / "training"  # runs of a config.yaml are called by its folder
    start.mkdir()
    written: set[Path] = set()
    for block in before(page):
        write(page, block, start, written)
    for block in blocks(page):
        write(page, block, start, written)
        if block["kind"] == "console":
            for command, shown in commands(block["text"]):
                if command.startswith("cd "):
                    folder /= command[3:]
                else:
                    check_command(page, command, shown, run(command, folder, warm))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_configs_can_be_read(page: Path, tmp_path: Path) -> None:
    for block in [*before(page), *blocks(page)]:
        if block["kind"] == "yaml":
            path = tmp_path / (block["title"] or "config.yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block["text"], encoding="utf-8")
            compose([path])


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_to_files(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", [*PAGES, *EXAMPLES], ids=name_of)
def test_only_what_is_promised_is_named(page: Path) -> None:
    text = re.sub(r"^```text$.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    named = {name for name in NAME.findall(text) if not f"{name}.".startswith(tuple(f"{one}." for one in PROMISED))}
    assert named - OTHER == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_list_stands_apart_from_the_paragraph_above(page: Path) -> None:
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    pairs = pairwise(["", *text.splitlines()])
    glued = [line for above, line in pairs if ITEM.match(line) and above and not ITEM.match(above) and above[0] != " "]
    assert glued == [], "Markdown makes one paragraph of these"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_is_read_in_one_go(page: Path) -> None:
    text = re.sub(
        r"\A---\n.*?^---\n\n", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )  # its settings
    assert len(text.splitlines()) <= LONGEST_PAGE


@pytest.mark.parametrize(
    ("shown", "printed", "true"),
    [
        (["loss  0.9", "end"], "loss   12.5e-3\n\nend\n", True),
        (["loss", "end"], "loss\nmore\nend\n", False),
        (["loss", "...", "end"], "loss\nmore\nand more\nend\n", True),
        (["loss"], "loss\nend\n", False),
        (["loss", "..."], "loss\nend\n", True),
        (["end"], "loss\nend\n", False),
        (["...", "lo... 5", "..."], "loss of 7\n", True),
        (["lo"], "loss\n", False),
        (["a", "b"], "b\na\n", False),
    ],
)
def test_what_is_shown_is_what_is_printed_but_for_numbers_and_what_is_cut(shown, printed, true) -> None:
    assert bool(pattern(shown).fullmatch(plain(printed))) is true


def before(page: Path) -> Iterator[re.Match[str]]:
    """The blocks of the page whose files a page goes on with, and of those before that."""
    if found := BEFORE.search(page.read_text(encoding="utf-8")):
        former = page.parent / found["page"]
        yield from before(former)
        yield from blocks(former)


def write(page: Path, block: re.Match[str], folder: Path, written: set[Path]) -> None:
    """Writes the file that a block shows, or holds the block against the file where a command has made it."""
    path = folder / (block["title"] or "")
    if block["title"] and path.exists() and path not in written:
        hold(page, block["text"], path.read_text(encoding="utf-8"))
    elif block["title"]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block["text"], encoding="utf-8")
        written.add(path)


def hold(page: Path, shown: str, true: str) -> None:
    if shown != true and "LIGHTER_REWRITE_DOCS" in os.environ:
        page.write_text(page.read_text(encoding="utf-8").replace(shown, true), encoding="utf-8")
    else:
        assert true == shown, "what the page shows is not what it is"


def commands(text: str) -> list[tuple[str, list[str]]]:
    """Each command of a console block, with the lines that are shown below it."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif line.strip():
            found[-1][1].append(line)
    return found


def run(command: str, folder: Path, warm: Lighter) -> subprocess.CompletedProcess[str]:
    program, *words = shlex.split(command)
    if program == "lighter":
        return warm("-m", "lighter", *words, folder=folder, merged=True)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "COLUMNS": "120"}
    return subprocess.run(
        ["sh", "-c", f"{command} 2>&1"], cwd=folder, env=environment, stdout=-1, text=True, timeout=240, check=False
    )


def check_command(page: Path, command: str, shown: list[str], done: subprocess.CompletedProcess[str]) -> None:
    fails = any(re.match(r"[\w.]*[Ee]rror:", line) for line in shown) or (command.startswith("lighter diff") and shown)
    assert bool(done.returncode) is bool(fails), done.stdout
    if shown and not pattern(shown).fullmatch(plain(done.stdout)):
        hold(page, *("\n".join([f"$ {command}", *lines]) for lines in (shown, done.stdout.rstrip().splitlines())))


def plain(printed: str) -> str:
    """What is compared of an output: lines that are not empty, with `0` for each number and one space for several."""
    lines = (" ".join(NUMBER.sub("0", line).split()) for line in printed.splitlines())
    return "".join(f"{line}\n" for line in lines if line)


def pattern(shown: list[str]) -> re.Pattern[str]:
    """What fits the lines that a page shows, which may be shortened by `...`, as a line of its own too."""
    lines = plain("\n".join(shown)).splitlines()
    return re.compile("".join("(?:.*\n)*?" if line == CUT else f"{_line(line)}\n" for line in lines))


def _line(shown: str) -> str:
    return re.escape(shown).replace(re.escape(CUT), ".*")
