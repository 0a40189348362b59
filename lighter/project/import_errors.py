"""Why a module cannot be imported, and what to do about it: by what its import raised, and what that asked for."""

import importlib
import os
import re
import sys
import traceback
from collections.abc import Iterable
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from lighter.errors import listing, nearest, shown_path, suggestion
from lighter.project.definitions import in_text, names_in
from lighter.project.files import find, find_below, find_source, folders_of, modules, plain_text, refusal, text_of
from lighter.project.forgotten_project import is_code
from lighter.project.frames import is_installed, user_frames
from lighter.project.installing import how_to_install, installing, package_of, version_of
from lighter.project.libraries import BUILTINS_OF_2, is_importable, moved
from lighter.project.project import Project
from lighter.project.searching import Search

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


class Wanted(NamedTuple):
    """What an import statement names, a module and perhaps something in it, for the sake of a config's `target`.

    `asker` is the file that has the statement, `file` that of the module, if it was found.
    """

    target: str
    module: str
    name: str = ""
    asker: str = ""
    file: str | None = None

    @property
    def dotted(self) -> str:
        """Both names as one."""
        return f"{self.module}.{self.name}" if self.name else self.module

    def __str__(self) -> str:
        return f"'{self.name}' from '{self.module}'" if self.name else f"'{self.module}'"


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
            partial = _PARTIAL.search(str(error))
            if partial is not None:
                return _circular(partial["name"] or partial["sub"], partial["of"] or partial["package"], files)
            return Cause(raised, _of_attribute(error))
        case NameError(name=str(name)) if name in BUILTINS_OF_2:
            return Cause(f"meets Python 2 code: {error}", f"Python 3 calls it '{BUILTINS_OF_2[name]}'; {_CONVERT}")
        case FileNotFoundError(filename=str(name)):
            return Cause(raised, _of_folder(name, project) or package_at_fault(error))
    return Cause(raised, package_at_fault(error))


def _missing(wanted: Wanted, project: Project | None) -> Cause:
    what, help = missing(wanted, project)
    return Cause(f"needs {what}", help)


def _of_import(dotted: str, error: ImportError, files: list[str], project: Project | None) -> Cause | None:
    if "beyond top-level package" in str(error) and project is not None:
        what = f"raised {type(error).__name__}: {error}"
        return Cause(what, f"it leads above the project: {_from_above(dotted, project)}")
    match = _CANNOT.search(str(error))
    if match is None:
        return None
    # Whether the file will have the name once it has run to its end, as far as that can be read.
    is_defined = project is None or in_text(text_of(project, error.path or ""), match["name"]) is not None
    if match["part"] and is_defined:
        return _circular(match["name"], match["of"], files)
    return _missing(Wanted(dotted, match["of"], match["name"], files[-1] if files else "", error.path), project)


def _circular(name: str, module: str, files: list[str]) -> Cause:
    start = max((i for i, file in enumerate(files[:-1]) if file == files[-1]), default=0)
    steps = list(dict.fromkeys(files[start:]))
    around = " -> ".join(shown_path(file) for file in [*steps, *steps[:1]])
    what = f"is circular, {around}: '{module}' has no '{name}' yet"
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
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    running = [frame for frame in frames if frame.f_code.co_name == "<module>"]
    if not running or not is_installed(running[-1].f_code.co_filename):
        return ""
    top = str(running[-1].f_globals.get("__name__", "")).partition(".")[0]
    if not top or top in sys.stdlib_module_names:
        return ""
    version = version_of(top) or top
    fitting = " and ".join(filter(None, (version_of("torch") if top != "torch" else "", version_of("sys"))))
    return f"the installed {version} does not load, whoever imports it: install a version of it that fits {fitting}"


