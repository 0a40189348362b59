"""The table of how Lighter 0.0.4, 0.0.5 and 0.1 wrote a component, and what is written here, with how to rewrite it.

`lighter fit` reads by it (`former_reading.py`), `lighter check --fix` and `lighter convert` write by it.
"""

import re
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeAlias

from lighter.config.key_path import KeyPath
from lighter.config.macros import anchored
from lighter.config.paths import expanded, from_source
from lighter.config.tree import MODE, TARGET, Code, Entry, Mapping, Node, Scalar, Sequence, is_nothing
from lighter.training.stages import SOURCES

OLD = "a former Lighter"
# What is raw text in an expression of 0.0.5, and a place in a reference of 0.0.4.
RAW = re.compile(r"%(?P<place>(?:::|#)*[A-Za-z_]\w*(?:(?:::|#)\w+)*)")
HASH = r"[@%](?:::|#)*\w+(?:(?:::|#)\w+)*"
_MODEL = "model."
_IDENTIFIERS = ("id", "identifier")


class Changed(NamedTuple):
    """A component in its new spelling: the mapping, for each key that is gone what is written for it, and what else."""

    node: Mapping
    written: dict[str, str]
    beside: str = ""


Change: TypeAlias = Callable[[Mapping, KeyPath, tuple[str, ...]], Changed | None]


class Spelling(NamedTuple):
    """One line of the table: where it is meant, the keys or values there, what is written for them, and how."""

    of: frozenset[str]
    old: tuple[str, ...]
    new: str
    change: Change


def _renamed(new: str, node: Mapping, _at: KeyPath, old: tuple[str, ...]) -> Changed | None:
    """The same value under another key."""
    if new in node.entries:
        return None
    return Changed(_put(node, old[0], new, node.entries[old[0]].value), {old[0]: f"{new}:"})


def _called(new: str, node: Mapping, _at: KeyPath, _old: tuple[str, ...]) -> Changed:
    """The same arguments for another target."""
    return _as(new, node)


def _as(new: str, node: Mapping, beside: str = "") -> Changed:
    made = _put(node, TARGET, TARGET, _text(new, node.entries[TARGET]))
    return Changed(made, {TARGET: f"{TARGET}: {new}"}, beside)


def _arguments(node: Mapping, _at: KeyPath, old: tuple[str, ...]) -> Changed | None:
    """`pred_argument: 0` and its like: a list where all are positions, else a mapping."""
    given = {key: node.entries[key].value for key in old}
    if "arguments" in node.entries or not all(isinstance(value, Scalar) for value in given.values()):
        return None
    at = {value.value: key.partition("_")[0] for key, value in given.items() if isinstance(value, Scalar)}
    at.pop(None, None)
    positions = sorted(key for key in at if isinstance(key, int))
    if positions != [*range(len(positions))] or len(at) < sum(not is_nothing(value) for value in given.values()):
        return None
    first = node.entries[old[0]]
    if len(positions) == len(at):
        value: Node = Sequence(tuple(_text(at[key], first) for key in positions), first.position)
        written = f"arguments: [{', '.join(at[key] for key in positions)}]"
    else:
        keys = [*positions, *(key for key in at if key not in positions)]
        value = Mapping({str(key): Entry(key, _text(at[key], first), first.position) for key in keys}, first.position)
        written = f"arguments: {{{', '.join(f'{key}: {at[key]}' for key in keys)}}}"
    return Changed(_in_place_of(node, old, "arguments", value), dict.fromkeys(old, written))


def _transforms(node: Mapping, at: KeyPath, old: tuple[str, ...]) -> Changed | None:
    """`pred_transforms: ...` and its like, by source."""
    if "transforms" in node.entries:
        return None
    first = node.entries[old[0]]
    below = {
        source: Entry(source, anchored(node.entries[key].value, (*at, key), set()), node.entries[key].position)
        for key in old
        if not is_nothing(node.entries[key].value) and (source := key.partition("_")[0])
    }
    value = Mapping(below, first.position)
    written = {key: f"transforms: {{{', '.join(f'{source}: ...' for source in below)}}}" for key in old}
    return Changed(_in_place_of(node, old, "transforms", value), written)


def _frozen(new: str, node: Mapping, _at: KeyPath, old: tuple[str, ...]) -> Changed | None:
    """Starts of names as patterns, from the System on: `layer1` there is `model.layer1*` here."""
    starts, names = _texts(node.get(old[0])), _texts(node.get(new)) if new in node.entries else []
    if starts is None or names is None:
        return None
    meant = [*map(_from_system, names), *(f"{_from_system(one)}*" for one in starts)]
    entry = node.entries[old[0]]
    value = Sequence(tuple(_text(one, entry) for one in meant), entry.position)
    gone = (old[0], new) if new in node.entries else old
    written = f"{new}: [{', '.join(map(_quoted, meant))}]"
    return Changed(_in_place_of(node, gone, new, value), dict.fromkeys(gone, written))


