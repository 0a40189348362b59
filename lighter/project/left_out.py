"""What was built in a project and is not loaded: told where the code goes on without it."""

import os
import threading
import warnings
from typing import ClassVar

from lighter.errors import shown_path
from lighter.project.files import BUILT
from lighter.project.import_internals import calling_frame
from lighter.project.project import Project

_IMPORTING = ("importlib", "lighter.project.finder", __name__)
_SETUPS = ("setup.py", "pyproject.toml")


class LeftOut(threading.local):
    """What imports of this thread have asked for in vain, until it is known whether that is an error."""

    _told: ClassVar[set[tuple[Project, str]]] = set()  # in all threads

    def __init__(self) -> None:
        self._running = 0  # modules of projects whose code runs
        self._waiting: dict[str, str] = {}

    def begin(self) -> None:
        """The code of a module begins to run."""
        self._running += 1

    def end(self, is_loaded: bool) -> None:
        """The code has run or raised: what it, or a module that it caught the error of, did without is told now."""
        self._running = max(0, self._running - 1)
        if is_loaded or not self._running:  # if it raised, the error is told
            waiting, self._waiting = self._waiting, {}
            for text in waiting.values() if is_loaded else ():
                warnings.warn(text, stacklevel=2)

    def note(self, name: str, project: Project, why: str) -> None:
        """Something is there and is not loaded; what a function imports later is told at once."""
        if not why.startswith(BUILT) or (project, name) in self._told or not _is_asked_by_a_project():
            return  # links out are nobody's fallback, and an error tells of what a config asks for
        self._told.add((project, name))
        text = f"'{name}' is left out of the project '{project.name}': {why}{_cure(name, project)}"
        if self._running:
            self._waiting[name] = text
        else:
            warnings.warn(text, stacklevel=2)


def _is_asked_by_a_project() -> bool:
    frame = calling_frame(1)
    while str(frame.f_globals.get("__name__")).startswith(_IMPORTING) and frame.f_back is not None:
        frame = frame.f_back
    return isinstance(getattr(frame.f_globals.get("__spec__"), "loader_state", None), Project)


def _cure(name: str, project: Project) -> str:
    if not any(os.path.exists(os.path.join(project.root, one)) for one in _SETUPS):
        return ""
    install = f"; 'pip install {shown_path(project.asked or str(project.root))}' installs it"
    return f"{install}, for targets that name the installed package" if "." in name else install
