"""The most likely ones first: of many candidates the one that a first config should name."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from textwrap import dedent

from lighter.cli.adopting.obstacles import hindered
from lighter.cli.adopting.parameters import lineage, method_of, outside_bases
from lighter.cli.adopting.reading import Here, parsed
from lighter.cli.adopting.recognising import (
    Candidate,
    Kind,
    Recognised,
    is_layer_base,
    is_layer_name,
    is_loss_name,
)
from lighter.cli.adopting.usage import Use, Uses, find_uses, is_aside

_MODEL_FILE = re.compile(r"(^|[/_])(arch\w*|backbones?|models?|modeling\w*|nets?|networks?)(/|_|\.py$)")
_WHOLE = re.compile(
    r"(Net\w{0,3}|Former|former|Model|Network|GAN|VAE|Classifier|GPT\d?|BERT|ViT|Autoencoder|AutoEncoder)$"
)
# The scripts that train; what they make is what the repository is there for.
_TRAINS = re.compile(r"(^|[/_])(train|main|run|fit)\w*\.py$").search
_BASE = re.compile(r"(^(Base|Abstract|_)|(Base|Mixin|Interface|ABC)$)")


@dataclass
class Choice:
    """The candidates of each kind, most likely first; the modules that are parts of others; how scripts call them."""

    found: Recognised
    uses: Uses
    ranked: dict[Kind, list[Candidate]] = field(default_factory=dict)
    parts: list[Candidate] = field(default_factory=list)

    def first(self, kind: Kind) -> Candidate | None:
        """The most likely one of a kind."""
        return next(iter(self.ranked.get(kind, ())), None)

    def uses_of(self, candidate: Candidate) -> list[Use]:
        """The calls of a candidate, those of likely scripts first."""
        return self.uses.of.get(candidate.here, [])

    def is_used_elsewhere(self, candidate: Candidate) -> bool:
        """Whether a file of the repository's own work makes one, other than the file that defines it."""
        return any(use.file != candidate.here.file and not is_aside(use.file) for use in self.uses_of(candidate))

    def is_trained(self, candidate: Candidate) -> bool:
        """Whether a script that trains makes one that another file defines."""
        files = {use.file for use in self.uses_of(candidate)} - {candidate.here.file}
        return any(_TRAINS(file) and not is_aside(file) for file in files)

    def is_namesake(self, name: str, others: Iterable[str] = ()) -> bool:
        """Whether a name is that of the repository, or one of others."""
        return _folded(name) in map(_folded, others or [self.found.repository.project.name])

    @cached_property
    def offered(self) -> set[Here]:
        """What a package offers by name, in its `__init__.py`: that of the root, or of a folder in it."""
        outlines, meaning = self.found.repository.outlines, self.found.names.meaning
        inits = [file for file in outlines if file.endswith("__init__.py") and file.count("/") <= 1]
        offered = (meaning(file, name) for file in inits for name in outlines[file].bound)
        return {one for one in offered if isinstance(one, Here)}

    @cached_property
    def hindered(self) -> set[str]:
        """The files of candidates that cannot be imported here as they are."""
        return hindered(self.found)

    @cached_property
    def bases(self) -> set[Here]:
        """The classes that others of the repository come from."""
        classes = [one.here for one in self.found.candidates if not one.is_function]
        return {base for here in classes for base in lineage(here, self.found.names)[1:] if isinstance(base, Here)}

    @cached_property
    def holders(self) -> dict[Here, set[Here]]:
        """The modules that name a module in their own text, by it: those that it is a part of."""
        holders: dict[Here, set[Here]] = {}
        for part, holder in _parts(self.found):
            holders.setdefault(part, set()).add(holder)
        return holders

    @cached_property
    def held(self) -> Counter[Here]:
        """How many parts a module has."""
        return Counter(holder for holders in self.holders.values() for holder in holders)


def choose(found: Recognised) -> Choice:
    """The candidates of a repository in the order of how likely a config names them."""
    choice = Choice(found, find_uses(found))
    for kind in Kind:
        there = [one for one in found.of(kind) if not _is_base(one, choice)] or found.of(kind)
        if kind is Kind.MODEL:
            parts = {one.here for one in there if _is_mere_part(one, choice)}
            whole = [one for one in there if one.here not in parts]
            choice.parts = [one for one in there if one.here in parts] if whole else []
            there = whole or there
        likely = sorted(there, key=lambda one: (-_score(one, choice), one.here))
        choice.ranked[kind] = sorted(likely, key=lambda one: _class_of(one, choice))
    return choice


def _class_of(one: Candidate, choice: Choice) -> int:
    """What comes before how likely it is: a model that is trained stays first though it cannot be imported here."""
    if one.kind is Kind.MODEL and choice.is_trained(one) and not _is_part(one, choice) and not _is_layer(one, choice):
        return 0
    return 2 if one.here.file in choice.hindered else 1


