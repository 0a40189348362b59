"""A small convolutional network for 8x8 images."""

from torch import Tensor, nn

__all__ = ["DigitsNet"]


class DigitsNet(nn.Module):
    """Two stages of two convolutions: (N, 1, 8, 8) images in [0, 1] to (N, num_classes) logits."""

    def __init__(self, width: int = 32, dropout: float = 0.25, num_classes: int = 10) -> None:
        super().__init__()
        self.features = nn.Sequential(
            convolution(1, width),
            convolution(width, width),
            nn.MaxPool2d(2),
            convolution(width, 2 * width),
            convolution(2 * width, 2 * width),
            nn.MaxPool2d(2),
        )
        self.head = nn.Sequential(nn.Flatten(), nn.Dropout(dropout), nn.Linear(2 * width * 2 * 2, num_classes))

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.head(self.features(images))
        return logits


def convolution(in_channels: int, out_channels: int) -> nn.Sequential:
    """A 3x3 convolution that keeps height and width, normalised and rectified."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
    )
