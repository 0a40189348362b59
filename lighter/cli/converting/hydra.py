"""A primary config of Hydra, with its groups and the words of its command line, to one config of ours."""

import os
import re
from pathlib import Path
from typing import Any

from lighter.cli.converting.conversion import Converted, Request
from lighter.cli.converting.hydra_calls import IN_RUN, Calls, drop_emptied
from lighter.cli.converting.hydra_code import Code
from lighter.cli.converting.hydra_composing import DEFAULTS, HYDRA, MISSING, Composed, compose
from lighter.cli.converting.hydra_interpolations import NotCarriedError
from lighter.cli.converting.hydra_layout import CALLBACKS, LOGGER, Layout, laid_out
from lighter.cli.converting.hydra_resolvers import resolve
from lighter.cli.converting.hydra_sweep import sweep_of
from lighter.cli.converting.hydra_texts import Keys, Texts
from lighter.cli.converting.parts import Part, with_comments
from lighter.cli.converting.reading import read_parts
from lighter.cli.converting.writing import leave_out
from lighter.config.key_path import KeyPath
from lighter.config.schema import ARGUMENTS, DATA, PROJECT, RUN, SEED, SYSTEM, TRAINER, VARS
from lighter.config.tree import MODE, TARGET
from lighter.errors import UsageError

_ORDER = (PROJECT, SEED, VARS, SYSTEM, DATA, TRAINER, ARGUMENTS, RUN)
_LATER = ("optimizer", "scheduler")  # which get what they need when they are built
_PATHS = IN_RUN | {"ckpt_path"}
_BY_NAME = {CALLBACKS: "callback", LOGGER: "logger"}


def convert(request: Request) -> Converted:
    """The config, and the file of a sweep where there is a search. Raises UsageError and ConfigError."""
    primary, words = _primary(request)
    composed = compose(primary, words)
    code = Code.of(composed.root, primary.absolute().parent)
    layout = laid_out(composed.root, code, evaluates=primary.stem.startswith(("eval", "test")))
    texts = Texts(composed.root, composed.choices, layout.place, resolve, code.variables)
    calls = Calls(texts, code)
    moved = composed.root.copy()
    for *above, key in layout.left_out:
        if above:
            leave_out(moved.value[above[0]], key, layout.left_out[*above, key])
        else:
            moved.value.pop(key, None)
    _drop_what_is_none(moved, layout)
    module = next((keys for keys, place in layout.moves.items() if place == (SYSTEM,)), ())
    for name in layout.handed:
        owner = moved.find(*module)
        calls.keep_unbuilt(moved.value[name], (name,), owner.target if owner else "")
    calls.rewrite(moved)
    root = _assembled(moved, layout, texts, request.to)
    _start_paths_here(root, request.to)
    is_named = _name_folder(root, composed, texts, request.to)
    name = "sweep.yaml" if request.to.stem == "config" else f"{request.to.stem}_sweep.yaml"
    sweep = sweep_of(composed, layout, texts, request.to.name)
    kept = {"sweeper": sweep is not None, "run": is_named}
    _leave_out(root, composed, layout, [name for name, is_kept in kept.items() if is_kept])
    left = [*calls.left, *_left(composed, layout, root, texts)]
    return Converted(root, {name: sweep} if sweep is not None else {}, left)


def _primary(request: Request) -> tuple[Path, tuple[str, ...]]:
    """The primary config, and the words; a file of a group is converted with the primary that names its group."""
    if len(request.files) > 1:
        raise UsageError("'lighter convert' takes one primary config of Hydra, and words such as experiment=example")
    (file,) = request.files
    path = file.absolute()
    for above in list(path.parents)[1:4]:
        group = path.parent.relative_to(above).as_posix()
        for primary in sorted(above.glob("*.yaml"), key=lambda one: (one.stem not in ("train", "config"), one.name)):
            defaults = read_parts(primary).find(DEFAULTS) or Part([])
            names = {re.sub(r"@.*", "", str(key).split()[-1]) for item in defaults.items for key in item.entries}
            if group in names and f"{group}={path.stem}" not in request.words:
                return Path(os.path.relpath(primary)), (f"{group}={path.stem}", *request.words)
    return file, request.words


def _drop_what_is_none(root: Part, layout: Layout) -> None:
    """Leaves out the callbacks and loggers that are none: null, or arguments without a `_target_`."""
    for keys, place in layout.moves.items():
        if place not in ((TRAINER, CALLBACKS), (TRAINER, LOGGER)):
            continue
        part = root.find(*keys)
        if part is None or TARGET in part.entries:
            continue
        for name in [*part.entries]:
            if TARGET not in part.entries[name].entries and not part.entries[name].text:
                leave_out(part, name, f"it has no '{TARGET}', so that it makes no {_BY_NAME[place[-1]]}")
        drop_emptied(root, keys[0])


