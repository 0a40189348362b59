"""A MONAI bundle to a config of ours: its engines become a System and a Trainer, all else values under `vars`."""

import os
import re
from collections.abc import Iterator

from lighter.cli.converting.bundle_handlers import HANDLERS, Handled
from lighter.cli.converting.bundle_metrics import KEYS, metrics_of, transforms_of
from lighter.cli.converting.bundle_places import (
    followed,
    laid_over,
    make_absolute,
    move,
    network_of,
    places,
    referred,
    remove,
    target_of,
    whole,
)
from lighter.cli.converting.conversion import Converted, Request
from lighter.cli.converting.parts import Part, mapping
from lighter.cli.converting.reading import read_parts
from lighter.cli.converting.writing import left_out, mapping_text
from lighter.config.bundle import own_modules, root_of
from lighter.config.expressions import Imports, read_code
from lighter.config.key_path import KeyPath, parse_path, text
from lighter.config.schema import IMPORTS, VARS
from lighter.errors import ConfigError, Problem

_TRAINERS, _EVALUATORS = ("SupervisedTrainer",), ("SupervisedEvaluator",)
_STEPS = ("initialize", "run", "finalize")
_SEEDED = re.compile(r"set_determinism\((?:seed\s*=\s*)?(\d+)")
_BENCHMARK = re.compile(r"setattr\(torch\.backends\.cudnn,\s*['\"]benchmark['\"],\s*(True|False)\)")
_PARAMETERS = re.compile(r"\$\s*@([\w:]+)\.parameters\(\)\s*\Z")
_OF_ENGINE = ("_target_", "device", "non_blocking", "val_handlers", "train_handlers", "key_metric_name")
_ORDER = ("model", "criterion", "optimizer", "scheduler", "inferer", "adapters", "metrics", "dataloaders")
_NETWORK, _AMP, _INFERER = "network", "amp", "inferer"


def convert(request: Request) -> Converted:
    """The config of a bundle's files, later ones over earlier. Raises ConfigError where they hold no engine."""
    root = laid_over([read_parts(file) for file in request.files])
    make_absolute(root)
    bundle = _Bundle(root)
    if bundle.trainer is None and bundle.evaluator is None:
        what = "this holds neither a SupervisedTrainer nor a SupervisedEvaluator"
        help = f"'lighter run {request.files[0]}' runs it as MONAI does"
        raise ConfigError([Problem(what, root.position, help=help, code="foreign")])
    bundle.take_engines()
    bundle.take_steps()
    left = [f"'{word}' is not taken over: set it in what is written" for word in request.words]
    return Converted(bundle.config(request), left=[*bundle.left, *left])


