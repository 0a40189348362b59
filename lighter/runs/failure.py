"""A failure of a run, with notes on its exception: where it was, on what, and what most likely helps."""

import inspect
import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from itertools import takewhile
from typing import Any

from torch import Tensor, nn

from lighter.config.building import Builder
from lighter.config.key_path import KeyPath, text
from lighter.config.schema import LOADERS, METRICS, SYSTEM
from lighter.training.adapters import Keywords, Positional
from lighter.training.lightnings import is_lightnings
from lighter.training.metrics.mode_metrics import ModeMetrics
from lighter.training.ranks import rank, rank_count
from lighter.training.stages import SOURCES, Mode
from lighter.training.system import System

_SHOWN = 4  # parts of a value
_IGNORED = (255, -100)  # classes that by custom are none
_ANY_NUMBER = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_INPUTS: Mapping[type, str] = {Keywords: "dict", Positional: "tuple"}  # as a config has them


@contextmanager
def noted(trainer: Any, system: Any, builder: Builder) -> Iterator[None]:
    """Adds to an exception what only the run knows of it; type and traceback stay."""
    try:
        yield
    except Exception as error:
        Failure(error, trainer, system, builder).note()  # of which nothing stays, as it holds tensors
        raise


class Failure:
    """An exception that went through a Trainer. All is read from its frames, so that a good step costs nothing."""

    def __init__(self, error: Exception, trainer: Any, system: Any, builder: Builder) -> None:
        self.error, self.trainer, self.system, self.builder = error, trainer, system, builder
        self.frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
        # Whose methods were at work, the innermost first.
        self.objects = [frame.f_locals.get("self") for frame in reversed(self.frames)]

    def note(self) -> None:
        """Adds to the exception what can be told."""
        for tell in (self.when, self.where, self.what, self.definition, self.cure):
            with suppress(Exception):  # after some failures of a device a look at a tensor raises, too
                if told := tell():
                    self.error.add_note(told)

    @cached_property
    def loop(self) -> tuple[Mode, Any]:
        """What was done with batches, and Lightning's loop over them, which is None where none was at work."""
        trainer, fit = self.trainer, self.trainer.fit_loop
        loops = [(Mode.TRAIN, fit.epoch_loop), (Mode.VAL, fit.epoch_loop.val_loop), (Mode.VAL, trainer.validate_loop)]
        loops += [(Mode.TEST, trainer.test_loop), (Mode.PREDICT, trainer.predict_loop)]
        known = {id(fit): loops[0]} | {id(loop): (mode, loop) for mode, loop in loops}
        return next((known[id(one)] for one in self.objects if id(one) in known), (Mode.TRAIN, None))

    @cached_property
    def values(self) -> dict[str, Any]:
        """What the step had: input, target, pred and loss, or the batch as long as there is no more."""
        steps = [frame.f_locals for frame in self.frames if frame.f_locals.get("self") is self.system]
        found = {name: step[name] for step in steps for name in ("batch", *SOURCES, "loss") if name in step}
        return {name: value for name, value in found.items() if name != "batch" or "input" not in found}

    @cached_property
    def place(self) -> KeyPath | None:
        """Where the config names what was called, the innermost of it."""
        loader = (*LOADERS, str(self.loop[0]))
        objects: dict[int, KeyPath] = {}
        # Metrics are copied, for a loader or a step alone.
        held = [value for one in self.objects for value in (one, *getattr(one, "__dict__", {}).values())]
        for copies in (value.collection for value in held if isinstance(value, ModeMetrics)):
            named = copies.items(keep_base=True, copy_state=False)
            objects |= {id(metric): (*METRICS, loader[-1], *str(name).split("/")) for name, metric in named}
        # A function at several places is meant at that of the mode at work.
        for place, value in sorted(self.builder.built.items(), key=lambda one: loader[-1] in one[0]):
            if type(value) is not System and value is not self.trainer:
                function = value.func if isinstance(value, partial) else value  # a frame tells it by its code
                objects[id(getattr(function, "__code__", value))] = place
        for frame, owner in zip(reversed(self.frames), self.objects, strict=True):
            if frame.f_code.co_name == "closure":  # above it is the optimizer, which has not begun
                break
            if found := objects.get(id(frame.f_code)) or objects.get(id(owner)):
                return found
        return loader if self.is_in("dataloader.py") and loader in self.builder.built else None

    @cached_property
    def layer(self) -> tuple[str, Any]:
        """The innermost module of the system that was at work, after its name in it."""
        names = {id(module): name for name, module in self.system.named_modules() if module is not self.system}
        return next(((names[id(one)], one) for one in self.objects if id(one) in names), ("", None))

    def is_in(self, file: str) -> bool:
        """Whether code of a file of this name was at work."""
        return any(frame.f_code.co_filename.endswith(file) for frame in self.frames)

    def when(self) -> str:
        """The mode, epoch and batch, counted from 1 as the progress is."""
        mode, loop = self.loop
        if loop is None or self.is_in("spawn.py"):  # in a process that is gone
            return ""
        told = [f"in {mode}"]
        if any(frame.f_code.co_name == "_run_sanity_check" for frame in self.frames):
            told.append("before the training")
        elif self.trainer.state.fn == "fit":
            told.append(f"epoch {self.trainer.current_epoch + 1}")
        inner = takewhile(lambda frame: frame.f_locals.get("self") is not loop, reversed(self.frames))
        hooks = [str(frame.f_locals.get("hook_name", frame.f_code.co_name)) for frame in inner]
        if any(hook.endswith("epoch_end") for hook in hooks):
            told.append("at its end")
        elif batch := loop.batch_progress.current.ready + self.is_in("dataloader.py"):
            told.append(f"batch {batch}")
        return ", ".join([*told, *([f"rank {rank()} of {rank_count()}"] if rank_count() > 1 else [])])

    def where(self) -> str:
        """What was called: its place in the config, and in a model the layer."""
        step, (name, module) = self.builder.plan.steps.get(self.place or ()), self.layer
        told = [f"'{text(self.place)}'" + (f" ({step.position})" if step is not None else "")] if self.place else []
        if "." in name:
            kind = type(module).__name__ if "\n" in repr(module) else repr(module)
            told.append(f"layer '{name.removeprefix('model.')}': {kind}")
        return f"in {', '.join(told)}" if told else ""

    def what(self) -> str:
        """Types and shapes of what the step had; a None that is not the model's is nothing unusual."""
        told = {name: value for name, value in self.values.items() if value is not None or name == "pred"}
        return "; ".join(f"{name}: {_shown(value)}" for name, value in told.items())

    def definition(self) -> str:
        """Where a system is defined of which Lightning says, before anything runs, that it cannot take it."""
        if not self.is_in("configuration_validator.py"):
            return ""
        name = re.search(r"`(\w+)(?:\(\))?`", str(self.error))
        method = getattr(type(self.system), name[1], None) if name is not None else None
        is_own = inspect.isfunction(method) and not is_lightnings(method.__module__)
        written: Any = method if is_own else type(self.system)
        at = f"{inspect.getsourcefile(written)}:{inspect.getsourcelines(written)[1]}"
        position = self.builder.plan.steps[SYSTEM,].position
        return f"'{written.__qualname__}' is defined in {at}; 'system' is written at {position}"

    def cure(self) -> str:
        """What someone would write who has seen this before."""
        said = f"{type(self.error).__name__}: {self.error}"
        cures = (cure for pattern, cure in _CURES.items() if re.search(pattern, said))
        told = next(filter(None, (cure if isinstance(cure, str) else cure(self) for cure in cures)), "")
        return f"help: {told}" if told else ""


