"""The pictures of the docs: made by the script in `docs/pictures`, shown on a page, and of the present sources."""

import hashlib
import html
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PICTURES = sorted((DOCS / "assets" / "pictures").iterdir())
SOURCES = sorted((DOCS / "assets" / "diagrams").glob("*.mmd"))
LARGEST = 250_000


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lets its modules be imported, and leaves none behind: a project of another test may have one of that name."""
    monkeypatch.syspath_prepend(DOCS / "pictures")
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(DOCS)):
            del sys.modules[name]


def name_of(path: Path) -> str:
    return path.name


def test_each_is_made_by_the_script_and_all_that_it_makes_are_there() -> None:
    command = [sys.executable, str(DOCS / "pictures"), "--list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert sorted(listed) == [picture.name for picture in PICTURES]


@pytest.mark.parametrize("picture", PICTURES, ids=name_of)
def test_each_is_on_a_page_and_asks_for_nothing(picture: Path) -> None:
    pages = (page.read_text(encoding="utf-8") for page in (*DOCS.rglob("*.md"), ROOT / "README.md"))
    assert any(f"pictures/{picture.name}" in page for page in pages)
    assert picture.stat().st_size < LARGEST
    if picture.suffix == ".svg":
        assert re.findall(r"""(?:href|src|url)\W{1,3}https?:|@import""", picture.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("source", SOURCES, ids=name_of)
def test_a_diagram_is_drawn_of_its_source_as_it_is_now(source: Path) -> None:
    assert_drawn_of(source.read_text(encoding="utf-8"), source.stem)


def test_the_objects_are_those_of_the_config_that_the_page_shows(script: None) -> None:
    import graph

    text = graph.source()
    assert "train::dataset<br/>parts.pieces.points" in text
    assert_drawn_of(text, "graph")


def assert_drawn_of(source: str, name: str) -> None:
    drawn = (DOCS / "assets" / "pictures" / f"{name}.svg").read_text(encoding="utf-8")
    mark = f"<!-- made from {name}, sha256 {hashlib.sha256(source.encode()).hexdigest()} -->\n"
    assert drawn.startswith(mark), "'make pictures' draws it anew"


def test_the_mistakes_are_told_as_they_are_now(tmp_path: Path, warm: Callable[..., Any]) -> None:
    shutil.copytree(ROOT / "projects" / "digits", tmp_path / "digits", ignore=shutil.ignore_patterns("runs"))
    shutil.copy(DOCS / "pictures" / "mistaken.yaml", tmp_path / "config.yaml")
    printed = warm("-m", "lighter", "check", "config.yaml", folder=tmp_path, merged=True).stdout
    drawn = (DOCS / "assets" / "pictures" / "terminal-mistake.svg").read_text(encoding="utf-8")
    shown = "".join(re.findall(r'<text class="[\w-]+-r\d+"[^>]*>([^<]*)', drawn))
    told = "make pictures ONLY='terminal-mistake.svg editor.png'"
    assert html.unescape(shown).split() == printed.split(), told


def test_a_terminal_shows_what_was_written_last(script: None) -> None:
    from terminal import at_end, at_moment, window

    written = "begun\r\n\x1b[?25l\x1b[1mepoch 1\x1b[0m\r\x1b[2K\x1b[1mepoch 2\x1b[0m\r\n\r\x1b[1A\x1b[2Kdone\r\n"
    assert at_moment(written, r"^epoch 1$") == ["begun", "\x1b[1mepoch 1\x1b[0m"]
    assert at_end(written) == ["begun", "done"]
    drawn = window("lighter fit", at_end(written))
    assert "lighter&#160;fit" in drawn
    assert ">done" in drawn
