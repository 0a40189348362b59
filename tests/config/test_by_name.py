"""Callbacks and loggers as a list or by name."""

import pytest
import pytorch_lightning as pl
from pytorch_lightning.callbacks import EarlyStopping, LearningRateMonitor
from pytorch_lightning.loggers import CSVLogger, TensorBoardLogger

from lighter.config import Config
from lighter.config.by_name import listed, with_lists
from lighter.config.plan import Constant, Items, Pairs, Use
from lighter.errors import ConfigError

STOP = {"_target_": "pytorch_lightning.callbacks.EarlyStopping", "monitor": "a"}
RATE = {"_target_": "pytorch_lightning.callbacks.LearningRateMonitor"}
CSV = {"_target_": "pytorch_lightning.loggers.CSVLogger", "save_dir": "."}
BOARD = {"_target_": "pytorch_lightning.loggers.TensorBoardLogger", "save_dir": "."}
NAMES = {"trainer": {"accelerator": "cpu", "callbacks": {"stop": STOP, "rate": RATE}}}
LISTED = {"trainer": {"accelerator": "cpu", "callbacks": [STOP, RATE]}}
QUIET = {"enable_progress_bar": False, "enable_model_summary": False, "enable_checkpointing": False}


def trainer(*sources, **given):
    call = {"_target_": "pytorch_lightning.Trainer", "accelerator": "cpu", **QUIET, **given}
    return Config.load({"trainer": call}, *sources).resolve("trainer")


def callbacks(*sources, **given):
    return [type(one) for one in trainer(*sources, **given).callbacks]


def test_a_mapping_of_names_is_a_list_to_the_trainer_in_its_order():
    assert callbacks(callbacks={"rate": RATE, "stop": STOP}) == [LearningRateMonitor, EarlyStopping]


def test_null_and_what_is_disabled_are_left_out():
    off = {**RATE, "_disabled_": "$1 == 1"}
    assert callbacks(callbacks={"none": None, "stop": STOP, "off": off}) == [EarlyStopping]
    assert callbacks(callbacks=[None, STOP, off, None]) == [EarlyStopping]
    assert callbacks(callbacks={"none": None}) == []


def test_a_reference_or_an_expression_may_give_the_mapping():
    made = {"vars": {"all": {"stop": STOP, "none": None}}}
    assert callbacks(made, callbacks="@vars::all") == [EarlyStopping]
    assert callbacks(made, callbacks="$dict(@vars::all)") == [EarlyStopping]


def test_names_are_merged_overridden_and_removed():
    more = {"trainer": {"callbacks": {"stop": {"patience": 7}, "again": {**STOP, "monitor": "b"}}}}
    given = {"callbacks": {"stop": STOP, "rate": RATE}}
    made = trainer(more, "trainer::callbacks::again::patience=9", "~trainer::callbacks::rate", **given).callbacks
    assert [(type(one), one.patience) for one in made] == [(EarlyStopping, 7), (EarlyStopping, 9)]
    assert callbacks("trainer::callbacks::stop=null", **given) == [LearningRateMonitor]


def test_loggers_likewise_and_one_alone_stays_one():
    made = trainer(logger={"csv": CSV, "none": None, "board": BOARD})
    assert [type(one) for one in made.loggers] == [CSVLogger, TensorBoardLogger]
    assert type(trainer(logger=CSV).logger) is CSVLogger
    assert trainer(logger=[]).loggers == []


@pytest.mark.parametrize("gone", [{}, {"csv": None}, {"csv": {**CSV, "_disabled_": "$True"}}])
def test_a_mapping_without_any_logger_says_nothing_of_loggers(gone):
    given = {"logger": gone, "callbacks": []}
    assert with_lists(("trainer",), {"logger": {}, "callbacks": []}) == {"callbacks": []}
    assert len(trainer(**given).loggers) == 1  # Lightning's own


def test_what_else_takes_a_mapping_gets_it():
    given = {"logger": {"name": "a", "level": 3}, "callbacks": {"a": "b"}}
    assert with_lists(("trainer",), given) == given
    assert with_lists(("system",), {"callbacks": {"a": pl.Callback}}) == {"callbacks": {"a": pl.Callback}}


def test_what_is_planned():
    one, none = Use(("a",)), Constant(None)
    place = ("trainer", "callbacks")
    for given in (Items((one, none)), Pairs((("a", one), ("b", none)))):
        made = listed(place, given)
        assert isinstance(made, Items)
        assert made.items == (one,)
        assert listed(("trainer", "plugins"), given) is given
    settings = Pairs((("monitor", Constant("a")),))
    assert listed(place, settings) is settings
    assert listed(place, one) is one


@pytest.mark.parametrize(
    ("base", "over", "what"),
    [
        (NAMES, {"callbacks": [RATE]}, "is a mapping of names, and this a list"),
        (NAMES, {"+callbacks": [RATE]}, "is a mapping of names, and this a list"),
        (NAMES, {"callbacks": RATE}, "is a mapping of names, and this a single one"),
        (LISTED, {"callbacks": {"rate": RATE}}, "is a list, and this a mapping of names"),
        (LISTED, {"+callbacks": {"rate": RATE}}, "is a list, and this a mapping of names"),
        (LISTED, {"callbacks": {"stop": {"patience": 3}}}, "is a list, and this a mapping of names"),
    ],
)
def test_a_list_and_names_do_not_meet(base, over, what):
    with pytest.raises(ConfigError) as error:
        Config.load(base, {"trainer": over})
    assert [problem.what for problem in error.value.problems] == [f"'trainer::callbacks' {what}"]


@pytest.mark.parametrize(
    ("base", "over", "count"),
    [
        (NAMES, {"=callbacks": [RATE]}, 1),
        (NAMES, {"callbacks": []}, 0),
        (NAMES, {"callbacks": None}, None),
        (NAMES, {"callbacks": {}}, 2),
        (NAMES, {"+callbacks": {"again": RATE}}, 3),
        (LISTED, {"=callbacks": {"rate": RATE}}, 1),
        (LISTED, {"+callbacks": RATE}, 3),
        (LISTED, {"callbacks": RATE}, 1),
        (LISTED, {"callbacks": {}}, 0),
    ],
)
def test_what_says_so_replaces_the_other(base, over, count):
    made = Config.load(base, {"trainer": over})["trainer::callbacks"]
    found = [made] if isinstance(made, dict) and "_target_" in made else made
    assert (None if found is None else len(found)) == count
