"""What a class or function is to a config, by the class it comes from and by its name."""

import re
from enum import StrEnum


class Kind(StrEnum):
    """The parts of a config that a repository may bring, in the order in which they are listed."""

    LIGHTNING_MODULE = "LightningModules"
    DATA_MODULE = "LightningDataModules"
    MODEL = "models"
    DATASET = "datasets"
    LOSS = "losses"
    COLLATE = "collate functions"
    METRIC = "metrics"


_BY_NAME = {
    "LightningModule": Kind.LIGHTNING_MODULE,
    "LightningDataModule": Kind.DATA_MODULE,
    "Dataset": Kind.DATASET,
    "IterableDataset": Kind.DATASET,
    "VisionDataset": Kind.DATASET,
    "ImageFolder": Kind.DATASET,
    "DatasetFolder": Kind.DATASET,
    "Module": Kind.MODEL,
    "BaseModule": Kind.MODEL,
    "ModelMixin": Kind.MODEL,
    "PreTrainedModel": Kind.MODEL,
    "PreTrainedModelWrapper": Kind.MODEL,
    "ScriptModule": Kind.MODEL,
    "GraphModule": Kind.MODEL,
    "Metric": Kind.METRIC,
}
# Other packages have classes of the same names.
_FOREIGN = frozenset(
    {
        "chainer",
        "equinox",
        "flax",
        "h5py",
        "haiku",
        "jax",
        "keras",
        "mindspore",
        "mxnet",
        "netCDF4",
        "paddle",
        "pydicom",
        "pytest",
        "tensorflow",
        "tf",
        "xarray",
    }
)
_NETWORKS = (
    "torch.nn.",
    "torchvision.models.",
    "torchvision.ops.",
    "torchaudio.models.",
    "monai.networks.",
    "timm.",
    "torch_geometric.nn.",
    "dgl.nn.",
    "segmentation_models_pytorch.",
    "transformers.",
)
_DATA = ("torch.utils.data.", "torchvision.datasets.", "torchaudio.datasets.", "torch_geometric.", "monai.data.")
_METRICS = ("torchmetrics.", "monai.metrics.", "ignite.metrics.")
_NO_MODULES = ("torch.nn.Parameter", "torch.nn.init.", "torch.nn.utils.", "torch.nn.functional.")

_LOSS = re.compile(
    r"(Loss|Losses|Criterion|Criteria|Criterions)(\d*[A-Z]?\d*)?$|^(Loss|Criterion)(?![a-z])|(_loss|_criterion)$"
)
_LOSS_FILE = re.compile(r"(^|[/_])(loss|losses|criterion|criterions|criteria)(_\w*)?(/|\.py$)")
_LOSS_FUNCTION = re.compile(r"_loss$|^loss_(fn|func|function)$|^loss$")
_NO_LOSS_FUNCTION = re.compile(
    r"^_|^(build|calc|create|draw|eval|get|load|log|make|plot|print|record|save|set|show|test|train|update|write)_"
)
_COLLATE = re.compile(r"(?<!de)(?<!no_)(?<!un)collat(e|or|ion)", re.IGNORECASE)
_LAYER = re.compile(
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
)


def kind_of_base(base: str) -> Kind | None:
    """What the subclasses are of a class from outside, by its dotted name; None for what no config asks for."""
    top, last = base.partition(".")[0], base.rpartition(".")[2]
    if top in _FOREIGN or base.startswith(_NO_MODULES):
        return None
    if last in _BY_NAME:
        return _BY_NAME[last]
    if base.startswith("torch.nn.") and (is_loss_name(last) or last in {"_Loss", "_WeightedLoss"}):
        return Kind.LOSS
    if base.startswith(_DATA) and (last.endswith(("Dataset", "Folder")) or base.startswith("torchvision.datasets.")):
        return Kind.DATASET
    if base.startswith(_METRICS) and last[:1].isupper():
        return Kind.METRIC
    if top == "transformers":
        is_model = last.endswith(("Model", "PreTrainedModel", "LMHeadModel")) or "For" in last
        return Kind.MODEL if is_model else None
    return Kind.MODEL if base.startswith(_NETWORKS) and last[:1].isupper() else None


def is_loss_name(name: str) -> bool:
    """Whether a class is a loss by its name."""
    return bool(_LOSS.search(name))


def is_loss_file(path: str) -> bool:
    """Whether a file holds losses by its name or a folder's."""
    return bool(_LOSS_FILE.search(path))


def is_loss_function(name: str) -> bool:
    """Whether a function computes a loss by its name, and does not plot or log one."""
    return bool(_LOSS_FUNCTION.search(name)) and not _NO_LOSS_FUNCTION.search(name)


def is_collate_name(name: str) -> bool:
    """Whether a function or class makes a batch of samples by its name."""
    return bool(_COLLATE.search(name))


def is_layer_base(base: str) -> bool:
    """Whether a subclass of a class from outside is a part of models: one of a single layer of torch."""
    name = base.removeprefix("torch.nn.")
    return name != base and "." not in name and name not in {"Module", "ModuleDict", "ModuleList", "Sequential"}


def is_layer_name(name: str) -> bool:
    """Whether a module is a part of models by its name, such as BasicBlock or SelfAttention."""
    return bool(_LAYER.search(name))
