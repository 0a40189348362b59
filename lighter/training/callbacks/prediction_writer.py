"""What the writers of predictions share: when they write, what they are given, and which samples that is."""

import logging
import os
import tempfile
from abc import abstractmethod
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, TypeAlias

import numpy as np
import pytorch_lightning as pl
from pytorch_lightning.overrides.distributed import UnrepeatedDistributedSampler
from torch import Tensor
from torch.utils.data import DistributedSampler, RandomSampler, SequentialSampler
from typing_extensions import override

from lighter.errors import RunError
from lighter.training.adapters.accessors import SEPARATOR, Transforms, check_names, described, functions_by_source
from lighter.training.adapters.calls import Argument, ArgumentSpec
from lighter.training.batches import sample_count
from lighter.training.callbacks.samples import Lists, array, fits, is_several
from lighter.training.lightning_internals import (
    CARD_DEALERS,
    evaluated_loaders,
    noted_indices,
    sampler_of_batches,
    wrapped_sampler,
)
from lighter.training.stages import Stage

STAGES = (Stage.PREDICT, Stage.TEST)

Numbers: TypeAlias = np.ndarray[Any, Any]

log = logging.getLogger("lighter")


class Numbered(NamedTuple):
    """The samples of a batch: their numbers in the data, and which of them are no repetition.

    `are_known` is false where a number only gives the order: the batch lacks some of its samples.
    """

    numbers: Numbers
    kept: Numbers | None = None
    are_known: bool = True


