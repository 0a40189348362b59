"""Makes the pictures of the documentation, from real runs: `make pictures`, or `... ONLY="report.png"`."""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import diagrams
import editor
import graph
import scene
import terminal
from browser import opened, photograph

PICTURES = scene.ROOT / "docs" / "assets" / "pictures"
CHARTS = "html[data-drawn]"  # a report says so when its charts are there


def report(path: Path) -> None:
    """The upper part of a run's report."""
    _page(scene.run() / "report.html", path, (1180, 880))


def report_dark(path: Path) -> None:
    """The same in the dark."""
    _page(scene.run() / "report.html", path, (1180, 880), "dark")


def sweep(path: Path) -> None:
    """The upper part of a sweep's page."""
    _page(scene.sweep() / "report.html", path, (1180, 1000))


def fit(path: Path) -> None:
    """A run on a terminal: its progress, and what it leaves."""
    written = scene.fit()
    training = terminal.at_moment(written, r"epoch 12/20  .*left")
    title = f"lighter {' '.join(scene.FIT)}"
    _write(path, [terminal.window(title, training), terminal.window("when it has ended", terminal.at_end(written))])


def mistake(path: Path) -> None:
    """All mistakes of a config at once."""
    rows = terminal.at_end(scene.recorded("check", "config.yaml"))
    _write(path, [terminal.window("lighter check config.yaml", rows)])


def runs(path: Path) -> None:
    """The list of runs."""
    _write(path, [terminal.window("lighter runs", terminal.at_end(scene.runs()))])


def in_editor(path: Path) -> None:
    """The same mistakes in an editor."""
    name = "config.yaml"
    text = (scene.folder() / name).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "editor.html"
        page.write_text(editor.page(name, text, scene.mistakes()), encoding="utf-8")
        _page(page, path, (860, 790), ready="body")


def diagram(path: Path) -> None:
    """A diagram that is written in Mermaid."""
    path.write_text(diagrams.drawn(path.stem, diagrams.source(path.stem)), encoding="utf-8")


def objects(path: Path) -> None:
    """The objects of a config that a page shows."""
    path.write_text(diagrams.drawn(path.stem, graph.source()), encoding="utf-8")


MADE: dict[str, Callable[[Path], None]] = {
    "report.png": report,
    "report-dark.png": report_dark,
    "sweep.png": sweep,
    "terminal-fit.svg": fit,
    "terminal-mistake.svg": mistake,
    "terminal-runs.svg": runs,
    "editor.png": in_editor,
    "graph.svg": objects,
    **{f"{source.stem}.svg": diagram for source in sorted(diagrams.SOURCES.glob("*.mmd"))},
}


def main() -> None:
    """Makes those that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(MADE)}; all if none is named")
    parser.add_argument("--keep", action="store_true", help="take the runs that are there, and train what is missing")
    parser.add_argument("--list", action="store_true", help="print their names, and make none")
    given = parser.parse_args()
    if given.list:
        print("\n".join(MADE))
        return
    if not given.keep:
        scene.clear()
    scene.folder()
    PICTURES.mkdir(exist_ok=True)
    for name in given.names or MADE:
        MADE[name](PICTURES / name)
        print(f"{name}: {(PICTURES / name).stat().st_size / 1024:.0f} KiB")


def _page(page: Path, path: Path, size: tuple[int, int], scheme: str = "light", ready: str = CHARTS) -> None:
    with opened(page, *size, scheme) as shown:
        shown.wait_for_selector(ready)
        photograph(shown, path)


def _write(path: Path, windows: list[str]) -> None:
    path.write_text(terminal.below_each_other(windows), encoding="utf-8")


if __name__ == "__main__":
    main()
