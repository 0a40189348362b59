"""A class as a whole model type."""

import pytest

from lighter import plugins
from lighter.plugins.plugin import find_plugin, reporting


class Mean(plugins.Model):
    def __init__(self, start=0.0, tell=None):
        self.value = start

    def fit(self, numbers, tell):
        tell({"progress": 1.0})
        self.value = sum(numbers) / len(numbers)

    def predict(self, numbers):
        return [self.value] * len(numbers)

    def serialize(self):
        return str(self.value).encode()

    @classmethod
    def deserialize(cls, instance_bytes):
        return cls(float(instance_bytes))


def test_a_class_is_registered_by_module_and_name():
    assert plugins.model(Mean) is Mean
    assert find_plugin("instantiate", f"{__name__}.Mean").make is Mean
    assert find_plugin("fit", f"{__name__}.Mean").state_cb_arg_name is None


def test_a_class_works_by_its_type():
    plugins.model("mean", state_cb_arg_name="tell")(Mean)
    told = []
    with reporting(lambda *state: told.append(state)):
        mean = plugins.exec_instantiate("mean", None, start=1.0)
        assert plugins.exec_fit("mean", mean, None, [1, 3]) is mean
    content = plugins.exec_serialize("mean", mean)
    again = plugins.exec_deserialize("mean", content)
    assert plugins.exec_predict("mean", again, None, [0, 0]) == (again, [2.0, 2.0])
    assert told == [("fit/mean", {"progress": 1.0})]


def test_inherited_methods_belong_to_the_class_that_is_registered():
    one, two = type("One", (Mean,), {}), type("Two", (Mean,), {})
    plugins.model("one")(one)
    plugins.model("two")(two)
    assert plugins.exec_deserialize("two", b"1.5").__class__ is two
    with pytest.raises(ValueError, match="'instantiate/one' is registered twice"):
        plugins.model("one")(two)


def test_a_class_that_lacks_a_method_is_told():
    half = type("Half", (plugins.Model,), {"fit": len, "predict": len, "serialise": len})
    with pytest.raises(
        TypeError, match=r"'Half' lacks serialize, deserialize; did you mean 'serialize' by 'serialise'"
    ):
        plugins.model(half)
    with pytest.raises(TypeError, match=r"'Empty' lacks fit, .*; write 'def fit\(self, ...\)'"):
        plugins.model(type("Empty", (), {}))
    with pytest.raises(TypeError, match="decorates a class"):
        plugins.model("mean")(len)


def test_a_callback_that_nothing_takes_is_told():
    with pytest.raises(
        ValueError, match="neither the constructor of 'Mean' nor its fit or predict takes an argument 't'"
    ):
        plugins.model("mean", state_cb_arg_name="t")(Mean)


def test_the_base_class_cannot_be_made():
    with pytest.raises(TypeError, match="abstract"):
        plugins.Model()
