"""A config of Lighter 0.1, which has a LightningModule at `model` and the loaders at `data`."""

import re
from pathlib import Path

from lighter.cli.converting.parts import Part
from lighter.config.former import HASH
from lighter.config.key_path import ROOT, KeyPath, parse_relative, text
from lighter.config.scalars import SIGNS
from lighter.config.schema import ARGUMENTS, DATA, PROJECT, SYSTEM

MODEL = "model"
_LOADERS = ("lighter.LighterDataModule", "lighter.data.LighterDataModule")
_METHODS = {  # of the Trainer, and their arguments
    "train_dataloader": (ARGUMENTS, "fit", "train_dataloaders"),
    "val_dataloader": (ARGUMENTS, "fit", "val_dataloaders"),
    "test_dataloader": (ARGUMENTS, "test", "dataloaders"),
    "predict_dataloader": (ARGUMENTS, "predict", "dataloaders"),
}
_VALIDATED: KeyPath = (ARGUMENTS, "validate", "dataloaders")


def convert_module(root: Part, left: list[str]) -> None:
    """The module at `system`, and its loaders as arguments of the Trainer's methods."""
    _name_places(root, ROOT)
    moved: dict[KeyPath, KeyPath] = {(MODEL,): (SYSTEM,)}
    model, data = root.entries[MODEL], root.entries.get(DATA)
    root.value = {SYSTEM if key == MODEL else key: part for key, part in root.value.items()}
    if data is not None and data.target in _LOADERS:
        del root.value[DATA]
        for key, place in _METHODS.items():
            if (loader := data.entries.get(key)) is not None:
                moved[DATA, key] = place
                root.put(place, loader)
        if "val_dataloader" in data.entries:
            root.put(_VALIDATED, Part(f"%{text(_METHODS['val_dataloader'])}"))
    for part in root.walk():
        if part.text and part.text[0] in SIGNS:
            part.value = re.sub(HASH, lambda match: _renamed(match[0], moved), part.text)
    if _derives(root, name := model.target):
        left.append(
            f"{name} derives from lighter.LighterModule, which there is not: derive it from "
            "pytorch_lightning.LightningModule, take its arguments in __init__, return optimizer and scheduler in "
            "configure_optimizers, and log in its steps; or give its parts to 'system:' without a _target_"
        )


def _name_places(part: Part, at: KeyPath) -> None:
    """Relative places named from the root: what holds them moves."""

    def named(match: re.Match[str]) -> str:
        target = parse_relative(match[0][1:]).seen_from(at)
        return f"{match[0][0]}{text(target)}" if target else match[0]

    if part.text and part.text[0] in SIGNS:
        part.value = re.sub(HASH, named, part.text)
    for key, below in [*part.entries.items(), *enumerate(part.items)]:
        _name_places(below, (*at, str(key)))


def _renamed(written: str, moved: dict[KeyPath, KeyPath]) -> str:
    place = parse_relative(written[1:]).keys
    for depth in range(len(place), 0, -1):
        if place[:depth] in moved:
            return f"{written[0]}{text((*moved[place[:depth]], *place[depth:]))}"
    return written


def _derives(root: Part, target: str) -> bool:
    """Whether a class of the project is said to derive from LighterModule."""
    folder = root.find(PROJECT)
    code = Path(folder.text if folder is not None and folder.text else ".")
    name = target.rpartition(".")[2]
    file = next((one for one in _files(code, target) if one.is_file()), None)
    if target.startswith("lighter."):
        return True
    text = file.read_text(encoding="utf-8", errors="replace") if file is not None else ""
    return re.search(rf"class\s+{re.escape(name)}\s*\([^)]*LighterModule", text) is not None


def _files(code: Path, target: str) -> list[Path]:
    """Where a class may be defined: with the name of the project before its modules, or without."""
    modules = target.split(".")[:-1]
    parts = [modules, modules[1:]]
    return [code.joinpath(*one[:-1], f"{one[-1]}.py") for one in parts if one]
