"""What would stand in the way: packages that are not installed, code that runs at import, submodules that are empty."""

import importlib.util
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from lighter.cli.adopting.kinds import Kind, kind_of_base
from lighter.cli.adopting.naming import Names, module_name
from lighter.cli.adopting.outlining import Import
from lighter.cli.adopting.parameters import outside_bases
from lighter.cli.adopting.reading import Repository, adopting
from lighter.cli.adopting.recognising import Candidate, Recognised
from lighter.project.libraries import installing
from lighter.project.searching import Search


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
    found = Obstacles(files=sorted(file for file in reached if file in repository.outlines))
    search = Search(repository.project)
    empty = [search.relative(folder) for folder in search.empty_submodules]
    fetched = {path.rpartition("/")[2] for path in empty}  # to be fetched, not installed
    absent = {package: places for package, places in wanted.items() if not _is_installed(package)}
    found.missing = list(absent)
    found.lines += [
        f"'{package}' is not installed: {_wanted_by(places)} ({installing(package)})"
        for package, places in absent.items()
        if package not in fetched
    ]
    found.lines += [*lost, *_two_lightnings(found_there, chosen)]
    found.lines += [
        f"{f}: {repository.skipped[f]}, and it is imported" for f in sorted(reached & repository.skipped.keys())
    ]
    for file in found.files:
        found.lines += [f"{file}:{one.line} {one.what} when it is imported" for one in repository.effects[file]]
    found.lines += [f"the git submodule '{path}' is empty (git submodule update --init)" for path in empty]
    everything = {package for file in repository.outlines for package in _outside(file, repository, names)}
    found.missing_elsewhere = sorted(p for p in everything - absent.keys() if not _is_installed(p))
    return found


def _reach(
    repository: Repository, names: Names, files: Iterable[str]
) -> tuple[set[str], dict[str, list[str]], list[str]]:
    """The files that importing these loads, who wants which package from outside, and imports that find nothing."""
    reached: set[str] = set()
    wanted: dict[str, list[str]] = {}
    lost: list[str] = []
    waiting = sorted(files)
    while waiting:
        file = waiting.pop(0)
        if file in reached:
            continue
        reached.add(file)
        waiting += _packages_above(file, repository)
        if file not in repository.outlines:
            continue
        for imported in repository.outlines[file].imports:
            module = names.module(file, imported)
            if module is not None:
                waiting += _files_of(module, imported, names, repository)
            elif imported.optional:
                continue
            elif (folder := names.root_for(file, imported)) is not None and not _is_known(imported):
                cure = adopting(repository.project.root / folder)
                lost.append(f"{file}:{imported.line} imports '{imported.module}' as if run from {folder}/ ({cure})")
            elif imported.level:
                lost.append(
                    f"{file}:{imported.line} imports '{'.' * imported.level}{imported.module}', which is not there"
                )
            else:
                wanted.setdefault(imported.module.partition(".")[0], []).append(f"{file}:{imported.line}")
    return reached, wanted, lost


def _files_of(module: str, imported: Import, names: Names, repository: Repository) -> Iterator[str]:
    """The files that an import loads: the module, and a submodule of it if that is what is imported from it."""
    by_module = {**{module_name(file): file for file in repository.skipped}, **names.modules}
    for name in (module, f"{module}.{imported.name}" if module else imported.name):
        if name in by_module:
            yield by_module[name]


def _packages_above(file: str, repository: Repository) -> list[str]:
    folders = file.split("/")[:-1]
    inits = ("/".join([*folders[:depth], "__init__.py"]) for depth in range(len(folders) + 1))
    return [init for init in inits if init in repository.outlines or init in repository.skipped]


def _outside(file: str, repository: Repository, names: Names) -> Iterator[str]:
    for imported in repository.outlines[file].imports:
        is_asked = not imported.level and not imported.optional
        if is_asked and names.module(file, imported) is None and names.root_for(file, imported) is None:
            yield imported.module.partition(".")[0]


def _is_known(imported: Import) -> bool:
    return not imported.level and _is_installed(imported.module.partition(".")[0])


def _is_installed(package: str) -> bool:
    if package in sys.stdlib_module_names or package in sys.modules:
        return True
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError, AttributeError):  # what a broken finder says of a name it does not have
        return False
    # A plain folder somewhere on `sys.path` is no package, unless it was installed as one.
    folders = () if spec is None else spec.submodule_search_locations or ()
    return spec is not None and (spec.origin is not None or any("-packages" in folder for folder in folders))


def _wanted_by(places: list[str]) -> str:
    return f"{places[0]} imports it" + (f", and {len(places) - 1} more" if len(places) > 1 else "")


def _two_lightnings(found: Recognised, chosen: Sequence[Candidate]) -> list[str]:
    """Where a LightningModule and a LightningDataModule come from packages that do not take each other's."""
    homes: dict[str, Candidate] = {}
    for candidate in chosen:
        if candidate.kind in (Kind.LIGHTNING_MODULE, Kind.DATA_MODULE):
            bases = outside_bases(candidate.here, found.names)
            tops = [one.partition(".")[0] for one in bases if kind_of_base(one) is candidate.kind]
            homes.update(dict.fromkeys(tops[:1], candidate))
    if len(homes) < 2:
        return []
    both = " and ".join(f"{candidate.here.name} from '{home}'" for home, candidate in homes.items())
    return [f"{both}: the Trainer of each package takes only its own"]
