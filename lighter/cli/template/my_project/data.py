"""The data: drawn here, so that there is nothing to download. Replace `Shapes` by a Dataset that reads your own."""

from collections.abc import Callable, Sequence
from math import pi
from typing import Literal

import torch
from torch import Tensor
from torch.utils.data import Dataset

Shape = Literal["disc", "square", "triangle", "cross"]  # `lighter check` refuses any other

# Which points are inside, in units of a shape's radius.
SHAPES: dict[Shape, Callable[[Tensor, Tensor], Tensor]] = {
    "disc": lambda x, y: x.hypot(y) < 0.9,
    "square": lambda x, y: torch.maximum(x.abs(), y.abs()) < 0.8,
    "triangle": lambda x, y: (y > -0.6) & (y + 1.7 * x.abs() < 1),
    "cross": lambda x, y: (torch.minimum(x.abs(), y.abs()) < 0.3) & (torch.maximum(x.abs(), y.abs()) < 1),
}


class Shapes(Dataset[tuple[Tensor, Tensor]]):
    """Noisy images of one shape each, (1, size, size), and which of `classes` it is, an index.

    Shapes differ in place, size and angle; the same `seed` gives the same images.
    """

    def __init__(self, count: int, classes: Sequence[Shape], seed: int, size: int = 32, noise: float = 0.3) -> None:
        generator = torch.Generator().manual_seed(seed)
        x, y = pixels(count, size, generator)
        self.labels = torch.randint(len(classes), (count,), generator=generator)
        drawn = torch.stack([SHAPES[name](x, y) for name in classes])[self.labels, torch.arange(count)]
        self.images = (drawn + noise * torch.randn(count, size, size, generator=generator)).unsqueeze(1)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return self.images[index], self.labels[index]


def pixels(count: int, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """The place (x, y) of each pixel, (count, size, size) both, as seen from shapes that lie anywhere in the image."""
    place_x, place_y, radius, angle = torch.rand(4, count, 1, 1, generator=generator)
    axis = torch.linspace(-1, 1, size)
    x = (axis - 0.8 * (place_x - 0.5)) / (0.3 + 0.3 * radius)
    y = (axis[:, None] - 0.8 * (place_y - 0.5)) / (0.3 + 0.3 * radius)
    cos, sin = (2 * pi * angle).cos(), (2 * pi * angle).sin()
    return cos * x + sin * y, cos * y - sin * x
