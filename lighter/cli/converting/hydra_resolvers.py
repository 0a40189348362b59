"""The resolvers of OmegaConf and Hydra, `${oc.env:HOME}` and `${now:%Y}`, each as an expression of ours."""

import re
from collections.abc import Callable
from typing import NamedTuple

from lighter.cli.converting.hydra_interpolations import (
    Interpolation,
    NotCarriedError,
    OfRunError,
    constant,
    pieces,
    unquoted,
)
from lighter.cli.converting.hydra_texts import Keys, Texts
from lighter.cli.converting.parts import Part
from lighter.config.tree import TARGET

_DATETIME = "from datetime import datetime"
_NUMBER = re.compile(r"-?[0-9.]+(e-?[0-9]+)?\Z")
_WORDS = {"null": "None", "true": "True", "false": "False"}


class Use(NamedTuple):
    """A resolver with its arguments as they are written, at a place of the config."""

    texts: Texts
    arguments: tuple[str, ...]
    at: Keys

    def code(self, argument: str) -> str:
        """The value at the place that an argument names, as an expression."""
        return self.texts.code(Interpolation(argument, "", (argument,)), self.at)

    def literal(self, argument: str) -> str:
        """An argument itself as an expression: a text, a number, a word, or what it refers to."""
        if argument in _WORDS or _NUMBER.match(argument):
            return _WORDS.get(argument, argument)
        return self.texts.literal_code(Part(unquoted(argument)), self.at)


def resolve(texts: Texts, written: Interpolation, at: Keys) -> str:
    """A resolver with its arguments as an expression. Raises NotCarriedError."""
    known = _RESOLVERS.get(written.resolver)
    if known is None:
        what = f"'${{{written.written}}}' is a resolver that your Python registers: write an expression, '$...'"
        raise NotCarriedError(what)
    return known(Use(texts, written.arguments, at))


def _env(use: Use) -> str:
    name, *default = map(unquoted, use.arguments)
    if not default:
        known = use.texts.variables.get(name)
        return f"env({name!r}, {known!r})" if known is not None else f"env({name!r})"
    # A default is a text there, unless it is null.
    is_code = default[0] == "null" or "${" in default[0]
    return f"env({name!r}, {use.literal(use.arguments[1]) if is_code else repr(default[0])})"


def _decode(use: Use) -> str:
    """A number in a variable: ours reads it as one where its default is one."""
    inner = next(iter(pieces(use.arguments[0])), "")
    if isinstance(inner, Interpolation) and inner.resolver == "oc.env":
        name, default = (*inner.arguments, "", "")[:2]
        if _NUMBER.match(default):
            return f"env({unquoted(name)!r}, {default})"
    raise NotCarriedError(f"'oc.decode' reads '{use.arguments[0]}' when it is run: write an expression, '$...'")


def _select(use: Use) -> str:
    name = use.arguments[0]
    place = use.texts.place(Interpolation(name, "", (name,)), use.at)
    if use.texts.root.find(*place) is not None:
        return use.code(name)
    return use.literal(use.arguments[1] if len(use.arguments) > 1 else "null")


def _now(use: Use) -> str:
    use.texts.needs(_DATETIME)
    return f"datetime.now().strftime({unquoted(','.join(use.arguments))!r})"


def _hydra(use: Use) -> str:
    """A value of Hydra's own."""
    name = use.arguments[0]
    if name in ("runtime.output_dir", "run.dir", "sweep.dir"):
        raise OfRunError("each run has a folder of its own, which a config does not name")
    if name == "runtime.cwd":
        return "'.'"
    choice = use.texts.choices.get(name.removeprefix("runtime.choices.").replace(".", "/"))
    if name.startswith("runtime.choices.") and choice is not None:
        return repr(choice)
    raise NotCarriedError(f"'hydra:{name}' is a value of Hydra's own")


def _keys(use: Use) -> str:
    """The keys of a mapping; of what is built, or has something in it that is, as it stands there."""
    part, _ = _mapping(use)
    return repr([*part.entries]) if part.builds else f"list({use.code(use.arguments[0])})"


def _values(use: Use) -> str:
    """The values of a mapping; of the arguments of something that is built, as they stand there."""
    part, place = _mapping(use)
    if TARGET not in part.entries:
        return f"list({use.code(use.arguments[0])}.values())"
    if any(below.builds for below in part.entries.values()):
        raise NotCarriedError(f"'{use.arguments[0]}' is built, with other things that are: write an expression, '$...'")
    return use.texts.literal_code(Part([*part.entries.values()]), place)


def _mapping(use: Use) -> tuple[Part, Keys]:
    """The mapping that an argument names, and its place."""
    name = use.arguments[0]
    place = use.texts.place(Interpolation(name, "", (name,)), use.at)
    part = use.texts.root.find(*place)
    named = use.texts.named(part, place) if part is not None else None
    there = use.texts.root.find(*named) if named else part
    return there or Part({}), named or place


def _eval(use: Use) -> str:
    """The resolver that most who need one register: `${eval:'${a} * 2'}`, an expression of Python."""
    found = [*pieces(unquoted(", ".join(use.arguments)))]
    if any(isinstance(piece, str) and ("'" in piece or '"' in piece) for piece in found):
        raise NotCarriedError("'eval' has a text in it: write an expression, '$...'")
    code = "".join(piece if isinstance(piece, str) else use.texts.code(piece, use.at) for piece in found)
    return code if constant(code)[0] else f"({code})"


_RESOLVERS: dict[str, Callable[[Use], str]] = {
    "oc.env": _env,
    "env": _env,
    "oc.decode": _decode,
    "oc.select": _select,
    "oc.deprecated": _select,
    "oc.dict.keys": _keys,
    "oc.dict.values": _values,
    "now": _now,
    "hydra": _hydra,
    "eval": _eval,
}
