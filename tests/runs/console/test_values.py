from types import SimpleNamespace

import pytest
import torch

from lighter.runs.console.values import clock, counted, duration, newest, of_epoch, shown_name, told


def trainer(bar, logged, *watched):
    callbacks = [SimpleNamespace(monitor=name) for name in watched]
    tensors = {name: torch.as_tensor(value) for name, value in logged.items()}
    return SimpleNamespace(progress_bar_metrics=bar, callback_metrics=tensors, callbacks=callbacks)


def test_what_is_logged_for_the_bar_and_what_is_watched_matter():
    found = newest(trainer({"train/loss/step": 0.5}, {"f1": 0.25, "lr": 0.1}, "f1", "gone", None))
    assert found == {"train/loss/step": 0.5, "f1": 0.25}


def test_where_nothing_is_marked_the_losses_matter():
    assert newest(trainer({}, {"my_loss": 2.0, "other": 1.0, "loss_each": [1.0, 2.0]})) == {"my_loss": 2.0}


def test_a_value_of_steps_and_epochs_is_told_once():
    logged = {"loss_epoch": 2.0, "loss_step": 1.0, "f1_epoch": 0.5, "loss": 2.0}
    assert newest(trainer(logged, {})) == {"loss_step": 1.0, "f1_epoch": 0.5}


def test_of_an_epoch_the_epoch_s_values_are_told():
    of = trainer({}, {"train/loss/epoch": 1.0, "loss_epoch": 2.0})
    wanted = {"train/loss/epoch": 1.0, "loss_epoch": 2.0, "alone/step": 3.0, "f1": 4.0}
    for values in ({"train/loss/step": 0.5}, {}):  # of an epoch without a step that is logged the train loss too
        found = of_epoch(of, {**values, "loss_step": 0.5, "alone/step": 3.0, "f1": 4.0})
        assert list(found.items()) == list(wanted.items())


def test_names_are_told_without_step_and_epoch():
    assert [shown_name(name) for name in ("val/loss/epoch", "loss_step", "f1")] == ["val/loss", "loss", "f1"]
    assert told({"val/loss/epoch": 0.123456, "n": 1e-7}) == ["val/loss 0.1235", "n 1e-07"]
    assert told({"val/loss/epoch": 0.123456}, digits=2) == ["val/loss 0.12"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (59.9, "59.9 s"),
        (200, "3 min 20 s"),
        (3599.9, "1 h 00 min"),
        (7500, "2 h 05 min"),
        (180_000, "2 d 2 h"),
    ],
)
def test_times_are_told_as_people_read_them(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (61, "1:01"), (3600, "1:00:00"), (90_000, "25:00:00")])
def test_times_are_told_as_a_clock_does(seconds, text):
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (999, "999"), (1000, "1 K"), (4810, "4.81 K"), (1_234_567, "1.23 M"), (7e9, "7 B"), (2e15, "2e+03 T")],
)
def test_large_numbers_are_told_in_three_digits(number, text):
    assert counted(int(number)) == text
