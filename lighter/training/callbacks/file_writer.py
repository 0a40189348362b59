"""Predictions as files, one for each sample, written while they are made."""

import hashlib
import logging
import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from typing_extensions import override

from lighter.errors import RunError
from lighter.training.adapters.accessors import Transforms, check_names
from lighter.training.adapters.calls import ArgumentSpec
from lighter.training.callbacks.file_formats import FileFormat, OneValue, check_places, file_format
from lighter.training.callbacks.prediction_writer import Numbering, Predicted, PredictionWriter, arguments, writing
from lighter.training.callbacks.samples import Lists, fits, on_host, sample
from lighter.training.stages import Stage

DEFAULT_PATH = "predictions"
LONGEST = 200  # bytes; file systems take 255, and a suffix and the name of a part come on top
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_PART = ".part"

log = logging.getLogger("lighter")


def file_name(identifier: Any, suffix: str) -> str:
    """The name of a sample's file: its identifier, without what no file may be called, and the suffix.

    `/` and its like become `_`. A number is filled up to six digits, so that files sort as they are numbered. A name
    over LONGEST bytes is cut, with a digest of the whole. Raises RunError where nothing is left.
    """
    whole = f"{identifier:06}" if isinstance(identifier, int) and not isinstance(identifier, bool) else str(identifier)
    name = _UNSAFE.sub("_", whole).removesuffix(suffix).strip(" ")
    leading = len(name) - len(name.lstrip("."))
    name = "_" * leading + name[leading:].rstrip(". ")  # no hidden file, and neither '.' nor '..'
    if not name.strip("_"):
        raise RunError(
            f"FileWriter: the identifier {whole!r} gives no name for a file; "
            "change it in the data, or leave it out to number the files"
        )
    if len(os.fsencode(name)) > LONGEST:
        digest = hashlib.sha256(os.fsencode(whole)).hexdigest()[:8]
        name = f"{os.fsencode(name)[: LONGEST - 9].decode(errors='ignore')}_{digest}"
    return name + suffix


class FileFolder:
    """The files of a run, written by one rank or by several.

    Each is written in a folder beside the others, and moved to its place when it is whole. Files of earlier runs are
    replaced. `may_repeat` says that another rank may write the same sample once more.
    """

    def __init__(self, folder: Path, rank: int = 0, ranks: int = 1, may_repeat: bool = False) -> None:
        self.files = 0
        self._folder = folder
        self._may_repeat = may_repeat
        self._beside = folder / f"{_PART}{rank}"
        self._made: set[Path] = set()
        for path in folder.glob(f"{_PART}[0-9]*"):
            number = path.name.removeprefix(_PART)
            # What a killed run left: that of this rank, and of those that are no more.
            if path == self._beside or (rank == 0 and number.isdecimal() and int(number) >= ranks):
                shutil.rmtree(path)
        self._beside.mkdir()
        start = self._beside / "start"
        start.touch()
        self._start = start.stat().st_ctime_ns  # by the clock of the file system, as the times of files are

    def put(self, place: str, write: Callable[[Path], None]) -> None:
        """Has a file written: `write` gets a path of the same name. Raises RunError where this run has it already."""
        final = self._folder / place
        self._check_new(final)
        beside = self._beside / final.name
        write(beside)
        if not beside.is_file():
            raise RunError(
                f"FileWriter: the writer has made no file '{final.name}'; "
                "it is called with a value and a path, and must write to that path, as torch.save does"
            )
        if final.parent not in self._made:
            final.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(final.parent)
        beside.replace(final)
        self.files += 1

    def close(self) -> None:
        """Ends the writing; half a file, if there is one, goes."""
        shutil.rmtree(self._beside)

    def _check_new(self, final: Path) -> None:
        """No set of names: it would grow with the data. A file of this run is younger than its start."""
        try:
            written = final.stat().st_ctime_ns
        except FileNotFoundError:
            return
        if written >= self._start and not self._may_repeat:
            raise RunError(
                f"FileWriter: two samples have the file '{final}'; the second would replace the first. "
                "Give each sample an identifier of its own, or leave it out to number the files"
            )


