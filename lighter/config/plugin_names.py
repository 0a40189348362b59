"""`plugins: {names: [...]}`: which modules hold a run's plugins, what is wrong with that, and their import."""

from collections.abc import Iterator
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any

from lighter.config.paths import Path, text
from lighter.config.tree import Mapping, Scalar, Sequence, find
from lighter.errors import Problem, suggestion
from lighter.utils.project_files import is_segment

if TYPE_CHECKING:
    from lighter.utils.project import Project

ENTRY = "plugins"
NAMES: Path = (ENTRY, "names")
_WRITE = "write 'plugins: {names: [my_project.plugins]}'"

# The form of the entry as a JSON schema; that a dotted name's parts are names, the check alone can tell.
SCHEMA = MappingProxyType(
    {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "plugins",
        "type": "object",
        "required": ["names"],
        "additionalProperties": False,
        "properties": {
            "names": {
                "description": "the modules that hold plugins, by their dotted names",
                "type": "array",
                "items": {"type": "string", "pattern": r"^[^./:\\]+(\.[^./:\\]+)*$"},
            }
        },
    }
)

__all__ = ["ENTRY", "NAMES", "SCHEMA", "entry_problems", "import_problems"]


def entry_problems(tree: Mapping) -> list[Problem]:
    """What is wrong with the entry as it is written."""
    node = tree.get(ENTRY)
    if node is None or (isinstance(node, Scalar) and node.value is None):
        return []
    if not isinstance(node, Mapping) or node.is_call:
        return [Problem(f"'{ENTRY}' takes a mapping", node.position, ENTRY, _WRITE)]
    known = list(SCHEMA["properties"])  # type: ignore[call-overload]  # a mapping, as it is written above
    found = [
        Problem(f"'{ENTRY}' holds no '{key}'", entry.position, text((ENTRY, key)), suggestion(key, known, "it holds"))
        for key, entry in node.entries.items()
        if key not in known
    ]
    names = node.get(NAMES[-1])
    if names is None and not found:
        found.append(Problem(f"'{ENTRY}' needs '{text(NAMES)}'", node.position, text(NAMES), _WRITE))
    elif names is not None and not isinstance(names, Sequence):
        found.append(Problem(f"'{text(NAMES)}' takes a list", names.position, text(NAMES), _WRITE))
    return [*found, *_name_problems(names)]


def import_problems(tree: Mapping, project: "Project | None", is_limited: bool = False) -> list[Problem]:
    """Imports the modules, each once, so that they register what they have, and tells which could not be.

    A limited config may have none.
    """
    if is_limited:
        what = f"'{ENTRY}' runs code that --allow does not judge: no limited config may have it"
        return [Problem(what, tree.entries[ENTRY].position, ENTRY, "if you trust the modules, run it without --allow")]
    return entry_problems(tree) or list(_imported(tree, project))


def _imported(tree: Mapping, project: "Project | None") -> Iterator[Problem]:
    from lighter.config.failures import Failed, located

    names = find(tree, NAMES)
    for index, node in enumerate(names.items if isinstance(names, Sequence) else ()):
        assert isinstance(node, Scalar)
        place, dotted = text((*NAMES, str(index))), str(node.value)
        module = located(dotted, project)
        if isinstance(module, Failed):
            yield module.problem(node.position, place)
        elif not isinstance(module, ModuleType):
            help = f"write '{dotted.rpartition('.')[0]}', which holds it"
            yield Problem(f"'{dotted}' is no module", node.position, place, help)


def _name_problems(names: Any) -> Iterator[Problem]:
    for index, node in enumerate(names.items if isinstance(names, Sequence) else ()):
        value = node.value if isinstance(node, Scalar) else None
        if not isinstance(value, str) or not all(map(is_segment, value.split("."))):
            written = f"'{value}'" if isinstance(node, Scalar) else "this"
            what = f"{written} is no dotted name of a module"
            yield Problem(what, node.position, text((*NAMES, str(index))), "write it as 'my_project.plugins'")
