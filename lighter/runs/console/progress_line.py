"""The progress of a run: how far its work is, and the line on a terminal that says so, drawn anew now and then."""

import os
from collections.abc import Mapping
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from lighter.runs.console.pace import Work
from lighter.runs.console.recording import current
from lighter.runs.console.streams import Outlet, is_terminal
from lighter.runs.console.values import told
from lighter.training.logged_name import short

WIDEST, NARROWEST, REST = 30, 10, 70  # characters: of the bar, and of what is beside it
WITHOUT_BAR = 60  # and of a terminal so narrow that it has none


class LineDisplay:
    """Stands on the last line of a terminal; what is printed meanwhile comes above it.

    It is drawn by whoever calls `draw`, in no thread of its own: a process with threads is not to be forked.
    """

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream, force_jupyter=False, highlight=False)
        self._live = Live(
            console=self._console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
        )

    def start(self) -> None:
        """Takes the line."""
        self._live.start()
        self._console.show_cursor(show=True)  # of a process that is killed it would stay hidden
        for outlet in _outlets():
            outlet.place(self)

    def stop(self) -> None:
        """Gives the line back, and leaves nothing there."""
        self._live.stop()
        for outlet in _outlets():
            outlet.place(None)

    def above(self, line: str) -> None:
        """Shows a line above it, in the colours that it has."""
        self._console.print(Text.from_ansi(line), soft_wrap=True)

    def draw(self, work: Work, values: Mapping[str, float]) -> None:
        """Shows how far the work is, and the newest values."""
        self._live.update(self._line(work, values), refresh=True)

    def _line(self, work: Work, values: Mapping[str, float]) -> Text:
        width = self._console.width
        line = Text.assemble((work.name, "bold"), no_wrap=True, end="")
        if work.total and width >= WITHOUT_BAR:
            line.append("  ").append_text(self._bar(work.part, min(WIDEST, max(NARROWEST, width - REST))))
        shown = {short(name): value for name, value in values.items()}
        for part in (*work.told(), *told(shown, digits=3)):
            if (
                len(line) + len(part) + 2 >= width
            ):  # half a number would be another; a full line wraps on some terminals
                break
            line.append(f"  {part}")
        line.truncate(width - 1)
        return line

    def _bar(self, part: float, width: int) -> Text:
        full, filled = ("━" if self._console.encoding.startswith("utf") else "-"), round(part * width)
        empty = " " if self._console.no_color or self._console.color_system is None else full
        return Text.assemble((full * filled, "cyan"), (empty * (width - filled), "bright_black"))


def takes_display(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal on which a line can be drawn anew."""
    return is_terminal(stream) and os.environ.get("TERM", "").lower() not in ("", "dumb", "unknown")


def _outlets() -> list[Outlet]:
    """The streams of the run that write to a terminal."""
    recording = current()
    found = (recording.out, recording.err) if recording is not None else ()
    return [outlet for outlet in found if outlet is not None and is_terminal(outlet.stream)]
