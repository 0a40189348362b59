"""Several optimizers, each with parameters of its own, that step together on one loss."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

from torch import enable_grad
from torch.optim import Optimizer
from typing_extensions import override

from lighter.errors import RunError


class JointOptimizer(Optimizer):
    """Several optimizers as one: to Lightning, to gradient clipping and to a scheduler there is no difference.

    Its groups and its state are those of the optimizers, the same objects. Each group is named after the class of its
    optimizer, which is numbered where there are several of one class.
    """

    def __init__(self, optimizers: Sequence[Optimizer]) -> None:
        self.optimizers = tuple(optimizers)
        kinds = [type(one).__name__ for one in optimizers]
        for index, (one, kind) in enumerate(zip(optimizers, kinds, strict=True)):
            whole = kind if kinds.count(kind) == 1 else f"{kind}{kinds[:index].count(kind)}"
            for number, group in enumerate(one.param_groups):
                own = group.get("name", number) if len(one.param_groups) > 1 else group.get("name")
                group["name"] = whole if own is None else f"{whole}/{own}"
        self._is_whole = False
        first, *others = (one.defaults for one in optimizers)  # a scheduler asks whether all have a momentum to cycle
        common = {key: value for key, value in first.items() if all(key in other for other in others)}
        super().__init__([*chain.from_iterable(one.param_groups for one in optimizers)], common)
        self._is_whole = True
        self._share()

    @override
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One step of each; the closure makes the gradients for all of them."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for one in self.optimizers:
            one.step()
        return loss

    @override
    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Only while it is made: of a later group nobody knows which of the optimizers is to train it."""
        if self._is_whole:
            raise RunError(
                "several optimizers are made one, which takes no more parameters; freeze with Freezer instead"
            )
        super().add_param_group(param_group)

    @override
    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Gives each optimizer its part, which it may have to adapt."""
        groups, states = list(state_dict["param_groups"]), state_dict["state"]
        if len(groups) != len(self.param_groups):
            raise ValueError(f"the state is of {len(groups)} parameter groups, and there are {len(self.param_groups)}")
        for one in self.optimizers:
            own = [groups.pop(0) for _ in one.param_groups]
            indices = [index for group in own for index in group["params"]]
            one.load_state_dict(
                {"param_groups": own, "state": {index: states[index] for index in indices if index in states}}
            )
        self._share()

    def _share(self) -> None:
        self.param_groups = [*chain.from_iterable(one.param_groups for one in self.optimizers)]
        self.state = defaultdict(dict, chain.from_iterable(one.state.items() for one in self.optimizers))
        for one in self.optimizers:
            one.state = self.state
