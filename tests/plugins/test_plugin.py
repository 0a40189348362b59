"""One plugin: what it takes of its caller, and to whom it tells its state."""

import inspect

import pytest

from lighter import plugins
from lighter.plugins.plugin import Plugin, PluginNotFound, find_plugin, reporting
from lighter.project.registry import register


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


def test_data_access():
    @plugins.data_access("numbers", state_cb_arg_name="tell")
    def numbers(count, tell, name="", state=0):
        tell({"count": count})
        return [name] * count

    told = []
    assert plugins.exec_data_access("numbers", told.append, 2, name="x") == ["x", "x"]
    assert plugins.exec_data_access("numbers", count=1, name="y") == ["y"]
    assert plugins.exec_data_access("numbers", state_cb=told.append, count=3) == [""] * 3
    assert told == [{"count": 2}, {"count": 3}]


def test_an_instance_goes_through_all_its_steps():
    plugins.instantiate("list", "tell")(lambda *items, tell: (tell({}), list(items))[1])
    plugins.fit(["list"], "tell", "instance")(lambda x, tell, instance: (tell({}), instance.append(x))[1])
    plugins.predict(["list"], "tell")(lambda instance, tell, x: (tell({}), x in instance)[1])
    plugins.serialize(["list"])(bytes)
    plugins.deserialize(["list"])(list)
    told = []
    made = plugins.exec_instantiate("list", told.append, 1, 2)
    fitted = plugins.exec_fit("list", made, told.append, 3)
    assert fitted is made  # the plugin returns None
    again = plugins.exec_deserialize("list", plugins.exec_serialize("list", fitted))
    assert again == [1, 2, 3]
    assert plugins.exec_predict("list", again, told.append, x=3) == (again, True)
    assert len(told) == 3


def test_what_fit_returns_is_the_fitted_instance():
    plugins.fit("number")(lambda instance, x: instance + x)
    assert plugins.exec_fit("number", 1, None, 2) == 3


def test_a_type_that_is_not_there_is_told():
    with pytest.raises(plugins.PluginNotFound, match="no 'fit' plugin is registered for 'nothing'") as caught:
        plugins.exec_fit("nothing", 1)
    assert isinstance(caught.value, ValueError)
