"""What a run needs and its config lacks, and what is where nothing may be: found without any import."""

from collections.abc import Iterable, Iterator

from lighter.config.foreign_config import foreign_config
from lighter.config.foreign_keys import foreign_keys, is_within
from lighter.config.imports import folder_problem, import_problems
from lighter.config.interpolations import interpolation_problems
from lighter.config.key_path import ROOT, KeyPath, text
from lighter.config.paths import checkpoint_problems, from_source
from lighter.config.planning import plan
from lighter.config.plugin_schema import entry_problems, is_plugin_system, plugin_system_problems
from lighter.config.run_folder import folder_problems
from lighter.config.schema import (
    ADAPTER_PARTS,
    ADAPTERS,
    ARGUMENTS,
    DATA,
    KEYS,
    LOADERS,
    METRICS,
    ON_NAN,
    PROJECT,
    REACTIONS,
    RUN,
    RUN_KEYS,
    SAVE_MINUTES,
    SAVE_STEPS,
    SEED,
    STOP,
    SYSTEM,
    TRAINER,
    Scope,
    alternation_problems,
    is_exactly_system,
    scheduler_problems,
    scope,
    with_defaults,
)
from lighter.config.tree import (
    TARGET,
    Mapping,
    Reference,
    Scalar,
    Sequence,
    children,
    find,
    inherited,
    is_nothing,
    position_at,
    unknown_keys,
)
from lighter.errors import ConfigError, Problem, nearest, respelt
from lighter.project.project import Project
from lighter.training.stages import STAGES, Mode, Stage

LARGEST_SEED = 2**32 - 1


def requirements(tree: Mapping, stage: Stage | None) -> list[Problem]:
    """The mistakes of a run's config as a whole; with a stage, also what that stage lacks."""
    return [
        *_keys(tree),
        *project_problems(tree),
        *import_problems(tree, is_run=True),
        *entry_problems(tree),
        *_seed(tree),
        *_run(tree),
        *_trainer(tree),
        *_within(tree, (ARGUMENTS,), Stage),
        *_arguments(tree),
        *checkpoint_problems(tree),
        *_data(tree),
        *_system(tree, stage),
    ]


def project_problems(tree: Mapping) -> list[Problem]:
    """What is wrong with the folder that `project` names."""
    node = tree.get(PROJECT)
    problem = folder_problem(node, (PROJECT,), "the code") if node is not None and not is_nothing(node) else None
    return [problem] if problem is not None else []


def project_of(tree: Mapping) -> Project | None:
    """The folder that `project` names. Raises ConfigError where there is no such folder."""
    if problems := project_problems(tree):
        raise ConfigError(problems)
    node = tree.get(PROJECT)
    if not isinstance(node, Scalar) or node.value is None:
        return None
    return Project.open(from_source(node.position.source, str(node.value)), str(node.value))


_FLAGS = {key: f"it is a flag of the command line: write '--{key}=...'" for key in ("allow", "ckpt_path", "resume")}
_FLAGS["run_dir"] = "write '--run_dir=...' on the command line, or 'run::dir' in a config"


def _keys(tree: Mapping) -> Iterator[Problem]:
    parts = {key: tree.get(key) for key in KEYS}
    below = {name: text((key, name)) for key, node in parts.items() if node is not None for name, _ in children(node)}
    for key, entry in tree.entries.items():
        if key not in KEYS:
            near = None if key in _FLAGS else below.get(key) or nearest(key, KEYS)
            help = f"did you mean '{near}'?" if near else _FLAGS.get(key, "put values of your own under 'vars'")
            edit = respelt(key, KEYS, entry.position, tree.entries) if key not in {*below, *_FLAGS} else None
            yield Problem(f"'{key}' is no top-level key", entry.position, key, help, code="key", edit=edit)


def _seed(tree: Mapping) -> Iterator[Problem]:
    node = tree.get(SEED)
    if node is None or is_nothing(node):
        return
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_SEED:
        yield Problem("'seed' takes a whole number from 0 to 2**32 - 1", node.position, SEED, "write 'seed: 42'")


def _run(tree: Mapping) -> Iterator[Problem]:
    yield from _within(tree, (RUN,), RUN_KEYS)
    yield from folder_problems(tree)
    for place, kinds, wanted in ((SAVE_STEPS, (int,), "a whole number"), (SAVE_MINUTES, (int, float), "a number")):
        node = find(tree, place)
        if node is None or is_nothing(node):
            continue
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, kinds) or value <= 0:
            what = f"'{text(place)}' takes {wanted} above 0, or null for never"
            yield Problem(what, node.position, text(place), f"write '{text(place)}: 30'")

    node = find(tree, ON_NAN)
    if node is not None and not is_nothing(node) and not (isinstance(node, Scalar) and node.value in REACTIONS):
        what, help = f"'{text(ON_NAN)}' takes {', '.join(REACTIONS)}", f"write '{text(ON_NAN)}: {STOP}'"
        yield Problem(what, node.position, text(ON_NAN), help)


def _trainer(tree: Mapping) -> Iterator[Problem]:
    node = tree.get(TRAINER)
    if node is not None and not is_nothing(node) and not isinstance(node, Mapping):
        copied = f"write '%{node.written[1:]}' to copy that piece" if isinstance(node, Reference) else ""
        yield Problem("'trainer' takes a mapping", node.position, TRAINER, copied or "write 'max_epochs: ...' below it")


def _arguments(tree: Mapping) -> Iterator[Problem]:
    for stage in Stage:
        place = (ARGUMENTS, str(stage))
        node = find(tree, place)
        if isinstance(node, Sequence) or (isinstance(node, Scalar) and node.value is not None):
            what, help = f"'{text(place)}' takes a mapping", f"write arguments of the Trainer's '{stage}' below it"
            yield Problem(what, node.position, text(place), help)


