"""What cannot serve at its place in a run's config: known from its class, before it is built."""

import inspect
import sys
from typing import Any

from lighter.config.key_path import KeyPath, text
from lighter.config.plan import Call
from lighter.config.schema import CALLBACKS, DATA, LOADERS, SYSTEM
from lighter.config.tree import CALLABLE, CHECK, MODE, TARGET
from lighter.errors import Position, Problem
from lighter.training.lightnings import PACKAGES

_MODULES: tuple[KeyPath, ...] = ((SYSTEM, "model"), (SYSTEM, "criterion"))
_LOADER = "torch.utils.data.DataLoader"


def misplaced(call: Call, name: str, target: object, trainer: object) -> Problem | None:
    """The mistake of a call of the class `name`, at a place where what it makes cannot serve."""
    if not isinstance(target, type):
        return None
    if call.is_handed_on:
        found, key, at = _not_called(call.place, name, target), MODE, call.node.entries[MODE].value.position
    else:
        package = PACKAGES[_is_of(trainer, PACKAGES[1], "Trainer")]
        found, key, at = _of_place(call.place, name, target, package), TARGET, call.position
    if found is None:
        return _stream(call, name, target)
    return Problem(found[0], at, text((*call.place, key)), found[1], _defined_at(target))


def _not_called(place: KeyPath, name: str, target: type) -> tuple[str, str] | None:
    if place not in _MODULES or not _is_of(target, "torch.nn", "Module"):
        return None
    what = f"'{MODE}: {CALLABLE}' gives the class {name} itself, '{text(place)}' takes what it makes"
    return what, f"leave '{MODE}' out"


def _of_place(place: KeyPath, name: str, target: type, package: str) -> tuple[str, str] | None:
    if place == (SYSTEM,):
        return _of_package("LightningModule", name, target, package) or _no_system(name, target)
    if place == (DATA,):
        return _of_package("LightningDataModule", name, target, package) or _no_data(name, target)
    if place[:-1] == LOADERS:
        return _no_loader(place[-1], name, target)
    if place[:-1] == CALLBACKS:
        return _of_package("Checkpoint", name, target, package)
    return None


def _of_package(kind: str, name: str, target: type, package: str) -> tuple[str, str] | None:
    """What is wrong with a class of the other one of Lightning's two packages."""
    other = PACKAGES[PACKAGES[0] == package]
    if not _is_of(target, other, kind) or _is_of(target, package, kind):
        return None
    what = f"{name} is a {kind} of '{other}', and the trainer is of '{package}', which does not take it"
    if kind == "Checkpoint":
        return what, f"write '{package}.callbacks.{target.__name__}'"
    return what, f"write 'trainer: {{_target_: {other}.Trainer}}'"


def _no_system(name: str, target: type) -> tuple[str, str] | None:
    is_module = any(_is_of(target, package, "LightningModule") for package in PACKAGES)
    if is_module or not _is_of(target, "torch.nn", "Module"):
        return None
    what = f"{name} is a torch.nn.Module, and 'system' takes a LightningModule"
    return what, f"leave the '_target_' of 'system' out, and write 'model: {{_target_: {name}}}' below it"


def _no_data(name: str, target: type) -> tuple[str, str] | None:
    for module, kind, cure in (
        ("torch.utils.data", "DataLoader", f"write 'dataloaders: {{train: {{_target_: {name}}}}}' below 'system'"),
        ("torch.utils.data", "Dataset", f"write 'dataloaders: {{train: {_in_loader(name)}}}' below 'system'"),
    ):
        if _is_of(target, module, kind):
            return f"{name} is a {kind}, and 'data' takes a LightningDataModule", cure
    return None


def _no_loader(mode: str, name: str, target: type) -> tuple[str, str] | None:
    # A stream may give whole batches, as webdataset's WebLoader does.
    if _is_of(target, "torch.utils.data", "Dataset") and not _is_of(target, "torch.utils.data", "IterableDataset"):
        what = f"{name} is a Dataset, and '{text(LOADERS)}' takes a DataLoader"
        return what, f"write '{mode}: {_in_loader(name)}', and its arguments with it"
    if any(_is_of(target, package, "LightningDataModule") for package in PACKAGES):
        return f"{name} is a LightningDataModule, and '{text(LOADERS)}' takes DataLoaders", f"write it under '{DATA}'"
    return None


def _stream(call: Call, name: str, target: type) -> Problem | None:
    """A word on a stream in the place of a loader: nobody can see whether it gives samples, or whole batches."""
    is_stream = call.place[:-1] == LOADERS and _is_of(target, "torch.utils.data", "IterableDataset")
    if not is_stream or call.is_handed_on or not call.is_checked:
        return None
    what = f"{name} is an IterableDataset: each item that it gives is taken as a batch"
    help = (
        f"if they are batches, '{CHECK}: false' beside '{TARGET}' silences this; for samples write '{_in_loader(name)}'"
    )
    return Problem(what, call.position, text((*call.place, TARGET)), help, code="type", is_warning=True)


def _in_loader(name: str) -> str:
    return f"{{_target_: {_LOADER}, dataset: {{_target_: {name}}}}}"


def _is_of(target: object, module: str, kind: str) -> bool:
    """Whether a class is one of a kind, as far as what defines that is imported at all."""
    known: Any = getattr(sys.modules.get(module), kind, None)
    if known is None and kind == "Checkpoint":
        known = getattr(sys.modules.get(f"{module}.callbacks"), kind, None)
    return isinstance(target, type) and isinstance(known, type) and issubclass(target, known)


def _defined_at(target: type) -> tuple[tuple[str, Position], ...]:
    """The line on which a class is written."""
    from lighter.project.frames import is_installed, position_in  # only a mistake pays for it

    try:
        file, (_, line) = inspect.getsourcefile(target), inspect.getsourcelines(target)
    except (OSError, TypeError):
        return ()
    return (("the class is defined here", position_in(file, line)),) if file and not is_installed(file) else ()
