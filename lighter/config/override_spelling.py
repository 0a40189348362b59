"""Overrides as other tools write them, each with what is written here: the place is found by its last names."""

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from lighter.config.key_path import SEPARATOR, KeyPath, parse_path, text
from lighter.config.scalars import SUFFIXES
from lighter.config.schema import DATA, KEYS, LOADERS, OPTIMIZER, SYSTEM, TRAINER, takes_new_key
from lighter.config.tree import TARGET, Entry, Mapping, Scalar, absent, ending, find
from lighter.errors import OVERRIDE, Problem, listing, nearest, shown_path

Override = tuple[KeyPath, Entry]

SHOWN = 3  # places that a message names
_WRAPPER = "init_args"  # LightningCLI has it between a class and its arguments
# Values with a comma between them outside brackets and quotes, or a range as Hydra writes it.
_LISTED = r"[^\[{(\"'@$%]+,[^\[{(\"']+\Z|(choice|interval|range)\("
_WORD = r"\w[\w.-]{0,99}(/[\w.-]{1,99}){0,9}/?\Z"  # that a file or folder may have for its name
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+\Z")
_CONFIG_FOLDERS = ("", "conf", "config", "configs")

# Where an argument belongs that no file sets, and what it is called there.
_USUAL: dict[str, KeyPath] = {
    **{name: (*OPTIMIZER, name) for name in ("lr", "momentum", "weight_decay")},
    **{name: (TRAINER, name) for name in ("accelerator", "devices", "max_epochs", "max_steps", "num_nodes")},
    **{name: (TRAINER, name) for name in ("accumulate_grad_batches", "fast_dev_run", "gradient_clip_val")},
    **{name: (TRAINER, name) for name in ("limit_train_batches", "limit_val_batches", "precision", "strategy")},
    **dict.fromkeys(("epochs", "num_epochs", "n_epochs"), (TRAINER, "max_epochs")),
    **{name: (*LOADERS, "train", name) for name in ("batch_size", "num_workers")},
    "learning_rate": (*OPTIMIZER, "lr"),
    "gpus": (TRAINER, "devices"),
    "seed_everything": ("seed",),
}


def misspelt(tree: Mapping, overrides: Sequence[Override], no_texts: Collection[KeyPath] = ()) -> Iterator[Problem]:
    """What is wrong with overrides that another tool would understand, in the tree that they were laid over.

    `no_texts` are places that take no text, so that one there may be meant for a file: its name alone, or its folder.
    """
    new = {path[0] for path, entry in overrides if path[0] not in KEYS and _is_new(tree, path[:1])}
    files = Mapping({key: entry for key, entry in tree.entries.items() if key not in new}, tree.position)
    for path, entry in overrides:
        name, _, value = entry.position.source.name.removeprefix(OVERRIDE).lstrip("+=").partition("=")
        if entry.mark == "~":
            continue
        if what := _fault(files, tree, path, entry):
            help = _group(files, name, entry) or _line(files, name, value) or _how_to_add(files, path, name, value)
        elif path in no_texts and (meant := _files_meant(files, path, entry, is_placed=True)):
            what, help = f"'{text(path)}' takes no text, and '{_text_of(entry)}' is no file", _lay(path, meant)
        if what and help:
            yield with_sweep(Problem(what, entry.position, help=help, code="override"))


def with_sweep(problem: Problem) -> Problem:
    """The same problem; where it is of an override that lists values, the help says which command tries each."""
    source = problem.position.source if problem.position is not None else None
    written = source.name.removeprefix(OVERRIDE) if source is not None and source.is_override else ""
    if not re.match(_LISTED, written.partition("=")[2]):
        return problem
    sweep = f"'lighter sweep config.yaml {written}' tries one value after the other"
    return problem._replace(help="; ".join(filter(None, (problem.help, sweep))))


def spelling(tree: Mapping, name: str, value: str) -> str:
    """The override that sets here what another tool calls `name`, `'a::lr=1' or 'b::lr=1'`; empty where none does."""
    places = _meant(tree, names_of(name))
    return " or ".join(f"'{_mark(tree, place)}{text(place)}={value}'" for place in places[:SHOWN])


def names_of(written: str) -> KeyPath:
    """The keys of a place as anybody writes it: with dots, `::` or `#` between them, and `init_args` somewhere."""
    try:
        keys = parse_path(written.lstrip("+").replace(".", SEPARATOR))
    except ValueError:
        return ()
    return tuple(key for key in keys if key != _WRAPPER)


def _is_new(tree: Mapping, path: KeyPath) -> bool:
    """Whether overrides alone have set what is at a place."""
    above = find(tree, path[:-1])
    entry = above.entries.get(path[-1]) if isinstance(above, Mapping) else None
    sources = [position.source for position in (entry.position, *entry.history)] if entry is not None else []
    return bool(sources) and all(source.is_override for source in sources)


