"""Arguments of parameter groups that their optimizer does not take: torch passes them over without a word."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from lighter.config.key_path import text
from lighter.config.optimizer_schema import PARAMETERS, PARAMETERS_TARGET
from lighter.config.plan import Call, Constant, Plan, Use
from lighter.config.tree import Mapping
from lighter.errors import Problem, listing, nearest

SELECTORS = ("names", "except_names", "types", "dimensions")
GROUPS = "groups"


def group_problems(
    call: Call, target: Callable[..., Any], signature: inspect.Signature, plan: Plan
) -> Iterator[Problem]:
    """What the groups of an optimizer set that it does not know, as far as that is certain."""
    given = call.keywords.get(PARAMETERS)
    step = plan.steps.get(given.place) if isinstance(given, Use) else None
    parameters = signature.parameters.values()
    if not isinstance(step, Call) or any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters):
        return
    if not isinstance(step.target, Constant) or step.target.value != PARAMETERS_TARGET:
        return
    groups = step.node.get(GROUPS)
    known = [name for name in signature.parameters if name != PARAMETERS]
    is_torchs = getattr(target, "__module__", "").startswith("torch.")
    for name, group in groups.entries.items() if isinstance(groups, Mapping) and not groups.is_call else ():
        options = group.value.entries if isinstance(group.value, Mapping) and not group.value.is_call else {}
        for key, entry in options.items():
            near = nearest(key, (*SELECTORS, *known))
            # One of the user's own may look for what its signature does not name.
            if key not in (*SELECTORS, *known) and (is_torchs or near):
                place = text((*step.place, GROUPS, name, key))
                what = f"{getattr(target, '__name__', target)} knows no '{key}', which the group '{name}' sets"
                help = f"did you mean '{near}'?" if near else f"it knows {listing(known)}"
                yield Problem(what, entry.position, place, help)