class FileWriter(PredictionWriter):
    """Writes a file for each sample, named by its identifier or its number in the data.

    Each file gets its name when it is complete. `path_written` is the folder.

    Args:
        path: the folder, relative to the run folder (the Trainer's `default_root_dir`); `predictions` if left out.
        values: what is written, as the `columns` of a `TableWriter`; by default the whole of pred. Several values have
            a folder each, and so have several dataloaders.
        format: `pt`, `npy`, `npz`, `png` or `nifti`, or a function of a value and the path to write it to; a mapping
            from names of values to these for one of its own each.
        suffix: what the names of files end in, for a function that writes them; a mapping likewise.
        transforms: for `pred`, `target` or `input` a function, or a list of them, applied to the batch first.
        stages: `predict` (the default), `test` or both.

    Raises:
        ValueError: a format or stage that is not known.
        RunError: when it writes, a value does not fit the format, an identifier comes twice or gives no name for a
            file, or the file cannot be written.
    """

    def __init__(  # noqa: PLR0917  # in the order in which a TableWriter has them
        self,
        path: str | os.PathLike[str] | None = None,
        values: Sequence[ArgumentSpec] | Mapping[str, ArgumentSpec] | None = None,
        format: str | Callable[..., Any] | Mapping[str, str | Callable[..., Any]] = "pt",
        suffix: str | Mapping[str, str] | None = None,
        transforms: Mapping[str, Transforms] | None = None,
        stages: Sequence[str] = (Stage.PREDICT,),
    ) -> None:
        super().__init__(Path(DEFAULT_PATH if path is None else path), stages)
        self._values = arguments(values, transforms, "FileWriter", "values")
        formats, suffixes = self._by_value(format, "format"), self._by_value(suffix, "suffix")
        for name in [name for name in self._values if formats.get(name) is None]:
            raise ValueError(f"FileWriter(format): there is none for '{name}'; write format: {{{name}: npy}}")
        self._formats: dict[str, tuple[FileFormat, str]] = {
            name: file_format(formats[name], suffixes.get(name)) for name in self._values
        }
        self._files: FileFolder | None = None

    @override
    def _folder(self, path: Path) -> Path:
        return path

    @override
    def _open(self, trainer: pl.Trainer, numbering: Numbering) -> None:
        folder = self._path(trainer)
        with writing(self._asker, folder):
            self._files = FileFolder(folder, trainer.global_rank, trainer.world_size, numbering.repeats_unseen)

    @override
    def _write(self, batch: Predicted) -> None:
        values = {name: on_host(argument(batch.sources)) for name, argument in self._values.items()}
        input = on_host(batch.sources[0]) if any(format.needs_input for format, _ in self._formats.values()) else None
        if not fits(input, batch.size):
            input = None
        for name in [name for name, (format, _) in self._formats.items() if format.needs_input]:
            check_places(name, values[name], input, batch.size)
        names = self._names(batch)
        rows = range(batch.size) if batch.samples.kept is None else batch.samples.kept.nonzero()[0].tolist()
        for row in rows:
            input_of_one = None if input is None else sample("input", input, row, batch.size, Lists(self._asker))
            for name, value in values.items():
                one = sample(name, value, row, batch.size, self._lists)
                self._put(name, names[row], one, input_of_one, batch.loader)

    def _put(self, name: str, identifier: Any, value: Any, input: Any, loader: int) -> None:
        assert self._files is not None
        format, suffix = self._formats[name]
        folders = [file_name(self._loaders[loader], "")] if len(self._loaders) > 1 else []
        if len(self._values) > 1:
            folders.append(file_name(name, ""))
        place = "/".join([*folders, file_name(identifier, suffix)])
        # What a function of the user's raises stays as it is.
        with writing(self._asker, place) if format.is_ours else nullcontext():
            self._files.put(place, partial(format.save, OneValue(name, value, input)))

    def _names(self, batch: Predicted) -> list[Any]:
        if batch.identifiers is not None:
            return batch.identifiers
        if not batch.samples.are_known:
            raise RunError(
                f"FileWriter: a batch has {batch.size} predictions, but not one or more for each sample of the data, "
                "so their numbers are not known; give identifiers, as in adapters: {batch: {identifier: id}}"
            )
        return list(batch.samples.numbers.tolist())

    @override
    def _finish(self, trainer: pl.Trainer) -> None:
        files, self._files = self._files, None
        assert files is not None
        files.close()
        trainer.strategy.barrier("FileWriter: all files are written")
        written = trainer.strategy.reduce(
            torch.tensor(files.files, device=trainer.strategy.root_device), reduce_op="sum"
        )
        log.info("predictions in %d files: %s", int(written), self._path(trainer))

    @override
    def _discard(self) -> None:
        files, self._files = self._files, None
        if files is not None:
            files.close()

    def _by_value(self, given: Any, what: str) -> Mapping[str, Any]:
        """What is given for each value by name; one for all if it is no mapping."""
        if not isinstance(given, Mapping):
            return dict.fromkeys(self._values, given)
        check_names(given, self._values, f"FileWriter({what})")
        return given
