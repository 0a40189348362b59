"""What a script's settings are by default: `args.lr` by `add_argument("--lr", default=0.1)`, and its constants."""

import ast
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from lighter.cli.adopting.outlining import dotted
from lighter.cli.adopting.parameters import plain_value

BUNDLES = frozenset(
    {"args", "cfg", "conf", "config", "configs", "flags", "hparams", "hps", "opt", "options", "opts", "params"}
)


@dataclass(slots=True)
class Settings:
    """The plain defaults of a file's command line by name, and the names that it gives one plain value."""

    arguments: dict[str, Any] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)

    def value(self, node: ast.expr | None) -> tuple[bool, Any]:
        """Whether it is known what an expression gives as the script stands, and that value."""
        match node:
            case ast.Attribute(value=ast.Name(id=bundle), attr=name) if bundle.lower().strip("_") in BUNDLES:
                return name in self.arguments, self.arguments.get(name)
            case ast.Name(id=name):
                return name in self.constants, self.constants.get(name)
        return plain_value(node)


def settings_of(tree: ast.Module) -> Settings:
    """The settings of a script, by what its text says of them."""
    found, assigned = Settings(), list[tuple[str, ast.expr]]()
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="add_argument")):
                found.arguments.update(_argument(node))
            case ast.Call(func=ast.Attribute(attr="set_defaults")):
                given = ((word.arg, *plain_value(word.value)) for word in node.keywords if word.arg)
                found.arguments.update({name: value for name, is_plain, value in given if is_plain})
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                assigned.append((name, value))
            case ast.AugAssign(target=ast.Name(id=name), value=value):
                assigned += [(name, value)] * 2
    often = Counter(name for name, _ in assigned)
    for name, value in assigned:
        is_known, constant = found.value(value)
        if is_known and often[name] == 1:
            found.constants[name] = constant
    return found


def _argument(call: ast.Call) -> dict[str, Any]:
    """The name and default of an `add_argument`; nothing where it has no plain one."""
    words = {word.arg: word.value for word in call.keywords}
    flags = [value for is_plain, value in map(plain_value, call.args) if is_plain and isinstance(value, str)]
    long = [flag for flag in flags if flag.startswith("--")] or flags
    _, dest = plain_value(words.get("dest"))
    name = str(dest or (long[0] if long else "")).lstrip("-").replace("-", "_")
    is_plain, value = plain_value(words.get("default"))
    action = plain_value(words.get("action"))[1]
    if not is_plain and action in {"store_true", "store_false"}:
        is_plain, value = True, action == "store_false"
    if isinstance(value, str) and dotted(words.get("type")) in {"int", "float"}:
        is_plain, value = plain_value(ast.Constant(value))  # argparse reads a text as it reads the command line
        try:
            value = int(value) if dotted(words.get("type")) == "int" else float(value)
        except ValueError:
            is_plain = False
    return {name: value} if name and is_plain and value is not None else {}
