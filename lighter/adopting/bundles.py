"""Settings that are given as one argument: the dataclass that it is an object of, or the names that are read of it."""

import re

from lighter.adopting.kinds import Kind
from lighter.adopting.naming import Here
from lighter.adopting.parameters import Parameter, is_dataclass, parameters_of
from lighter.adopting.recognising import Candidate, Recognised

MOST_ATTRIBUTES = 12
_BUNDLES = frozenset(
    {"args", "cfg", "conf", "config", "configs", "flags", "hparams", "hps", "opt", "options", "opts", "params"}
)
_NAMED = re.compile(r"(Arg|Args|Arguments|Config|Configs|Cfg|HParams|Hparams|Options|Params|Parameters|Settings)$")

__all__ = ["attributes", "dataclass_of"]


def dataclass_of(parameter: Parameter, candidate: Candidate, found: Recognised) -> Candidate | None:
    """The repository's dataclass that an argument is annotated with, or the only one of settings beside the class."""
    here = candidate.here
    if _is_dataclass(here, found):  # settings may hold settings of their own kind, without end
        return None
    meaning = found.names.meaning(here.file, parameter.annotation.strip("'\""))
    if not _is_dataclass(meaning, found) and parameter.name.strip("_") in _BUNDLES:
        beside = [Here(here.file, name) for name in found.repository.outlines[here.file].classes if _NAMED.search(name)]
        likely = [one for one in beside if _is_dataclass(one, found)]
        meaning = likely[0] if len(likely) == 1 else None
    if not isinstance(meaning, Here) or not _is_dataclass(meaning, found):
        return None
    outline = found.repository.outlines[meaning.file].classes[meaning.name]
    taken = parameters_of(meaning, found.repository, found.names)
    return Candidate(Kind.MODEL, meaning, outline.line, found.names.target(meaning), taken)


def attributes(parameter: Parameter, candidate: Candidate, found: Recognised) -> list[str]:
    """The names that a class reads of an argument that is called as settings are."""
    repository, here = found.repository, candidate.here
    defined = repository.outlines[here.file].classes.get(here.name)
    if defined is None or parameter.name.strip("_") not in _BUNDLES:
        return []
    text = repository.lines(here.file, defined.line, defined.last_line)
    read = re.findall(rf"\b{re.escape(parameter.name)}\.([A-Za-z]\w*)\b(?!\()", text)
    return list(dict.fromkeys(read))[:MOST_ATTRIBUTES]


def _is_dataclass(meaning: object, found: Recognised) -> bool:
    if not isinstance(meaning, Here):
        return False
    outline = found.repository.outlines[meaning.file].classes.get(meaning.name)
    return outline is not None and is_dataclass(outline)