def _fault(files: Mapping, tree: Mapping, path: KeyPath, entry: Entry) -> str:
    """What is wrong with an override that others would understand; empty where it may be meant as it is."""
    is_run, name = SYSTEM in files.entries, text(path)
    if path[0].startswith("+"):
        return f"'+{name}' begins with two '+', and one adds"
    if any("." in key for key in path) and _is_new(tree, path):
        is_here = bool(_meant(files, names_of(name))) or (is_run and path[0] not in KEYS)
        return f"'{name}' is no place: '{SEPARATOR}' stands between keys" if is_here else ""
    if path[0] not in KEYS and path[0] not in files.entries:
        return f"'{path[0]}' is no top-level key" if is_run else ""
    is_text = isinstance(entry.value, Scalar) and isinstance(entry.value.value, str)
    return f"'{name}' takes a mapping" if is_text and path in ((SYSTEM,), (DATA,), (TRAINER,)) else ""


def _meant(files: Mapping, names: KeyPath) -> list[KeyPath]:
    """The places that names may mean: that very one, those that end with them, or where such an argument is new."""
    if not names:
        return []
    if find(files, names) is not None:
        return [names]
    if found := ending(files, names):
        return found
    place = _USUAL.get(names[-1], names) if len(names) == 1 else names
    if len(names) > 1 and find(files, names[:-1]) is None:
        above = ending(files, names[:-1])
        place = (*above[0], names[-1]) if len(above) == 1 else place
    if find(files, place) is not None:
        return [place]
    parent = find(files, place[:-1]) if len(place) > 1 else None
    takes = isinstance(parent, Mapping) and takes_new_key(place[:-1], parent, place[-1])
    return [place] if takes or (len(place) < 3 and place[0] in (TRAINER, "seed") and SYSTEM in files.entries) else []


def _mark(tree: Mapping, place: KeyPath) -> str:
    """The `+` without which nothing may be set at a place."""
    parent = find(tree, place[:-1])
    is_open = not isinstance(parent, Mapping) or takes_new_key(place[:-1], parent, place[-1])
    return "" if is_open or find(tree, place) is not None else "+"


def _line(files: Mapping, name: str, value: str) -> str:
    return f"write {written}" if (written := spelling(files, name, value)) else ""


def _group(files: Mapping, name: str, entry: Entry) -> str:
    """What to write for the choice of a file, `model=tiny`; empty where a value is set."""
    value, names = _text_of(entry), names_of(name)
    if not value or not names:
        return ""
    places = [place for place in _meant(files, names) if _holds_more(files, place)]
    found = _files_meant(files, names, entry, is_placed=bool(places))
    if places and not found and _DOTTED.match(value) and not value.endswith(SUFFIXES):
        return f"write '{text(places[0])}::{TARGET}={value}'"
    if places:
        return f"to lay a file at that place {_lay(places[0], found or [_file_in(names, value).as_posix()])}"
    return f"write '{found[0]}' as one more source" if found else ""


def _text_of(entry: Entry) -> str:
    """The text that an override sets; empty where it sets anything else."""
    value = entry.value.value if isinstance(entry.value, Scalar) else None
    return value if isinstance(value, str) else ""


def _file_in(names: KeyPath, value: str) -> Path:
    return Path(*names, value if value.endswith(SUFFIXES) else f"{value}{SUFFIXES[0]}")


def _lay(place: KeyPath, found: Sequence[str]) -> str:
    """What to write to have one of these files at a place."""
    others = f", or {listing(found[1:])}" if found[1:] else ""
    return f"write '{text(place)}={found[0]}'{others}"


def _files_meant(files: Mapping, names: KeyPath, entry: Entry, *, is_placed: bool) -> list[str]:
    """The files that a word may mean: of a group as Hydra has them, of that folder, or with that name in any folder.

    Else that of a folder called as the place is, `models` for `system::model`, which has nearly that name.
    """
    value = _text_of(entry)
    if not re.match(_WORD, value):
        return []
    folders = dict.fromkeys((files.position.source.folder, Path.cwd()))
    roots = [folder / each for folder in folders for each in _CONFIG_FOLDERS]
    if there := [root / _file_in(names, value) for root in roots if (root / _file_in(names, value)).is_file()]:
        return [shown_path(there[0])]
    if not is_placed:
        return []
    for pattern in (f"{value}.*", f"{value}/*", f"*/{value}.*"):
        there = [path for root in roots for path in sorted(root.glob(pattern)) if path.suffix in SUFFIXES]
        if there and not value.endswith(SUFFIXES):
            of_place = [
                path for path in there if path.parent.name.startswith(names[-1])
            ]  # `models` for `system::model`
            return [*dict.fromkeys(map(shown_path, of_place or there))]
    group = {path.stem: path for root in roots for path in root.glob(f"{names[-1]}*/*") if path.suffix in SUFFIXES}
    near = nearest(value, group)
    return [shown_path(group[near])] if near is not None else []


def _holds_more(files: Mapping, place: KeyPath) -> bool:
    return place in ((SYSTEM,), (DATA,), (TRAINER,)) or isinstance(find(files, place), Mapping)


def _how_to_add(files: Mapping, path: KeyPath, name: str, value: str) -> str:
    names = names_of(name)
    if not names or not (path[0].startswith("+") or "." in name):
        return ""
    if SYSTEM in files.entries and names[0] not in KEYS:
        return f"there is no '{text(names)}'; put values of your own under 'vars'"
    return f"{absent(files, names)[1]}; to add a new key write '+{text(names)}={value}'"
