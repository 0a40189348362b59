"""Where a system is defined of which Lightning says, before anything runs, that it cannot take it."""

import inspect
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lighter.errors import Position
from lighter.training.lightnings import is_lightnings

_VALIDATOR = "configuration_validator.py"  # of both of Lightning's packages


@contextmanager
def noting_system(system: object, position: Position | None) -> Iterator[None]:
    """Adds to Lightning's own words on a system's methods where these are written; type and traceback stay."""
    try:
        yield
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        if frames and Path(frames[-1].filename).name == _VALIDATOR:
            error.add_note(_note(type(system), str(error), position))
        raise


def _note(kind: type, said: str, position: Position | None) -> str:
    """The method of the class that this is about, else the class."""
    name = re.search(r"`(\w+)(?:\(\))?`", said)
    method = getattr(kind, name[1], None) if name is not None else None
    is_own = inspect.isfunction(method) and not is_lightnings(method.__module__)
    written: Any = method if is_own else kind
    try:
        file, (_, line) = inspect.getsourcefile(written), inspect.getsourcelines(written)
    except (OSError, TypeError):
        file, line = None, 0
    where = f" is defined in {file}:{line}" if file else ""
    return f"'{written.__qualname__}'{where}" + (f"; 'system' is written at {position}" if position is not None else "")
