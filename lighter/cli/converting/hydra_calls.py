"""Calls as Hydra writes them, `_target_` with `_partial_`, `_recursive_` and their kin, to calls of ours."""

import re
from dataclasses import dataclass, field
from typing import Any

from lighter.cli.converting.hydra_code import Code
from lighter.cli.converting.hydra_interpolations import NotCarriedError, OfRunError
from lighter.cli.converting.hydra_texts import Keys, Texts
from lighter.cli.converting.parts import Part, as_part, literal_key, with_comments
from lighter.cli.converting.writing import leave_out, left_open
from lighter.config.tree import ARGS, CALLABLE, MODE, TARGET

_PARTIAL, _RECURSIVE, _CONVERT = "_partial_", "_recursive_", "_convert_"
_GETTERS = ("get_class", "get_method", "get_static_method", "get_object")
_BUILDERS = ("instantiate", "call")
_OF_HYDRA = re.compile(r"hydra\.(?:utils\.|_internal\.\w+\.)?(\w+)\Z")
# Where a path that is not given is in the folder of the run.
IN_RUN = frozenset({"default_root_dir", "dirpath", "save_dir", "dir", "log_dir"})


@dataclass(slots=True)
class Calls:
    """Rewrites the parts of a composed config in place, and gathers what is left to do."""

    texts: Texts
    code: Code
    left: list[str] = field(default_factory=list)
    _done: set[int] = field(default_factory=set)  # parts that are ours already

    def rewrite(self, part: Part, at: Keys = ()) -> None:
        """Rewrites all below a mapping; what cannot be carried over is left out of it, with the reason."""
        for key in [*part.value]:
            original = part.value[key].copy()
            try:
                part.value[key] = self._carried(part.value[key], (*at, key))
                drop_emptied(part, key)
            except NotCarriedError as error:
                part.value[key] = original
                leave_out(part, key, self._reason(error, key))
        part.value = {literal_key(key): below for key, below in part.value.items()}

    def _item(self, part: Part, at: Keys) -> Part:
        """An item of a list; one that cannot be carried over leaves its place open."""
        original = part.copy()
        try:
            return self._carried(part, at)
        except NotCarriedError as error:
            return left_open(original, str(error))

    def _reason(self, error: NotCarriedError, key: Any) -> str:
        if isinstance(error, OfRunError) and key in IN_RUN:
            return "without it, it is in the folder of the run"
        return str(error)

    def _carried(self, part: Part, at: Keys) -> Part:
        if id(part) in self._done:
            return part
        if isinstance(part.value, list):
            part.value = [self._item(below, (*at, index)) for index, below in enumerate(part.value)]
        elif isinstance(part.value, str):
            part.value = as_part(self.texts.rewritten(part.value, at)).value
        elif isinstance(part.value, dict):
            return self._mapping(part, at)
        return part

    def _mapping(self, part: Part, at: Keys) -> Part:
        target = part.entries.get(TARGET)
        if target is None:
            self.rewrite(part, at)
            return part
        written = str(self.texts.static(target, (*at, TARGET)))
        if of_hydra := _OF_HYDRA.match(written):
            return self._of_hydra(of_hydra[1], part, at)
        target.value = self.code.target(written)
        self._keep_what_is_read(part, at, written)
        self._flags(part)
        # What is left stays for `rewrite`, a target as it is.
        del part.value[TARGET]
        self.rewrite(part, at)
        part.value = {TARGET: target, **part.value}
        return part

    def _flags(self, part: Part) -> None:
        """Takes away what says how Hydra builds: `_partial_` alone has a word of ours."""
        entries = dict(part.value)
        for key in (_CONVERT, _RECURSIVE):
            if flag := entries.pop(key, None):
                with_comments(part, Part(None, above=flag.above))
        if (flag := entries.pop(_PARTIAL, None)) and flag.value not in (False, None):
            if flag.value is not True:
                raise NotCarriedError(f"'{_PARTIAL}' is known at run time only")
            mode = with_comments(Part(CALLABLE), flag)
            entries = {TARGET: entries.pop(TARGET), MODE: mode, **entries}
        part.value = entries

    def keep_unbuilt(self, part: Part, at: Keys, owner: str) -> None:
        """Hands a part on to a target that builds it, or reads it by attribute, itself: as an object of OmegaConf."""
        whole, place = self._named(part, at)
        how = "builds itself" if whole.builds else "reads by attribute"
        part.value, part.is_inline = self.texts.created(whole, place), False
        self._done.add(id(part))
        name = owner.rpartition(".")[2]
        self.left.append(
            f"{name} {how} what is given as '{at[-1]}': it is handed on as an object of OmegaConf, in a text of Python"
        )

    def _keep_what_is_read(self, part: Part, at: Keys, written: str) -> None:
        """Keeps as it is what a target of the project builds or reads itself."""
        is_recursive = _RECURSIVE not in part.entries or part.entries[_RECURSIVE].value is not False
        text = self.code.text(written)
        for key, below in part.entries.items():
            if key not in (TARGET, ARGS, _PARTIAL, _RECURSIVE, _CONVERT):
                whole, _ = self._named(below, (*at, key))
                if (not is_recursive) if whole.builds else _is_read(text, key, whole):
                    self.keep_unbuilt(below, (*at, key), written)

    def _named(self, part: Part, at: Keys) -> tuple[Part, Keys]:
        """A part, or the mapping that it stands for as an interpolation."""
        place = self.texts.named(part, at)
        there = self.texts.root.find(*place) if place else None
        return (there, place) if there is not None and place and isinstance(there.value, dict) else (part, at)

    def _of_hydra(self, name: str, part: Part, at: Keys) -> Part:
        """A call of a function of Hydra's own."""
        arguments = {key: below for key, below in part.entries.items() if key not in (TARGET, ARGS, _CONVERT, _PARTIAL)}
        given = [*(part.entries[ARGS].items if ARGS in part.entries else []), *arguments.values()]
        if name in _GETTERS and len(given) == 1:
            path = str(self.texts.static(given[0], at))
            return with_comments(Part({TARGET: Part(self.code.target(path)), MODE: Part(CALLABLE)}), part)
        if name in _BUILDERS and len(given) == 1:
            return with_comments(self._carried(given[0], (*at, "config")), part)
        if name == "to_absolute_path" and len(given) == 1:
            return with_comments(self._carried(given[0], (*at, "path")), part)
        raise NotCarriedError(f"'hydra.utils.{name}' has no counterpart here")


def drop_emptied(above: Part, key: Any) -> None:
    """Takes away a mapping of which all is left out; the comments that say so stay."""
    part = above.value[key]
    if part.value == {} and part.below:
        behind = [*above.value][[*above.value].index(key) + 1 :]
        comments = above.value[behind[0]].above if behind else above.below
        comments[:0] = [*part.above, *part.below]
        del above.value[key]


def _is_read(text: str, key: Any, part: Part) -> bool:
    """Whether a class reads the keys of a mapping that it is given as attributes: `net_cfg.size`."""
    keys = [re.escape(str(name)) for name in part.entries if str(name).isidentifier()]
    return bool(keys and text) and re.search(rf"\b{re.escape(str(key))}\.(?:{'|'.join(keys)})\b", text) is not None
