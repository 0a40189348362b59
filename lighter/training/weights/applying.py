"""Tensors by name, put into a model, and a report of what became of them."""

import logging
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from lighter.errors import RunError, listing, shown_path
from lighter.training.patterns import as_patterns, matching, plain_name
from lighter.training.ranks import is_first
from lighter.training.weights.reading import read_weights

GROUPS, NAMES = 6, 3


@dataclass(frozen=True, slots=True)
class LoadReport:
    """Names of tensors, as the model has them, by what became of them.

    `missing`: in the model alone. `unexpected`: in the file alone. `other_shape`: with the shape in the file and in the
    model. `ignored`: not asked for. `converted`: loaded, from another dtype.
    """

    source: str
    loaded: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    other_shape: tuple[tuple[str, tuple[int, ...], tuple[int, ...]], ...] = ()
    ignored: tuple[str, ...] = ()
    converted: tuple[str, ...] = ()

    def __str__(self) -> str:
        """A line, and one more for each kind of tensor that was not simply loaded."""
        total = len(self.loaded) + len(self.missing) + len(self.other_shape)
        return "\n".join([f"weights of {self.source}: loaded {len(self.loaded)} of {total} tensors", *self.rest()])

    def rest(self) -> list[str]:
        """The lines on what was not simply loaded."""
        shapes = [f"{name} ({_shape(theirs)} in the file, {_shape(own)})" for name, theirs, own in self.other_shape]
        kinds = (
            ("missing in the file", self.missing, grouped(self.missing)),
            ("not in the model", self.unexpected, grouped(self.unexpected)),
            ("of other shape", shapes, listing(shapes[:NAMES]) + (", ..." if len(shapes) > NAMES else "")),
            ("ignored", self.ignored, grouped(self.ignored)),
            ("converted from another dtype", self.converted, grouped(self.converted)),
        )
        return [f"  {len(names)} {what}: {text}" for what, names, text in kinds if names]


def grouped(names: Iterable[str]) -> str:
    """Names by the module they are in, with the number of each where there are many: `layer4 (12), fc.weight`."""
    names = list(names)
    if len(names) <= NAMES:
        return ", ".join(names)
    depth = 1
    while len(groups := _groups(names, depth)) == 1 and any(name.count(".") > depth for name in names):
        depth += 1
    shown = [start if count == 1 else f"{start} ({count})" for start, count in groups.items()]
    return ", ".join(shown[:GROUPS]) + (", ..." if len(shown) > GROUPS else "")


def _groups(names: Iterable[str], depth: int) -> dict[str, int]:
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(".".join(name.split(".")[:depth]), []).append(name)
    return {start if len(those) > 1 else those[0]: len(those) for start, those in found.items()}