class _Bundle:
    """A bundle that is taken apart: what is left of it, what it became, and where things are now."""

    def __init__(self, root: Part) -> None:
        self.root = root
        self.trainer = _engine(root, _TRAINERS)
        self.evaluator = _engine(root, _EVALUATORS)
        run = [part.text or "" for _, part in places(root.entries.get("run", Part(None)))]
        # With evaluate.json over train.json only the evaluator runs.
        if self.trainer and self.evaluator and not any(f"@{text(self.trainer)}." in one for one in run):
            self.is_run = any(f"@{text(self.evaluator)}." in one for one in run)
        else:
            self.is_run = self.trainer is None
        self.system, self.settings = mapping(), mapping()
        self.imports: list[Part] = []
        self.seed: Part | None = None
        self.moved: dict[KeyPath, KeyPath] = {}
        self.left: list[str] = []
        self.comments: list[str] = []
        self.consumed: set[KeyPath] = set()  # what became something else
        self.before = referred(root)
        if any(target_of(part) == "CheckpointLoader" for _, part in places(root)):
            self.left.append(
                "the bundle loads weights: write '_target_: lighter.load_weights' with their 'path' and the 'model' at "
                "'system::model', or name a checkpoint of a run by --ckpt_path"
            )

    def take_engines(self) -> None:
        """Takes what the engines name to its place in a System, and what their handlers do to the Trainer."""
        is_trained = self.trainer is not None and not self.is_run
        first = self.trainer if is_trained else self.evaluator
        assert first is not None
        several = self._network((*first, _NETWORK))
        self.settings.value["accelerator"] = Part("auto")
        self.settings.value["devices"] = Part("auto" if several else 1)
        if several:
            self.settings.value["strategy"] = Part("ddp")
        if is_trained:
            assert self.trainer is not None
            self._training(self.trainer)
        self._precision(first)
        if self.evaluator is not None:
            self._evaluation(self.evaluator)
        for engine in filter(None, (self.trainer, self.evaluator)):
            self._rest(engine, is_used=engine in (first, self.evaluator))

    def _network(self, place: KeyPath) -> bool:
        """Takes the network to its place; whether it is made for several processes."""
        found = network_of(self.root, place)
        if found is None:
            self.left.append("write 'system::model': the engine's network was not found")
            return False
        at, aliases = found
        parts = [self.root.find(*alias) for alias in aliases]
        is_several = any(target_of(part) == "DistributedDataParallel" for part in parts)
        self._take(at, "model")
        for alias in aliases:
            self.moved[alias] = ("system", "model")
            remove(self.root, alias)
        return is_several

    def _training(self, trainer: KeyPath) -> None:
        if epochs := self._argument(trainer, "max_epochs"):
            self.settings.value["max_epochs"] = epochs
        self._take_argument(trainer, "loss_function", "criterion")
        if optimizer := self._take_argument(trainer, "optimizer", "optimizer"):
            params = optimizer.find("params")
            match = _PARAMETERS.match((params.text if params is not None else "") or "")
            if match and self.moved.get(parse_path(match[1])) == ("system", "model"):
                del optimizer.value["params"]  # the System gives them
        self._loader(trainer, "train_data_loader", "train")
        inferer = followed(self.root, (*trainer, _INFERER))
        if inferer and target_of(inferer[1]) != "SimpleInferer":
            self._leave(inferer[0], "in training the model itself is called", todo=True)
        self._consume((*trainer, _INFERER))
        self._metrics(trainer, ("key_train_metric", "additional_metrics"), "train")
        self._handlers((*trainer, "train_handlers"))

    def _evaluation(self, evaluator: KeyPath) -> None:
        mode = "val" if not self.is_run else "test" if "key_val_metric" in self._entries(evaluator) else "predict"
        self._loader(evaluator, "val_data_loader", mode)
        inferer = followed(self.root, (*evaluator, _INFERER))
        if inferer and target_of(inferer[1]) != "SimpleInferer":
            self._take(inferer[0], "inferer")
        self._consume((*evaluator, _INFERER))
        batch = mapping({"input": Part("image")} | ({"target": Part("label")} if mode != "predict" else {}))
        batch.is_inline = True
        adapters = mapping({"batch": batch})
        self._metrics(evaluator, ("key_val_metric", "additional_metrics"), mode)
        if mode in self.system.entries.get("metrics", mapping()).entries:
            if transforms := self._transforms(evaluator):
                adapters.value["metrics"] = mapping({"transforms": transforms})
        elif found := followed(self.root, (*evaluator, "postprocessing")):
            reason = "lighter.callbacks.FileWriter changes and writes predictions: docs/how-to/predictions.md"
            self._leave(found[0], reason, todo=True)
        self.system.value["adapters"] = adapters
        self._handlers((*evaluator, "val_handlers"))

    def _transforms(self, evaluator: KeyPath) -> Part | None:
        place = (*evaluator, "postprocessing")
        made, left = transforms_of(self.root, place)
        for part, reason in left:
            self.comments += left_out(mapping_text("postprocessing", part), reason)
            self.left.append(f"look at a transform that is left out: {reason}")
        self._consume(place)
        for key, own in zip(("pred", "target"), KEYS, strict=True):
            made[key] = made.pop(own)
        parts = {key: steps[0] if len(steps) == 1 else Part(steps) for key, steps in made.items() if steps}
        return mapping(parts) if parts else None

    def _metrics(self, engine: KeyPath, arguments: tuple[str, ...], mode: str) -> None:
        made: dict[str, Part] = {}
        for argument in arguments:
            for name, handler, metric, reason in metrics_of(self.root, (*engine, argument)):
                if metric is not None:
                    made[name] = metric
                else:
                    self.comments += left_out(mapping_text(name, handler), reason)
                    self.left.append(f"write a metric for '{name}' below 'system::metrics::{mode}'")
            self._consume((*engine, argument))
        if made:
            self.system.value.setdefault("metrics", mapping()).value[mode] = mapping(made)

    @property
    def _monitor(self) -> str:
        """The logged name of the first metric of the evaluator."""
        metrics = self.system.find("metrics", "val")
        return f"val/metrics/{next(iter(metrics.entries))}/epoch" if metrics is not None else "val/loss/epoch"

    def _handlers(self, place: KeyPath) -> None:
        found = followed(self.root, place)
        if found is None:
            return
        at, part = found
        if part.text and (match := re.search(r"@([\w:]+)", part.text)):  # a part of the list, for one rank
            found = followed(self.root, parse_path(match[1]))
            at, part = found or (at, part)
        if found := followed(self.root, at):
            for number in range(len(part.items)):
                self._handler((*at, str(number)))
        self._consume(place)
        self._consume(at)

    def _handler(self, place: KeyPath) -> None:
        found = followed(self.root, place)
        handler = found[1] if found else self.root.find(*place)
        assert handler is not None
        name = target_of(handler)
        make = HANDLERS.get(name)
        made = make(handler, self._monitor) if make else Handled("it is of MONAI's engines: a callback may do the same")
        for key, part in made.settings.items():
            if key in ("callbacks", "logger"):
                self.settings.value.setdefault(key, mapping()).value.update(part.entries)
            else:
                self.settings.value[key] = part
        if made.scheduler is not None:
            self._scheduler((*(found[0] if found else place), "lr_scheduler"), made.scheduler)
        if made.reason:
            self.comments += left_out(mapping_text(name or text(place), handler), made.reason)
        if make is None:
            self.left.append(f"look at '{name or text(place)}', a handler that is left out")
        self._consume(place)

    def _scheduler(self, place: KeyPath, interval: str) -> None:
        found = followed(self.root, place)
        if found is None:
            return
        self._take(found[0], "scheduler")
        scheduler = self.system.value["scheduler"]
        scheduler.entries.pop("optimizer", None)
        if interval != "epoch":
            self.system.value["scheduler"] = mapping({"scheduler": scheduler, "interval": Part(interval)})
            self.moved[found[0]] = ("system", "scheduler", "scheduler")

    def _loader(self, engine: KeyPath, argument: str, mode: str) -> None:
        found = followed(self.root, (*engine, argument))
        if found is None:
            return
        loader = remove(self.root, found[0])
        self.moved[found[0]] = ("system", "dataloaders", mode)
        self.system.value.setdefault("dataloaders", mapping()).value[mode] = loader
        assert loader is not None
        sampler = self._sampler(loader)
        if target_of(sampler) == "DistributedSampler":  # Lightning has its own
            del loader.value["sampler"]
            shuffle = sampler.find("shuffle") if sampler is not None else None
            loader.value["shuffle"] = shuffle or Part(False)

    def _sampler(self, loader: Part) -> Part | None:
        sampler = loader.find("sampler")
        if sampler is None or not (sampler.text or "").startswith("@"):
            return sampler
        found = followed(self.root, parse_path((sampler.text or "")[1:]))
        if found and target_of(found[1]) == "DistributedSampler":
            self._consume(found[0])
        return found[1] if found else None

    def _precision(self, engine: KeyPath) -> None:
        amp = self._argument(engine, _AMP)
        if amp is None or amp.value is False:
            return
        value = amp.text or ""
        mixed = f"$'16-mixed' if {value.removeprefix('$')} else '32-true'" if value else "16-mixed"
        self.settings.value["precision"] = Part(mixed)

    def _rest(self, engine: KeyPath, is_used: bool) -> None:
        """Leaves out what is left of an engine."""
        part = remove(self.root, engine)
        taken = {"max_epochs", "train_data_loader", "val_data_loader", _NETWORK, "loss_function", "optimizer", _INFERER}
        taken |= {"postprocessing", "key_train_metric", "key_val_metric", "additional_metrics", _AMP, *_OF_ENGINE}
        for key, below in (part.entries if part is not None and is_used else {}).items():
            if key not in taken and below.value is not None:
                self.comments += left_out(
                    mapping_text(key, below), f"an argument of {target_of(part)}, no part of a System"
                )
                self.left.append(f"look at '{key}', an argument of {target_of(part)} that is left out")

    def take_steps(self) -> None:
        """Takes what is done before and after a run: the seed; for the rest there is a command."""
        for key in _STEPS:
            part = self.root.value.pop(key, None)
            for item in (part.items or [part]) if part is not None else []:
                written = item.text or ""
                if match := _SEEDED.search(written):
                    self.seed = Part(int(match[1]), above=item.above, beside=item.beside)
                elif match := _BENCHMARK.search(written):
                    self.settings.value["benchmark"] = Part(match[1] == "True")
                elif key != "run":
                    self.comments += left_out(f"{key}: {written}", "the Trainer begins and ends a run")
            self._leave_run(key, part)

    def _leave_what_asks_engines(self, above: Part) -> None:
        """Leaves out each value in which one of MONAI's engines is referred to."""
        for key, part in [*above.entries.items()]:
            if part.entries and "_target_" not in part.entries:
                self._leave_what_asks_engines(part)
            elif self._needs_engine(part):
                del above.value[key]
                reason = "it asks MONAI's engine; 'lighter fit', 'validate', 'test' and 'predict' run here"
                self.comments += [*part.above, *left_out(mapping_text(key, part), reason)]

    def _needs_engine(self, part: Part) -> bool:
        """Whether anything in a part refers to an engine, which is no more."""
        engines = [one for one in (self.trainer, self.evaluator) if one is not None]
        return any(place[: len(one)] == one for place in referred(part) for one in engines)

    def _leave_run(self, key: str, part: Part | None) -> None:
        if key == "run" and part is not None:
            command = "fit" if not self.is_run else "test" if self.system.find("metrics", "test") else "predict"
            self.comments += left_out(mapping_text(key, part), f"'lighter {command}' does it")

    def config(self, request: Request) -> Part:
        """The config, with what is left of the bundle under `vars`."""
        imports = self.root.value.pop(IMPORTS, None)
        self._prune()
        self._leave_what_asks_engines(self.root)
        self._prune()
        made = mapping()
        made.above = [*self.root.above, *(imports.above if imports is not None else [])]
        self.imports = imports.items if imports is not None else []
        names = own_modules(self._modules(), root_of(request.files[0]))
        folder = os.path.relpath(root_of(request.files[0]), request.to.absolute().parent)
        own = [mapping({"path": Part(folder), "module_name": Part(name)}) for name in names]
        if kept := [*self._used_imports(), *own]:
            made.value[IMPORTS] = Part(kept)
        if self.seed is not None:
            made.value["seed"] = self.seed
        if self.root.entries:
            made.value[VARS] = Part(self.root.value)
        made.value["trainer"] = self.settings
        made.value["system"] = mapping({key: self.system.value[key] for key in _ORDER if key in self.system.entries})
        move(made, self._now)
        made.below = [*self.root.below, *self.comments]
        return made

    def _all(self) -> Iterator[tuple[KeyPath, Part]]:
        for part in (self.root, self.system, self.settings, Part(self.imports)):
            yield from places(part)

    def _modules(self) -> Iterator[str]:
        """The first part of every dotted name that is called or imported."""
        for place, part in self._all():
            text = part.text or ""
            code = _code(text) if text.startswith("$") else None
            if isinstance(code, Imports):
                yield from (name.partition(".")[0] for name in code.loads)
            elif place[-1:] == ("_target_",) and "." in text:
                yield text.partition(".")[0]

    def _now(self, place: KeyPath) -> KeyPath:
        for depth in range(len(place), 0, -1):
            if (to := self.moved.get(place[:depth])) is not None:
                return (*to, *place[depth:])
        return (VARS, *place)

    def _prune(self) -> None:
        """Takes away what became something else, and leaves out what only left out parts referred to."""
        candidates = sorted(self.before | self.consumed, key=len, reverse=True)
        gone: list[KeyPath] = [()]
        while gone:
            now = referred(self.root) | referred(self.system) | referred(self.settings)
            gone = [one for one in candidates if self.root.find(*one) is not None and not _is_referred(one, now)]
            for place in gone:
                part = remove(self.root, place)
                if part is not None and place not in self.consumed and part.value != {}:
                    self.comments += [
                        *part.above,
                        *left_out(mapping_text(text(place), part), "nothing here refers to it"),
                    ]
            candidates = [one for one in candidates if one not in gone]
        for key in [key for key, part in self.root.entries.items() if part.value == {}]:
            del self.root.value[key]

    def _consume(self, place: KeyPath) -> None:
        """Notes that a place, and those that it leads to, have become something else."""
        for _ in range(len(self.before)):
            self.consumed.add(place)
            found = self.root.find(*place)
            if found is None or (target := whole(found.text or "")) is None:
                break
            place = target

    def _used_imports(self) -> Iterator[Part]:
        """The import statements whose names are used; those of this config that nothing uses stand in a comment."""
        names: set[str] = set()
        for _, part in self._all():
            if part.text and part.text.startswith("$") and part not in self.imports:
                names |= _names(part.text)
        for part in self.imports:
            code = _code(part.text or "")
            if not isinstance(code, Imports) or names & {name for name, _ in code.binds}:
                yield part
            else:
                self.comments += left_out(part.text or "", "nothing here uses it")

    def _entries(self, place: KeyPath) -> dict[str, Part]:
        part = self.root.find(*place)
        return part.entries if part is not None else {}

    def _argument(self, engine: KeyPath, name: str) -> Part | None:
        return self._entries(engine).get(name)

    def _take_argument(self, engine: KeyPath, name: str, to: str) -> Part | None:
        found = followed(self.root, (*engine, name))
        return self._take(found[0], to) if found else None

    def _take(self, place: KeyPath, to: str) -> Part | None:
        part = remove(self.root, place)
        if part is not None:
            self.system.value[to] = part
            self.moved[place] = ("system", to)
        return part

    def _leave(self, place: KeyPath, reason: str, todo: bool = False) -> None:
        part = remove(self.root, place)
        if part is not None:
            self.comments += left_out(mapping_text(place[-1], part), reason)
            if todo:
                self.left.append(f"look at '{text(place)}', which is left out: {reason}")


def _engine(root: Part, names: tuple[str, ...]) -> KeyPath | None:
    return next((place for place, part in places(root) if target_of(part) in names), None)


def _is_referred(place: KeyPath, now: set[KeyPath]) -> bool:
    """Whether a place, what is in it or what it is in is referred to."""
    return any(one[: len(place)] == place or place[: len(one)] == one for one in now)


def _code(written: str) -> object:
    try:
        return read_code(written.removeprefix("$"))
    except SyntaxError:
        return None


def _names(written: str) -> frozenset[str]:
    return getattr(_code(written), "names", frozenset())
