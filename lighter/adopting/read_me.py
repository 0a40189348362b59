"""The examples in a repository's README: the Python code that it shows to people."""

import ast
import re
from textwrap import dedent

from lighter.adopting.reading import Repository, parsed

README = "README.md"
_LONGEST = 2**18  # bytes
_BLOCK = re.compile(
    r"^[ \t]*```[ \t]*(?:python|py|python3)[ \t]*$\n(.*?)^[ \t]*```", re.MULTILINE | re.DOTALL | re.IGNORECASE
)

__all__ = ["README", "examples"]


def examples(repository: Repository) -> list[tuple[int, ast.Module]]:
    """The code blocks that can be parsed, each with the number of lines before it."""
    path = repository.project.root / README
    try:
        if path.is_symlink() or not path.is_file():
            return []
        with path.open(encoding="utf-8", errors="replace") as file:
            text = file.read(_LONGEST)
    except OSError:
        return []
    found = ((text.count("\n", 0, block.start(1)), parsed(dedent(block[1]))[0]) for block in _BLOCK.finditer(text))
    return [(before, tree) for before, tree in found if tree is not None]