def _shape(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "a number"


Prefixes: TypeAlias = Mapping[str, str]

TRIED = 20  # prefixes on either side that are tried for a hint
DEEPEST = 3  # parts of a prefix that is tried


def as_prefixes(given: Any) -> dict[str, str]:
    """One prefix to take away, or a mapping from those in the file to those in the model; a last dot may be missing.

    Raises TypeError for anything else.
    """
    pairs = {} if given is None else {given: ""} if isinstance(given, str) else given
    if isinstance(pairs, Mapping) and all(isinstance(text, str) for pair in pairs.items() for text in pair):
        return {_with_dot(old): _with_dot(new) for old, new in pairs.items()}
    raise TypeError(f"load_weights(prefix): a text, or a mapping such as {{'model.': ''}}, is wanted, not {given!r}")


def with_prefix(name: str, prefixes: Prefixes) -> str | None:
    """A name of the file as the model calls it, by the longest prefix that it has; None where it has none of them."""
    if not prefixes:
        return name
    old = max((old for old in prefixes if name.startswith(old)), key=len, default=None)
    return None if old is None else prefixes[old] + name[len(old) :]


def better_prefix(there: Iterable[str], wanted: Iterable[str]) -> dict[str, str]:
    """The one prefix that makes most names of a file names of a model; none where none makes more than there are."""
    there, known = list(there), set(wanted)
    best, most = {}, sum(name in known for name in there)
    for old in ("", *_commonest(there)):
        rest = [name[len(old) :] for name in there if name.startswith(old)]
        for new in ("", *_commonest(known)):
            found = sum(new + name in known for name in rest)
            if found > most:
                best, most = {old: new}, found
    return best


def written(prefixes: Prefixes) -> str:
    """A mapping of prefixes as it is written in a config."""
    return "{" + ", ".join(f'{old or chr(34) * 2}: "{new}"' for old, new in prefixes.items()) + "}"


def _with_dot(prefix: str) -> str:
    return f"{prefix}." if prefix and not prefix.endswith((".", "_", "/")) else prefix


def _commonest(names: Iterable[str]) -> list[str]:
    count: Counter[str] = Counter()
    for name in names:
        parts = name.split(".")
        count.update(".".join(parts[:depth]) + "." for depth in range(1, min(len(parts), DEEPEST + 1)))
    # The shortest of those that are as common, so that as much of the name as possible is left to distinguish them.
    return sorted(count, key=lambda prefix: (-count[prefix], len(prefix)))[:TRIED]


COUNTER = "num_batches_tracked"  # files before PyTorch 0.4.1 lack it, and batch norm does without

Model = TypeVar("Model", bound=nn.Module)

log = logging.getLogger("lighter")


def load_weights(
    model: Model,
    path: str | os.PathLike[str],
    *,
    prefix: str | Mapping[str, str] | None = None,
    ignore: str | Sequence[str] = (),
    require: str | Sequence[str] = (),
    strict: bool = True,
    strict_shape: bool = True,
    key: str | None = None,
    weights_only: bool = True,
) -> Model:
    """The model, with the weights of a file in it; a line of the log says what became of them.

    Tensors take the dtype and device of the model. A name of a part of the model means all that is below it; in a
    pattern `*` matches any text.

    Args:
        model: any `torch.nn.Module`; it is changed in place.
        path: a checkpoint of Lightning, a state dict, a file that holds one, or safetensors; relative to the working
            directory, in a config to its file.
        prefix: a prefix to take away from the names in the file, or a mapping from prefixes of the file to those of
            the model (`""` is every name). Names that have none of them are left out.
        ignore: parts of the model that stay as they are: names, prefixes or patterns.
        require: parts of the model that must be loaded, whatever `strict` says.
        strict: whether both sides must have the same names.
        strict_shape: whether tensors of another shape are an error; otherwise they are left out.
        key: where in the file the tensors are, such as `"generator"` or `"ema::state_dict"`, if at no usual place.
        weights_only: false also reads a file that holds other objects, and runs the code that they bring.

    Raises:
        RunError: there is no such file, it cannot be read as weights, names or shapes do not fit (the message has the
            prefix that would help), or nothing would be loaded.
    """
    found = read_weights(path, key, weights_only)
    report = apply_weights(
        model,
        found,
        prefix=prefix,
        ignore=ignore,
        require=require,
        strict=strict,
        strict_shape=strict_shape,
        source=f"'{shown_path(path)}'",
    )
    # Shown on the console where something may not be as it was meant, and else in the log of the run.
    is_whole = not (report.missing or report.unexpected or report.other_shape)
    if is_first():
        log.log(logging.INFO if is_whole else logging.WARNING, "%s", report)
    return model


def apply_weights(
    model: nn.Module,
    weights: Mapping[str, Tensor],
    *,
    prefix: str | Mapping[str, str] | None = None,
    ignore: str | Sequence[str] = (),
    require: str | Sequence[str] = (),
    strict: bool = True,
    strict_shape: bool = True,
    source: str = "a mapping",
) -> LoadReport:
    """Puts tensors into a model by name, converted to its dtypes and devices.

    `prefix`: one to take away, or a mapping from prefixes of the file to those of the model ("" is every name); names
    that have none of them are left out. `ignore`: parts of the model, by its names, prefixes or patterns
    (`lighter.training.patterns`), that stay as they are. `require`: those that must be loaded whatever `strict` says.
    Unless `strict`, tensors may be missing on either side; unless `strict_shape`, those of other shape are left out.
    Raises RunError, with the prefix that would help, where that is not so, or where nothing is loaded at all.
    """
    tensors = {name: one for name, one in model.state_dict().items() if isinstance(one, Tensor)}
    known_as = {plain_name(name): name for name in tensors}  # to `load_state_dict`
    own = {plain: tensors[name] for plain, name in known_as.items()}
    given = {plain_name(name): one for name, one in weights.items()}
    renamed = {new: one for name, one in given.items() if (new := with_prefix(name, as_prefixes(prefix))) is not None}
    left_out = _meant(ignore, dict.fromkeys([*own, *renamed]), "load_weights(ignore)")
    required = _meant(require, own, "load_weights(require)")
    wanted = {name: one for name, one in renamed.items() if name not in left_out}
    other_shape = [
        name for name, one in wanted.items() if name in own and not is_lazy(own[name]) and one.shape != own[name].shape
    ]
    state = {known_as.get(name, name): one for name, one in wanted.items() if name not in other_shape}
    # Not by the names alone: a module may know older names of its own, and take them here.
    result = model.load_state_dict(state, strict=False)
    unexpected = [plain_name(name) for name in result.unexpected_keys]
    absent = {plain_name(name) for name in result.missing_keys} | set(other_shape)
    loaded = [name for name in own if name not in absent and (name in wanted or not name.endswith(COUNTER))]
    report = LoadReport(
        source,
        tuple(loaded),
        tuple(name for name in own if name in absent and name not in {*left_out, *other_shape, *_tied(own, loaded)}),
        tuple(unexpected),
        tuple((name, tuple(wanted[name].shape), tuple(own[name].shape)) for name in other_shape),
        tuple(left_out),
        tuple(name for name in loaded if name in wanted and wanted[name].dtype != own[name].dtype),
    )
    # The prefix that would make more of the file's names those of the model.
    better = better_prefix(given, own) if report.missing and (unexpected or not loaded) else None
    hint = f"did you mean prefix: {written(better)}?" if better else ""
    _judge(report, required, strict, strict_shape, hint)
    return report


def _meant(given: Any, names: Iterable[str], place: str) -> list[str]:
    return matching(as_patterns(given, place), names, place)


def _tied(own: Mapping[str, Tensor], loaded: Iterable[str]) -> set[str]:
    """The names of what has been loaded under another name: safetensors writes what is shared once."""
    places = {_place(own[name]) for name in loaded} - {None}
    return {name for name, one in own.items() if _place(one) in places}


def _place(tensor: Tensor) -> tuple[int, torch.Size] | None:
    if is_lazy(tensor) or tensor.is_meta or not tensor.numel():
        return None
    return tensor.data_ptr(), tensor.shape


def _judge(report: LoadReport, required: Iterable[str], strict: bool, strict_shape: bool, hint: str) -> None:
    loaded = set(report.loaded)
    lacking = [name for name in required if name not in loaded]
    wrong = []
    if not loaded:
        wrong.append("nothing of it is called as a part of the model, and has its shape")
    elif lacking:
        wrong.append(f"'require' asks for {grouped(lacking)}, which the file does not give")
    elif strict and (report.missing or report.unexpected):
        wrong.append("name in 'ignore' what is to stay as it is, or write strict: false")
    if strict_shape and report.other_shape:
        wrong.append("name those of other shape in 'ignore', or write strict_shape: false")
    if wrong:
        raise RunError("\n".join([str(report), *wrong, *filter(None, [hint])]))
    if hint and is_first():
        log.warning("weights of %s: %s", report.source, hint)
