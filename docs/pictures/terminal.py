"""Commands as a terminal shows them: recorded in a pseudo-terminal, and drawn as SVG with the fonts of the reader."""

import fcntl
import os
import pty
import re
import struct
import termios
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

COLUMNS, ROWS = 100, 50
GAP = 16  # between two windows
# What a terminal is told: a new line, to go up, to clear the line, anything else; or text with its colours.
TOLD = re.compile(
    r"(?P<new>\n)|\x1b\[(?P<up>\d*)A|(?P<clear>\x1b\[2K)|\r|\x1b\[\?\d+[hl]|(?P<text>(?:[^\r\n\x1b]|\x1b\[[\d;]*m)+)"
)
COLOURS = [
    (40, 44, 52), (224, 108, 117), (152, 195, 121), (229, 192, 123),
    (97, 175, 239), (198, 120, 221), (86, 182, 194), (200, 204, 212),
]  # fmt: skip
BRIGHT = [(110, 118, 132), *COLOURS[1:7], (255, 255, 255)]
THEME = TerminalTheme((30, 33, 40), (220, 223, 228), COLOURS, BRIGHT)


def record(command: list[str], folder: Path, environment: Mapping[str, str], columns: int = COLUMNS) -> bytes:
    """All that a command writes to a terminal of this width."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvpe(command[0], command, {**environment, "TERM": "xterm-256color", "COLUMNS": str(columns)})  # noqa: S606  # no shell is wanted
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
    written = b""
    try:
        while part := os.read(terminal, 65536):
            written += part
    except OSError:
        pass  # the other end is closed
    finally:
        os.close(terminal)
        os.waitpid(child, 0)
    return written


def screens(written: str) -> Iterator[list[str]]:
    """What stands on the terminal after each thing that was written."""
    rows, at = [""], 0
    for told in TOLD.finditer(written):
        if told["new"]:
            at += 1
            rows += [""] * (at == len(rows))
        elif told["up"] is not None:
            at = max(0, at - int(told["up"] or 1))
        elif told["clear"]:
            rows[at] = ""
        elif told["text"]:
            rows[at] += told["text"]
            yield list(rows)


def at_end(written: str) -> list[str]:
    """The last screen, without empty lines at its end."""
    *_, last = screens(written)
    while last and not last[-1]:
        last.pop()
    return last


def at_moment(written: str, pattern: str) -> list[str]:
    """The screen in the midst of those whose last line fits the pattern."""
    found = [screen for screen in screens(written) if re.search(pattern, Text.from_ansi(screen[-1]).plain)]
    if not found:
        raise SystemExit(f"no line of the terminal fits {pattern!r}")
    return found[len(found) // 2]


def window(title: str, rows: Sequence[str], columns: int = COLUMNS) -> str:
    """A terminal window as SVG."""
    console = Console(record=True, width=columns, file=StringIO(), force_terminal=True, color_system="truecolor")
    for row in (*rows, ""):  # the last row would be cut
        console.print(Text.from_ansi(row), soft_wrap=False, overflow="fold", highlight=False)
    # A form of our own: Rich's asks another server for a font.
    form = (Path(__file__).parent / "window.svg").read_text(encoding="utf-8")
    text = console.export_svg(title=title, theme=THEME, code_format=form)
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip()) + "\n"


def below_each_other(windows: Sequence[str]) -> str:
    """Several windows in one picture."""
    sizes = [tuple(map(float, re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', one)[0])) for one in windows]
    parts, top = [], 0.0
    for one, (width, height) in zip(windows, sizes, strict=True):
        parts.append(one.replace("<svg ", f'<svg y="{top:g}" width="{width:g}" height="{height:g}" ', 1))
        top += height + GAP
    wide = max(width for width, _ in sizes)
    return f'<svg viewBox="0 0 {wide:g} {top - GAP:g}" xmlns="http://www.w3.org/2000/svg">\n{"".join(parts)}</svg>\n'
