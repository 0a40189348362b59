"""The files of LightningCLI, merged, to one config of ours: with the script that calls it, or the classes by name."""

import os
from pathlib import Path

from lighter.cli.converting.conversion import SCRIPT, Converted, Request
from lighter.cli.converting.lightning_cli_calls import CLASS_PATH, DICT_KWARGS, INIT_ARGS, REPLACED, Calls
from lighter.cli.converting.lightning_cli_script import Link, Script, read_script
from lighter.cli.converting.parts import Part, as_part, with_comments
from lighter.cli.converting.reading import parts_of, read_parts
from lighter.cli.converting.writing import left_out, mapping_text
from lighter.config.scalars import SUFFIXES
from lighter.config.schema import ARGUMENTS, DATA, PROJECT, SEED, SYSTEM, TRAINER, TRAINER_TARGET, VARS
from lighter.config.tree import CALLABLE, MODE, TARGET
from lighter.errors import Source, UsageError
from lighter.training.lightnings import PACKAGES
from lighter.training.stages import Stage

_MODEL, _OPTIMIZER, _SCHEDULER, _SEED = "model", "optimizer", "lr_scheduler", "seed_everything"
_SECTIONS = (_MODEL, DATA, TRAINER, _OPTIMIZER, _SCHEDULER)
_OF_STAGE = ("ckpt_path", "verbose", "weights_only", "return_predictions")
_STAGES = tuple(map(str, Stage))
_ORDER = (PROJECT, SEED, VARS, SYSTEM, DATA, TRAINER, ARGUMENTS)
_FULL = 5  # of the Trainer's arguments null, and the file holds all there are, as --print_config writes it
_PLATEAU = "torch.optim.lr_scheduler.ReduceLROnPlateau"


def convert(request: Request) -> Converted:
    """The config. Raises UsageError and ConfigError."""
    script = _script(request)
    root = script.defaults
    trainer = root.find(TRAINER) or Part({})
    always = trainer.value.pop("callbacks", Part([])).items  # which no file takes away
    for file in request.files:
        root = _laid(root, _with_files(read_parts(file), file.parent))
    for word in request.words:
        if not word.endswith(SCRIPT):
            root = _laid(root, _of_word(word, root))
    if always:
        trainer = root.value.setdefault(TRAINER, Part({}))
        there = trainer.entries.get("callbacks") or Part([])
        trainer.value["callbacks"] = Part([*(there.items or ([there] if there.value else [])), *always], there.position)
    return _Conversion(root, script, request).converted()


def _script(request: Request) -> Script:
    path = next((Path(word) for word in request.words if word.endswith(SCRIPT)), None)
    script = read_script(path) if path is not None else Script()
    script.classes |= {key: request.options[key] for key in (_MODEL, DATA) if key in request.options}
    for pair in filter(None, request.options.get("link", "").split(",")):
        source, equals, target = pair.partition("=")
        if not equals:
            raise UsageError(f"'--link={pair}' names no two places: write --link=data.batch_size=model.batch_size")
        script.links.append(Link(source, target))
    return script


def _with_files(root: Part, folder: Path) -> Part:
    """The same with the files that it names for whole sections in their places."""
    for above in (root, *(root.entries[stage] for stage in Stage if stage in root.entries)):
        for key in _SECTIONS:
            part = above.entries.get(key)
            if part is not None and (part.text or "").endswith(SUFFIXES) and (folder / str(part.value)).is_file():
                above.value[key] = with_comments(read_parts(folder / str(part.value)), part)
    return root


def _of_word(word: str, root: Part) -> Part:
    """What `model.lr=0.1` lays over the files; below a class it is one of its arguments."""
    place, equals, value = word.partition("=")
    if not equals:
        raise UsageError(f"'{word}' is no file, no script and no value: write trainer.max_epochs=3, or a file's path")
    keys: list[str] = []
    names = place.lstrip("-").split(".")
    at: Part | None = root if names[0] in _STAGES else root.find(_first_stage(root)) or root
    for key in names:
        if at is not None and CLASS_PATH in at.entries and key not in (CLASS_PATH, INIT_ARGS, DICT_KWARGS):
            keys, at = [*keys, INIT_ARGS], at.find(INIT_ARGS)
        keys.append(key)
        at = at.find(key) if at is not None else None
    found = Part({})
    found.put(keys, parts_of(Source(word, f"value: {value}")).entries["value"])
    return found


def _first_stage(root: Part) -> str:
    """The first command that has a section of its own."""
    return next((stage for stage in _STAGES if isinstance(root.entries.get(stage, Part(None)).value, dict)), "")


