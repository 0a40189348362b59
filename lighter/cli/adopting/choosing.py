"""The most likely ones first: of many candidates the one that a first config should name."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lighter.cli.adopting.kinds import Kind, is_layer_base, is_layer_name, is_loss_name
from lighter.cli.adopting.parameters import lineage, method_of, outside_bases
from lighter.cli.adopting.reading import Here
from lighter.cli.adopting.recognising import Candidate, Recognised
from lighter.cli.adopting.usage import Uses, find_uses, is_aside

_WORD = re.compile(r"\w+")
_MODEL_FILE = re.compile(r"(^|[/_])(arch\w*|backbones?|models?|modeling\w*|nets?|networks?)(/|_|\.py$)")
_WHOLE = re.compile(
    r"(Net\w{0,3}|Former|former|Model|Network|GAN|VAE|Classifier|GPT\d?|BERT|ViT|Autoencoder|AutoEncoder)$"
)
_BASE = re.compile(r"(^(Base|Abstract|_)|(Base|Mixin|Interface|ABC)$)")


@dataclass(slots=True)
class Choice:
    """The candidates of each kind, most likely first; the modules that are parts of others; how scripts call them."""

    found: Recognised
    uses: Uses
    ranked: dict[Kind, list[Candidate]] = field(default_factory=dict)
    parts: list[Candidate] = field(default_factory=list)

    def first(self, kind: Kind) -> Candidate | None:
        """The most likely one of a kind."""
        return next(iter(self.ranked.get(kind, ())), None)


def choose(found: Recognised) -> Choice:
    """The candidates of a repository in the order of how likely a config names them."""
    choice = Choice(found, find_uses(found))
    bases, offered = _bases(found), _offered(found)
    for kind in Kind:
        there = [one for one in found.of(kind) if not _is_base(one, bases, choice)] or found.of(kind)
        scores = {c.here: _score(c, choice.uses, found) + 3 * (c.here in offered) for c in there}
        if kind is Kind.MODEL:
            there = _without_parts(there, scores, choice)
        choice.ranked[kind] = sorted(there, key=lambda c: (-scores[c.here], c.here))
    return choice


def _score(candidate: Candidate, uses: Uses, found: Recognised) -> float:
    here = candidate.here
    score = 3.0 * _is_used_elsewhere(here, uses) + (here in uses.of)
    score -= 3 * is_aside(here.file) + 5 * here.name.startswith("_") + 0.2 * here.file.count("/")
    score -= min(1, 0.1 * len(candidate.required)) + 2 * any("block" in p.name.lower() for p in candidate.required)
    if candidate.kind is Kind.LOSS:
        score += 2 * is_loss_name(here.name) - candidate.is_function
    if candidate.kind is Kind.MODEL:
        score += _model_score(candidate, found)
    return score


def _model_score(candidate: Candidate, found: Recognised) -> float:
    here, name = candidate.here, (candidate.made or candidate.here).name
    score = -2.0 * (not candidate.is_function and method_of(here, "forward", found.names) is None)
    score += 2 * bool(_MODEL_FILE.search(here.file)) + bool(_WHOLE.search(name))
    # Named after the repository, or after the folders and the file that define it.
    score += 4 * _is_namesake(name, [found.repository.project.name])
    score += 1.5 * _is_namesake(name, here.file.removesuffix(".py").split("/"))
    if candidate.made is not None:  # a factory is likelier than the class it makes if that takes more
        made = found.by_here.get(candidate.made)
        score += 0.5 * bool(made and len(made.required) > len(candidate.required)) - 0.25
    return score


def _without_parts(there: Sequence[Candidate], scores: dict[Here, float], choice: Choice) -> list[Candidate]:
    """The models that are no layers; where all look like layers, all of them."""
    found, holders = choice.found, _holders(choice.found)
    held = Counter(holder for others in holders.values() for holder in others)
    whole: list[Candidate] = []
    parts: list[Candidate] = []
    for candidate in there:
        here = candidate.here
        # What a repository is named after it is about, though others of its models build on it.
        is_part = bool(holders.get(here)) and not _is_namesake(here.name, [found.repository.project.name])
        is_layer = _is_layer(here, found)
        scores[here] += min(3, held[here]) - 3 * is_part - 3 * is_layer
        is_whole = candidate.is_function or _is_used_elsewhere(here, choice.uses) or not (is_part or is_layer)
        (whole if is_whole else parts).append(candidate)
    choice.parts = parts if whole else []
    return whole or parts


def _is_used_elsewhere(here: Here, uses: Uses) -> bool:
    """Whether a file of the repository's own work makes one, other than the file that defines it."""
    return any(use.file != here.file and not is_aside(use.file) for use in uses.of.get(here, ()))


