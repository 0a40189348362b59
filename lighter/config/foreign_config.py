"""Files that are right elsewhere, for another tool, another command or an older Lighter: what each is, what to do."""

from collections.abc import Callable
from typing import NamedTuple

from lighter.config.plugin_schema import is_plugin_system
from lighter.config.schema import DATA, SYSTEM, TRAINER
from lighter.config.tree import TARGET, Mapping, Node, Scalar, Sequence, children, walk
from lighter.errors import Position, Problem

PAGE, PAGE_OF_LIGHTER = "docs/how-to/coming-from.md", "docs/how-to/coming-from-lighter.md"

_SERIES, _SWEEP, _DEFAULTS, _HYDRA, _MODEL = "experiments", ("config", "parameters"), "defaults", "hydra", "model"
_CLASS_PATH, _INIT_ARGS = "class_path", "init_args"
_COMPONENT = ("component_key", "variant_key")
_BUNDLE = frozenset({"bundle_root", "network_def"})
_ENGINES = ("SupervisedTrainer", "SupervisedEvaluator", "EnsembleEvaluator")
# What the first releases had at `system`, and what is written one level too high where somebody forgets `system:`.
_FIRST = frozenset({"collate_fns", "datasets", "postprocessing", "samplers", "train_dataset", "val_dataset"})
_SECOND = ("lighter.LighterModule", "lighter.LighterDataModule")
_PARTS = frozenset({"criterion", "dataloaders", "optimizer", "scheduler"})


def foreign_config(tree: Mapping, is_run: bool) -> Problem | None:
    """What a config is, if not Lighter's own; without `is_run` it may be any mapping, and less is told."""
    kind = next((kind for kind in _KINDS if (is_run or not kind.only_run) and kind.fits(tree)), None)
    if kind is None:
        return None
    source = tree.position.source
    what, help = (text.format(file=source.name) for text in (kind.what, kind.help))
    # Its name alone: a line of a file that is wrong as a whole says nothing.
    return Problem(what, Position(source._replace(has_lines=False)), help=help, code="foreign")


def kind_of(tree: Mapping) -> str:
    """The name of the kind that a config is of, as `lighter convert` takes it; empty where it may be Lighter's own."""
    return next((kind.name for kind in _KINDS if kind.fits(tree)), "")


def is_own(tree: Mapping) -> bool:
    """Whether a file is one of Lighter's: a config of a run, a series or a sweep."""
    return SYSTEM in tree.entries or kind_of(tree) in ("series", "sweep")


def _is_series(tree: Mapping) -> bool:
    return SYSTEM not in tree.entries and isinstance(tree.get(_SERIES), Mapping | Sequence)


def _is_sweep(tree: Mapping) -> bool:
    return SYSTEM not in tree.entries and all(key in tree.entries for key in _SWEEP)


def _is_hydra(tree: Mapping) -> bool:
    defaults = tree.get(_DEFAULTS)
    items = defaults.items if isinstance(defaults, Sequence) else ()
    texts = [str(item.value) for item in items if isinstance(item, Scalar)]
    is_list = any(isinstance(item, Mapping) for item in items) or any(one == "_self_" or "/" in one for one in texts)
    return SYSTEM not in tree.entries and (is_list or isinstance(tree.get(_HYDRA), Mapping))


def _is_cli(tree: Mapping) -> bool:
    if SYSTEM in tree.entries:
        return False
    commands = [tree.get(command) for command in ("fit", "validate", "test", "predict")]
    tops = [tree, *(command for command in commands if isinstance(command, Mapping))]
    return any(_has_class_path(top.get(key)) for top in tops for key in (_MODEL, DATA, TRAINER)) or (
        "seed_everything" in tree.entries and any(key in tree.entries for key in (_MODEL, DATA, TRAINER))
    )


def _has_class_path(node: Node | None) -> bool:
    """Whether a mapping, or one in a list directly below it, names its class as LightningCLI does."""
    nodes = [node, *(below for _, below in children(node))] if node is not None else []
    nodes += [item for below in nodes if isinstance(below, Sequence) for item in below.items]
    return any(isinstance(one, Mapping) and not one.is_call and _is_text(one.get(_CLASS_PATH)) for one in nodes)


def _is_bundle(tree: Mapping) -> bool:
    if SYSTEM in tree.entries:
        return False
    targets = (_target(node).rpartition(".")[2] for _, node in walk(tree))
    return bool(_BUNDLE & tree.entries.keys()) or any(target in _ENGINES for target in targets)


