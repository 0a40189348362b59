"""The commands, by name; what each does is imported when it is called."""

from collections.abc import Callable
from importlib import import_module

NAMES = (
    "fit",
    "validate",
    "test",
    "predict",
    "run",
    "runs",
    "report",
    "export",
    "check",
    "show",
    "diff",
    "components",
    "adopt",
)

# They read and tell, and hold on to what they make until they end: none of it is garbage before.
BRIEF = ("check", "show", "diff", "components", "adopt")


def command(name: str) -> Callable[..., None]:
    """The function behind a command."""
    function: Callable[..., None] = getattr(import_module(f"lighter.cli.{name}"), name)
    return function
