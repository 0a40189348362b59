"""What would stand in the way: packages that are not installed, code that runs at import, submodules that are empty."""

import ast
import importlib.util
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from lighter.cli.adopting.naming import Names
from lighter.cli.adopting.outlining import asks_for_main, dotted
from lighter.cli.adopting.parameters import outside_bases
from lighter.cli.adopting.reading import GENERATED, HUGE, Repository, adopting, parsed
from lighter.cli.adopting.recognising import Candidate, Kind, Recognised, kind_of_base
from lighter.errors import shown_path
from lighter.project.files import INIT
from lighter.project.installing import installing
from lighter.project.searching import Search

# What is called at import, by the last part of its name or, with a dot in it, by all of it.
_CALLED = {
    "reads the command line": ("parse_args", "parse_known_args"),
    "reads the terminal": ("input",),
    "prints": ("print",),
    "ends the process": ("exit", "quit", "sys.exit", "os._exit"),
    "downloads": (
        *("urlretrieve", "urlopen", "download_url", "load_state_dict_from_url", "from_pretrained"),
        *("requests.get", "wget.download", "gdown.download", "nltk.download"),
    ),
    "trains": ("backward", "trainer.fit"),
    "changes torch's defaults": ("set_default_tensor_type", "set_default_dtype"),
    "asks for CUDA": ("cuda",),
    "sets a seed": ("manual_seed",),
    "changes sys.path": ("sys.path.append", "sys.path.insert", "sys.path.extend"),
    "changes the working folder": ("os.chdir",),
    "makes a folder": ("os.makedirs", "os.mkdir"),
    "runs a command": (
        *("os.popen", "os.system"),
        *("subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output"),
    ),
    "loads a file": ("torch.load", "np.load"),
    "opens a window": ("plt.show",),
}
_EFFECTS = {name: effect for effect, names in _CALLED.items() for name in names}
# Methods of these names do something else.
_FUNCTIONS = {"open": "opens a file"} | {name: _EFFECTS[name] for name in ("input", "print", "exit", "quit")}
_ENDS = ("reads the command line", "reads the terminal", "ends the process", "trains")
_MAY_END = re.compile(r"parse_args|parse_known_args|sys\.argv|input\(|exit|quit|backward|trainer\.fit")
_INSTALLATION = re.compile(r"[/\\](site|dist)-packages[/\\]")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True, slots=True)
class ImportEffect:
    """Something that importing a file does, and its first line."""

    what: str
    line: int


@dataclass(slots=True)
class Obstacles:
    """What was found on the way of imports from the chosen files, one line each, and which packages are missing."""

    lines: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    missing_elsewhere: list[str] = field(default_factory=list)


def obstacles(found_there: Recognised, chosen: Sequence[Candidate]) -> Obstacles:
    """What stands in the way of using the chosen ones, as far as the texts of the files say that they load."""
    repository, names = found_there.repository, found_there.names
    reached, wanted, lost = _reach(repository, names, {candidate.here.file for candidate in chosen})
    search = Search(repository.project)
    empty = [search.relative(folder) for folder in search.empty_submodules]
    fetched = {path.rpartition("/")[2] for path in empty}  # to be fetched, not installed
    absent = {package: places for package, places in wanted.items() if not _is_installed(package)}
    found = Obstacles(files=sorted(reached & repository.outlines.keys()), missing=list(absent))
    for package, (place, *more) in absent.items():
        if package not in fetched:
            others = f", and {len(more)} more" if more else ""
            command = f" ({installing(package)})" if installing(package) else ""
            found.lines.append(f"'{package}' is not installed: {place} imports it{others}{command}")
    found.lines += [*lost, *_two_lightnings(found_there, chosen)]
    skipped = sorted(reached & repository.skipped.keys())
    found.lines += [f"{file}: {repository.skipped[file]}, and it is imported" for file in skipped]
    for file in found.files:
        tree, _ = parsed(repository.texts[file])
        found.lines += _told_effects(file, import_effects(tree))
    found.lines += [f"the git submodule '{path}' is empty (git submodule update --init)" for path in empty]
    elsewhere = {package for file in repository.outlines for package in _outside(file, repository, names)}
    found.missing_elsewhere = sorted(one for one in elsewhere - absent.keys() if not _is_installed(one))
    return found


def hindered(found: Recognised) -> set[str]:
    """The files of candidates whose import ends in an error here, or does the work of a script."""
    repository, names = found.repository, found.names
    trees = {file: parsed(text)[0] for file, text in repository.texts.items() if _MAY_END.search(text)}
    ends = {file for file, tree in trees.items() if any(one.what in _ENDS for one in import_effects(tree))}
    ends |= {path for path, reason in repository.skipped.items() if reason not in (GENERATED, HUGE)}
    stopped: set[str] = set()
    for file in {candidate.here.file for candidate in found.candidates}:
        reached, wanted, lost = _reach(repository, names, [file])
        if lost or ends & reached or not all(map(_is_installed, wanted)):
            stopped.add(file)
    return stopped


def _told_effects(file: str, effects: Sequence[ImportEffect]) -> list[str]:
    """What importing a file does, in one line."""
    if not effects:
        return []
    first, *more = sorted(effects, key=lambda one: one.what != "trains")
    others = "".join(f", {one.what} (line {one.line})" for one in more)
    cure = ": it is a script, so move what a config names into another file" if first.what == "trains" else ""
    return [f"{file}:{first.line} {first.what}{others} when it is imported{cure}"]


