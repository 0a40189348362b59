"""The exec_ calls: each reaches its plugin, with its arguments and a state callback."""

import pytest

from lighter import plugins


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
    assert plugins.exec_predict("list", again, told.append, x=3) is True
    assert len(told) == 3


def test_what_fit_returns_is_the_fitted_instance():
    plugins.fit("number")(lambda instance, x: instance + x)
    assert plugins.exec_fit("number", 1, None, 2) == 3


def test_a_type_that_is_not_there_is_told():
    with pytest.raises(plugins.PluginNotFound, match="no 'fit' plugin is registered for 'nothing'"):
        plugins.exec_fit("nothing", 1)
