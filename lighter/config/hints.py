"""What to do about an exception that the user's code raises while it is built, where that can be known."""

import traceback
from pathlib import Path

from lighter.utils.whereabouts import in_text

__all__ = ["hint"]


def hint(error: Exception) -> str:
    """What to write; empty where nothing is known of such an exception."""
    if isinstance(error, AttributeError) and type(error.obj) is dict and error.name in error.obj:
        return (
            f"the code reads '.{error.name}' of a mapping, and a mapping of a config is a dict: write "
            "'_target_: argparse.Namespace' into it"
        )
    if isinstance(error, NameError) and error.name and not isinstance(error, UnboundLocalError):
        return _of_main(error.name, error)
    return ""


def _of_main(name: str, error: NameError) -> str:
    """A name that its file sets only when it is run as a script."""
    frames = traceback.extract_tb(error.__traceback__)
    path = Path(frames[-1].filename) if frames else Path()
    found = in_text(path.read_bytes(), name) if path.is_file() else None
    if found is None or found.how != "main":
        return ""
    return (
        f"'{name}' is set in line {found.line} of {path.name}, below 'if __name__ == \"__main__\":', which an import "
        "does not run: set it at the top of the file, or hand it to the call as an argument"
    )