def _score(one: Candidate, choice: Choice) -> float:
    """How likely a config names a candidate: the sum of a weight for each thing that is so."""
    here, is_function = one.here, one.is_function
    facts = [
        (3, choice.is_used_elsewhere(one)),
        (1, bool(choice.uses_of(one))),
        (3, here in choice.offered),
        (-3, bool(is_aside(here.file))),
        (-5, here.name.startswith("_")),
        (-0.2, here.file.count("/")),
        (-0.1, min(10, len(one.required))),
        (-2, any("block" in parameter.name.lower() for parameter in one.required)),
    ]
    if one.kind is Kind.LOSS:
        facts += [(2, bool(is_loss_name(here.name))), (-1, is_function)]
    if one.kind is Kind.MODEL:
        name = (one.made or here).name
        made = choice.found.by_here.get(one.made) if one.made else None
        facts += [
            (-2, not is_function and method_of(here, "forward", choice.found.names) is None),
            (-3, _is_part(one, choice)),
            (-3, _is_layer(one, choice)),
            (1, min(3, choice.held[here])),
            (2, bool(_MODEL_FILE.search(here.file))),
            (1, bool(_WHOLE.search(name))),
            (4, choice.is_namesake(name)),
            (1.5, choice.is_namesake(name, _path(one))),
            # A factory is likelier than the class it makes if that takes more; neither where nobody uses it.
            (-0.25, one.made is not None),
            (0.5, made is not None and len(made.required) > len(one.required)),
        ]
    return sum(weight * is_so for weight, is_so in facts)


def _path(candidate: Candidate) -> list[str]:
    """The folders and the file that define it."""
    return candidate.here.file.removesuffix(".py").split("/")


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]|pytorch|torch", "", name.lower())


def _is_base(candidate: Candidate, choice: Choice) -> bool:
    """Whether a class is there for others to come from: called so, or neither made by anybody nor named as a whole."""
    here, outline = candidate.here, choice.found.repository.class_at(candidate.here)
    if candidate.is_function or outline is None:
        return False
    if candidate.kind in (Kind.LIGHTNING_MODULE, Kind.DATA_MODULE):  # a whole one may have others of its kind below
        return bool(_BASE.search(here.name)) or outline.is_abstract
    if here not in choice.bases:
        return here.name.startswith(("BaseM", "BaseN", "Abstract")) and not choice.uses_of(candidate)
    if _BASE.search(here.name) or outline.is_abstract:
        return True
    is_whole = choice.is_namesake(here.name) or choice.is_namesake(here.name, _path(candidate))
    return not choice.uses_of(candidate) and not is_whole


def _is_mere_part(candidate: Candidate, choice: Choice) -> bool:
    """Whether a model is no more than a part or a layer of others."""
    is_one = _is_part(candidate, choice) or (_is_layer(candidate, choice) and not _stands_alone(candidate, choice))
    return is_one and not candidate.is_function and not choice.is_used_elsewhere(candidate)


def _stands_alone(candidate: Candidate, choice: Choice) -> bool:
    """Whether a module that is called as layers are has a file of its own, of its own name: mlp.py with MLP."""
    is_torchs = any(map(is_layer_base, outside_bases(candidate.here, choice.found.names)))
    return not is_torchs and choice.is_namesake(candidate.here.name, _path(candidate)[-1:])


def _is_part(candidate: Candidate, choice: Choice) -> bool:
    # What a repository is named after it is about, though others of its models build on it.
    return candidate.here in choice.holders and not choice.is_namesake(candidate.here.name)


def _is_layer(candidate: Candidate, choice: Choice) -> bool:
    """Whether a module is a part of models by its name, or by the layer of torch that it comes from."""
    here, names = candidate.here, choice.found.names
    return bool(is_layer_name(here.name)) or any(map(is_layer_base, outside_bases(here, names)))


def _parts(found: Recognised) -> Iterator[tuple[Here, Here]]:
    """Each module that another one, or a factory beside the class that it makes, names in its text; and that one."""
    names, repository = found.names, found.repository
    by_name: dict[str, list[Here]] = {}
    for one in found.of(Kind.MODEL):
        if not one.is_function:
            by_name.setdefault(one.here.name, []).append(one.here)
    for one in found.of(Kind.MODEL):
        holder = one.made if one.is_function else one.here
        outline = repository.outlines[one.here.file]
        defined = outline.functions.get(one.here.name) if one.is_function else outline.classes[one.here.name]
        if holder is None or defined is None:
            continue
        words = _words(repository.text_of(one.here.file, defined), one.is_function)
        for word in words & by_name.keys() - {holder.name}:
            meaning = names.meaning(one.here.file, word)
            for part in by_name[word]:
                is_only = meaning is None and len(by_name[word]) == 1 and not one.is_function
                if (meaning == part or is_only) and (one.is_function or part not in lineage(holder, names)):
                    yield part, holder


def _words(text: str, in_calls: bool) -> set[str]:
    """The names in a text that run; of `ResNet(BasicBlock, [2, 2])` in a factory the arguments alone."""
    tree, _ = parsed(dedent(text))
    nodes = all_nodes = list[ast.AST](ast.walk(tree)) if tree is not None else []
    if in_calls:
        calls = [node for node in all_nodes if isinstance(node, ast.Call)]
        nodes = [given for call in calls for given in (*call.args, *(word.value for word in call.keywords))]
        nodes += [default for node in all_nodes if isinstance(node, ast.arguments) for default in node.defaults]
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return names | {node.attr for node in nodes if isinstance(node, ast.Attribute)}
