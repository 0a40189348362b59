"""What a limited config does not get, and why: a text, a flag, a module, or something too large, whoever asks.

What would be too large is said before it is made, for then it is too late.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

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


LARGEST = 10_000_000  # items of a list, characters of a text
DEEPEST = 100_000  # binary digits of a whole number
DECIMALS = 1000  # of a rounded number
_TEXTS = (bytes, bytearray, str)
_SERIES = (*_TEXTS, list, tuple)


class TooLarge(Exception):  # noqa: N818  # what is wrong is in the name
    """Something would be made that fills the memory, or takes hours to make."""


def check_operation(symbol: str, left: Any, right: Any) -> None:
    """Raises TooLarge where `left symbol right` would be."""
    if symbol == "%" and isinstance(left, _TEXTS):
        raise TooLarge("'%' on a text may make it as wide as it likes: write f'{...}'")
    if symbol == "*" and isinstance(right, _SERIES):
        left, right = right, left
    if isinstance(left, _SERIES):
        if symbol == "*" and isinstance(right, int):
            _check_length(len(left) * right)
        elif symbol == "+" and isinstance(right, _SERIES):
            _check_length(len(left) + len(right))
    elif isinstance(left, int) and isinstance(right, int):
        _check_digits(_digits(symbol, left, right))


def is_bounded(name: str) -> bool:
    """Whether what has this name can make too large a thing of small ones."""
    return name in _CHECKS


def check_call(name: str, function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """Raises TooLarge where the call of a bounded function would be. Of iterators nobody knows: they are refused."""
    owner = getattr(function, "__self__", None)
    given = (owner, *args) if isinstance(owner, (*_TEXTS, int)) else tuple(args)
    _CHECKS[name](*given, **kwargs)


def _digits(symbol: str, left: int, right: int) -> int:
    """The binary digits of the result, or more."""
    if symbol == "**":
        return left.bit_length() * max(right, 0) if abs(left) > 1 else 0
    if symbol == "<<":
        return left.bit_length() + right if left else 0
    return left.bit_length() + right.bit_length() if symbol == "*" else 0


def _check_digits(digits: int) -> None:
    if digits > DEEPEST:
        raise TooLarge(f"this number would have more than {DEEPEST:,} binary digits")


def _check_length(length: int) -> None:
    if length > LARGEST:
        raise TooLarge(f"this would be more than {LARGEST:,} items or characters long")


def _range(*args: Any, **_: Any) -> None:
    try:
        _check_length(len(range(*args)))
    except OverflowError as error:
        raise TooLarge(f"this range has more than {LARGEST:,} numbers") from error


def _bytes(source: Any = b"", *_: Any, **__: Any) -> None:
    if isinstance(source, int):
        _check_length(source)


def _power(base: Any = 0, exp: Any = 1, mod: Any = None) -> None:
    if mod is None:
        check_operation("**", base, exp)


def _round(number: Any = 0, ndigits: Any = 0) -> None:
    if isinstance(number, int) and isinstance(ndigits, int) and abs(ndigits) > DECIMALS:
        raise TooLarge(f"a number is rounded to at most {DECIMALS:,} digits")


def _factorial(number: Any = 0, *_: Any) -> None:
    _permutations(number)


def _permutations(number: Any = 0, chosen: Any = None, *_: Any) -> None:
    if isinstance(number, int):
        _check_digits(number.bit_length() * (chosen if isinstance(chosen, int) else number))


def _combinations(number: Any = 0, chosen: Any = 0, *_: Any) -> None:
    if isinstance(number, int) and isinstance(chosen, int):
        _check_digits(number.bit_length() * min(chosen, number - chosen))


def _product(values: Any = (), **_: Any) -> None:
    _check_digits(sum(value.bit_length() for value in _listed(values) if isinstance(value, int)))


def _multiple(*values: Any) -> None:
    _product(values)


def _join(separator: Any = "", values: Any = (), *_: Any) -> None:
    parts = _listed(values)
    _check_length(sum(len(part) for part in parts if isinstance(part, _TEXTS)) + len(parts) * len(separator))


def _replace(text: Any = "", old: Any = "", new: Any = "", *_: Any, **__: Any) -> None:
    _check_length(len(text) + text.count(old) * len(new))


def _padded(_: Any = "", width: Any = 0, *__: Any) -> None:
    _check_length(width if isinstance(width, int) else 0)


def _to_bytes(_: Any = 0, length: Any = 1, *__: Any, **___: Any) -> None:
    _check_length(length if isinstance(length, int) else 0)


def _sum(values: Any = (), start: Any = 0) -> None:
    if isinstance(start, _SERIES):
        parts = [len(part) for part in _listed(values) if isinstance(part, _SERIES)]
        _check_length(sum(parts))
        _check_length(len(parts) * sum(parts) // 1000)  # each sum copies those before it


def _iterator(_: Any = (), *sentinel: Any) -> None:
    if sentinel:
        raise TooLarge("'iter' with a second argument may never end: write a list")


def _listed(values: Any) -> Sequence[Any]:
    if hasattr(values, "__len__"):
        return list(values)
    raise TooLarge("of an iterator nobody knows how long it is: write a list, [... for ... in ...]")


_CHECKS: dict[str, Callable[..., None]] = {
    "builtins.bytes": _bytes,
    "builtins.int.to_bytes": _to_bytes,
    "builtins.iter": _iterator,
    "builtins.pow": _power,
    "builtins.range": _range,
    "builtins.round": _round,
    "builtins.sum": _sum,
    "math.comb": _combinations,
    "math.factorial": _factorial,
    "math.lcm": _multiple,
    "math.perm": _permutations,
    "math.prod": _product,
    **{f"builtins.{text}.join": _join for text in ("bytes", "str")},
    **{f"builtins.{text}.replace": _replace for text in ("bytes", "str")},
    **{f"builtins.{t}.{name}": _padded for t in ("bytes", "str") for name in ("center", "ljust", "rjust", "zfill")},
}