def missing(wanted: Wanted, project: Project | None) -> tuple[str, str]:
    """What is wrong with what was wanted, and what to do."""
    search = Search(project) if project is not None else None
    if search is not None:
        inside = _inside(wanted, search.project)
        ways = list(accumulate(inside.split("."), os.path.join)) if inside is not None else []
        below = [os.path.join(source, way) for source in search.project.sources for way in ways]
        help = _in_subfolder(wanted, search) or search.empty(inside or wanted.dotted, filter(os.path.isdir, below))
        if inside is not None:
            lacks = "does not define it" if wanted.name else "the project does not have"
            near = _nearest_name if wanted.name else _nearest_module
            return f"{wanted}, which {lacks}", help or near(wanted, inside, search)
        if help:
            return f"{wanted}, which is not there", help
    top = wanted.module.partition(".")[0]
    if (wanted.name or "." in wanted.module) and (wanted.file or is_importable(top)):
        lacks = f"{version_of(top) or wanted.file or 'what is installed'} does not have"
        homes = search.homes(wanted.name) if search is not None and wanted.name else []
        own = f"the project has it as {_quoted(homes)}, but '{wanted.module}' is another here" if homes else ""
        return f"{wanted}, which {lacks}", own or _of_library(wanted)
    help = moved(wanted.module)
    if search is not None:
        help = help or _on_no_path(wanted.module, search) or _beside(wanted, search.project) or _to_build(top, search)
    if help:
        return f"{wanted}, which is not there", help
    return f"the package '{top}', which is not installed", _to_install(top, search)


def _inside(wanted: Wanted, project: Project) -> str | None:
    """What is wanted of the project, as a name that counts from its root; None where it is not of the project."""
    first, _, rest = wanted.module.partition(".")
    # A package of another place may have come first.
    is_here = wanted.file is None or wanted.file.startswith(os.path.join(project.root, ""))
    if is_here and find_source(project, first):
        return wanted.module
    added = first.removeprefix(f"{project.package}-")
    return rest if first == project.package or added == "project" or added.isdecimal() else None


def _in_subfolder(wanted: Wanted, search: Search) -> str:
    """The cure for a second project inside the first, which is to be run from its own folder."""
    folder = search.own_root(wanted.asker, wanted.module, wanted.name) if wanted.asker else None
    if folder is None:
        return ""
    own = f"'{folder}' is a project of its own, which has it: write 'project: {search.project.beside(folder)}'"
    _, rest = search.project.split(wanted.target) or ("", "")
    begin = f"{folder.replace(os.sep, '.')}."
    return f"{own} and '_target_: project.{rest.removeprefix(begin)}'" if rest.startswith(begin) else own


def _nearest_module(wanted: Wanted, inside: str, search: Search) -> str:
    """The nearest of the project's modules to one that it does not have."""
    project, names = search.project, inside.split(".")
    folder = next((each for each in reversed(project.sources) if find(project, each, names[0])), str(project.root))
    done: list[str] = []
    for name in names:
        found = find(project, folder, name)
        if found is None:
            break
        done.append(name)
        if found.folder is None:
            return f"'{'.'.join(done)}' is a file, {search.relative(found.file or '')}, and holds no modules"
        folder = found.folder
    left = names[len(done) : len(done) + 1] or [wanted.module]
    if why := refusal(project, folder, left[0]):
        return why
    if elsewhere := [path for path in search.modules_named(left[0]) if path.endswith(f"{left[0]}.py")]:
        return f"the project has it in {_quoted(map(search.relative, elsewhere))}"
    known = modules(project, folder)
    near = nearest(left[0], known)
    return (
        f"did you mean '{'.'.join([*done, near])}'?"
        if near
        else f"'{search.relative(folder)}' has {_quoted(known) or 'no modules'}"
    )


def _nearest_name(wanted: Wanted, inside: str, search: Search) -> str:
    """The nearest name of a module of the project to one that it does not define."""
    if homes := search.homes(wanted.name):
        return f"the project has it as {_quoted(homes)}"
    found = find_below(search.project, str(search.project.root), inside.split("."))
    file = wanted.file or (found and (found.file or found.folder)) or ""
    if os.path.isdir(file):
        known = modules(search.project, file)
        return suggestion(wanted.name, known, "it has") or f"the folder '{search.relative(file)}' is empty"
    where = search.where(file, wanted.name)
    if where is not None and where.how in ("main", "function"):
        when = "it runs as a script" if where.how == "main" else f"'{where.within}' is called"
        return f"'{search.relative(file)}' has it in line {where.line}, but only where {when}"
    defined = names_in(search.text(file))
    return suggestion(wanted.name, defined, "it has") or f"'{search.relative(file)}' defines nothing"


