"""Modules by name: a model with the way in which it is trained."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from inspect import Parameter, Signature, signature
from typing import Any

from lighter import System, register

from .training import SequenceNextItemPredictionModule as TrainingModule

SET_HERE = ("self", "model", "criterion", "loss_function", "adapters")


class GenericModuleFactory:
    """Makes a module of its type, with a model; both take their arguments, by name, from one mapping of a config."""

    def __init__(
        self,
        module_type: type[TrainingModule],
        model_cls: Callable[..., Any],
        loss_function: Callable[..., Any] | None = None,
    ) -> None:
        self.module_type = module_type
        self.loss_function = loss_function
        self.model_cls = model_cls
        self.__doc__ = model_cls.__doc__
        # What Lighter reads to check a config, and to list the components.
        of_module = _parameters(module_type.__init__) | _parameters(System.__init__)
        self.__signature__ = Signature([*_parameters(model_cls).values(), *of_module.values()])

    def __call__(self, **arguments: Any) -> TrainingModule:
        of_model = {name: arguments.pop(name) for name in _parameters(self.model_cls) if name in arguments}
        # One that has parameters belongs to one module alone.
        return self.module_type(self.model_cls(**of_model), deepcopy(self.loss_function), **arguments)


@dataclass(frozen=True)
class ModuleConfig:
    """What makes a module: the factory is constructed with its type and the parameters, then called for each module."""

    factory: Callable[..., Callable[..., Any]]
    module_type: type[TrainingModule]
    parameters: Mapping[str, Any] = field(default_factory=dict)


def register_module(name: str, config: ModuleConfig) -> None:
    """Makes a module known: `system: {_target_: module/NAME}`."""
    factory = config.factory(config.module_type, **config.parameters)
    register("module", name, stacklevel=2)(factory)


def _parameters(function: Callable[..., Any]) -> dict[str, Parameter]:
    """What it takes by name, as a config gives it."""
    known = signature(function).parameters.values()
    by_name = [p for p in known if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) and p.name not in SET_HERE]
    return {p.name: p.replace(kind=p.KEYWORD_ONLY) for p in by_name}
