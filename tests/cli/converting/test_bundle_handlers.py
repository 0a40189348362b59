import pytest

from lighter.cli.converting.bundle_handlers import HANDLERS
from lighter.cli.converting.parts import Part, mapping

CALLBACKS = "pytorch_lightning.callbacks"


@pytest.mark.parametrize(
    ("name", "given", "settings"),
    [
        ("ValidationHandler", {"interval": 1}, {}),
        ("ValidationHandler", {"interval": "@n"}, {"check_val_every_n_epoch": "@n"}),
        ("ValidationHandler", {"interval": 9, "epoch_level": False}, {"val_check_interval": 9}),
        (
            "EarlyStopHandler",
            {"patience": 3, "score_function": "$f"},
            {
                "callbacks": {
                    "early_stopping": {
                        "_target_": f"{CALLBACKS}.EarlyStopping",
                        "monitor": "val/x",
                        "mode": "max",
                        "patience": 3,
                    }
                }
            },
        ),
        (
            "CheckpointSaver",
            {"save_interval": 2},
            {
                "callbacks": {
                    "every": {
                        "_target_": f"{CALLBACKS}.ModelCheckpoint",
                        "save_top_k": -1,
                        "filename": "{epoch}",
                        "every_n_epochs": 2,
                    }
                }
            },
        ),
        (
            "TensorBoardStatsHandler",
            {"log_dir": "@out", "tag_name": "x"},
            {
                "logger": {
                    "tensorboard": {"_target_": "pytorch_lightning.loggers.TensorBoardLogger", "save_dir": "@out"}
                }
            },
        ),
    ],
)
def test_what_a_handler_becomes(name: str, given: dict[str, object], settings: dict[str, object]) -> None:
    made = HANDLERS[name](mapping({key: Part(one) for key, one in given.items()}), "val/x")
    assert {key: part.plain for key, part in made.settings.items()} == settings
    assert made.reason == ""


@pytest.mark.parametrize(("by_epoch", "interval"), [(True, "epoch"), (False, "step"), (None, "epoch")])
def test_when_a_scheduler_steps(by_epoch: bool | None, interval: str) -> None:
    given = {"epoch_level": Part(by_epoch)} if by_epoch is not None else {}
    assert HANDLERS["LrScheduleHandler"](mapping(given), "").scheduler == interval


@pytest.mark.parametrize("name", ["StatsHandler", "CheckpointLoader", "MetricsSaver", "CheckpointSaver"])
def test_what_is_left_out_has_a_reason(name: str) -> None:
    assert HANDLERS[name](mapping(), "val/x").reason
