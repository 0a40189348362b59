"""One plugin: what it takes of its caller, and to whom it tells its state."""

import inspect

import pytest

from lighter.plugins.plugin import Plugin, PluginNotFound, find_plugin, reporting
from lighter.registry import register


def work(model, x, rate=1, tell=None):
    tell({"x": x})
    return model, x, rate


PLUGIN = Plugin("fit", "some.Model", work, state_cb_arg_name="tell")
BY_NAME = Plugin("fit", "some.Model", work, state_cb_arg_name="tell", instance_arg_name="model")


@pytest.mark.parametrize("plugin", [PLUGIN, BY_NAME])
def test_its_signature_is_what_a_caller_gives(plugin):
    assert list(inspect.signature(plugin).parameters) == ["x", "rate"]


@pytest.mark.parametrize("kind", ["data_access", "instantiate", "deserialize"])
def test_only_what_works_on_an_instance_takes_one(kind):
    assert list(inspect.signature(Plugin(kind, "name", work)).parameters) == ["model", "x", "rate", "tell"]


@pytest.mark.parametrize("plugin", [PLUGIN, BY_NAME])
def test_the_instance_comes_first_and_is_given_as_the_plugin_wants_it(plugin):
    assert plugin("model", 2, rate=3) == ("model", 2, 3)


def test_the_state_is_told_to_the_callback_or_to_who_reports():
    told = []
    with reporting(lambda name, state: told.append((name, state))):
        PLUGIN("model", 1)
        PLUGIN.call(("model", 2), {}, told.append)
    PLUGIN("model", 3)  # to nobody
    assert told == [("fit/some.Model", {"x": 1}), {"x": 2}]


def test_what_is_not_there_names_the_nearest():
    register("fit", "some.Model")(work)
    with pytest.raises(
        PluginNotFound, match=r"no 'fit' plugin is registered for 'some.Modle'; did you mean 'some.Model'\?"
    ):
        find_plugin("fit", "some.Modle")
    with pytest.raises(PluginNotFound, match=r"no 'serialize' plugin .*; there is none: is its module imported\?"):
        find_plugin("serialize", "some.Model")


def test_a_plain_component_is_a_plugin_too():
    register("predict", "some.Model")(lambda model, x: (model, x))
    assert find_plugin("predict", "some.Model")("model", 1) == ("model", 1)


def test_what_is_given_by_name_leaves_the_others_in_their_order():
    def fit(tell, x, model, *more, y=0):
        return x, model, more, y

    plugin = Plugin("fit", "one", fit, state_cb_arg_name="tell", instance_arg_name="model")
    assert plugin("model", 1, y=2) == (1, "model", (), 2)
    assert plugin("model", 1, 2, 3) == (1, "model", (2, 3), 0)
    assert plugin("model", x=1) == (1, "model", (), 0)