def _laid(root: Part, new: Part) -> Part:
    """A later file or word over the others: where a command has a section, what is said of none is said of that."""
    if stage := _first_stage(root):
        own = Part({key: new.value.pop(key) for key in [*new.entries] if key not in _STAGES})
        if own.value:
            new.value[stage] = _merged(own, new.find(stage) or Part({}))
    return _merged(root, new)


def _merged(old: Part, new: Part) -> Part:
    """One file over another, as LightningCLI lays them: mappings merge, and another class takes what it can take."""
    if not (isinstance(old.value, dict) and isinstance(new.value, dict)):
        return new
    one, other = old.find(CLASS_PATH), new.find(CLASS_PATH)
    if one is not None and other is not None and one.value != other.value:
        one.written = REPLACED
        new.value[CLASS_PATH] = with_comments(other, one)
        other.written = REPLACED
    for key, given in new.value.items():
        name = key.removesuffix("+") if isinstance(key, str) else key
        there = old.value.get(name)
        is_added = name != key  # `callbacks+`
        part = Part([*(there.items or [there]), *(given.items or [given])]) if there and is_added else given
        old.value[name] = _merged(there, part) if there is not None else part
    old.below += new.below
    old.above += new.above
    return old


class _Conversion:
    def __init__(self, root: Part, script: Script, request: Request) -> None:
        self._script, self._to = script, request.to
        self._found = Part({key: Part({}) for key in _ORDER}, above=root.above, below=root.below)
        self._left = [*script.left]
        self._root = self._one_stage(root)
        for key in (_OPTIMIZER, _SCHEDULER):
            if key in script.classes:
                self._root.value.setdefault(key, Part({}))
            elif key in self._root.entries and self._root.entries[key].value is None:
                self._root.value.pop(key)
        self._wraps = any(key in self._root.entries for key in (_OPTIMIZER, _SCHEDULER))
        model = f"{SYSTEM}::module" if self._wraps else SYSTEM
        self._places = {_MODEL: model, DATA: DATA, TRAINER: TRAINER, _SEED: SEED, _OPTIMIZER: f"{SYSTEM}::optimizer"}
        self._callbacks = self._add_callbacks()
        self._places |= {key: f"{VARS}::{key}" for key in self._root.entries if key not in self._places}
        folders = [file.absolute().parent for file in (*_scripts(request), *request.files)] + [Path.cwd()]
        names = script.names | {name: name for name in script.classes.values()}
        self._calls = Calls(self._root, names, folders, self._places)
        trainer = self._root.find(TRAINER) or Part({})
        self._calls.is_full = sum(part.value is None for part in trainer.entries.values()) >= _FULL

    def _one_stage(self, root: Part) -> Part:
        """What stands for one command: the section of `fit`, say, over what all have."""
        stages = [stage for stage in Stage if isinstance(root.entries.get(stage, Part(None)).value, dict)]
        sections = {stage: root.value.pop(stage) for stage in stages}
        for stage, section in (sections or {Stage.FIT: root}).items():
            for key in _OF_STAGE:
                part = section.value.pop(key, None)
                if part is not None and part.value not in (None, True):
                    self._found.put([ARGUMENTS, stage, key], part)
        for stage in stages[1:]:
            for key, part in sections[stage].entries.items():
                first = sections[stages[0]].find(key)
                if first is None or first.plain != part.plain:
                    reason = f"here one config serves all stages, and for '{stages[0]}' it is another"
                    self._found.below += left_out(mapping_text(stage, Part({key: part})), reason)
        return _merged(root, sections[stages[0]]) if stages else root

    def _add_callbacks(self) -> list[str]:
        """Moves the sections that are callbacks, as the script says, into the Trainer's list."""
        moved = [key for key in self._script.callbacks if key in self._script.classes]
        for key in moved:
            trainer = self._root.value.setdefault(TRAINER, Part({}))
            there = trainer.entries.get("callbacks") or Part(None)
            items = there.items or ([there] if there.value else [])
            given = self._root.value.pop(key, Part({}))
            call = Part({CLASS_PATH: Part(self._script.classes[key]), INIT_ARGS: given}, above=given.above)
            trainer.value["callbacks"] = Part([*items, call])
            self._places[key] = f"{TRAINER}::callbacks::{len(items)}"
        return moved

    def converted(self) -> Converted:
        self._root.value.pop("config", None)
        self._name_classes()
        for key in [*self._root.entries]:
            self._root.value[key] = self._calls.rewritten(self._root.value[key], (str(key),))
        self._seed()
        self._system()
        trainer = self._root.value.pop(TRAINER, Part({}))
        if TARGET not in trainer.entries:
            self._calls.without_defaults(trainer, TRAINER_TARGET)
            if self._calls.package != PACKAGES[0]:
                trainer.value = {TARGET: Part(f"{self._calls.package}.Trainer"), **trainer.value}
        self._found.value[TRAINER] = trainer
        self._found.value[DATA] = self._root.value.pop(DATA, Part({}))
        self._found.value[VARS] = Part({**self._root.value})
        self._left += [
            f"'{key}' is no section of LightningCLI's own: it stands at 'vars::{key}', where nothing uses it"
            for key in self._root.entries
            if not any(link.source.startswith(f"{key}.") for link in self._script.links)
        ]
        self._link()
        if self._calls.root is not None:
            self._found.value[PROJECT] = Part(os.path.relpath(self._calls.root, self._to.absolute().parent))
        self._found.value = {key: part for key, part in self._found.value.items() if part.value not in ({}, None)}
        if self._calls.defaults:
            self._found.above.append(
                f"{self._calls.defaults} arguments that had their default values do not stand here."
            )
        return Converted(self._found, left=[*self._left, *self._calls.left])

    def _name_classes(self) -> None:
        """Writes out the classes that the files leave to the script."""
        for key, name in self._script.classes.items():
            part = self._root.entries.get(key)
            if key in self._callbacks or (part is None and key not in _SECTIONS):
                continue
            part = part or Part({})
            if isinstance(part.value, dict) and CLASS_PATH not in part.entries:
                call = {CLASS_PATH: Part(name), INIT_ARGS: Part(part.value, below=part.below)}
                self._root.value[key] = Part(call, part.position, above=part.above, beside=part.beside)
        for key, part in self._root.entries.items():
            is_nameless = isinstance(part.value, dict) and CLASS_PATH not in part.entries
            if key in _SECTIONS and key != TRAINER and is_nameless:
                flag = f"write --{key}=my_module.MyClass, or " if key in (_MODEL, DATA) else ""
                what = f"which class '{key}' is does not stand in the file"
                raise UsageError(f"{what}: {flag}give the script that calls LightningCLI as well")

    def _seed(self) -> None:
        seed = self._root.value.pop(_SEED, None) or Part(True, beside="as LightningCLI has it where none is given")
        if seed.value is True:
            seed.value = 0
            seed.beside = seed.beside or "seed_everything: true"
        if seed.value is False:
            seed.value = None
        self._found.value[SEED] = seed

    def _system(self) -> None:
        module = self._root.value.pop(_MODEL, Part({}))
        optimizer, scheduler = (self._root.value.pop(key, None) for key in (_OPTIMIZER, _SCHEDULER))
        self._found.value[SYSTEM] = module
        if optimizer is None and scheduler is None:
            return
        system = {TARGET: Part("lighter.with_optimizer"), "module": module}
        if optimizer is not None:
            system["optimizer"] = _handed_on(optimizer)
        if scheduler is not None:
            system["scheduler"] = _scheduled(scheduler)
        self._found.value[SYSTEM] = Part(system)

    def _link(self) -> None:
        """Lets each linked argument follow the one that it is linked to."""
        for link in self._script.links:
            source, target = self._calls.place_of(link.source), self._calls.place_of(link.target)
            if source is None or target is None or link.reason:
                why = link.reason or "there is no such section"
                self._left.append(f"'{link.target}' is linked to '{link.source}', which is not carried over: {why}")
                continue
            self._found.put(target.split("::"), Part(self._followed(link, source.split("::"))))

    def _followed(self, link: Link, source: list[str]) -> str:
        """The reference to what is linked to; a default that stands nowhere is written out first."""
        *above, name = source
        owner = self._found.find(*above) or Part({})
        if not link.is_built and name not in owner.entries and TARGET in owner.entries:
            default = self._calls.default_of(str(owner.entries[TARGET].value), name)
            owner.value |= {name: as_part(default)} if default is not None else {}
        if not link.is_built and name in owner.entries:
            return f"%{'::'.join(source)}"
        built, *rest = source
        return f"$@{'.'.join([built, *rest])}"


def _scripts(request: Request) -> list[Path]:
    return [Path(word) for word in request.words if word.endswith(SCRIPT)]


def _handed_on(part: Part) -> Part:
    """A call that is made later, with one argument more."""
    first, *others = part.entries.items()
    part.value = dict([first, (MODE, Part(CALLABLE)), *others])
    return part


def _scheduled(part: Part) -> Part:
    """A scheduler; of Lightning's own name for one that watches a value, what it watches stands beside it."""
    target = part.entries[TARGET]
    if "monitor" not in part.entries or not str(target.value).endswith(".ReduceLROnPlateau"):
        return _handed_on(part)
    target.value = _PLATEAU
    monitor = part.value.pop("monitor", None)
    return Part({"scheduler": _handed_on(part), **({"monitor": monitor} if monitor else {})})