class Numbering:
    """Follows a rank through its loaders.

    The number of a sample is its index in the data set, where Lightning notes it (in predict) or the sampler gives it
    away. Else it is a running number; several ranks then count as if samples were dealt like cards.
    """

    def __init__(self, loaders: Sequence[Any], rank: int, ranks: int) -> None:
        self._loaders = loaders
        self._rank, self._ranks = rank, ranks
        self._seen: defaultdict[int, int] = defaultdict(int)

    @property
    def is_ordered(self) -> bool:
        """Whether numbers surely go up, batch by batch."""
        return all(noted_indices(loader) is None or _is_plain(loader, SequentialSampler) for loader in self._loaders)

    @property
    def repeats_unseen(self) -> bool:
        """Whether another rank may have a sample too, which is not known before the end."""
        return self._ranks > 1 and not all(
            (_is_plain(loader, UnrepeatedDistributedSampler) and not _is_shuffled_by_rank(loader))
            or _places(loader, 0) is not None
            for loader in self._loaders
        )

    def warnings(self) -> list[str]:
        """What the user should know of samples that ranks may share, or lack."""
        if self._ranks == 1:
            return []
        found = []
        for index, loader in enumerate(self._loaders):
            place = f"loader {index}" if len(self._loaders) > 1 else "the loader"
            if noted_indices(loader) is None and not _is_plain(loader, DistributedSampler):
                found.append(
                    f"{place} has no sampler that could deal its samples to {self._ranks} ranks; "
                    "unless the data does it, each rank has them all, and all are written"
                )
            elif _is_shuffled_by_rank(loader):
                found.append(
                    f"{place} is shuffled, and {self._ranks} ranks that do not share a seed miss samples; "
                    "write shuffle: false"
                )
        return found

    def count_noted(self, loader: int, batch: int) -> int | None:
        """How many samples the sampler gave for a batch, if that is known."""
        noted = noted_indices(self._loaders[loader])
        return None if noted is None or batch >= len(noted) else len(noted[batch])

    def of(self, loader: int, batch: int, count: int) -> Numbered:
        """The samples of the batch at this place of a loader, with `count` predictions. Once for each batch."""
        start = self._seen[loader]
        self._seen[loader] += count
        places = _places(self._loaders[loader], batch)
        indices = self._indices(loader, batch)
        if indices is None:
            indices = places
        if indices is None or not len(indices):
            return Numbered(np.arange(start, start + count) * self._ranks + self._rank)
        each, rest = divmod(count, len(indices))  # several predictions of one sample, such as of patches
        if rest:
            return Numbered(indices[np.arange(count) * len(indices) // count], are_known=False)
        kept = None
        if places is not None and len(places) == len(indices):
            kept = np.repeat(places < len(sampler_of_batches(self._loaders[loader]).dataset), each)
        return Numbered(np.repeat(indices, each), None if kept is None or kept.all() else kept)

    def _indices(self, loader: int, batch: int) -> Numbers | None:
        noted = noted_indices(self._loaders[loader])
        if noted is None or batch >= len(noted):
            return None
        indices = noted[batch]
        if batch:
            noted[batch - 1] = []  # Lightning keeps those of all batches; each is asked for once, by all who write
        if len(indices) and not isinstance(indices[0], int | np.integer):
            return None  # the keys of a data set that is a mapping
        return np.asarray(indices, dtype=np.int64)


def _places(loader: Any, batch: int) -> Numbers | None:
    """The places, in the order of the whole data, of what a sampler deals to this rank; those past the end repeat."""
    sampler = sampler_of_batches(loader)
    if not isinstance(sampler, DistributedSampler) or type(sampler).__iter__ not in CARD_DEALERS:
        return None
    size = loader.batch_sampler.batch_size
    own = np.arange(batch * size, min((batch + 1) * size, sampler.num_samples))
    places: Numbers = own * sampler.num_replicas + sampler.rank
    return places


def _is_plain(loader: Any, kind: type) -> bool:
    return isinstance(sampler_of_batches(loader), kind)


def _is_shuffled_by_rank(loader: Any) -> bool:
    """Whether each rank draws an order of its own, and takes its share of that."""
    sampler = sampler_of_batches(loader)
    return isinstance(sampler, UnrepeatedDistributedSampler) and isinstance(wrapped_sampler(sampler), RandomSampler)


class Predicted(NamedTuple):
    """A batch with its predictions: (input, target, pred), how many samples, and which they are."""

    sources: tuple[Any, Any, Any]
    size: int
    identifiers: list[Any] | None
    samples: Numbered
    loader: int


class PredictionWriter(pl.Callback):
    """Writes predictions while they are made, so that nobody need keep them.

    A writer says where its folder is, and what to do at the start, with a batch, at the end, and when a run fails.
    """

    writes_predictions: ClassVar[bool] = True

    def __init__(self, path: Path, stages: Sequence[str]) -> None:
        super().__init__()
        check_names(stages, STAGES, f"{self._asker}(stages)")
        self.path = path.expanduser()
        self.path_written: Path | None = None
        self._stages = tuple(stages)
        self._numbering: Numbering | None = None
        self._lists = Lists(self._asker)
        self._loaders: list[str] = []

    @override
    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Makes the folder, and makes sure that it can be written to, before anything is predicted."""
        if stage in self._stages:
            folder = self._folder(self._path(trainer))
            with writing(self._asker, folder):
                folder.mkdir(parents=True, exist_ok=True)
                with tempfile.TemporaryFile(dir=folder) as file:
                    file.write(b" ")

    @override
    def on_predict_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self._start(trainer, Stage.PREDICT)

    @override
    def on_test_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self._start(trainer, Stage.TEST)

    @override
    def on_predict_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        if self._numbering is not None and outputs is not None:  # as of a batch of None, or of what writes by itself
            self._write(self._read(outputs, batch_idx, dataloader_idx, self._numbering))

    on_test_batch_end = on_predict_batch_end

    @override
    def on_predict_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        if self._numbering is not None:
            self._finish(trainer)
            self._numbering = None
            self.path_written = self._path(trainer)

    on_test_end = on_predict_end

    @override
    def on_exception(self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException) -> None:
        """Leaves no half file behind."""
        if self._numbering is not None:
            self._numbering = None
            self._discard()

    @property
    def _asker(self) -> str:
        return type(self).__name__

    def _path(self, trainer: pl.Trainer) -> Path:
        return Path(trainer.default_root_dir) / self.path

    def _start(self, trainer: pl.Trainer, stage: Stage) -> None:
        if stage not in self._stages:
            return
        loaders = evaluated_loaders(trainer)
        numbering = Numbering(loaders.flattened, trainer.global_rank, trainer.world_size)
        if trainer.is_global_zero:
            for warning in numbering.warnings():
                log.warning("%s: in %s, %s", self._asker, stage, warning)
        given, count = loaders.iterables, len(loaders.flattened)
        names = given if isinstance(given, Mapping) and len(given) == count else range(count)
        # Only this run shows which lists hold outputs.
        self._lists, self._loaders = Lists(self._asker), [str(name) for name in names]
        self._open(trainer, numbering)
        self._numbering = numbering

    def _read(self, outputs: Any, batch: int, loader: int, numbering: Numbering) -> Predicted:
        whole = outputs if isinstance(outputs, Mapping) and "pred" in outputs else {"pred": outputs}
        sources = (whole.get("input"), whole.get("target"), whole["pred"])
        identifier = whole.get("identifier")
        noted = numbering.count_noted(loader, batch)
        if noted is not None and fits(sources[2], noted):
            count = noted
        else:
            count, _ = sample_count(sources[2] if sources[0] is None else sources[0], sources[1], identifier)
        names = None if identifier is None else _identifiers(identifier, count, self._asker)
        return Predicted(sources, count, names, numbering.of(loader, batch, count), loader)

    @abstractmethod
    def _folder(self, path: Path) -> Path:
        """The folder that must be there."""

    @abstractmethod
    def _open(self, trainer: pl.Trainer, numbering: Numbering) -> None:
        """Gets ready to write."""

    @abstractmethod
    def _write(self, batch: Predicted) -> None:
        """Writes a batch."""

    @abstractmethod
    def _finish(self, trainer: pl.Trainer) -> None:
        """Ends the writing of a run that went well. A collective call."""

    @abstractmethod
    def _discard(self) -> None:
        """Ends the writing of a run that failed."""


def arguments(
    given: Sequence[ArgumentSpec] | Mapping[str, ArgumentSpec] | None,
    transforms: Mapping[str, Transforms] | None,
    asker: str,
    what: str,
) -> dict[str, Argument]:
    """What is written, by name: as given, or the whole of pred. TypeError and ValueError say what is not right."""
    by_source = functions_by_source(transforms, asker)
    if given is None:
        given = {"pred": "pred"}
    elif isinstance(given, list | tuple) and all(isinstance(spec, str) for spec in given):
        given = {str(spec).replace(SEPARATOR, "_"): spec for spec in given}
    if not isinstance(given, Mapping) or not given:
        raise TypeError(f"{asker}({what}): a list of texts, or a mapping from names, is wanted, not {given!r}")
    return {str(name): Argument(spec, f"{asker}({name})", by_source) for name, spec in given.items()}


@contextmanager
def writing(asker: str, path: os.PathLike[str] | str) -> Iterator[None]:
    """Tells which file could not be written, and why."""
    try:
        yield
    except OSError as error:
        raise RunError(
            f"{asker}: '{path}' cannot be written: {error.strerror or error}; "
            "make room or give leave, or write another 'path'"
        ) from error


def _identifiers(value: Any, count: int, asker: str) -> list[Any]:
    if isinstance(value, Tensor | np.ndarray) and value.ndim > 0:
        value = array(value).tolist()
    if not is_several(value) or len(value) != count:
        raise RunError(
            f"{asker}: the identifier is {described(value)}, in a batch of {count}; one a sample is wanted: "
            "say where it is, as in adapters: {batch: {identifier: id}}"
        )
    return [array(one).tolist() if isinstance(one, Tensor | np.generic) else one for one in value]
