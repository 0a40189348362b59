"""A signal is noted, a second one obeyed; afterwards all is as it was."""

import os
import pickle
import signal
import threading
from collections.abc import Callable

import pytest
import pytorch_lightning as pl
import torch

from lighter.errors import Terminated
from lighter.runs.resume.signals import StopSignals, signals_as_exceptions


@pytest.mark.parametrize(("asked", "error"), [(signal.SIGTERM, Terminated), (signal.SIGINT, KeyboardInterrupt)])
def test_the_first_is_noted_and_the_second_obeyed(asked: signal.Signals, error: type[BaseException]) -> None:
    before = [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)]
    signals = StopSignals()
    signals.listen()
    try:
        os.kill(os.getpid(), asked)
        assert signals.received is asked
        assert type(signals.error()) is error
        with pytest.raises(error):
            os.kill(os.getpid(), asked)
    finally:
        signals.stop()
    assert [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)] == before


def test_who_listens_after_it_is_left_alone() -> None:
    before, signals = signal.getsignal(signal.SIGTERM), StopSignals()
    signals.listen()
    signals.listen()  # again, which must not take its own listening for what was before
    try:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signals.stop()
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


def test_another_thread_than_the_first_does_not_listen() -> None:
    before, signals = signal.getsignal(signal.SIGTERM), StopSignals()
    thread = threading.Thread(target=signals.listen)
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_copy_in_another_process_listens_for_itself() -> None:
    signals = StopSignals()
    signals.listen()
    signals.received = signal.SIGTERM
    try:
        copy = pickle.loads(pickle.dumps(signals))
        assert copy.received is None
        copy.stop()  # it has nothing to give back
        assert signal.getsignal(signal.SIGTERM) == signals._receive
    finally:
        signals.stop()


@pytest.mark.parametrize(
    ("raised", "ends"),
    [(KeyboardInterrupt, KeyboardInterrupt), (Terminated, Terminated), (lambda: SystemExit(3), SystemExit)],
    ids=["Ctrl-C", "SIGTERM", "of the user"],
)
def test_ctrl_c_is_told_from_other_ends(raised: Callable[[], BaseException], ends: type[BaseException]) -> None:
    class Module(pl.LightningModule):
        def training_step(self) -> None: ...

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.SGD([torch.nn.Parameter(torch.ones(1))])

        def train_dataloader(self) -> list[int]:
            raise raised()

    trainer = pl.Trainer(accelerator="cpu", logger=False, enable_checkpointing=False, max_epochs=1)
    with pytest.raises(ends) as told, signals_as_exceptions():
        trainer.fit(Module())
    assert type(told.value) is ends
    assert getattr(told.value, "code", 3) == (143 if ends is Terminated else 3)


def test_sigterm_ends_at_once_what_nobody_listens_for() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Terminated), signals_as_exceptions():
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_stage_that_is_not_training_ends_at_sigterm() -> None:
    class Module(pl.LightningModule):
        def test_step(self, batch: int) -> None:
            os.kill(os.getpid(), signal.SIGTERM)

        def test_dataloader(self) -> list[int]:
            return list(range(1000))

    trainer = pl.Trainer(accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False)
    with pytest.raises(Terminated), signals_as_exceptions():
        trainer.test(Module())
