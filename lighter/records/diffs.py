"""What is not committed, as one text that `git apply` takes."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from lighter.records.git import LARGEST_DIFF, Snapshot
from lighter.records.masking import masked, may_hold_secret

LISTED = 1000  # untracked files that are named
_CODE = (".py", ".pyi", ".ipynb", ".c", ".cc", ".cpp", ".cu", ".h", ".js", ".sh")
_PARTS = re.compile("^(?=diff --git )", re.MULTILINE)

__all__ = ["diff_text"]


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
