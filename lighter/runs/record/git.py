"""What a folder's git repository says of it: the commit, and what is not committed."""

import os
import re
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import NamedTuple

from lighter.config.secrets import may_hold_secret
from lighter.runs.record.masking import masked

LISTED = 1000  # untracked files that are named
_CODE = (".py", ".pyi", ".ipynb", ".c", ".cc", ".cpp", ".cu", ".h", ".js", ".sh")
_PARTS = re.compile("^(?=diff --git )", re.MULTILINE)

PATIENCE = 3.0  # seconds from the asking; a disk of the network may be slow, and a run is not to wait for it
LARGEST_DIFF = 10 * 2**20  # bytes
LARGEST_LIST = 2**20
_COMMIT, _NONE = "# branch.oid ", "(initial)"
_SLOW = f"git has said no more within {PATIENCE:g} seconds"
# Git is told its repository by these where it has started this program itself, from a hook for example.
_ABOUT_ANOTHER = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX")


class Snapshot(NamedTuple):  # a dataclass takes longer to make, at the start of every run
    """What git has said: `dirty` where a file it knows has changed; `untracked` are files that it does not know.

    `problem` says why something is missing; what git has not said is None or empty.
    """

    commit: str | None = None
    dirty: bool | None = None
    untracked: tuple[str, ...] = ()
    diff: bytes = b""
    is_cut: bool = False
    problem: str = ""


def root_of(folder: Path) -> Path | None:
    """The top of the repository that a folder is in."""
    is_there = os.path.exists  # a Path raises where it may not look
    return next((path for path in (folder, *folder.parents) if is_there(path / ".git")), None)


class Repository:
    """A repository that is being asked, by processes beside this one."""

    # Not by subprocess.run in a thread: that cannot be ended when the run fails before the answer is wanted, and reads
    # the whole of a large diff.

    def __init__(self, root: Path) -> None:
        self.root = root
        self._started = time.monotonic()
        self._problem = ""
        self._asked: list[subprocess.Popen[bytes]] = []
        try:
            self._asked.append(_start(root, "status", "--porcelain=v2", "-z", "--branch", "--untracked-files=normal"))
            self._asked.append(_start(root, "diff", "--no-ext-diff", "--no-textconv", "--no-color", "HEAD"))
        except OSError as error:
            self._problem = "git is not installed" if isinstance(error, FileNotFoundError) else f"git: {error}"

    def snapshot(self) -> Snapshot:
        """What git has said; waits for it, a few seconds from the asking at most."""
        if self._problem:
            self.stop()
            return Snapshot(problem=self._problem)
        left = max(0.0, self._started + PATIENCE - time.monotonic())
        alarm = threading.Timer(left, self._kill)
        alarm.daemon = True
        alarm.start()
        try:
            status, diff = map(_answer, self._asked, (LARGEST_LIST, LARGEST_DIFF))
        finally:
            alarm.cancel()
            self.stop()
        if not status.is_right:
            return Snapshot(_commit(self.root), problem=status.error or _SLOW)
        entries = list(_entries(status.text.decode(errors="replace")))
        commit = next((oid for kind, oid in entries if kind == "#" and oid != _NONE), None)
        untracked = tuple(path for kind, path in entries if kind == "?")
        dirty = any(kind not in "#?" for kind, _ in entries)
        problem = "there is no commit yet" if commit is None else "" if diff.is_right else _SLOW
        return Snapshot(commit, dirty, untracked, diff.text, diff.is_cut, problem)

    def stop(self) -> None:
        """Ends what still runs; safe to be called again."""
        self._kill()
        for process in self._asked:
            process.wait()
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()

    def _kill(self) -> None:
        for process in self._asked:
            process.kill()


def _commit(root: Path) -> str | None:
    """The commit alone, which git finds at once also where it is slow to look at all files."""
    words = _words(root, "rev-parse", "--verify", "HEAD")
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(words, env=_variables(), capture_output=True, text=True, timeout=1, check=True)  # noqa: S603  # no shell
        return done.stdout.strip()
    return None


class _Answer(NamedTuple):
    text: bytes
    is_cut: bool
    is_right: bool
    error: str


def _start(root: Path, *words: str) -> subprocess.Popen[bytes]:
    # A diff may warn of every line's end, and would wait until that is read.
    errors = DEVNULL if words[0] == "diff" else PIPE
    return subprocess.Popen(_words(root, *words), env=_variables(), stdin=DEVNULL, stdout=PIPE, stderr=errors)  # noqa: S603  # no shell


def _words(root: Path, *words: str) -> list[str]:
    # No program that the repository names watches it.
    return ["git", "-C", str(root), "-c", "core.fsmonitor=false", *words]


def _variables() -> dict[str, str]:
    """Those with which git waits for nobody, changes nothing, and speaks English."""
    kept = {name: value for name, value in os.environ.items() if name not in _ABOUT_ANOTHER}
    return kept | {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def _answer(process: subprocess.Popen[bytes], largest: int) -> _Answer:
    assert process.stdout is not None
    text = process.stdout.read(largest + 1)
    if len(text) > largest:
        process.kill()
        return _Answer(text[:largest], is_cut=True, is_right=True, error="")
    told = process.stderr.read().decode(errors="replace").splitlines() if process.stderr is not None else []
    is_right = process.wait() == 0
    if not is_right and process.returncode < 0:
        return _Answer(b"", is_cut=False, is_right=False, error="")
    return _Answer(text, is_cut=False, is_right=is_right, error=told[0] if told and not is_right else "")


def _entries(status: str) -> Iterator[tuple[str, str]]:
    """The kind and the path of each file that a status names (of a changed one more than the path), and the commit."""
    words = iter(status.split("\0"))
    for word in words:
        kind = word[:1]
        if kind == "2":
            next(words, None)  # what a renamed file was called before
        if word.startswith(_COMMIT):
            yield kind, word.removeprefix(_COMMIT)
        elif kind and kind != "#":
            yield kind, word[2:]


def diff_text(snapshot: Snapshot, secrets: Iterable[str]) -> str:
    """The changes, with stars for secrets, after the names of the files that git does not know."""
    return "".join([*_head(snapshot), *_changes(snapshot.diff.decode(errors="replace"), secrets)])


def _head(snapshot: Snapshot) -> Iterator[str]:
    if snapshot.untracked:
        yield "# files that git does not know, of which only the names are recorded:\n"
        yield from (f"#   {path}\n" for path in islice(snapshot.untracked, LISTED))
        if len(snapshot.untracked) > LISTED:
            yield f"#   ... and {len(snapshot.untracked) - LISTED} more\n"
    if snapshot.is_cut:
        yield f"# the changes are cut after {LARGEST_DIFF // 2**20} MiB\n"


def _changes(text: str, secrets: Iterable[str]) -> Iterator[str]:
    secrets = list(secrets)
    if not secrets and not may_hold_secret(text):
        yield text
        return
    for part in _PARTS.split(text):
        # In code a key is often given the name of a value, which is no secret.
        yield masked(part, secrets, is_code=part.partition("\n")[0].endswith(_CODE))
