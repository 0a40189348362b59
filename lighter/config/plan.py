"""A plan: what is built of a config, step by step."""

from dataclasses import dataclass, field

from lighter.config.arguments import Argument
from lighter.config.expressions import Expression, Imports
from lighter.config.paths import Path
from lighter.config.schema import Scope
from lighter.config.tree import TARGET, Mapping
from lighter.source import Position

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


@dataclass(frozen=True, slots=True)
class Import:
    """An import statement, whose names are known to all expressions."""

    place: Path
    code: Imports
    position: Position


Step = Call | Evaluation | Import


@dataclass(slots=True)
class Plan:
    """Steps in an order in which each finds what it needs; `values` says what stands at every place looked at."""

    scope: Scope
    steps: dict[Path, Step] = field(default_factory=dict)
    values: dict[Path, Argument] = field(default_factory=dict)
    imports: tuple[Import, ...] = ()