def _data(tree: Mapping) -> Iterator[Problem]:
    node = tree.get(DATA)
    is_plain = isinstance(node, Sequence) or (isinstance(node, Mapping) and not node.is_call)
    if node is not None and (is_plain or (isinstance(node, Scalar) and not is_nothing(node))):
        help = f"write '{TARGET}: ...' below it; loaders are written in '{text(LOADERS)}'"
        yield Problem("'data' takes a LightningDataModule", node.position, DATA, help)


def _within(tree: Mapping, place: KeyPath, known: Iterable[str]) -> Iterator[Problem]:
    """Keys at a place that are none of the known ones, or what is no mapping."""
    node = find(tree, place)
    yield from unknown_keys(tree, place, known)
    if isinstance(node, (Scalar, Sequence)) and not is_nothing(node):
        yield Problem(f"'{text(place)}' takes a mapping", node.position, text(place), f"it may hold {', '.join(known)}")


def _system(tree: Mapping, stage: Stage | None) -> Iterator[Problem]:
    system = tree.get(SYSTEM)
    if system is None:
        help = "write 'system:' with a model, or with the '_target_' of a LightningModule"
        yield Problem("the config has no 'system'", tree.position, SYSTEM, help, code="missing")
    elif isinstance(system, (Scalar, Sequence)):
        yield Problem("'system' takes a mapping", system.position, SYSTEM, "write 'system:' and 'model:' below it")
    elif is_plugin_system(tree):
        yield from plugin_system_problems(tree, stage)
    elif isinstance(system, Mapping) and is_exactly_system(system):
        yield from _within(tree, LOADERS, Mode)
        yield from _within(tree, METRICS, Mode)
        yield from _within(tree, ADAPTERS, (*ADAPTER_PARTS, *Mode))
        for mode in Mode:
            yield from _within(tree, (*ADAPTERS, mode), ADAPTER_PARTS)
        yield from alternation_problems(tree)
        yield from scheduler_problems(tree)
        yield from _two_sources_of_data(tree)
        if stage is not None:
            yield from _lacking(tree, stage)


def _two_sources_of_data(tree: Mapping) -> Iterator[Problem]:
    if not is_nothing(tree.get(DATA)) and not is_nothing(find(tree, LOADERS)):
        also = (("the loaders are here", position_at(tree, LOADERS)),)
        help = "keep one of the two"
        yield Problem("'data' and 'system::dataloaders' both give data", position_at(tree, (DATA,)), DATA, help, also)


def _lacking(tree: Mapping, stage: Stage) -> Iterator[Problem]:
    needs = STAGES[stage]
    wanted: list[tuple[KeyPath, str]] = [((SYSTEM, "model"), "")]
    if is_nothing(tree.get(DATA)):
        wanted.append(((*LOADERS, needs.loader), ", or 'data' with a LightningDataModule"))
    if needs.optimizer:
        wanted += [((SYSTEM, "criterion"), ""), ((SYSTEM, "optimizer"), "")]
    for place, otherwise in wanted:
        if is_nothing(find(tree, place)) and not _stands_for_all(tree, place):
            above = place[:-1] if not is_nothing(find(tree, place[:-1])) else (SYSTEM,)
            help = f"write '{_nested(place[len(above) :])}' below '{text(above)}'{otherwise}"
            what = f"'{stage}' needs '{text(place)}'"
            told = Problem(what, position_at(tree, above), text(place), help, code="missing")
            yield from _as_misspelt(tree, told, above, str(place[len(above)]))


def _as_misspelt(tree: Mapping, lacking: Problem, above: KeyPath, name: str) -> Iterator[Problem]:
    """What is lacking, at the key that must have been meant for it; of loaders such a key is told anyway."""
    node = find(tree, above)
    for key, entry in node.entries.items() if isinstance(node, Mapping) else ():
        if key != name and (edit := respelt(key, [name], entry.position)) is not None:
            if above == (SYSTEM,):
                help = f"did you mean '{name}' by '{key}'?"
                yield lacking._replace(position=entry.position, place=text((*above, key)), help=help, edit=edit)
            return
    yield lacking


def _nested(keys: KeyPath) -> str:
    """`a: {b: ...}` for `a::b`."""
    return f"{keys[0]}: {{{_nested(keys[1:])}}}" if len(keys) > 1 else f"{keys[0]}: ..."


def _stands_for_all(tree: Mapping, place: KeyPath) -> bool:
    """Whether something above the place is built or referred to, so that nobody can see inside."""
    above = (find(tree, place[:depth]) for depth in range(2, len(place)))
    return any(node is not None and (not isinstance(node, Mapping) or node.is_call) for node in above)


def structural(tree: Mapping, stage: Stage | None) -> list[Problem]:
    """The mistakes of all of a config, whatever a stage uses; with a stage it is a run, and that is looked at too.

    Those in arguments that were given to another target count only if the new one takes them: the second check knows.
    """
    if stage is not None and (foreign := foreign_config(tree, is_run=True)) is not None:
        return [foreign]
    mistaken = [*foreign_keys(tree)]
    problems = requirements(tree, stage) if stage is not None else [*project_problems(tree), *import_problems(tree)]
    problems += interpolation_problems(tree)
    tree = of_stage(tree, stage)
    whole = scope(tree, None)
    plan(tree, Scope((*whole.roots, ROOT), inherited(tree), whole.later), problems)
    return [*mistaken, *(one for one in problems if not any(is_within(one, other) for other in mistaken))]


def of_stage(tree: Mapping, stage: Stage | None) -> Mapping:
    """The tree as a stage runs it: with every left out `_target_`; without a stage the tree as it is."""
    return with_defaults(tree) if stage is not None else tree
