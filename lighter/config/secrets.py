"""Secrets in a config: which values are, and how it is written down without them, as the places that define them."""

import re

from lighter.config.expressions import ENVIRONMENT
from lighter.config.key_path import SEPARATOR, Relative, text
from lighter.config.tree import Code, Macro, Mapping, Node, Scalar, mapped

_SECRET = r"(?:.*_)?(?:api_?key|api_?token|access_?(?:key|token)|auth_?token|password|passwd|secret(?:_key)?)"
# Every key of a secret has one of these in it; most texts have none, and are not looked through.
_HINT = re.compile(r"key|token|passw|secret", re.IGNORECASE)


def may_hold_secret(text: str) -> bool:
    """False for a text that needs no second look."""
    return _HINT.search(text) is not None


def is_secret(key: str, value: object) -> bool:
    """Whether a value is kept out of what is written down, by its key, or the last one of its place."""
    if not may_hold_secret(key) or not isinstance(value, (str, int)) or isinstance(value, bool) or not value:
        return False
    last = key.replace("#", SEPARATOR).rpartition(SEPARATOR)[2]
    return re.fullmatch(_SECRET, last.replace("-", "_").lower()) is not None


def concealed(tree: Mapping) -> Mapping:
    """The same config with `%file::place`, or a variable, for every value whose key is that of a secret."""
    made = mapped(tree, _concealed)
    assert isinstance(made, Mapping)
    return made


def _concealed(key: str, value: Node) -> Node:
    if not isinstance(value, Scalar):
        return mapped(value, _concealed)
    if not is_secret(key, value.value):
        return value
    file = value.position.source.path
    if file is not None and value.place is not None:
        return Macro(f"%{file}{SEPARATOR}{text(value.place)}", str(file), Relative(0, value.place), value.position)
    variable = re.sub(r"\W", "_", key).upper()
    return Code(f"{ENVIRONMENT}('{variable}')", value.position)
