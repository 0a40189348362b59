"""What is reported when a target cannot be had: absent, or its module raised while it was imported."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from lighter.config.component_lookup import locate_target
from lighter.errors import ConfigError, LighterError, Mistake, Position, Problem, Terminated, respelt, suggestion
from lighter.project.files import NotPythonText
from lighter.project.locating import InvalidPath, locate
from lighter.project.project import ALIAS, Project
from lighter.project.target_not_found import TargetNotFound

RAISED = "raised here"  # what is said of the line that raised


class Failed(NamedTuple):
    """A dotted name that could not be turned into an object, and why."""

    dotted: str
    error: BaseException
    project: Project | None = None

    def problem(self, position: Position, place: str) -> Problem:
        """The mistake, reported where the name is written."""
        if isinstance(self.error, TargetNotFound):
            return _not_found(self.error, position, place, self.project)
        if isinstance(self.error, (InvalidPath, NotPythonText, LighterError)):
            return Problem(str(self.error), position, place, code="target")
        from lighter.project.import_errors import cause  # only a mistake pays for it

        why = cause(self.dotted, self.error, self.project)
        return Problem(why.what, position, place, why.help, self._raised_at(), code="import")

    def _raised_at(self) -> tuple[tuple[str, Position], ...]:
        """The line of the user's code that raised, before it the line that led there."""
        from lighter.project.frames import position_in, position_of, user_frames

        at = [position_of(frame) for frame in user_frames(self.error, self.project)]
        if isinstance(self.error, SyntaxError) and self.error.filename:
            at.append(position_in(self.error.filename, self.error.lineno or 1, self.error.offset or 1))
        if not at:
            return ()
        led = () if at[0].source == at[-1].source else (("imported here", at[0]),)
        return (*led, (RAISED, at[-1]))


def located(dotted: str, project: Project | None, is_target: bool = False) -> object | Failed:
    """The object of a dotted name, or why it cannot be had; the name of a target may be short."""
    try:
        return locate_target(dotted, project) if is_target else locate(dotted, project)
    except (KeyboardInterrupt, Terminated):
        raise
    except BaseException as error:  # noqa: BLE001  # reported with its place, beside the config's other mistakes
        return Failed(dotted, error, project)


@contextmanager
def importing(dotted: str, project: Project | None, position: Position, place: str) -> Iterator[None]:
    """Adds a word of help to what an import raises; raises ConfigError for what would end the process."""
    try:
        yield
    except (KeyboardInterrupt, Terminated, LighterError, TargetNotFound, InvalidPath, NotPythonText):
        raise
    except Exception as error:
        from lighter.project.import_errors import cause

        if help := cause(dotted, error, project).help:
            error.add_note(f"help: {help}")
        raise
    except BaseException as error:
        raise ConfigError([Failed(dotted, error, project).problem(position, place)]) from error


def _not_found(error: TargetNotFound, position: Position, place: str, project: Project | None) -> Problem:
    from lighter.project.forgotten_project import forgotten_project  # only a mistake pays for these
    from lighter.project.frames import position_in
    from lighter.project.installing import how_to_install

    known = [name for name in error.candidates if not name.startswith("_")]
    own = forgotten_project(error.dotted, position.source.folder, project)
    # Without a project a folder of that name comes before all else that may be meant.
    help = (own if project is None else "") or error.hint or own or suggestion(error.missing, known, "it has")
    also: tuple[tuple[str, Position], ...] = ()
    if error.at:
        at = position_in(*error.at)
        if written := at.source.text.splitlines()[at.line - 1 : at.line]:
            at = at._replace(column=max(0, written[0].find(error.missing)) + 1, width=len(error.missing))
        also = (("written here", at),)
    if not help and error.kind == "module" and not error.within:
        own_name = f"targets of the project begin with '{project.name}' or '{ALIAS}'" if project else ""
        help = how_to_install(error.missing, own_name) if own_name else how_to_install(error.missing)
    edit = respelt(error.missing, known, position) if help.startswith("did you mean") and not error.at else None
    is_package = error.kind == "module" and not error.within
    code: Mistake = "import" if is_package else "target"
    return Problem(error.what, position, place, help, also, code=code, edit=edit)
