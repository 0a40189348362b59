import pytest
import torch
from torch import nn

from lighter.training.devices import check_memory_format, in_channels_last, to_channels_last


def test_what_may_be_written() -> None:
    check_memory_format(None)
    check_memory_format("channels_last")
    with pytest.raises(ValueError, match="memory_format: there is no 'chanels_last'; did you mean 'channels_last'"):
        check_memory_format("chanels_last")


def test_images_and_volumes_of_a_batch_are_rearranged_and_nothing_else() -> None:
    image, volume, vector = torch.randn(2, 3, 4, 5), torch.randn(2, 3, 4, 5, 6), torch.randn(2, 3)
    found = in_channels_last({"image": image, "others": [volume, vector, "text", 3]})
    assert found["image"].is_contiguous(memory_format=torch.channels_last)
    assert found["others"][0].is_contiguous(memory_format=torch.channels_last_3d)
    assert torch.equal(found["image"], image)
    assert found["others"][1] is vector
    assert found["others"][2:] == ["text", 3]


def test_a_model_keeps_its_output_and_its_parameters() -> None:
    first = nn.Conv2d(3, 4, 3)
    model = nn.Sequential(first, nn.Conv2d(4, 2, 1))
    input, parameters = torch.randn(2, 3, 8, 8), list(model.parameters())
    plain = model(input)
    to_channels_last(model)
    assert first.weight.is_contiguous(memory_format=torch.channels_last)
    assert all(now is before for now, before in zip(model.parameters(), parameters, strict=True))
    output = model(in_channels_last(input))
    assert output.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(output, plain)
