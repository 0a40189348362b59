"""The edits of mistakes, written into the files of a config: what `lighter check --fix` does."""

import sys
from collections.abc import Iterable
from pathlib import Path

from lighter.cli.answer import note
from lighter.errors import Edit, Problem, RunError, shown_path, visible
from lighter.runs.whole_files import write_whole

_BOM = b"\xef\xbb\xbf"


def edits_of(problems: Iterable[Problem]) -> list[Edit]:
    """The edits of mistakes that can be made together, in the order of the mistakes: of two that overlap the first."""
    taken: list[Edit] = []
    for edit in (problem.edit for problem in problems if problem.edit is not None):
        if edit.span is not None and not any(_overlap(edit, other) for other in taken):
            taken.append(edit)
    return taken


def shown(edit: Edit) -> str:
    """An edit in a line: where it is, what is written there, and what will be."""
    where = f"{edit.position.source.name}:{edit.position.line}:{_span(edit)[0] + 1}"
    return visible(f"{where}: '{edit.old}' -> '{edit.new}'", kept="")


def agreed(edits: Iterable[Edit], is_agreed: bool) -> bool:
    """Whether the edits are wanted: a person at the terminal is asked; where none is, not without `--yes`."""
    lines = "\n".join(f"  {shown(edit)}" for edit in edits)
    is_asked = not is_agreed and sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
    title = "edits" if is_agreed or is_asked else "edits, which 'lighter check --fix --yes' makes"
    _say(f"{title}:\n{lines}\n{'make them? [y/N] ' if is_asked else ''}")
    if is_asked:
        return sys.stdin.readline().strip().lower() in ("y", "yes")
    return is_agreed


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def apply(edits: Iterable[Edit]) -> None:
    """Writes them, each file whole. Raises RunError for a file that was changed since it was read, or is no config."""
    by_file: dict[Path, list[Edit]] = {}
    for edit in edits:
        assert edit.position.source.path is not None  # edits_of has left out those without
        note(f"edited {shown(edit)}")
        by_file.setdefault(edit.position.source.path.resolve(), []).append(edit)
    written = {path: _edited(path, its) for path, its in by_file.items()}
    for path, content in written.items():
        mode = path.stat().st_mode
        write_whole(path, content)
        path.chmod(mode)


def _edited(path: Path, edits: list[Edit]) -> bytes:
    content, text = path.read_bytes(), edits[0].position.source.text
    mark = _BOM if content.startswith(_BOM) else b""
    if content != mark + text.encode():
        raise RunError(f"'{shown_path(path)}' was changed meanwhile: nothing is written; check it again")
    lines = text.splitlines(keepends=True)
    for edit in sorted(edits, key=_begin, reverse=True):
        line, (start, end) = edit.position.line - 1, _span(edit)
        lines[line] = lines[line][:start] + edit.new + lines[line][end:]
        if not edit.new and not lines[line].strip():
            lines[line] = ""  # what is taken out leaves no empty line
    return mark + "".join(lines).encode()


def _overlap(one: Edit, other: Edit) -> bool:
    if (one.position.source.path, one.position.line) != (other.position.source.path, other.position.line):
        return False
    (start, end), (begin, stop) = _span(one), _span(other)
    return start < stop and begin < end


def _begin(edit: Edit) -> tuple[int, int]:
    return edit.position.line, _span(edit)[0]


def _span(edit: Edit) -> tuple[int, int]:
    span = edit.span
    assert span is not None  # nor one that is nowhere
    return span
