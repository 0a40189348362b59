"""Two networks for images of 8x8 pixels."""

from collections.abc import Sequence

from torch import Tensor, nn

__all__ = ["Convolutional", "Perceptron"]


class Perceptron(nn.Module):
    """Fully connected layers: (N, 1, 8, 8) images to (N, classes) logits."""

    def __init__(self, classes: int, hidden: Sequence[int] = (64,), dropout: float = 0.0) -> None:
        super().__init__()
        sizes = [64, *hidden]
        layers = [
            layer
            for before, after in zip(sizes, hidden, strict=False)
            for layer in (nn.Linear(before, after), nn.ReLU(), nn.Dropout(dropout))
        ]
        self.layers = nn.Sequential(nn.Flatten(), *layers, nn.Linear(sizes[-1], classes))

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.layers(images)
        return logits


class Convolutional(nn.Module):
    """Two convolutions, each followed by pooling: (N, 1, 8, 8) images to (N, classes) logits."""

    def __init__(self, classes: int, width: int = 16) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, width, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(width, 2 * width, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(2 * width * 2 * 2, classes),
        )

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.layers(images)
        return logits
