"""A plan: what is built of a config, step by step."""

from dataclasses import dataclass, field
from typing import ClassVar

from lighter.config.arguments import Argument
from lighter.config.expressions import Expression, Imports
from lighter.config.paths import Path
from lighter.config.schema import Scope
from lighter.config.tree import TARGET, Mapping
from lighter.errors import Position

__all__ = ["Call", "Evaluation", "Import", "Plan", "Step"]


@dataclass(frozen=True, slots=True)
class Call:
    """A `_target_` with its arguments."""

    place: Path
    target: Argument
    positional: Argument
    keywords: dict[str, Argument]
    mode: Argument
    disabled: Argument
    requires: Argument
    inputs: tuple[Argument, ...]  # all of these, in the order in which they are written
    node: Mapping

    @property
    def position(self) -> Position:
        """Where the target is written."""
        return self.node.entries[TARGET].value.position


@dataclass(frozen=True, slots=True)
class Evaluation:
    """An expression, each of its slots filled from a place."""

    place: Path
    expression: Expression
    slots: dict[str, Argument]
    position: Position

    @property
    def inputs(self) -> tuple[Argument, ...]:
        """What its slots are filled with."""
        return tuple(self.slots.values())


@dataclass(frozen=True, slots=True)
class Import:
    """An import statement, whose names are known to all expressions."""

    place: Path
    code: Imports
    position: Position
    inputs: ClassVar[tuple[Argument, ...]] = ()


Step = Call | Evaluation | Import


@dataclass(slots=True)
class Plan:
    """Steps in an order in which each finds what it needs; `values` says what stands at every place looked at."""

    scope: Scope
    steps: dict[Path, Step] = field(default_factory=dict)
    values: dict[Path, Argument] = field(default_factory=dict)
    imports: tuple[Import, ...] = ()
