"""The models. Write yours beside `ConvNet`, and name it in config.yaml."""

from torch import Tensor, nn


class ConvNet(nn.Module):
    """Three stages of two convolutions, each with half the resolution and twice the channels of the one before it."""

    def __init__(self, num_classes: int, in_channels: int = 1, width: int = 8, dropout: float = 0.1) -> None:
        super().__init__()
        self.features = nn.Sequential(
            stage(in_channels, width), stage(width, 2 * width), stage(2 * width, 4 * width), nn.AdaptiveAvgPool2d(1)
        )
        self.head = nn.Sequential(nn.Flatten(), nn.Dropout(dropout), nn.Linear(4 * width, num_classes))

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, in_channels, H, W) of any size to logits (N, num_classes)."""
        logits: Tensor = self.head(self.features(images))
        return logits


def stage(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(
        convolution(in_channels, out_channels), convolution(out_channels, out_channels), nn.MaxPool2d(2)
    )


def convolution(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
    )
