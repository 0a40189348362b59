"""The objects of a config as a graph: what is built for `fit`, and what each of them is given."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lighter import Config
from lighter.config.key_path import KeyPath, text
from lighter.config.plan import Argument, Call, Items, Later, Pairs, Plan, Use
from lighter.training.stages import Stage

PAGE = Path(__file__).parents[1] / "explanation" / "config-to-objects.md"
BLOCK = re.compile(r'^```yaml title="parts.yaml"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
STYLES = """\
  classDef own fill:#e3f4e4,stroke:#4b9a55,color:#14301a
  classDef later stroke-dasharray:5 4
"""


def source() -> str:
    """The graph of the config that its page shows, in Mermaid."""
    block = BLOCK.search(PAGE.read_text(encoding="utf-8"))
    if block is None:
        raise SystemExit(f"{PAGE} has no config to draw")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "parts.yaml"
        path.write_text(block[1], encoding="utf-8")
        config = Config.load(path)
        return graph(config.plan(Stage.FIT), str(config["project"]))


def graph(plan: Plan, project: str) -> str:
    """A node for each call, those of the project in a colour of their own, and an arrow to what is given the result."""
    names = {step.place: f"n{at}" for at, step in enumerate(plan.steps.values()) if isinstance(step, Call)}
    lines, later = [], set()
    for step in plan.steps.values():
        if not isinstance(step, Call):
            continue
        lines.append(f'  {names[step.place]}["{text(step.place)}<br/>{step.name}"]')
        if step.name.startswith(f"{project}."):
            lines.append(f"  class {names[step.place]} own")
        for used in (one for argument in step.inputs for one in _uses(argument)):
            arrow = "-. when Lightning asks .->" if isinstance(used, Later) else "-->"
            lines.append(f"  {names[used.place]} {arrow} {names[step.place]}")
            later |= {names[used.place]} if isinstance(used, Later) else set()
    lines.append(f"  {_name(names, 'system')} -- trainer.fit --> {_name(names, 'trainer')}")
    lines.extend(f"  class {name} later" for name in sorted(later))
    return "\n".join(["flowchart LR", *lines, STYLES])


def _uses(argument: Argument) -> Iterator[Use | Later]:
    if isinstance(argument, Use | Later):
        yield argument
    elif isinstance(argument, Items):
        for item in argument.items:
            yield from _uses(item)
    elif isinstance(argument, Pairs):
        for _, value in argument.pairs:
            yield from _uses(value)


def _name(names: dict[KeyPath, str], place: str) -> str:
    return names[(place,)]