def _assembled(moved: Part, layout: Layout, texts: Texts, to: Path) -> Part:
    """The parts at their places here."""
    root = Part({key: Part({}) for key in _ORDER})
    root.below = moved.below
    taken: dict[Keys, Part] = {}
    for keys in sorted(layout.moves, key=len, reverse=True):  # what is deepest is taken out of what is above it
        above = moved.find(*keys[:-1])
        if above is not None and keys[-1] in above.entries:
            taken[keys] = above.value.pop(keys[-1])
    for keys, place in layout.moves.items():
        if keys in taken:
            _put(root, place, taken[keys])
    for key, part in moved.value.items():
        if part.value != {} or part.below:
            _put(root, (VARS, str(key)), part)
    for place, value in layout.added:
        _put(root, place, Part(value))
    _finish_loaders(root)
    _finish_system(root, layout)
    if texts.imports:
        root.value[VARS].value["imports"] = Part([Part(f"${statement}") for statement in sorted(texts.imports)])
    if layout.code.root is not None:
        root.value[PROJECT] = Part(os.path.relpath(layout.code.root, to.absolute().parent))
    root.value = {key: part for key, part in root.value.items() if part.value not in ({}, None) or part.below}
    return root


def _put(root: Part, place: KeyPath, part: Part) -> None:
    """Puts a part at a place, over the empty mapping that may be there, else into it."""
    there = root.find(*place)
    if there is not None and isinstance(there.value, dict) and isinstance(part.value, dict):
        part.value = part.value | there.value
    root.put(place, part)


def _finish_loaders(root: Part) -> None:
    """A loader's target first, its dataset behind it."""
    loaders = root.find(SYSTEM, "dataloaders")
    for loader in loaders.entries.values() if loaders is not None else ():
        if TARGET in loader.entries:
            loader.value = {TARGET: loader.value.pop(TARGET), **loader.value}


def _finish_system(root: Part, layout: Layout) -> None:
    """An optimizer or scheduler of a System is built when it is asked for, not handed on as a callable."""
    if layout.is_module:
        return
    for name in _LATER:
        part = root.find(SYSTEM, name)
        if part is not None:
            part.value.pop(MODE, None)
            for given in ("params", "optimizer"):
                if given in part.entries and part.entries[given].text in ("???", None):
                    part.value.pop(given)


def _name_folder(root: Part, composed: Composed, texts: Texts, to: Path) -> bool:
    """Names the folder of a run as Hydra's own settings do, and says whether that could be."""
    named = composed.root.find(HYDRA, "run", "dir")
    if named is None or not named.text:
        return False
    try:
        pattern = texts.pattern(named.text, (HYDRA, "run", "dir"))
    except NotCarriedError:
        return False
    if Path(pattern) == Path():  # where the script is run: a run has a folder of its own
        return False
    root.value[RUN] = Part({"dir": with_comments(Part(_from(to, pattern)), named)})
    return True


def _from(to: Path, written: str) -> str:
    """A path of theirs, which starts from the folder that the script is run in, as it starts from the config's."""
    return Path(os.path.relpath(Path.cwd() / written, to.absolute().parent)).as_posix()


def _start_paths_here(root: Part, to: Path) -> None:
    """Known paths start from the config's folder here."""
    if to.absolute().parent == Path.cwd():
        return
    for part in (below for key in (TRAINER, ARGUMENTS) if key in root.entries for below in root.value[key].walk()):
        for key, path in part.entries.items():
            is_path = key in _PATHS and path.text and path.text[0] not in "$@%" and "://" not in path.text
            if is_path and path.text != MISSING and not Path(str(path.text)).is_absolute():
                path.value = _from(to, str(path.text))


def _leave_out(root: Part, composed: Composed, layout: Layout, kept: list[str]) -> None:
    """Lets what is left out of the top stand at the end; `kept` are the parts of Hydra's own that are not."""
    for keys, reason in reversed(layout.left_out.items()):
        part = composed.root.find(*keys)
        if part is None or len(keys) > 1:
            continue
        part = part.copy()
        for key in kept if keys == (HYDRA,) else ():
            part.value.pop(key, None)
        if keys != (HYDRA,) or part.value:
            root.value[keys[0]] = part
            leave_out(root, keys[0], reason)


def _left(composed: Composed, layout: Layout, root: Part, texts: Texts) -> list[str]:
    """What is left to do."""
    left = [*composed.left]
    if SYSTEM not in root.entries:
        left.append("no model was found: write 'system:', a LightningModule or the parts of a lighter.System")
    elif not layout.is_module:
        needed = ("model", "criterion", "optimizer", *(() if DATA in root.entries else ("dataloaders",)))
        absent = [part for part in needed if part not in root.entries[SYSTEM].entries]
        if absent:
            left.append(f"write {', '.join(f'system::{part}' for part in absent)}, as your script makes them")
    unread = [str(key) for key in root.entries.get(VARS, Part({})).entries if not _is_used(key, texts, layout)]
    if unread:
        left.append(f"nothing refers to {', '.join(f'vars::{key}' for key in unread)}: your script may have read it")
    return left


def _is_used(key: Any, texts: Texts, layout: Layout) -> bool:
    added = any(isinstance(value, str) and value.startswith(f"%{VARS}::{key}") for _, value in layout.added)
    return key == "imports" or added or any(used[0] == key for used in texts.used if used)
