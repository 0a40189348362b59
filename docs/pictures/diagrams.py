"""Diagrams: their Mermaid source as SVG that is readable on light and on dark."""

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from functools import cache
from pathlib import Path

from browser import opened

SOURCES = Path(__file__).parents[1] / "assets" / "diagrams"
MERMAID = "mermaid@11.17.2"  # a tool of whoever makes the pictures: nothing of the project needs it
FONT = "Verdana, 'DejaVu Sans', sans-serif"  # these two are equally wide, so that a text fits its box
# Boxes are light and their text dark; lines stand out from a white page and from a dark one.
CONFIG = {
    "startOnLoad": False,
    "theme": "base",
    "htmlLabels": False,
    "deterministicIds": True,
    "flowchart": {
        "htmlLabels": False,
        "useMaxWidth": False,
        "wrappingWidth": 500,
        "padding": 12,
        "nodeSpacing": 30,
        "rankSpacing": 36,
    },
    "themeVariables": {
        "fontFamily": FONT,
        "fontSize": "15px",
        "primaryColor": "#dbeafe",
        "primaryBorderColor": "#3b82c4",
        "primaryTextColor": "#15273a",
        "lineColor": "#7d8896",
        "edgeLabelBackground": "#e8ebef",
        "clusterBkg": "#f4f6f9",
        "clusterBorder": "#8893a1",
        "titleColor": "#15273a",
    },
    "themeCSS": ".edgeLabel rect { opacity: 1 !important; }",
}


def source(name: str) -> str:
    """The source of a diagram that is kept in the repository."""
    return (SOURCES / f"{name}.mmd").read_text(encoding="utf-8")


def signed(text: str) -> str:
    """What marks a picture as made from this source."""
    return hashlib.sha256(text.encode()).hexdigest()


def drawn(name: str, text: str) -> str:
    """A source as SVG, with the mark of what it was made from."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text('<!doctype html><meta charset="utf-8"><body>', encoding="utf-8")
        with opened(page, 1200, 900) as shown:
            shown.add_script_tag(content=_mermaid())
            shown.evaluate("config => mermaid.initialize(config)", CONFIG)
            svg = shown.evaluate("async ([name, text]) => (await mermaid.render(name, text)).svg", [name, text])
    return f"<!-- made from {name}, sha256 {signed(text)} -->\n{svg}\n"


@cache
def _mermaid() -> str:
    """The program, fetched as a package of npm."""
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run([_npm(), "pack", "--silent", MERMAID], cwd=folder, stdout=-1, text=True, check=True)
        with tarfile.open(Path(folder) / packed.stdout.strip()) as archive:
            program = archive.extractfile("package/dist/mermaid.min.js")
            assert program is not None
            return program.read().decode()


def _npm() -> str:
    program = shutil.which("npm")
    if program is None:
        raise SystemExit(f"diagrams are drawn by {MERMAID}, and npm, which brings it, is not found")
    return program