def _reach(
    repository: Repository, names: Names, files: Iterable[str]
) -> tuple[set[str], dict[str, list[str]], list[str]]:
    """The files that importing these loads, who wants which package from outside, and imports that find nothing."""
    reached: set[str] = set()
    wanted: dict[str, list[str]] = {}
    lost: list[str] = []
    starts: dict[str, list[tuple[str, str]]] = {}  # an inner folder -> the imports that start there
    waiting = sorted(files)
    while waiting:
        file = waiting.pop(0)
        if file in reached:
            continue
        reached.add(file)
        folders = file.split("/")[:-1]
        packages = ("/".join([*folders[:depth], INIT]) for depth in range(len(folders) + 1))
        waiting += [init for init in packages if init in repository.outlines or init in repository.skipped]
        for imported in repository.outlines[file].imports if file in repository.outlines else ():
            module, top = names.module(file, imported), imported.module.partition(".")[0]
            place = f"{file}:{imported.line}"
            if module is not None:  # and a submodule of it, if that is what is imported from it
                loaded = (module, f"{module}.{imported.name}".lstrip("."))
                waiting += [names.files[name] for name in loaded if name in names.files]
            elif imported.optional:
                continue
            elif (folder := names.root_for(file, imported)) and (imported.level or not _is_installed(top)):
                if imported.level or not file.startswith(f"{folder}/"):  # what is above a file is found
                    starts.setdefault(folder, []).append((place, imported.module))
                start = ".".join([*folder.split("/"), imported.module])
                waiting += [names.files[name] for name in (start, f"{start}.{imported.name}") if name in names.files]
            elif imported.level:
                lost.append(f"{place} imports '{'.' * imported.level}{imported.module}', which is not there")
            else:
                wanted.setdefault(top, []).append(place)
    for folder, ((place, module), *more) in starts.items():
        others, path = f", and {len(more)} more" if more else "", repository.project.root / folder
        # Adopted by itself, a folder beside the file would do without the file.
        cure = adopting(path) if place.startswith(f"{folder}/") else f"start with PYTHONPATH={shown_path(path)}"
        lost.append(f"{place} imports '{module}' as if run from {folder}/{others} ({cure})")
    return reached, wanted, lost


def _outside(file: str, repository: Repository, names: Names) -> Iterator[str]:
    for imported in repository.outlines[file].imports:
        is_asked = not imported.level and not imported.optional
        if is_asked and names.module(file, imported) is None and names.root_for(file, imported) is None:
            yield imported.module.partition(".")[0]


def _is_installed(package: str) -> bool:
    if package in sys.stdlib_module_names or package in sys.modules:
        return True
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError, AttributeError):  # what a broken finder says of a name it does not have
        return False
    # A plain folder somewhere on `sys.path` is no package, unless it was installed as one.
    folders = () if spec is None else spec.submodule_search_locations or ()
    return spec is not None and (spec.origin is not None or any(map(_INSTALLATION.search, folders)))


def _two_lightnings(found: Recognised, chosen: Sequence[Candidate]) -> list[str]:
    """Where a LightningModule and a LightningDataModule come from packages that do not take each other's."""
    homes: dict[str, Candidate] = {}
    for candidate in chosen:
        if candidate.kind in (Kind.LIGHTNING_MODULE, Kind.DATA_MODULE):
            bases = outside_bases(candidate.here, found.names)
            tops = [one.partition(".")[0] for one in bases if kind_of_base(one) is candidate.kind]
            homes.update(dict.fromkeys(tops[:1], candidate))
    both = " and ".join(f"{candidate.here.name} from '{home}'" for home, candidate in homes.items())
    return [f"{both}: the Trainer of each package takes only its own"] if len(homes) > 1 else []


def import_effects(tree: ast.Module | None) -> tuple[ImportEffect, ...]:
    """What importing a file does, each once."""
    found: dict[str, int] = {}
    for node in _running(tree.body if tree is not None else []):
        found.setdefault(_effect(node), node.lineno)
    return tuple(ImportEffect(what, line) for what, line in found.items() if what)


def _running(body: list[ast.stmt]) -> Iterator[ast.expr]:
    """The expressions that run at import, in their order."""
    waiting: list[ast.AST] = list(reversed(body))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and asks_for_main(node.test):
            waiting.extend(reversed(node.orelse))
        elif not isinstance(node, _DEFINITIONS):
            if isinstance(node, ast.expr):
                yield node
            waiting.extend(reversed(list(ast.iter_child_nodes(node))))


def _effect(node: ast.expr) -> str:
    match node:
        case ast.Call(keywords=words) if any(map(_asks_for_download, words)):
            return "downloads"
        case ast.Call(func=ast.Name(id=name)) if name in _FUNCTIONS:
            return _FUNCTIONS[name]
        case ast.Call(func=func):
            last = func.attr if isinstance(func, ast.Attribute) else ""
            return _EFFECTS.get(dotted(func)) or ("" if last in _FUNCTIONS else _EFFECTS.get(last, ""))
        case ast.Attribute() if dotted(node) == "sys.argv":
            return "reads the command line"
        case ast.Subscript(value=value, ctx=ast.Store()) if dotted(value) == "os.environ":
            return "sets an environment variable"
    return ""


def _asks_for_download(word: ast.keyword) -> bool:
    return word.arg == "download" and isinstance(word.value, ast.Constant) and bool(word.value.value)