def _shown(value: Any) -> str:
    if isinstance(value, Tensor):
        device = f" on {value.device}" if value.device.type != "cpu" else ""
        return f"{str(value.dtype).removeprefix('torch.')} {tuple(value.shape)}{device}"
    if isinstance(value, Mapping):
        parts = [f"{key}: {_shown(inner)}" for key, inner in value.items()]
    elif isinstance(value, list | tuple):
        parts = list(dict.fromkeys(map(_shown, value)))
    else:
        return type(value).__name__ if value is not None else "None"
    more = ", ..." if len(parts) > _SHOWN else ""
    kind = _INPUTS.get(type(value), type(value).__name__)
    return f"{kind} of {len(value)} ({', '.join(parts[:_SHOWN])}{more})"


def _of_memory(failure: Failure) -> str:
    place = (*LOADERS, str(failure.loop[0]), "batch_size")
    size = text(place) if place[:-1] in failure.builder.built else "batch size"
    more = " with trainer::accumulate_grad_batches=2" if failure.loop[0] is Mode.TRAIN else ""
    return f"less memory is needed with half the {size}{more}, or with trainer::precision=bf16-mixed"


def _of_kinds(failure: Failure) -> str:
    """What is None or a text, where a tensor is wanted."""
    input = failure.values.get("input")
    if "collate.py" in str(failure.error) or failure.is_in("collate.py"):
        told = "a sample, or a part of one, is None; lighter.TolerantDataset with lighter.ReplacingCollate leaves out "
        return f"{told}samples that are None as a whole"
    if failure.values.get("pred", "") is None:
        return "the model gives None: does its forward end without a 'return'?"
    is_text = isinstance(input, list | tuple) and any(isinstance(one, str) for one in input)
    return "the model is given texts: make tensors of them in the dataset or its 'collate_fn'" if is_text else ""


