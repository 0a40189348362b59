"""The job of projects/digits/config.yaml as a user of Lightning writes it by hand: what Lighter is measured against.

python benchmarks/digits_by_hand.py --epochs=20 --out=runs/digits_by_hand --test
"""

import argparse
import sys
from pathlib import Path

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchmetrics import MetricCollection
from torchmetrics.classification import MulticlassAccuracy, MulticlassF1Score

sys.path.insert(0, str(Path(__file__).parents[1] / "projects" / "digits"))

from datasets import Digits, Split
from models.digits_net import DigitsNet


class DigitsModule(pl.LightningModule):
    def __init__(self, width: int, lr: float, epochs: int) -> None:
        super().__init__()
        self.lr = lr
        self.epochs = epochs
        self.model = DigitsNet(width)
        self.criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
        self.train_metrics = metrics("train")
        self.val_metrics = metrics("val")
        self.test_metrics = metrics("test")

    def training_step(self, batch: dict[str, Tensor], batch_idx: int) -> Tensor:
        pred = self.model(batch["image"])
        loss: Tensor = self.criterion(pred, batch["label"])
        self.train_metrics.update(pred, batch["label"])
        self.log("train/loss", loss, on_step=True, on_epoch=True, prog_bar=True)
        self.log_dict(self.train_metrics, on_step=False, on_epoch=True)
        return loss

    def validation_step(self, batch: dict[str, Tensor], batch_idx: int) -> None:
        pred = self.model(batch["image"])
        self.val_metrics.update(pred, batch["label"])
        self.log("val/loss", self.criterion(pred, batch["label"]), prog_bar=True)
        self.log_dict(self.val_metrics, prog_bar=True)

    def test_step(self, batch: dict[str, Tensor], batch_idx: int) -> None:
        self.test_metrics.update(self.model(batch["image"]), batch["label"])
        self.log_dict(self.test_metrics)

    def configure_optimizers(self) -> tuple[list[torch.optim.Optimizer], list[torch.optim.lr_scheduler.LRScheduler]]:
        optimizer = torch.optim.AdamW(self.parameters(), lr=self.lr)
        return [optimizer], [torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=self.epochs)]


def metrics(mode: str) -> MetricCollection:
    return MetricCollection(
        {
            "accuracy": MulticlassAccuracy(num_classes=10, average="micro"),
            "f1": MulticlassF1Score(num_classes=10, average="macro"),
        },
        prefix=f"{mode}/",
    )


def loader(split: Split, batch_size: int = 32) -> DataLoader[dict[str, Tensor | int]]:
    return DataLoader(Digits(split), batch_size=batch_size, shuffle=split == "train")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/digits_by_hand"))
    parser.add_argument("--test", action="store_true", help="test the best checkpoint afterwards")
    options = parser.parse_args()

    pl.seed_everything(options.seed, workers=True)
    best = pl.callbacks.ModelCheckpoint(options.out / "checkpoints", "best", monitor="val/loss", save_last=True)
    trainer = pl.Trainer(
        max_epochs=options.epochs,
        accelerator="cpu",
        log_every_n_steps=10,
        logger=pl.loggers.CSVLogger(options.out, name=None, version=""),
        callbacks=[best],
    )
    module = DigitsModule(options.width, options.lr, options.epochs)
    trainer.fit(module, loader("train"), loader("val"))
    if options.test:
        trainer.test(module, loader("test"), ckpt_path="best")


if __name__ == "__main__":
    main()