def _written(formats: dict[str, str | None], node: Mapping, _at: KeyPath, old: tuple[str, ...]) -> Changed | None:
    """A writer's format by its name; None where there is no such format here."""
    value = node.entries[old[0]].value
    name = value.value if isinstance(value, Scalar) else ""
    if name not in formats:
        return None
    format, path = formats[str(name)], node.get("path")
    is_relative = isinstance(path, Scalar) and not Path(expanded(str(path.value))).is_absolute()
    beside = "a relative 'path' starts from the run's folder" if is_relative else ""
    if format is None:
        return Changed(_without(node, old), {old[0]: ""}, beside)
    made = _put(node, old[0], "format", _text(format, node.entries[old[0]]))
    return Changed(made, {old[0]: f"format: {format}"}, beside)


def _valued(node: Mapping, _at: KeyPath, old: tuple[str, ...]) -> Changed | None:
    """The part of a step's output that 0.1 names; pred is what is written anyway."""
    value = node.entries[old[0]].value
    name = value.value if isinstance(value, Scalar) else None
    if name not in SOURCES or "values" in node.entries:
        return None
    if name == "pred":
        return Changed(_without(node, old), {old[0]: ""})
    entry = node.entries[old[0]]
    values = Sequence((_text(str(name), entry),), entry.position)
    return Changed(_put(node, old[0], "values", values), {old[0]: f"values: [{name}]"})


def _tabled(node: Mapping, _at: KeyPath, _old: tuple[str, ...]) -> Changed | None:
    """`CsvWriter`: a table has the identifiers by itself."""
    names = _texts(node.get("keys"))
    columns = [name for name in names or () if name not in _IDENTIFIERS]
    if names is None or not columns or not set(columns) <= set(SOURCES) or "columns" in node.entries:
        return None
    entry = node.entries["keys"]
    value = Sequence(tuple(_text(name, entry) for name in columns), entry.position)
    return _as("lighter.TableWriter", _put(node, "keys", "columns", value), f"with 'columns: [{', '.join(columns)}]'")


def _replaced(node: Mapping, at: KeyPath, _old: tuple[str, ...]) -> Changed | None:
    """`replace_layer_with` and its like: the new layer under the name of the old."""
    name = node.get("layer_name")
    if not isinstance(name, Scalar) or not isinstance(name.value, str):
        return None
    entry = node.entries["layer_name"]
    new, shown = node.get("new_layer"), "null" if "new_layer" not in node.entries else "..."
    layer = Scalar(None, entry.position) if new is None else anchored(new, (*at, "new_layer"), set())
    layers = Mapping({name.value: Entry(name.value, layer, entry.position)}, entry.position)
    gone = tuple(key for key in ("layer_name", "new_layer") if key in node.entries)
    made = _in_place_of(node, gone, "layers", layers)
    return _as("lighter.replace_layers", made, f"with 'layers: {{{name.value}: {shown}}}'")


def _loaded(node: Mapping, _at: KeyPath, _old: tuple[str, ...]) -> Changed:
    """`adjust_prefix_and_load_state_dict`, which let weights be missing, and read paths from the working folder."""
    made, written = node, []
    for key, new in (("ckpt_path", "path"), ("ckpt_to_model_prefix", "prefix"), ("layers_to_ignore", "ignore")):
        if key in made.entries:
            value = made.entries[key].value
            made = _put(made, key, new, _from_here(value) if new == "path" else value)
            if is_nothing(value):
                made = _without(made, (new,))
            else:
                written.append(f"{new}: ...")
    entry = node.entries[TARGET]
    strict = Entry("strict", Scalar(False, entry.position), entry.position)
    made = made.with_entries({**made.entries, "strict": strict})
    return _as("lighter.load_weights", made, f"with '{', '.join([*written, 'strict: false'])}'")


def _collated(node: Mapping, _at: KeyPath, _old: tuple[str, ...]) -> Changed:
    """`collate_replace_corrupted`: an object here, whose substitutes are of the batch and not of the whole dataset."""
    made = _without(node, [key for key in ("dataset", MODE, "_partial_") if key in node.entries])
    if "default_collate_fn" in made.entries:
        made = _put(made, "default_collate_fn", "collate_fn", made.entries["default_collate_fn"].value)
    told = f"without '{MODE}' and 'dataset': others of the same batch take the place of what cannot be read"
    return _as("lighter.ReplacingCollate", made, told)


