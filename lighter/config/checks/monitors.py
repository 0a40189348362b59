"""The value that a callback or scheduler watches: whether the System logs one of that name, where that is known."""

from collections.abc import Callable, Iterator

from lighter.config.key_path import KeyPath, text
from lighter.config.plan import Call, Constant, Items, Plan
from lighter.config.schema import LOADERS, SYSTEM, SYSTEM_TARGET, TRAINER, means, metric_names
from lighter.config.tree import Mapping
from lighter.errors import Position, Problem, respelt, suggestion
from lighter.training.lightnings import TOP_LEVEL, is_lightnings
from lighter.training.logged_name import Kind, LoggedName, Unit
from lighter.training.stages import Mode

_OURS = ("lighter", *TOP_LEVEL)
_WATCHED, _MODEL, _SCHEDULER = "monitor", (SYSTEM, "model"), (SYSTEM, "scheduler")
_MODES = (Mode.TRAIN, Mode.VAL)

Located = Callable[[str], object]


def monitor_problems(plan: Plan, located: Located) -> Iterator[Problem]:
    """The watched values that nothing logs; none is reported where code of the user's may log more than the System."""
    system, callbacks = plan.call_at((SYSTEM,)), _callbacks(plan)
    for place, node in _watched(callbacks or [], system) if system is not None else ():
        monitor = node.get(_WATCHED)
        written = getattr(monitor, "value", None)
        if monitor is not None and isinstance(written, str):
            yield from unlogged(plan, located, written, monitor.position, text((*place, _WATCHED)))


def unlogged(plan: Plan, located: Located, name: str, position: Position, place: str) -> Iterator[Problem]:
    """The mistake of watching a name that nothing logs; none where code of the user's may log it."""
    system = plan.call_at((SYSTEM,))
    if system is None or not means(system.name, SYSTEM_TARGET) or _callbacks(plan) is None:
        return
    known = _Logged(system.node)
    if not known.may_log(name) and not _logs_itself(plan, located):
        help, edit = suggestion(name, known.names(), "logged are"), respelt(name, known.names(), position)
        yield Problem(f"nothing is logged as '{name}'", position, place, help, code="name", edit=edit)


def _watched(callbacks: list[Call], system: Call) -> Iterator[tuple[KeyPath, Mapping]]:
    """What may have a `monitor`, and where it is."""
    yield from ((call.place, call.node) for call in callbacks)
    scheduler = system.node.get(_SCHEDULER[-1])
    if isinstance(scheduler, Mapping) and not scheduler.is_call:
        yield _SCHEDULER, scheduler


def _callbacks(plan: Plan) -> list[Call] | None:
    """The run's callbacks; None where one of them, or the trainer, is not known to be Lightning's or Lighter's."""
    trainer = plan.call_at((TRAINER,))
    if trainer is None or not is_lightnings(trainer.name):
        return None
    given = trainer.keywords.get("callbacks", Constant(None))
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


class _Logged:
    """What a System logs, as far as its part of the config shows."""

    def __init__(self, system: Mapping) -> None:
        loaders = system.get(LOADERS[-1])
        known = loaders.entries if isinstance(loaders, Mapping) and not loaders.is_call else _MODES
        self._modes = [mode for mode in _MODES if mode in known]
        self._metrics = {mode: metric_names(system, mode) for mode in _MODES}

    def names(self) -> list[str]:
        """The names that are certain, those of an epoch."""
        names = [LoggedName(mode, Kind.LOSS) for mode in self._modes]
        names += [LoggedName(mode, Kind.METRICS, key) for mode in self._modes for key in self._metrics[mode] or ()]
        return [str(name) for name in names]

    def may_log(self, name: str) -> bool:
        """Whether a name may be logged; what begins otherwise is another's."""
        if name.partition("/")[0] not in self._metrics:
            return True
        found = LoggedName.parse(name)
        if found is None or (found.unit is Unit.STEP and found.mode is not Mode.TRAIN):
            return False
        keys = self._metrics[found.mode]
        if found.kind is not Kind.METRICS or keys is None:
            return True
        # Of a collection among them each metric is called after it and itself.
        return any(found.name == key or found.name.startswith((f"{key}/", f"{key}_")) for key in keys)
