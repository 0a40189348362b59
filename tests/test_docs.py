"""The docs stay true: their files are written, their commands run, their configs read."""

import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import lighter
from lighter.cli.diff import DIFFERENT
from lighter.config.composing import compose
from lighter.config.former import SPELLINGS

ROOT = Path(__file__).parents[1]
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md"])
BLOCK = re.compile(r'^```(?P<kind>\w+)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL)
MISTAKE = 2
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
OTHER = {"lighter.components", "lighter.weights.load_weights", "lighter.runs.jobs"}
OTHER |= {"lighter.adapters.BatchAdapter", "lighter.adapters.CriterionAdapter"}
OTHER |= {name for spelling in SPELLINGS for name in spelling.of}
Lighter = Callable[..., subprocess.CompletedProcess[str]]


def blocks(page: Path) -> list[re.Match[str]]:
    return list(BLOCK.finditer(page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_do_what_the_page_says(page: Path, tmp_path: Path, warm: Lighter) -> None:
    for block in blocks(page):
        if block["title"]:
            path = tmp_path / block["title"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block["text"], encoding="utf-8")
        elif block["kind"] == "console":
            for command, printed in commands(block["text"]):
                check_command(command, printed, tmp_path, warm)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_configs_can_be_read(page: Path, tmp_path: Path) -> None:
    for block in blocks(page):
        if block["kind"] == "yaml":
            path = tmp_path / (block["title"] or "config.yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block["text"], encoding="utf-8")
            compose([path])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_to_files(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", [*PAGES, *EXAMPLES], ids=lambda page: str(page.relative_to(ROOT)))
def test_only_what_is_promised_is_named(page: Path) -> None:
    text = re.sub(r"^```text$.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    named = {name for name in NAME.findall(text) if not f"{name}.".startswith(tuple(f"{one}." for one in PROMISED))}
    assert named - OTHER == set()


def commands(text: str) -> list[tuple[str, list[str]]]:
    """Each command of a console block, with the lines that it must print."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif line.strip() and line.strip() != "...":
            found[-1][1].append(line.strip())
    return found


def check_command(command: str, printed: list[str], folder: Path, warm: Lighter) -> None:
    program, *words = shlex.split(command)
    if program == "lighter":
        done = warm("-m", "lighter", *words, folder=folder)
    else:
        start = [sys.executable, *words]
        done = subprocess.run(start, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    output = done.stdout + done.stderr
    expected = MISTAKE if any(line.startswith("error:") for line in printed) else 0
    if words[:1] == ["diff"] and printed:
        expected = DIFFERENT
    assert done.returncode == expected, output
    assert [line for line in printed if line not in output] == [], output
