"""The models, datasets, losses and so on of a repository: which classes and functions of it a config may name."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from lighter.cli.adopting.naming import Meaning, Names
from lighter.cli.adopting.outlining import FunctionOutline
from lighter.cli.adopting.parameters import Parameter, outside_bases, parameters_of
from lighter.cli.adopting.reading import Here, Repository

HIDDEN = "hidden by another module of the same name"


class Kind(StrEnum):
    """The parts of a config that a repository may bring, in the order in which they are listed."""

    LIGHTNING_MODULE = "LightningModules"
    DATA_MODULE = "LightningDataModules"
    MODEL = "models"
    DATASET = "datasets"
    LOSS = "losses"
    COLLATE = "collate functions"
    METRIC = "metrics"


# What the subclasses of a class from outside are, by its dotted name: the first that matches; None for what no config
# asks for. Other packages have classes of the same names.
_KINDS = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"(chainer|equinox|flax|h5py|haiku|jax|keras|mindspore|mxnet|netCDF4|paddle)(\.|$)", None),
        (r"(pydicom|pytest|tensorflow|tf|xarray)(\.|$)", None),
        (r"torch\.nn\.(Parameter|init\.|utils\.|functional\.)", None),
        (r"(.*\.)?LightningModule$", Kind.LIGHTNING_MODULE),
        (r"(.*\.)?LightningDataModule$", Kind.DATA_MODULE),
        (r"(.*\.)?((|Iterable|Vision)Dataset|(Image|Dataset)Folder)$", Kind.DATASET),
        (r"(.*\.)?((|Base|Script|Graph)Module|ModelMixin|PreTrainedModel(Wrapper)?)$", Kind.MODEL),
        (r"(.*\.)?Metric$", Kind.METRIC),
        (r"torch\.nn\..*Loss$", Kind.LOSS),
        (r"torchvision\.datasets\.", Kind.DATASET),
        (r"(torch\.utils\.data|torchaudio\.datasets|torch_geometric|monai\.data)\..*(Dataset|Folder)$", Kind.DATASET),
        (r"(torchmetrics|monai\.metrics|ignite\.metrics)\.(.*\.)?[A-Z]\w*$", Kind.METRIC),
        (r"transformers\.(.*\.)?(\w*Model|\w*For\w*)$", Kind.MODEL),
        (r"(torch\.nn|torchvision\.(models|ops)|torchaudio\.models|monai\.networks)\.(.*\.)?[A-Z]\w*$", Kind.MODEL),
        (r"(timm|torch_geometric\.nn|dgl\.nn|segmentation_models_pytorch)\.(.*\.)?[A-Z]\w*$", Kind.MODEL),
    )
)
_OUTSIDE_MODELS = re.compile(
    r"(torchvision\.models|timm|segmentation_models_pytorch|transformers|monai\.networks\.nets)\."
)
_MODEL_FACTORY = re.compile(r"(build|create|get|make|load)_?(\w+_)?(model|net|network)(_\w+)?$", re.IGNORECASE)

_CONVERTER = re.compile(r"_?(convert|export|freeze|fuse|prune|quantize|replace|wrap)_")
_GIVEN = frozenset({"backbone", "base_model", "model", "module", "net", "network"})

# What a class or function is by its name, or by its file's.
is_loss_name = re.compile(
    r"(Loss|Losses|Criterion|Criteria|Criterions)(\d*[A-Z]?\d*)?$|^(Loss|Criterion)(?![a-z])|(_loss|_criterion)$"
).search
is_loss_file = re.compile(r"(^|[/_])(loss|losses|criterion|criterions|criteria)(_\w*)?(/|\.py$)").search
# It computes a loss, and does not plot or log one.
is_loss_function = re.compile(
    r"(?!_|(build|calc|create|draw|eval|get|load|log|make|plot|print|record|save|set|show|test|train|update|write)_)"
    r"(\w+_loss|loss_(fn|func|function)|loss)$"
).match
is_collate_name = re.compile(r"(?<!de)(?<!no_)(?<!un)collat(e|or|ion)", re.IGNORECASE).search
# A part of models, such as BasicBlock or SelfAttention.
is_layer_name = re.compile(
    r"""
    ( Activation | Adapter | Adaptor | Aggregator | ASPP | Attention | Attn | Bottleneck | Block\w? | Branch | Cell
    | Concat | Conv | ConvBN | Conv\d+x\d+ | Conv\d?[dD] | Convolution | Down | Downsample | Downsampling | DropPath
    | Dropout | Embed | Embedding | Embeddings | Encoding | FeedForward | Feedforward | FFN | Flatten | GELU | Gate
    | Head | Heads | Identity | Interpolate | Layer | Layers | LayerNorm | Linear | MLP | Mlp | Neck | Norm
    | Norm\d?[dD] | Pool | Pooling | Projection | Projector | ReLU | Reshape | Residual | SE | Sequential | Shuffle
    | Sigmoid | Softmax | Stage | Stem | Swish | Tanh | Transition | Unit | Up | UpConv | Upsample | Upsampling
    | UpSample | Wrapper
    ) (V?\d+)? (_\w+)? $
    | ^(Inception | Module | Mixer | SELayer | View | Lambda | Fire)[A-E]? $
    | ^(Conv | Depthwise | Pointwise | Separable)[A-Z0-9]\w* (Conv | Block)? $
    """,
    re.VERBOSE,
).search
# A class from outside that is a single layer.
is_layer_base = re.compile(r"torch\.nn\.(?!(Module|ModuleDict|ModuleList|Sequential)$)[^.]+$").match


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something of the repository that a config may name; `made` is the class that a factory function gives."""

    kind: Kind
    here: Here
    line: int
    target: str
    parameters: tuple[Parameter, ...] | None
    is_function: bool = False
    made: Here | None = None

    @property
    def place(self) -> str:
        """Where it is defined."""
        return f"{self.here.file}:{self.line}"

    @property
    def required(self) -> tuple[Parameter, ...]:
        """The arguments that a call cannot do without."""
        return tuple(parameter for parameter in self.parameters or () if parameter.is_required)


