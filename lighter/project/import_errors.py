"""Why a module cannot be imported, and what to do about it, by what its import raised."""

import re
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from lighter.errors import nearest, shown_path
from lighter.project.definitions import in_text
from lighter.project.frames import is_installed, user_frames
from lighter.project.libraries import builtin_of_2, moved, version_of
from lighter.project.missing_modules import Wanted, beside, missing
from lighter.project.project import Project
from lighter.project.searching import text_of

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
_GUARD = "guard that part with 'if __name__ == \"__main__\":', or name a target in a file that only defines"


@dataclass(frozen=True, slots=True)
class Cause:
    """What is wrong and a word of help."""

    what: str
    help: str = ""


def cause(dotted: str, error: BaseException, project: Project | None) -> Cause:
    """Why the module of a dotted name could not be imported."""
    what, help = _told(dotted, error, project)
    return Cause(f"importing '{dotted}' {what}", help)


def _told(dotted: str, error: BaseException, project: Project | None) -> tuple[str, str]:
    frames = user_frames(error, project)
    asker = frames[-1].filename if frames else ""
    match error:
        case ModuleNotFoundError(name=str(name)):
            return _needs(missing(Wanted(dotted, name, asker=asker), project))
        case ImportError():
            return _of_import(dotted, error, [frame.filename for frame in frames], project)
        case SyntaxError():
            return _of_syntax(error)
        case SystemExit():
            return _of_exit(error)
        case EOFError():
            return "reads the terminal, and nobody types", _GUARD
        case AttributeError():
            return _of_attribute(error, [frame.filename for frame in frames])
        case NameError(name=str(name)) if builtin_of_2(name):
            return f"meets Python 2 code: {error}", f"Python 3 calls it '{builtin_of_2(name)}'; {_convert()}"
        case FileNotFoundError(filename=str(name)):
            return _raised(error), _of_folder(name, project) or package_at_fault(error)
    return _raised(error), package_at_fault(error)


def _needs(told: tuple[str, str]) -> tuple[str, str]:
    return f"needs {told[0]}", told[1]


def _raised(error: BaseException) -> str:
    return f"raised {type(error).__name__}: {error}"


def _of_import(dotted: str, error: ImportError, files: list[str], project: Project | None) -> tuple[str, str]:
    if "beyond top-level package" in str(error) and project is not None:
        _, rest = project.split(dotted) or ("", dotted)
        help = f"it leads above the project: write 'project: {beside(project, '..')}'"
        return _raised(error), f"{help} and '_target_: project.{project.name}.{rest}'"
    match = _CANNOT.search(str(error))
    if match is None:
        return _raised(error), package_at_fault(error)
    if match["part"] and _is_defined(match["name"], error.path or "", project):
        return _circle(match["name"], match["of"], files)
    wanted = Wanted(dotted, match["of"], match["name"], files[-1] if files else "", error.path)
    return _needs(missing(wanted, project))


def _is_defined(name: str, path: str, project: Project | None) -> bool:
    """Whether a file will have a name once it has run to its end, as far as that can be read."""
    return project is None or in_text(text_of(project, path), name) is not None


def _circle(name: str, module: str, files: list[str]) -> tuple[str, str]:
    start = max((i for i, file in enumerate(files[:-1]) if file == files[-1]), default=0)
    steps = list(dict.fromkeys(files[start:]))
    around = " -> ".join(shown_path(Path(file)) for file in [*steps, *steps[:1]])
    what = f"goes in a circle, {around}: '{module}' has no '{name}' yet"
    return what, "it fails whichever file is first: move one of the imports into the function that needs it"


def _of_syntax(error: SyntaxError) -> tuple[str, str]:
    line = error.text or ""
    said = error.msg or ""
    if _ASYNC.search(line):
        help = "'async' is a keyword since Python 3.7; PyTorch calls that argument 'non_blocking'"
        return f"raised {type(error).__name__}: {said}", help
    is_of_2 = said.startswith(_SAID_OF_2) or "inconsistent use of tabs" in said or _LINE_OF_2.search(line)
    if is_of_2:
        return f"meets Python 2 code: {said}", _convert()
    return f"raised {type(error).__name__}: {said}", ""


def _convert() -> str:
    return "take a copy for Python 3, or convert it: '2to3 -w FILE' does most of it (it comes with Python up to 3.12)"


def _of_exit(error: SystemExit) -> tuple[str, str]:
    trace, parses = error.__traceback__, False
    while trace is not None:
        parses = parses or Path(trace.tb_frame.f_code.co_filename).name == "argparse.py"
        trace = trace.tb_next
    if parses:
        return "ends the process: the module parses the command line when it is imported", _GUARD
    code = "" if error.code is None else f" with {error.code!r}"
    return f"ends the process{code} (SystemExit): the module is a script", _GUARD


def _of_attribute(error: AttributeError, files: list[str]) -> tuple[str, str]:
    if match := _PARTIAL.search(str(error)):
        return _circle(match["name"] or match["sub"], match["of"] or match["package"], files)
    match = _LACKS.search(str(error))
    module = sys.modules.get(match["of"]) if match is not None else None
    if match is None or module is None:
        return _raised(error), ""
    version = version_of(module.__name__)
    near = nearest(match["name"], [known for known in dir(module) if not known.startswith("_")])
    cure = moved(f"{module.__name__}.{match['name']}") or (f"did you mean '{near}'?" if near else "")
    other = f"{version} is installed; the code may be of another version" if version else ""
    return _raised(error), "; ".join(filter(None, (cure, other))).replace("?;", "?")


def _of_folder(name: str, project: Project | None) -> str:
    if project is None or Path(name).is_absolute() or not (project.root / name).exists():
        return ""
    return f"the project has that file: start from the project's own folder, {shown_path(project.root)}"


def package_at_fault(error: BaseException) -> str:
    """The help for an exception that came while an installed package was imported; empty for any other."""
    top = _imported_last(error.__traceback__)
    if not top or top in sys.stdlib_module_names:
        return ""
    told = version_of(top) or top
    fitting = " and ".join(filter(None, (version_of("torch") if top != "torch" else "", version_of("sys"))))
    return f"the installed {told} does not load, whoever imports it: install a version of it that fits {fitting}"


def _imported_last(trace: TracebackType | None) -> str:
    """The package of the innermost module that was being run; empty where that is no installed one."""
    top = ""
    while trace is not None:
        frame, trace = trace.tb_frame, trace.tb_next
        if frame.f_code.co_name == "<module>":
            name = str(frame.f_globals.get("__name__", ""))
            top = name.partition(".")[0] if is_installed(frame.f_code.co_filename) else ""
    return top


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
