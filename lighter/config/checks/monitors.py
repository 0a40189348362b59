"""The value that a callback or scheduler watches: whether the System logs one of that name, where that is known."""

from collections.abc import Callable, Iterator

from lighter.config.by_name import listed
from lighter.config.key_path import KeyPath, text
from lighter.config.plan import Argument, Call, Constant, Items, Plan
from lighter.config.schema import (
    CALLBACKS,
    LOADERS,
    OPTIMIZER,
    SYSTEM,
    SYSTEM_TARGET,
    TRAINER,
    is_by_name,
    means,
    metric_names,
)
from lighter.config.signatures import signature_of
from lighter.config.tree import ARGS, Mapping, node_at
from lighter.errors import Position, Problem, respelt, suggestion
from lighter.training.lightnings import TOP_LEVEL, is_lightnings
from lighter.training.logged_name import Kind, LoggedName, Unit
from lighter.training.stages import Mode

_OURS = ("lighter", *TOP_LEVEL)
_WATCHED, _MODEL, _SCHEDULER = "monitor", (SYSTEM, "model"), (SYSTEM, "scheduler")
_CRITERION: KeyPath = (SYSTEM, "criterion")
_MODES = (Mode.TRAIN, Mode.VAL)
_WHOLE = "total"  # of several losses, the one that is logged as the loss itself
_COUNTED = ("epoch", "step")  # which a ModelCheckpoint knows without their being logged
_RATES = "LearningRateMonitor"  # which logs by names of its own

Located = Callable[[str], object]


def monitor_problems(plan: Plan, located: Located) -> Iterator[Problem]:
    """The watched values that nothing logs; none is reported where code of the user's may log more than the System."""
    system, callbacks = plan.call_at((SYSTEM,)), _callbacks(plan)
    if system is None:
        return
    for owner, below, written in (*_of_callbacks(callbacks or [], located), *_of_schedulers(plan, system)):
        if not (written in _COUNTED and owner.name.endswith("Checkpoint")):
            position = node_at(owner.node, below).position
            yield from unlogged(plan, located, written, position, text((*owner.place, *below)))


def unlogged(plan: Plan, located: Located, name: str, position: Position, place: str) -> Iterator[Problem]:
    """The mistake of watching a name that nothing logs; none where code of the user's may log it."""
    system, callbacks = plan.call_at((SYSTEM,)), _callbacks(plan)
    if system is None or not means(system.name, SYSTEM_TARGET) or callbacks is None or _logs_itself(plan, located):
        return
    known = _Logged(plan, system.node, located)
    if not known.may_log(name) and not _is_anothers(name, callbacks):
        help, edit = suggestion(name, known.names(), "logged are"), respelt(name, known.names(), position)
        yield Problem(f"nothing is logged as '{name}'", position, place, help, code="name", edit=edit)


def _is_anothers(name: str, callbacks: list[Call]) -> bool:
    """Whether a callback may log a value that no System logs: a rate by the name of its optimizer's class."""
    has_rates = any(call.name.rpartition(".")[2] == _RATES for call in callbacks)
    return has_rates and name.partition("/")[0] not in set(Mode)


def _of_callbacks(callbacks: list[Call], located: Located) -> Iterator[tuple[Call, KeyPath, str]]:
    """What callbacks watch: by name, or in the position that their class has for it."""
    for call in callbacks:
        given: Argument | None = call.keywords.get(_WATCHED)
        below: KeyPath = (_WATCHED,)
        target = located(call.name)
        signature = signature_of(target) if given is None and callable(target) else None
        names = list(signature.parameters) if signature is not None else []
        if _WATCHED in names and isinstance(call.positional, Items):
            at = names.index(_WATCHED)
            given = call.positional.items[at] if at < len(call.positional.items) else None
            below = (ARGS, str(at))
        if isinstance(given, Constant) and isinstance(given.value, str):
            yield call, below, given.value


def _of_schedulers(plan: Plan, system: Call) -> Iterator[tuple[Call, KeyPath, str]]:
    """What schedulers watch, one or several by name, in the mapping that each is written in."""
    scheduler = system.node.get(_SCHEDULER[-1])
    names = scheduler.entries if isinstance(scheduler, Mapping) and not scheduler.is_call else {}
    for place in (_SCHEDULER, *((*_SCHEDULER, name) for name in names)):
        given = plan.values.get((*place, _WATCHED))
        if isinstance(given, Constant) and isinstance(given.value, str) and place not in plan.steps:
            yield system, (*place[1:], _WATCHED), given.value


def _callbacks(plan: Plan) -> list[Call] | None:
    """The run's callbacks; None where one of them, or the trainer, is not known to be Lightning's or Lighter's."""
    trainer = plan.call_at((TRAINER,))
    if trainer is None or not is_lightnings(trainer.name):
        return None
    given = listed(CALLBACKS, trainer.keywords.get(CALLBACKS[-1], Constant(None)))
    if isinstance(given, Constant) and given.value is None:
        return []
    items = given.items if isinstance(given, Items) else (given,)
    calls = [call for call in (plan.call_of(item) for item in items) if call is not None]
    is_known = len(calls) == len(items) and all(call.name.startswith(_OURS) for call in calls)
    return calls if is_known else None


def _logs_itself(plan: Plan, located: Located) -> bool:
    """Whether the model is a LightningModule, which may log by itself."""
    model = plan.call_at(_MODEL)
    found = located(model.name) if model is not None and model.name else None
    bases = found.__mro__ if isinstance(found, type) else ()
    return any(is_lightnings(base.__module__) for base in bases)


def _is_torchs_loss(plan: Plan, located: Located) -> bool:
    """Whether the criterion gives a tensor, not several losses by name."""
    criterion = plan.call_at(_CRITERION)
    found = located(criterion.name) if criterion is not None and criterion.name else None
    return isinstance(found, type) and found.__module__ == "torch.nn.modules.loss"


class _Logged:
    """What a System logs, as far as its part of the config shows."""

    def __init__(self, plan: Plan, system: Mapping, located: Located) -> None:
        loaders = system.get(LOADERS[-1])
        known = loaders.entries if isinstance(loaders, Mapping) and not loaders.is_call else _MODES
        self._modes = [mode for mode in _MODES if mode in known]
        self._metrics = {mode: metric_names(system, mode) for mode in _MODES}
        # In other stages than fit nothing is watched.
        self._watchable = self._modes if OPTIMIZER in plan.values else list(_MODES)
        self._has_parts = not _is_torchs_loss(plan, located) or is_by_name(system.get(OPTIMIZER[-1]))

    def names(self) -> list[str]:
        """The names that are certain, those of an epoch."""
        names = [LoggedName(mode, Kind.LOSS) for mode in self._modes]
        names += [LoggedName(mode, Kind.METRICS, key) for mode in self._modes for key in self._metrics[mode] or ()]
        return [str(name) for name in names]

    def may_log(self, name: str) -> bool:
        """Whether a name may be logged."""
        found = LoggedName.parse(name)
        if (
            found is None
            or found.mode not in self._watchable
            or (found.unit is Unit.STEP and found.mode is not Mode.TRAIN)
        ):
            return False
        if found.kind is Kind.LOSS and found.name:
            return self._has_parts and found.name != _WHOLE
        keys = self._metrics[found.mode]
        if found.kind is not Kind.METRICS or keys is None:
            return True
        # Of a collection among them each metric is called after it and itself.
        return any(found.name == key or found.name.startswith((f"{key}/", f"{key}_")) for key in keys)
