"""The models, datasets, losses and so on of a repository: which classes and functions of it a config may name."""

import ast
import re
from dataclasses import dataclass, field
from functools import cached_property
from textwrap import dedent

from lighter.cli.adopting.kinds import (
    Kind,
    is_collate_name,
    is_loss_file,
    is_loss_function,
    is_loss_name,
    kind_of_base,
)
from lighter.cli.adopting.naming import Names
from lighter.cli.adopting.outlining import FunctionOutline, dotted
from lighter.cli.adopting.parameters import Parameter, outside_bases, parameters_of
from lighter.cli.adopting.reading import Here, Repository, parsed

HIDDEN = "hidden by another module of the same name"

_WORD = re.compile(r"\w+")
_MODEL_FACTORY = re.compile(r"^(build|create|get|make|load)_?(\w+_)?(model|net|network)(_\w+)?$", re.IGNORECASE)
_LONGEST = 200  # lines of a function that makes a model and does nothing else
_OUTSIDE_MODELS = (
    "torchvision.models.",
    "timm.",
    "segmentation_models_pytorch.",
    "transformers.",
    "monai.networks.nets.",
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something of the repository that a config may name; `made` is the class that a factory function gives."""

    kind: Kind
    here: Here
    line: int
    target: str
    parameters: tuple[Parameter, ...] | None
    is_function: bool = False
    made: Here | None = None

    @property
    def place(self) -> str:
        """Where it is defined."""
        return f"{self.here.file}:{self.line}"

    @property
    def required(self) -> tuple[Parameter, ...]:
        """The arguments that a call cannot do without."""
        return tuple(parameter for parameter in self.parameters or () if parameter.is_required)


@dataclass
class Recognised:
    """What was recognised in a repository, in the order of its files."""

    repository: Repository
    names: Names
    candidates: list[Candidate] = field(default_factory=list)

    def candidate(self, kind: Kind, here: Here, made: Here | None = None) -> Candidate:
        """What a file defines, as a candidate of a kind."""
        defined, outline = self.repository.class_at(here), self.repository.outlines[here.file]
        line = (defined or outline.functions[here.name]).line
        taken = parameters_of(here, self.names)
        return Candidate(kind, here, line, self.names.target(here), taken, defined is None, made)

    def of(self, kind: Kind) -> list[Candidate]:
        """Those of one kind."""
        return [candidate for candidate in self.candidates if candidate.kind is kind]

    @cached_property
    def by_here(self) -> dict[Here, Candidate]:
        """All of them by where they are defined."""
        return {candidate.here: candidate for candidate in self.candidates}


def recognise(repository: Repository) -> Recognised:
    """All that a config may name."""
    names = Names(repository)
    found = Recognised(repository, names)
    kinds: dict[Here, Kind] = {}
    for file, outline in repository.outlines.items():
        if (outline.classes or outline.functions) and not names.is_reachable(file):
            repository.skipped[file] = HIDDEN
            continue
        for name in outline.classes:
            here = Here(file, name)
            kind = _kind_of_class(here, names)
            if kind is not None:
                kinds[here] = kind
                found.candidates.append(found.candidate(kind, here))
    _add_functions(found, kinds)
    return found


def _kind_of_class(here: Here, names: Names) -> Kind | None:
    kinds = [kind for one in outside_bases(here, names) if (kind := kind_of_base(one))]
    kind = next((one for one in kinds if one is not Kind.MODEL), kinds[0] if kinds else None)
    if kind is Kind.MODEL and (is_loss_name(here.name) or is_loss_file(here.file)):
        return Kind.LOSS
    if kind is not None or here.name.startswith("_"):
        return kind
    outline = names.repository.class_at(here)
    methods = outline.methods.keys() if outline is not None else set()
    if "__call__" in methods and is_collate_name(here.name):
        return Kind.COLLATE
    is_dataset = {"__getitem__", "__len__"} <= methods and here.name.endswith("Dataset")
    return Kind.DATASET if is_dataset else None


def _add_functions(found: Recognised, kinds: dict[Here, Kind]) -> None:
    factories = _factories(found, kinds)
    for file, outline in found.repository.outlines.items():
        for name, function in outline.functions.items():
            here = Here(file, name)
            if name.startswith("_") or file in found.repository.skipped:
                continue
            if here in factories:
                made = factories[here]
                found.candidates.append(found.candidate(Kind.MODEL, here, made if isinstance(made, Here) else None))
            elif "torch" in found.repository.texts[file]:  # other libraries have losses too
                if is_collate_name(name):
                    found.candidates.append(found.candidate(Kind.COLLATE, here))
                elif is_loss_function(name) and len(function.arguments.args) > 1:
                    found.candidates.append(found.candidate(Kind.LOSS, here))


def _factories(found: Recognised, kinds: dict[Here, Kind]) -> dict[Here, Here | str]:
    """The functions that return a model, also by way of one another, with its class."""
    made: dict[Here, Here | str] = {here: here for here, kind in kinds.items() if kind is Kind.MODEL}
    classes = len(made)
    words = {here.name for here in made}
    is_first = True
    while is_first or words:
        new: dict[Here, Here | str] = {}
        for file, outline in found.repository.outlines.items():
            for name, function in outline.functions.items():
                here = Here(file, name)
                likely = is_first and _MODEL_FACTORY.match(name) is not None
                model = _made_by(here, function, found, made, None if likely else words) if here not in made else None
                if model is not None:
                    new[here] = model
        made.update(new)
        words, is_first = {here.name for here in new}, False
    return dict(list(made.items())[classes:])


def _made_by(
    here: Here, function: FunctionOutline, found: Recognised, made: dict[Here, Here | str], words: set[str] | None
) -> Here | str | None:
    """The model class that a function returns an object of, or the dotted name of one from outside.

    Only a text that has one of these words is looked at more closely; without words, any is.
    """
    if function.last_line - function.line > _LONGEST or (words is not None and not words):
        return None
    text = found.repository.text_of(here.file, function)
    if "return" not in text or (words is not None and words.isdisjoint(_WORD.findall(text))):
        return None
    tree, _ = parsed(dedent(text))
    for written in _returned(tree) if tree is not None else ():
        meaning = found.names.meaning(here.file, written)
        if isinstance(meaning, Here) and meaning in made:
            return made[meaning]
        if isinstance(meaning, str) and meaning.startswith(_OUTSIDE_MODELS) and _MODEL_FACTORY.match(here.name):
            return meaning
    return None


def _returned(tree: ast.Module) -> list[str]:
    """The dotted names of what is called to make what a function returns."""
    assigned: dict[str, list[str]] = {}
    returned: list[ast.expr] = []
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func)):
                assigned.setdefault(name, []).append(dotted(func))
            case ast.Return(value=ast.expr() as value):
                returned.append(value)
    found: list[str] = []
    for value in returned:
        if isinstance(value, ast.Call):
            found.append(dotted(value.func))
        elif isinstance(value, ast.Name):
            found.extend(assigned.get(value.id, ()))
    return [name for name in found if name]
