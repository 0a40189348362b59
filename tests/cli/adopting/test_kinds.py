import pytest

from lighter.cli.adopting.kinds import (
    Kind,
    is_collate_name,
    is_layer_base,
    is_layer_name,
    is_loss_file,
    is_loss_function,
    is_loss_name,
    kind_of_base,
)


@pytest.mark.parametrize(
    ("base", "kind"),
    [
        ("torch.nn.Module", Kind.MODEL),
        ("torch.nn.Sequential", Kind.MODEL),
        ("torch.nn.modules.loss._Loss", Kind.LOSS),
        ("torch.nn.CrossEntropyLoss", Kind.LOSS),
        ("torchvision.models.resnet.ResNet", Kind.MODEL),
        ("transformers.BertPreTrainedModel", Kind.MODEL),
        ("transformers.BertForSequenceClassification", Kind.MODEL),
        ("transformers.PretrainedConfig", None),
        ("mmcv.runner.BaseModule", Kind.MODEL),
        ("pytorch_lightning.LightningModule", Kind.LIGHTNING_MODULE),
        ("lightning.pytorch.LightningModule", Kind.LIGHTNING_MODULE),
        ("lightning.LightningDataModule", Kind.DATA_MODULE),
        ("torch.utils.data.Dataset", Kind.DATASET),
        ("torch.utils.data.IterableDataset", Kind.DATASET),
        ("torchvision.datasets.CIFAR10", Kind.DATASET),
        ("torch_geometric.data.InMemoryDataset", Kind.DATASET),
        ("torch.utils.data.Sampler", None),
        ("torchmetrics.Metric", Kind.METRIC),
        ("torchmetrics.classification.BinaryAccuracy", Kind.METRIC),
        ("torch.nn.Parameter", None),
        ("flax.linen.Module", None),
        ("keras.Model", None),
        ("pytest.Module", None),
        ("object", None),
        ("Module", Kind.MODEL),  # nobody knows from where
    ],
)
def test_the_kind_of_what_comes_from_a_class(base, kind):
    assert kind_of_base(base) is kind


@pytest.mark.parametrize(
    ("question", "yes", "no"),
    [
        (is_loss_name, "DiceLoss FocalLossV2 SetCriterion Loss Losses", "LossyNet GlossNet ResNet"),
        (is_loss_function, "dice_loss focal_loss loss_fn", "plot_loss get_loss _loss glossy train_loss"),
        (is_loss_file, "loss.py a/losses/dice.py a/focal_loss.py loss_functions.py", "net.py gloss.py a/closs/x.py"),
        (is_collate_name, "collate my_collate_fn DataCollator CollateBatch", "decollate no_collation collapse"),
        (
            is_layer_name,
            "BasicBlock SelfAttention ConvBlock DoubleConv SELayer Down FeedForward MLP Conv2d InceptionA ConvBNReLU",
            "ResNet ViT UNet Transformer MobileNetV2 GCN VAE GPT Inception3 MLPMixer PointNetCls BertModel Encoder",
        ),
        (is_layer_base, "torch.nn.Conv2d torch.nn.LSTM", "torch.nn.Module torch.nn.Sequential a.Conv2d"),
    ],
)
def test_names_tell(question, yes, no):
    assert [name for name in yes.split() if not question(name)] == []
    assert [name for name in no.split() if question(name)] == []
