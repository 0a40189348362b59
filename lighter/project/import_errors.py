"""Why a module cannot be imported, and what to do about it, by what its import raised."""

import re
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from lighter.errors import nearest, shown_path
from lighter.project.definitions import in_text
from lighter.project.files import text_of
from lighter.project.frames import is_installed, user_frames
from lighter.project.libraries import builtin_of_2, moved, version_of
from lighter.project.missing_modules import Wanted, missing
from lighter.project.project import Project

_CANNOT = re.compile(
    r"cannot import name '(?P<name>[^']+)' from (?P<part>partially initialized module )?'(?P<of>[^']+)'"
)
_PARTIAL = re.compile(
    r"partially initialized module '(?P<of>[^']+)' has no attribute '(?P<name>[^']+)'"
    r"|cannot access submodule '(?P<sub>[^']+)' of module '(?P<package>[^']+)'"
)
_LACKS = re.compile(r"^module '(?P<of>[\w.]+)' has no attribute '(?P<name>\w+)'")
# What Python says, or its line, of code that only Python 2 understands.
_SAID_OF_2 = ("Missing parentheses in call to", "multiple exception types must be", "leading zeros in decimal")
_LINE_OF_2 = re.compile(r"<>|`|\braise\s+\w+\s*,|\bexcept\s+[\w.]+\s*,|\bur['\"]|\b\d+[lL]\b|^\s*exec\s|^\s*print\s")
_ASYNC = re.compile(r"\basync\s*=|\.async\b")
_CONVERT = "take a copy for Python 3, or convert it: '2to3 -w FILE' does most of it (it comes with Python up to 3.12)"
_GUARD = "guard that part with 'if __name__ == \"__main__\":', or name a target in a file that only defines"


class Cause(NamedTuple):
    """What is wrong and a word of help."""

    what: str
    help: str = ""


def cause(dotted: str, error: BaseException, project: Project | None) -> Cause:
    """Why the module of a dotted name could not be imported."""
    found = _cause(dotted, error, project)
    return found._replace(what=f"importing '{dotted}' {found.what}")


def _cause(dotted: str, error: BaseException, project: Project | None) -> Cause:
    files = [frame.filename for frame in user_frames(error, project)]
    raised = f"raised {type(error).__name__}: {error}"
    match error:
        case ModuleNotFoundError(name=str(name)):
            return _missing(Wanted(dotted, name, asker=files[-1] if files else ""), project)
        case ImportError():
            return _of_import(dotted, error, files, project) or Cause(raised, package_at_fault(error))
        case SyntaxError():
            return _of_syntax(error)
        case SystemExit():
            return _of_exit(error)
        case EOFError():
            return Cause("reads the terminal, and nobody types", _GUARD)
        case AttributeError():
            circle = _PARTIAL.search(str(error))
            if circle is not None:
                return _circle(circle["name"] or circle["sub"], circle["of"] or circle["package"], files)
            return Cause(raised, _of_attribute(error))
        case NameError(name=str(name)) if builtin_of_2(name):
            return Cause(f"meets Python 2 code: {error}", f"Python 3 calls it '{builtin_of_2(name)}'; {_CONVERT}")
        case FileNotFoundError(filename=str(name)):
            return Cause(raised, _of_folder(name, project) or package_at_fault(error))
    return Cause(raised, package_at_fault(error))


def _missing(wanted: Wanted, project: Project | None) -> Cause:
    what, help = missing(wanted, project)
    return Cause(f"needs {what}", help)


def _of_import(dotted: str, error: ImportError, files: list[str], project: Project | None) -> Cause | None:
    if "beyond top-level package" in str(error) and project is not None:
        _, rest = project.split(dotted) or ("", dotted)
        help = f"it leads above the project: write 'project: {project.beside('..')}'"
        what = f"raised {type(error).__name__}: {error}"
        return Cause(what, f"{help} and '_target_: project.{project.name}.{rest}'")
    match = _CANNOT.search(str(error))
    if match is None:
        return None
    if match["part"] and _is_defined(match["name"], error.path or "", project):
        return _circle(match["name"], match["of"], files)
    return _missing(Wanted(dotted, match["of"], match["name"], files[-1] if files else "", error.path), project)


def _is_defined(name: str, path: str, project: Project | None) -> bool:
    """Whether a file will have a name once it has run to its end, as far as that can be read."""
    return project is None or in_text(text_of(project, path), name) is not None


def _circle(name: str, module: str, files: list[str]) -> Cause:
    start = max((i for i, file in enumerate(files[:-1]) if file == files[-1]), default=0)
    steps = list(dict.fromkeys(files[start:]))
    around = " -> ".join(shown_path(file) for file in [*steps, *steps[:1]])
    what = f"goes in a circle, {around}: '{module}' has no '{name}' yet"
    return Cause(what, "it fails whichever file is first: move one of the imports into the function that needs it")


def _of_syntax(error: SyntaxError) -> Cause:
    line, said = error.text or "", error.msg or ""
    raised = f"raised {type(error).__name__}: {said}"
    if _ASYNC.search(line):
        return Cause(raised, "'async' is a keyword since Python 3.7; PyTorch calls that argument 'non_blocking'")
    if said.startswith(_SAID_OF_2) or "inconsistent use of tabs" in said or _LINE_OF_2.search(line):
        return Cause(f"meets Python 2 code: {said}", _CONVERT)
    return Cause(raised)


def _of_exit(error: SystemExit) -> Cause:
    files = (Path(frame.f_code.co_filename).name for frame, _ in traceback.walk_tb(error.__traceback__))
    if "argparse.py" in files:
        return Cause("ends the process: the module parses the command line when it is imported", _GUARD)
    code = "" if error.code is None else f" with {error.code!r}"
    return Cause(f"ends the process{code} (SystemExit): the module is a script", _GUARD)


def _of_attribute(error: AttributeError) -> str:
    match = _LACKS.search(str(error))
    module = sys.modules.get(match["of"]) if match is not None else None
    if match is None or module is None:
        return ""
    version = version_of(module.__name__)
    near = nearest(match["name"], [known for known in dir(module) if not known.startswith("_")])
    cure = moved(f"{module.__name__}.{match['name']}") or (f"did you mean '{near}'?" if near else "")
    other = f"{version} is installed; the code may be of another version" if version else ""
    return "; ".join(filter(None, (cure, other))).replace("?;", "?")


def _of_folder(name: str, project: Project | None) -> str:
    if project is None or Path(name).is_absolute() or not (project.root / name).exists():
        return ""
    return f"the project has that file: start from the project's own folder, {shown_path(project.root)}"


def package_at_fault(error: BaseException) -> str:
    """The help for an exception that came while an installed package was imported; empty for any other."""
    top = _imported_last(error.__traceback__)
    if not top or top in sys.stdlib_module_names:
        return ""
    version = version_of(top) or top
    fitting = " and ".join(filter(None, (version_of("torch") if top != "torch" else "", version_of("sys"))))
    return f"the installed {version} does not load, whoever imports it: install a version of it that fits {fitting}"


def _imported_last(trace: TracebackType | None) -> str:
    """The package of the innermost module that was being run; empty where that is no installed one."""
    running = [frame for frame, _ in traceback.walk_tb(trace) if frame.f_code.co_name == "<module>"]
    if not running or not is_installed(running[-1].f_code.co_filename):
        return ""
    return str(running[-1].f_globals.get("__name__", "")).partition(".")[0]


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
