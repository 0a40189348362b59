"""Which values of a config are paths, and where they start: a relative one from the file that it is written in.

One of an override, or of a mapping from Python, starts from the working folder. `~` is the home folder in all of them.
What only the user's own code knows to be a path stays as it is, and so does what an expression gives.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from lighter.config.key_path import ROOT, KeyPath, text
from lighter.config.schema import ARGUMENTS, RUN_FOLDER, usual_target
from lighter.config.tree import TARGET, Mapping, Node, Reference, Scalar, find, mapped
from lighter.errors import Problem, Source, nearest, respelt
from lighter.training.stages import Stage

_PACKAGES = ("lighter", "pytorch_lightning", "lightning")
# The arguments that are paths, by the last name of what they are given to.
_ARGUMENTS = {
    "load_weights": ("path",),
    "load": ("run", "checkpoint"),
    "Trainer": ("default_root_dir",),
    "ModelCheckpoint": ("dirpath",),
    "CSVLogger": ("save_dir",),
    "TensorBoardLogger": ("save_dir",),
    "MLFlowLogger": ("save_dir",),
    "WandbLogger": ("save_dir", "dir"),
    "SimpleProfiler": ("dirpath",),
    "AdvancedProfiler": ("dirpath",),
    "PyTorchProfiler": ("dirpath",),
}
CKPT_PATH = "ckpt_path"
KEPT = ("best", "last")  # checkpoints of a run, by the names that `--ckpt_path` takes
_NAMES = (*KEPT, "hpc")  # which are no paths
_ELSEWHERE = r"(?i)://|\Aregistry(:|\Z)"  # in no file: the other is Lightning's store of models
_FOLLOWED = 100  # references in a row; a longer chain is a circle


def expanded(written: str) -> str:
    """A path with the home folder in the place of `~`."""
    return os.path.expanduser(written)  # noqa: PTH111  # Path's raises where there is no such user


def from_folder(folder: Path, written: str) -> Path:
    """A path as it is written in a file of that folder."""
    return folder / expanded(written)


def from_source(source: Source, written: str) -> Path:
    """A path as it is written in a source."""
    return from_folder(source.folder, written)


def path_keys(place: KeyPath, node: Node) -> tuple[str, ...]:
    """The keys of a mapping at a place whose values are paths."""
    if not isinstance(node, Mapping):
        return ()
    target = node.get(TARGET)
    name = target.value if isinstance(target, Scalar) else usual_target(place) if target is None else None
    if isinstance(name, str):
        return _ARGUMENTS.get(name.rpartition(".")[2], ()) if name.partition(".")[0] in _PACKAGES else ()
    is_of_stage = place[:-1] == (ARGUMENTS,) and place[-1] in set(Stage)
    return (CKPT_PATH,) if is_of_stage else RUN_FOLDER[1:] if place == RUN_FOLDER[:1] else ()


def path_at(tree: Mapping, place: KeyPath) -> str | None:
    """The path at a place, or at what a reference there names; None where there is no text, or one of another kind."""
    node = _followed(tree, place)
    written = node.value if node is not None else None
    if node is None or not isinstance(written, str) or written in ("", *_NAMES) or re.search(_ELSEWHERE, written):
        return None
    source = node.position.source
    return str(from_source(source, written)) if source.path is not None else expanded(written)


def checkpoint_at(tree: Mapping, stage: Stage) -> str | None:
    """What `args::fit::ckpt_path` says as `--ckpt_path` does: `best`, `last` or a path; None: Lightning reads it."""
    place = (ARGUMENTS, str(stage), CKPT_PATH)
    node = _followed(tree, place)
    return str(node.value) if node is not None and node.value in KEPT else path_at(tree, place)


def checkpoint_problems(tree: Mapping) -> Iterator[Problem]:
    """What is neither the name of a checkpoint nor of a file, and nearly such a name; a file may be written later."""
    for stage in Stage:
        place = (ARGUMENTS, str(stage), CKPT_PATH)
        node, path = _followed(tree, place), path_at(tree, place)
        near = nearest(str(node.value), KEPT) if node is not None and path is not None else None
        if node is None or path is None or near is None or os.path.lexists(path):
            continue
        what = f"'{node.value}' is no checkpoint: neither 'best' nor 'last', and no file"
        edit = respelt(str(node.value), KEPT, node.position)
        yield Problem(what, node.position, text(place), f"did you mean '{near}'?", code="file", edit=edit)


def _followed(tree: Mapping, place: KeyPath) -> Scalar | None:
    """The plain value at a place, or where references from there lead."""
    node = find(tree, place)
    for _ in range(_FOLLOWED):
        target = node.target.seen_from(place) if isinstance(node, Reference) else None
        if target is None:
            break
        node, place = find(tree, target), target
    return node if isinstance(node, Scalar) else None


def pattern_at(tree: Mapping) -> str | None:
    """What `run::dir` says, from the folder that it is written in; braces of that folder's own name are no values."""
    node = find(tree, RUN_FOLDER)
    written = node.value if isinstance(node, Scalar) else None
    if node is None or not isinstance(written, str):
        return None
    path, source = expanded(written), node.position.source
    return path if source.path is None or Path(path).is_absolute() else f"{_with_braces(source.folder)}/{path}"


def _with_braces(folder: Path) -> str:
    return str(folder.absolute()).replace("{", "{{").replace("}", "}}")


def with_whole_paths(tree: Mapping) -> Mapping:
    """The tree with every path that is known as one written out from the root, references to one as well."""
    made = _with_whole_paths(tree, ROOT, tree)
    assert isinstance(made, Mapping)
    return made


def _with_whole_paths(node: Node, at: KeyPath, tree: Mapping) -> Node:
    keys = path_keys(at, node)

    def whole(key: str, below: Node) -> Node:
        path = _whole_path(tree, (*at, key)) if key in keys else None
        if path is None:
            return _with_whole_paths(below, (*at, key), tree)
        return below if isinstance(below, Scalar) and below.value == path else Scalar(path, below.position)

    return mapped(node, whole)


def _whole_path(tree: Mapping, place: KeyPath) -> str | None:
    if place != RUN_FOLDER:
        path = path_at(tree, place)
        return str(Path(path).absolute()) if path is not None else None
    pattern = pattern_at(tree)
    return pattern if pattern is None or Path(pattern).is_absolute() else f"{_with_braces(Path.cwd())}/{pattern}"