def _of_inputs(failure: Failure) -> str:
    """How a model with several inputs is given them; the System gives it epoch and step."""
    name, model = failure.layer
    if name != "model":
        return ""
    arguments = inspect.signature(model.forward).parameters.values()
    needed = [one.name for one in arguments if one.default is one.empty and one.kind not in _ANY_NUMBER]
    named = ", ".join(f"{one}: ..." for one in needed if one not in ("epoch", "step"))
    return f"say what each input is in the batch: 'adapters: {{batch: {{input: {{{named}}}}}}}' below 'system'"


def _of_classes(failure: Failure) -> str:
    """How many classes are known where it failed, and which the target has."""
    if isinstance(failure.layer[1], nn.Embedding):
        return f"the embedding has {failure.layer[1].num_embeddings} entries, and is asked for another"
    given = [frame.f_locals for frame in failure.frames if isinstance(frame.f_locals.get("target"), Tensor)][-1]
    pred = next((given[name] for name in ("preds", "input", "pred") if name in given), None)
    outputs = pred.shape[1] if isinstance(pred, Tensor) and pred.dim() > 1 else None
    classes, least, most = given.get("num_classes") or outputs, int(given["target"].min()), int(given["target"].max())
    if outputs not in (None, classes):
        return f"the model gives {outputs} classes, and num_classes is {classes}: make both the same"
    if classes is None or (least >= 0 and most < classes):
        return ""
    cure = f"model and metrics need {most + 1} or more"  # below 0 may be what is ignored already
    if least == 1 and most == classes:
        cure = f"write 'label - 1' in the dataset if its classes are 1 to {classes}; else {cure}"
    elif most < classes or most in _IGNORED:
        cure = (
            f"'ignore_index: {most if most in _IGNORED else least}' in the criterion and the metrics leaves these out"
        )
    return f"there are {classes} classes, 0 to {classes - 1}, and this target has {least} to {most}: {cure}"


def _of_types(failure: Failure) -> str:
    weights = next((one.dtype for one in failure.system.parameters() if one.is_floating_point()), None)
    if "pred" not in failure.values:
        given = getattr(failure.values.get("input"), "dtype", weights)
        told = f"the input is {given}, and the weights are {weights}: write '.to({weights})' in the dataset"
        return told if given != weights else ""
    target, pred = failure.values.get("target"), failure.values["pred"]
    if not isinstance(target, Tensor) or not isinstance(pred, Tensor):
        return ""
    needed = "" if target.is_floating_point() else ".float()" * ("Long" not in str(failure.error))
    if re.search(r"Long|Int|Byte|must be .*index|1D target", str(failure.error)) and target.is_floating_point():
        needed = ".long()"
    if target.shape != pred.shape and pred.shape[-1:] == (1,) and (*target.shape, 1) == pred.shape:
        needed += ".unsqueeze(-1)"
    elif target.shape[-1:] == (1,) and (*pred.shape, 1) == target.shape:
        needed += ".squeeze(-1)"
    elif target.shape != pred.shape and not needed.startswith(".long"):
        return ""
    adapter = "metrics" if "metrics" in (failure.place or ()) else "criterion"
    written = f'adapters: {{{adapter}: {{transforms: {{target: "$lambda target: target{needed}"}}}}}}'
    return f"write '{written}' below 'system'" if needed else ""


# By what the exception says; the first that knows something.
_CURES: Mapping[str, str | Callable[[Failure], str]] = {
    "out of memory|MemoryError|can't allocate memory|not enough memory": _of_memory,
    "only for scalar outputs": "a loss is one number: write 'reduction: mean' in the criterion, or 'loss.mean()'",
    "does not require grad and does not have a grad_fn": (
        "no gradient leads from the loss to a parameter: '.item()', '.detach()', 'argmax' and 'torch.tensor(...)' cut "
        "it off, or all parameters are frozen"
    ),
    r"NoneType|not (str|list|tuple)\b|'(str|list|tuple)' object": _of_kinds,
    r"forward\(\) missing \d+ required": _of_inputs,
    "device-side assert": "an index is out of range, most likely a class; 'trainer::accelerator=cpu' tells which",
    "out of bounds|out of range|lass values must be|Detected .*values|number of classes": _of_classes,
    "same device|expected device": "a tensor that the code makes is made on the CPU: give it 'device=input.device'",
    r"dtype|scalar type|not implemented for '|type \(.* should be the same|must be the same|size of tensor": _of_types,
    "stack expects each tensor|in list of batch should be of equal size": (
        "the samples differ in shape: crop or pad them in the dataset or the loader's 'collate_fn', for images with "
        "channels first '{_target_: monai.data.pad_list_data_collate, _mode_: callable}'"
    ),
    "more than 1 value per channel": "a batch has one sample: 'drop_last: true' in the loader leaves such a last out",
}