def _is_of_components(tree: Mapping) -> bool:
    tops = [node for _, node in children(tree) if isinstance(node, Mapping)]
    return SYSTEM not in tree.entries and any(all(_is_text(top.get(key)) for key in _COMPONENT) for top in tops)


def _is_first_lighter(tree: Mapping) -> bool:
    system = tree.get(SYSTEM)
    if not isinstance(system, Mapping) or is_plugin_system(tree):
        return False
    is_ours = _target(system) in ("", "lighter.System")
    return _target(system).endswith("LighterSystem") or (is_ours and bool(_FIRST & system.entries.keys()))


def _is_second_lighter(tree: Mapping) -> bool:
    named = (_target(tree.get(_MODEL)), _target(tree.get(DATA)))
    return SYSTEM not in tree.entries and any(name in named for name in _SECOND)


def _has_module_on_top(tree: Mapping) -> bool:
    model = tree.get(_MODEL)
    is_module = isinstance(model, Mapping) and model.is_call and not _PARTS & tree.entries.keys()
    return is_module and SYSTEM not in tree.entries and (TRAINER in tree.entries or DATA in tree.entries)


def _is_component(tree: Mapping) -> bool:
    return tree.is_call and SYSTEM not in tree.entries


def _target(node: Node | None) -> str:
    target = node.get(TARGET) if isinstance(node, Mapping) else None
    return str(target.value) if isinstance(target, Scalar) else ""


def _is_text(node: Node | None) -> bool:
    return isinstance(node, Scalar) and isinstance(node.value, str)


class _Kind(NamedTuple):
    name: str
    fits: Callable[[Mapping], bool]
    what: str
    help: str
    only_run: bool = False


_OF_SECOND = (
    "'lighter convert {file} --to=new.yaml' writes it anew, with 'system:' for 'model:' and the loaders of a "
    f"LighterDataModule below 'args:': {PAGE_OF_LIGHTER}"
)
_KINDS = (
    _Kind("series", _is_series, "'{file}' is the file of a series, of several configs", "write 'lighter run {file}'"),
    _Kind("sweep", _is_sweep, "'{file}' is the file of a sweep, which tries values", "write 'lighter sweep {file}'"),
    _Kind(
        "hydra",
        _is_hydra,
        "'{file}' is a primary config of Hydra, which puts others together",
        "write 'lighter convert {file}', with the words of its command line behind it, which writes one config of "
        "ours: docs/how-to/coming-from-hydra.md",
    ),
    _Kind(
        "lightning-cli",
        _is_cli,
        "'{file}' is a config of LightningCLI",
        "write 'lighter convert {file}', with the script that calls LightningCLI behind it, which writes one config of "
        "ours: docs/how-to/coming-from-lightning-cli.md",
    ),
    _Kind(
        "bundle",
        _is_bundle,
        "'{file}' is of a MONAI bundle, which MONAI's own engines run",
        "'lighter run {file}' runs it, 'lighter convert {file}' writes a config of ours; or take its parts, "
        "'_base_: [{{vars::bundle: {file}}}]' with 'system: {{model: \"@vars::bundle::network_def\", ...}}': "
        "docs/how-to/coming-from-monai.md",
        only_run=True,
    ),
    _Kind(
        "modalities",
        _is_of_components,
        "'{file}' is a config of Modalities",
        "write '_target_: kind/name' for 'component_key: kind' and 'variant_key: name', with what is below 'config:' "
        f"beside it, below 'system:': {PAGE}",
    ),
    _Kind(
        "lighter",
        _is_first_lighter,
        "'{file}' is written for Lighter 0.0",
        "write no '_target_' at 'system', a DataLoader at 'dataloaders::train' for 'datasets::train' with the sizes "
        f"and collate functions, and 'adapters:' for 'postprocessing:': {PAGE_OF_LIGHTER}",
    ),
    _Kind("lighter", _is_second_lighter, "'{file}' is written for Lighter 0.1", _OF_SECOND),
    _Kind(
        "lighter",
        _has_module_on_top,
        "'{file}' has its module at 'model', as Lighter 0.1 had it",
        _OF_SECOND,
        only_run=True,
    ),
    _Kind(
        "component",
        _is_component,
        "'{file}' is a single component, with '_target_' at its top",
        "lay it at its place over a config: '=system::model=%{file}'",
        only_run=True,
    ),
)