def _is_namesake(name: str, others: Iterable[str]) -> bool:
    return _folded(name) in {_folded(other) for other in others}


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]|pytorch|torch", "", name.lower())


def _offered(found: Recognised) -> set[Here]:
    """What a package offers by name, in its `__init__.py`: that of the root, or of a folder in it."""
    inits = [file for file in found.repository.outlines if file.endswith("__init__.py") and file.count("/") <= 1]
    meanings = (found.names.meaning(file, name) for file in inits for name in found.repository.outlines[file].bound)
    return {meaning for meaning in meanings if isinstance(meaning, Here)}


def _bases(found: Recognised) -> set[Here]:
    """The classes that others of the repository come from."""
    bases: set[Here] = set()
    for candidate in found.candidates:
        if not candidate.is_function:
            bases.update(one for one in lineage(candidate.here, found.names)[1:] if isinstance(one, Here))
    return bases


def _is_base(candidate: Candidate, bases: set[Here], choice: Choice) -> bool:
    """Whether a class is there for others to come from: called so, or neither made by anybody nor named as a whole."""
    if candidate.is_function:
        return False
    here, uses = candidate.here, choice.uses.of.get(candidate.here)
    if here not in bases:
        return here.name.startswith(("BaseM", "BaseN", "Abstract")) and not uses
    outline = choice.found.repository.class_at(here)
    if _BASE.search(here.name) or (outline is not None and outline.is_abstract):
        return True
    home = [choice.found.repository.project.name, *here.file.removesuffix(".py").split("/")]
    return not uses and not _is_namesake(here.name, home)


def _is_layer(here: Here, found: Recognised) -> bool:
    """Whether a module is a part of models by its name, or by the layer of torch that it comes from."""
    return is_layer_name(here.name) or any(map(is_layer_base, outside_bases(here, found.names)))


def _holders(found: Recognised) -> dict[Here, set[Here]]:
    """Which modules name a module in their own text: those that it is a part of."""
    repository, names = found.repository, found.names
    models = {c.here: c for c in found.of(Kind.MODEL) if not c.is_function}
    by_name: dict[str, list[Here]] = {}
    for here in models:
        by_name.setdefault(here.name, []).append(here)
    holders: dict[Here, set[Here]] = {}
    for here in models:
        outline = repository.class_at(here)
        words = set(_WORD.findall(repository.text_of(here.file, outline))) if outline is not None else set()
        ancestors = lineage(here, names)
        for word in words & by_name.keys() - {here.name}:
            meaning = names.meaning(here.file, word)
            for part in by_name[word]:
                is_meant = meaning == part or (meaning is None and len(by_name[word]) == 1)
                if is_meant and part not in ancestors:
                    holders.setdefault(part, set()).add(here)
    _add_arguments_of_factories(found, by_name, holders)
    return holders


def _add_arguments_of_factories(
    found: Recognised, by_name: dict[str, list[Here]], holders: dict[Here, set[Here]]
) -> None:
    """`ResNet(BasicBlock, [2, 2])`: what a factory names beside the class that it makes is a part of that."""
    for candidate in found.of(Kind.MODEL):
        function = found.repository.outlines[candidate.here.file].functions.get(candidate.here.name)
        if not candidate.is_function or function is None or candidate.made is None:
            continue
        text = found.repository.text_of(candidate.here.file, function)
        for word in set(re.findall(r"[(,=]\s*(\w+)\s*[,)]", text)) & by_name.keys() - {candidate.made.name}:
            meaning = found.names.meaning(candidate.here.file, word)
            if isinstance(meaning, Here) and meaning in by_name[word]:
                holders.setdefault(meaning, set()).add(candidate.made)
