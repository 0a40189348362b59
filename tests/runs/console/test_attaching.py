from functools import partial

import pytest
import pytorch_lightning as pl
from pytorch_lightning.callbacks import EarlyStopping, ModelSummary, RichProgressBar, TQDMProgressBar

from lighter.runs.console.attaching import with_console
from lighter.runs.console.overview import Overview


def given(tmp_path, trainer=pl.Trainer, **options):
    return with_console(partial(trainer, **options), tmp_path / "log.txt", ["hunter2-hunter2"]).keywords


def bars(keywords):
    return [type(c).__name__ for c in keywords["callbacks"] if isinstance(c, pl.callbacks.ProgressBar)]


@pytest.mark.parametrize("options", [{}, {"enable_progress_bar": None, "enable_model_summary": None}])
def test_where_nothing_is_set_both_are_lighter_s(tmp_path, options):
    stopping = EarlyStopping("loss")
    keywords = given(tmp_path, max_epochs=3, callbacks=stopping, **options)
    assert keywords["callbacks"][0] is stopping
    assert bars(keywords) == ["Progress"]
    (overview,) = (c for c in keywords["callbacks"] if isinstance(c, Overview))
    assert overview.counts_parameters
    assert overview.path == tmp_path / "log.txt"
    assert overview.secrets == ["hunter2-hunter2"]
    assert keywords["enable_model_summary"] is False
    assert keywords["max_epochs"] == 3
    trainer = pl.Trainer(**keywords, accelerator="cpu", logger=False)
    assert not any(isinstance(c, ModelSummary | RichProgressBar) for c in trainer.callbacks)


@pytest.mark.parametrize(
    ("options", "names", "summary"),
    [
        ({"enable_progress_bar": False}, [], False),
        ({"enable_progress_bar": True}, ["Progress"], False),
        ({"callbacks": [TQDMProgressBar()]}, ["TQDMProgressBar"], False),
        ({"enable_model_summary": True}, ["Progress"], True),
        ({"callbacks": [ModelSummary(max_depth=2)]}, ["Progress"], None),
    ],
)
def test_what_is_set_stays(tmp_path, options, names, summary):
    keywords = given(tmp_path, **options)
    assert bars(keywords) == names
    assert keywords.get("enable_model_summary") is summary
    (overview,) = (c for c in keywords["callbacks"] if isinstance(c, Overview))
    assert overview.counts_parameters is (summary is False)
    pl.Trainer(**keywords, accelerator="cpu", logger=False)


def test_a_trainer_without_anything_stays_without(tmp_path):
    assert given(tmp_path, barebones=True) == {"barebones": True}


class Quiet(pl.Trainer):
    def __init__(self, *, callbacks=None, enable_progress_bar=False, **options):
        super().__init__(callbacks=callbacks, enable_progress_bar=enable_progress_bar, **options)


def made(max_epochs):
    return pl.Trainer(max_epochs=max_epochs, logger=False)


def test_a_trainer_of_the_user_s_own_gets_what_it_takes(tmp_path):
    assert bars(given(tmp_path, Quiet)) == []
    assert given(tmp_path, made, max_epochs=1) == {"max_epochs": 1}


def test_a_trainer_of_the_other_package_gets_its_own_bar(tmp_path):
    from lightning import pytorch as other

    keywords = given(tmp_path, other.Trainer)
    trainer = other.Trainer(**keywords, accelerator="cpu", logger=False)
    assert type(trainer.progress_bar_callback).__name__ == "Progress"
