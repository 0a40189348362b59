"""The middle slice of each predicted volume as an image, with the predicted classes in colour."""

from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
from PIL import Image
from torch import Tensor
from typing_extensions import override

__all__ = ["Overlays", "overlaid"]

COLOURS = np.array([[230, 60, 60], [60, 150, 255], [80, 200, 90], [240, 190, 50]], np.float32)  # of classes 1, 2, ...
SIZE = 400  # pixels, about


class Overlays(pl.Callback):
    """Writes `<identifier>.png` for each volume of `lighter predict`, in a folder of the run."""

    def __init__(self, path: str = "predictions/overlays", opacity: float = 0.4) -> None:
        self.path = path
        self.opacity = opacity

    @override
    def on_predict_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        folder = Path(trainer.default_root_dir, self.path)
        folder.mkdir(parents=True, exist_ok=True)
        for name, image, pred in zip(outputs["identifier"], outputs["input"], outputs["pred"], strict=True):
            overlaid(image[0], pred.argmax(dim=0), self.opacity).save(folder / f"{name}.png")


def overlaid(image: Tensor, classes: Tensor, opacity: float) -> Image.Image:
    """The middle of the last axis of two (x, y, z) volumes, y upwards: the image in grey, classes over 0 in colour."""
    middle = image.shape[-1] // 2
    grey, found = (np.rot90(np.asarray(volume[..., middle].cpu())) for volume in (image, classes))
    low, high = np.percentile(grey, [1, 99])
    grey = np.clip((grey - low) / max(high - low, 1e-6), 0, 1) * 255
    pixels = np.repeat(grey[..., None], 3, axis=-1)
    inside = found > 0
    colours = COLOURS[(found[inside].astype(int) - 1) % len(COLOURS)]
    pixels[inside] = (1 - opacity) * pixels[inside] + opacity * colours
    drawn = Image.fromarray(pixels.astype(np.uint8))
    scale = max(1, SIZE // max(drawn.size))
    return drawn.resize((drawn.width * scale, drawn.height * scale), Image.Resampling.NEAREST)