def _put(node: Mapping, old: str, new: str, value: Node) -> Mapping:
    """The mapping with another key and value where a key was."""
    entries = {
        (new if key == old else key): entry._replace(key=new, value=value) if key == old else entry
        for key, entry in node.entries.items()
    }
    return node.with_entries(entries)


def _without(node: Mapping, gone: Iterable[str]) -> Mapping:
    gone = set(gone)
    return node.with_entries({key: entry for key, entry in node.entries.items() if key not in gone})


def _in_place_of(node: Mapping, gone: tuple[str, ...], new: str, value: Node) -> Mapping:
    """The mapping with one new key where the first of several was."""
    return _put(_without(node, gone[1:]), gone[0], new, value)


def _text(value: str, entry: Entry) -> Node:
    """A text at the place of an entry; `$...` is an expression."""
    return Code(value[1:], entry.position) if value[:1] == "$" else Scalar(value, entry.position)


def _texts(node: Node | None) -> list[str] | None:
    """The texts of one or a list of them; None where they are not plain."""
    nodes = node.items if isinstance(node, Sequence) else () if node is None or is_nothing(node) else (node,)
    values = [one.value for one in nodes if isinstance(one, Scalar)]
    return [str(value) for value in values] if len(values) == len(nodes) else None


def _from_system(name: str) -> str:
    """The name of a parameter of the model, from the System on."""
    return name if name.startswith(_MODEL) else f"{_MODEL}{name}"


def _quoted(name: str) -> str:
    return f'"{name}"' if name.endswith("*") else name


def _from_here(node: Node) -> Node:
    """A path that is only there from the working folder, written out whole."""
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        return node
    here = Path(expanded(node.value))
    is_here = here.exists() and not from_source(node.position.source, node.value).exists()
    return Scalar(str(here.absolute()), node.position, node.place) if is_here else node


_UTILS = "lighter.utils"
_MOVED = {
    "Freezer": ("freezer.Freezer",),
    "FileWriter": ("writer.FileWriter", "writer.file.FileWriter"),
    "TableWriter": ("writer.TableWriter", "writer.table.TableWriter"),
}
_WITHOUT_LAST = "$lambda model, num_layers=1: torch.nn.Sequential(*[*model.children()][:-num_layers])"


def _keys(of: str, old: Iterable[str], new: str, change: Change) -> Spelling:
    """A line for arguments of Lighter's classes of these names."""
    return Spelling(frozenset(of.split()), tuple(old), new, change)


def _target(old: str, new: str, change: Change) -> Spelling:
    """A line for a target of this whole name."""
    return Spelling(frozenset({old}), (TARGET,), new, change)


SPELLINGS = (
    *(
        _target(f"lighter.callbacks.{old}", (new := f"lighter.callbacks.{name}"), partial(_called, new))
        for name, places in _MOVED.items()
        for old in places
    ),
    *(_keys("BatchAdapter", [f"{one}_accessor"], one, partial(_renamed, one)) for one in (*SOURCES[:2], "identifier")),
    _keys("CriterionAdapter MetricsAdapter", (f"{one}_argument" for one in SOURCES), "arguments", _arguments),
    _keys(
        "CriterionAdapter MetricsAdapter LoggingAdapter",
        (f"{one}_transforms" for one in SOURCES),
        "transforms",
        _transforms,
    ),
    _keys("Freezer", ["name_starts_with"], "names", partial(_frozen, "names")),
    _keys("Freezer", ["except_name_starts_with"], "except_names", partial(_frozen, "except_names")),
    _keys(
        "FileWriter", ["writer"], "format", partial(_written, {"tensor": "pt", "image": "png", "itk_nifti": "nifti"})
    ),
    _keys("FileWriter", ["directory"], "path", partial(_renamed, "path")),
    _keys("FileWriter", ["value_key"], "values", _valued),
    _keys("FileWriter", ["writer_fn"], "format", partial(_written, {"tensor": "pt", "image_2d": "png"})),
    _target("lighter.callbacks.CsvWriter", "lighter.TableWriter", _tabled),
    _keys("TableWriter", ["writer"], "", partial(_written, {"tensor": None})),
    _target(f"{_UTILS}.model.replace_layer_with", "lighter.replace_layers", _replaced),
    _target(f"{_UTILS}.model.replace_layer_with_identity", "lighter.replace_layers", _replaced),
    _target(f"{_UTILS}.model.adjust_prefix_and_load_state_dict", "lighter.load_weights", _loaded),
    _target(f"{_UTILS}.model.remove_n_last_layers_sequentially", _WITHOUT_LAST, partial(_called, _WITHOUT_LAST)),
    _target(f"{_UTILS}.data.collate_replace_corrupted", "lighter.ReplacingCollate", _collated),
)