def _of_library(wanted: Wanted) -> str:
    if gone := moved(wanted.dotted):
        return gone
    import pkgutil  # only a mistake pays for it

    known: list[str] = []
    above, _, last = wanted.dotted.rpartition(".")
    with suppress(Exception):  # a library that cannot be looked into is no reason to fail
        module = sys.modules.get(above) or importlib.import_module(above)
        known = [*dir(module), *(found.name for found in pkgutil.iter_modules(folders_of(module)))]
    near = nearest(last, known)
    older = f"the code may be of another version of '{wanted.module.partition('.')[0]}'"
    return f"did you mean '{above}.{near}'? Otherwise {older}" if near else older


def _beside(wanted: Wanted, project: Project) -> str:
    """The cure for an import that counts from the folder that the project is in."""
    top = wanted.module.partition(".")[0]
    if not is_code(project.root.parent / top):
        return ""
    return f"it lies beside the project: {_from_above(wanted.target, project)}"


def _from_above(target: str, project: Project) -> str:
    """What to write so that the folder above is the project."""
    _, rest = project.split(target) or ("", target)
    return f"write 'project: {project.beside('..')}' and '_target_: project.{project.name}.{rest}'"


def _on_no_path(module: str, search: Search) -> str:
    """A module in some folder of the project, which the project's own scripts add to the path."""
    found = search.modules_named(module) or search.folders_named(module)
    if not found:
        return ""
    folder = found[0][: found[0].rindex(f"{os.sep}{module.replace('.', os.sep)}")]
    has = f"the project has '{search.relative(found[0])}'"
    return f"{has}; if its own scripts put that folder on sys.path, start with 'PYTHONPATH={shown_path(folder)}'"


def _to_build(top: str, search: Search) -> str:
    """A compiled module, which the project's own setup.py builds."""
    names = re.compile(rf"Extension\(\s*(?:name\s*=\s*)?['\"](?:[\w.]+\.)?{re.escape(top)}['\"]".encode())
    setups = (path for path in search.files if os.path.basename(path) == "setup.py")
    setup = next((path for path in setups if names.search(search.text(path))), None)
    return f"the project builds it: run 'pip install {shown_path(os.path.dirname(setup))}'" if setup else ""


def _to_install(top: str, search: Search | None) -> str:
    if search is None:
        return how_to_install(top)
    required = _requiring(top, search.project)
    known = installing(top) or required
    help = f"run '{known}'" if known else how_to_install(top, "code of your own belongs in the project")
    if required or not search.empty_submodules:
        return help
    folder = search.empty_submodules[0]
    inside = f"if it is in the git submodule '{search.relative(folder)}', which is empty"
    return f"{help}; or, {inside}, {search.filling(folder)}"


def _requiring(top: str, project: Project) -> str:
    """The command that installs the project's own requirements, if they name what brings a module; else empty."""
    path = project.root / "requirements.txt"
    text = plain_text(str(path))
    named = {word.lower().replace("_", "-") for word in re.findall(r"^\s*([\w.-]+)", text, re.MULTILINE)}
    is_named = bool(named & {top.lower().replace("_", "-"), package_of(top).lower()})
    return f"pip install -r {shown_path(path)}" if is_named else ""


def _quoted(names: Iterable[str]) -> str:
    return listing(f"'{name}'" for name in names)


def hint(error: Exception) -> str:
    """What to write where something that is built raises; empty where nothing is known of such an exception."""
    if isinstance(error, AttributeError) and type(error.obj) is dict and error.name in error.obj:
        return (
            f"the code reads '.{error.name}' of a mapping, and a mapping of a config is a dict: write "
            "'_target_: argparse.Namespace' into it"
        )
    if isinstance(error, NameError) and error.name and not isinstance(error, UnboundLocalError):
        frames = traceback.extract_tb(error.__traceback__)
        path = Path(frames[-1].filename) if frames else Path()
        found = in_text(path.read_bytes(), error.name) if path.is_file() else None
        if found is not None and found.how == "main":
            where = f"in line {found.line} of {path.name}, below 'if __name__ == \"__main__\":'"
            cure = "set it at the top of the file, or hand it to the call as an argument"
            return f"'{error.name}' is set {where}, which an import does not run: {cure}"
    return ""
