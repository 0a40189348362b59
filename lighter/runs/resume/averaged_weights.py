"""The weights that StochasticWeightAveraging ends with, in the checkpoint of the end of a training."""

from typing import Any

import pytorch_lightning as pl

_WEIGHTS, _CURRENT = "state_dict", "current_model_state"  # as Lightning's other averages keep both


def put_averages(trainer: pl.Trainer, module: pl.LightningModule, checkpoint: dict[str, Any]) -> bool:
    """Puts the averages where the weights are, which are kept to train on from; says whether there are any.

    Lightning puts them into the model alone, and only when all training has ended: no checkpoint would have them.
    """
    callbacks: list[Any] = trainer.callbacks  # type: ignore[attr-defined]  # set by Lightning's connector
    for callback in callbacks:
        state = checkpoint["callbacks"].get(callback.state_key, {})
        averages = state.get("average_model_state") if state.get("n_averaged") else None
        if averages and (trainer.max_epochs == -1 or trainer.current_epoch > callback.swa_end):
            parameters = {name for name, _ in module.named_parameters(remove_duplicate=False)}
            checkpoint[_CURRENT] = checkpoint[_WEIGHTS]
            checkpoint[_WEIGHTS] = {
                name: averages[name] if name in parameters else value for name, value in checkpoint[_WEIGHTS].items()
            }
            return True
    return False


def put_back_current(module: pl.LightningModule, checkpoint: dict[str, Any]) -> None:
    """Lets a training that goes on do so from the weights that it had, not from their averages."""
    if _CURRENT in checkpoint:
        module.load_state_dict(checkpoint[_CURRENT], strict=module.strict_loading)
