"""The docs cannot rot: their files are written, their commands run, their configs read."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from lighter.cli.diff import DIFFERENT
from lighter.config.composing import compose

ROOT = Path(__file__).parents[1]
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md"])
BLOCK = re.compile(r'^```(?P<kind>\w+)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL)
MISTAKE = 2


def blocks(page: Path) -> list[re.Match[str]]:
    return list(BLOCK.finditer(page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_do_what_the_page_says(page: Path, tmp_path: Path) -> None:
    for block in blocks(page):
        if block["title"]:
            path = tmp_path / block["title"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block["text"], encoding="utf-8")
        elif block["kind"] == "console":
            for command, told in commands(block["text"]):
                check_command(command, told, tmp_path)


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


def commands(text: str) -> list[tuple[str, list[str]]]:
    """Each command of a console block, with the lines that it must print."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif line.strip() and line.strip() != "...":
            found[-1][1].append(line.strip())
    return found


def check_command(command: str, told: list[str], folder: Path) -> None:
    program, *words = shlex.split(command)
    start = {"lighter": [sys.executable, "-m", "lighter"], "python": [sys.executable]}[program]
    environment = {**os.environ, "COLUMNS": "120"}
    done = subprocess.run(
        [*start, *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    expected = MISTAKE if any(line.startswith("error:") for line in told) else 0
    if words[:1] == ["diff"] and told:
        expected = DIFFERENT
    output = done.stdout + done.stderr
    assert done.returncode == expected, output
    assert [line for line in told if line not in output] == [], output