@dataclass
class Recognised:
    """What was recognised in a repository, in the order of its files."""

    repository: Repository
    names: Names
    candidates: list[Candidate] = field(default_factory=list)

    def candidate(self, kind: Kind, here: Here, made: Here | None = None) -> Candidate:
        """What a file defines, as a candidate of a kind."""
        defined = self.repository.class_at(here)
        line = (defined or self.repository.outlines[here.file].functions[here.name]).line
        taken = parameters_of(here, self.names)
        return Candidate(kind, here, line, self.names.target(here), taken, defined is None, made)

    def of(self, kind: Kind) -> list[Candidate]:
        """Those of one kind."""
        return [candidate for candidate in self.candidates if candidate.kind is kind]

    @cached_property
    def by_here(self) -> dict[Here, Candidate]:
        """All of them by where they are defined."""
        return {candidate.here: candidate for candidate in self.candidates}


def recognise(repository: Repository) -> Recognised:
    """All that a config may name."""
    found = Recognised(repository, Names(repository))
    for file, outline in repository.outlines.items():
        if (outline.classes or outline.functions) and not found.names.is_reachable(file):
            repository.skipped[file] = HIDDEN
            continue
        kinds = {here: _kind_of_class(here, found.names) for here in (Here(file, name) for name in outline.classes)}
        found.candidates += [found.candidate(kind, here) for here, kind in kinds.items() if kind is not None]
    factories = _factories(found)
    for here, function in _functions(repository):
        if here.name.startswith("_") or here.file in repository.skipped:
            continue
        if here in factories:
            made = factories[here]
            found.candidates.append(found.candidate(Kind.MODEL, here, made if isinstance(made, Here) else None))
        elif "torch" not in repository.texts[here.file]:  # other libraries have losses too
            continue
        elif is_collate_name(here.name):
            found.candidates.append(found.candidate(Kind.COLLATE, here))
        elif is_loss_function(here.name) and len(function.arguments.args) > 1:
            found.candidates.append(found.candidate(Kind.LOSS, here))
    return found


def kind_of_base(base: str) -> Kind | None:
    """What the subclasses are of a class from outside, by its dotted name; None for what no config asks for."""
    return next((kind for pattern, kind in _KINDS if pattern.match(base)), None)


def _kind_of_class(here: Here, names: Names) -> Kind | None:
    kinds = [kind for one in outside_bases(here, names) if (kind := kind_of_base(one))]
    kind = next((one for one in kinds if one is not Kind.MODEL), kinds[0] if kinds else None)
    if kind is Kind.MODEL and (is_loss_name(here.name) or is_loss_file(here.file)):
        return Kind.LOSS
    if kind is not None or here.name.startswith("_"):
        return kind
    methods = names.repository.outlines[here.file].classes[here.name].methods.keys()
    if "__call__" in methods and is_collate_name(here.name):
        return Kind.COLLATE
    return Kind.DATASET if {"__getitem__", "__len__"} <= methods and here.name.endswith("Dataset") else None


def _functions(repository: Repository) -> list[tuple[Here, FunctionOutline]]:
    outlines = repository.outlines.items()
    return [(Here(file, name), one) for file, outline in outlines for name, one in outline.functions.items()]


def _changes_one(name: str, function: FunctionOutline) -> bool:
    """Whether a function returns another form of a model that it is given, and makes none itself."""
    arguments = function.arguments
    required = arguments.args[: len(arguments.args) - len(arguments.defaults)]
    return bool(_CONVERTER.match(name)) or any(argument.arg in _GIVEN for argument in required[:1])


def _factories(found: Recognised) -> dict[Here, Meaning]:
    """The functions that return a model, also by way of one another, with its class or its dotted name outside."""
    models: dict[Here, Meaning] = {candidate.here: candidate.here for candidate in found.of(Kind.MODEL)}
    made, count = dict(models), -1
    while count < len(made):
        count, new = len(made), dict[Here, Meaning]()
        for here, function in _functions(found.repository):
            for name in function.makes if here not in made and not _changes_one(here.name, function) else ():
                meaning = found.names.meaning(here.file, name)
                if isinstance(meaning, Here) and meaning in made:
                    new.setdefault(here, made[meaning])
                elif isinstance(meaning, str) and _OUTSIDE_MODELS.match(meaning) and _MODEL_FACTORY.match(here.name):
                    new.setdefault(here, meaning)
        made.update(new)
    return {here: made[here] for here in made.keys() - models.keys()}
