"""What a limited config does not get, and why: for a text, a flag or a module, whoever asks."""

import re
from dataclasses import dataclass
from types import ModuleType

from lighter.config.allowlist.names import FLAGS
from lighter.errors import Position, Problem

# Names of inner parts, also those of frames, which begin with no underscore.
_INSIDE = re.compile(
    r"(?<!\w)(?:__\w+__|(?:ag|cr|gi)_(?:await|code|frame)|tb_(?:frame|next)"
    r"|f_(?:back|builtins|code|globals|locals|trace))(?!\w)"
)
_OWN_CODE = "write a function in your project that does it"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a limited config asks for and does not get: what and why, and what may be done about it."""

    what: str
    help: str = _OWN_CODE

    def problem(self, position: Position | None, place: str) -> Problem:
        """The same as a mistake of the config, at its place."""
        return Problem(self.what, position, place, self.help)


def flag_refusal(name: object, value: object) -> Refusal | None:
    """Why an argument may not have a value, whoever is called."""
    if name not in FLAGS or not isinstance(value, (bool, int, str)) or value not in FLAGS[str(name)]:
        return None
    return Refusal(f"'{name}: {str(value).lower()}' lets data bring code with it", f"leave '{name}' out")


def module_refusal(value: object) -> Refusal | None:
    """Why a module is no value: whoever gets it finds in it all that is not let through here."""
    if not isinstance(value, ModuleType):
        return None
    name = value.__name__
    return Refusal(f"the module '{name}' is handed on, with all that is in it", f"name what it is for: '{name}....'")


def text_refusal(text: str) -> Refusal | None:
    """Why a text may not be handed on: the name of an inner part may open what nothing else does."""
    inside = _INSIDE.search(text)
    what = f"a text with '{inside[0]}' in it leads into the inside of objects" if inside else ""
    return Refusal(what, "leave it out, or do it in your project's own code") if inside else None


def is_inner(name: str) -> bool:
    """Whether a name is that of an inner part."""
    return _INSIDE.fullmatch(name) is not None
