import pytest
import torch
from torch import nn

from lighter.training.devices import check_compile, compiled


@pytest.mark.parametrize("given", [True, {"mode": "max-autotune"}, False, None])
def test_what_may_be_written(given: object) -> None:
    check_compile(given)


@pytest.mark.parametrize("given", ["max-autotune", 1, ["fullgraph"]])
def test_what_may_not(given: object) -> None:
    with pytest.raises(TypeError, match=r"compile: true, or the arguments of torch\.compile such as .*, not "):
        check_compile(given)


@pytest.mark.parametrize("off", [False, None])
def test_a_model_stays_as_it_is(off: bool | None) -> None:
    model = nn.Linear(2, 1)
    assert compiled(model, off) is model


def test_a_model_is_compiled_once_and_keeps_its_names() -> None:
    graphs: list[int] = []

    def backend(graph, inputs):  # what torch.compile calls for each graph it has caught
        graphs.append(len(inputs))
        return graph.forward

    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    names, input = list(model.state_dict()), torch.ones(4, 2)
    call = compiled(model, {"backend": backend})
    assert torch.equal(call(input), model(input))
    assert torch.equal(call(input), model(input))
    assert len(graphs) == 1
    assert list(model.state_dict()) == names
