"""What arguments are worth once the steps that they use have run: plain values, built objects, lists and mappings.

A list or mapping of the config is one object to all expressions, so that a statement may change it. Each call is given
a copy of its own, as it then is: models change what they are given.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lighter.config.key_path import KeyPath
from lighter.config.plan import Argument, Call, Constant, Items, Later, Pairs, Plan, Use


@dataclass(slots=True)
class Values:
    """The values of a plan's arguments; `later` makes what builds a place when it is called."""

    plan: Plan
    built: dict[KeyPath, object]
    later: Callable[[KeyPath], object]
    _shared: dict[int, object] = field(default_factory=dict)  # by id of the argument, what expressions see
    _own: dict[int, object] = field(default_factory=dict)  # the same lists and mappings by their own id

    def for_expressions(self, argument: Argument) -> Any:
        """The value, a list or mapping the same as every expression sees."""
        return self._value(argument, self._shared)

    def fresh(self, *arguments: Argument) -> list[Any]:
        """The values, lists and mappings made anew, yet shared among these arguments as in the config."""
        made: dict[int, object] = {}
        return [self._value(argument, made) for argument in arguments]

    def is_dropped(self, argument: Argument) -> bool:
        """Whether the argument is a call, written right there, that was disabled or gave None: MONAI knows no other."""
        if not isinstance(argument, Use) or not argument.own or self.built[argument.place] is not None:
            return False
        return isinstance(self.plan.steps[argument.place], Call)

    def _value(self, argument: Argument, made: dict[int, object]) -> object:
        if isinstance(argument, Constant):
            return argument.value
        if isinstance(argument, Use):
            return self._copied(self.built[argument.place], made)
        if isinstance(argument, Later):
            return self.later(argument.place)
        key = id(argument)
        if key not in made:
            made[key] = self._copied(self._shared[key], made) if key in self._shared else self._made(argument, made)
        return made[key]

    def _made(self, argument: Items | Pairs, made: dict[int, object]) -> object:
        value: object
        if isinstance(argument, Items):
            value = [self._value(item, made) for item in argument.items if not self.is_dropped(item)]
        else:
            value = {key: self._value(item, made) for key, item in argument.pairs if not self.is_dropped(item)}
        if made is self._shared:
            self._own[id(value)] = value
        return value

    def _copied(self, value: Any, made: dict[int, object]) -> object:
        """A list or mapping of the expressions as a copy of the call's own; any other value as it is."""
        key = id(value)
        if key not in self._own or made is self._shared:
            return value
        if key not in made:
            made[key] = copy = type(value)()  # before what is in it, which may be the value itself
            if isinstance(value, list):
                copy.extend(self._copied(item, made) for item in value)
            else:
                copy.update({name: self._copied(item, made) for name, item in value.items()})
        return made[key]
