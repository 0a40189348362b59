import logging
import warnings

import pytest

from lighter.noise import without_noise

LIGHTNING = "pytorch_lightning.utilities.rank_zero"


@pytest.mark.parametrize("name", [LIGHTNING, "lightning.pytorch.utilities.rank_zero"])
def test_advertisements_are_left_out(name: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, name), without_noise():
        logging.getLogger(name).info("💡 Tip: install our product")
        logging.getLogger(name).info("GPU available: True (cuda), used: True")
    assert caplog.messages == ["GPU available: True (cuda), used: True"]


def test_warnings_about_the_users_code_stay() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with without_noise():
            warnings.warn("Be aware that when using `ckpt_path`, callbacks used ...", UserWarning, stacklevel=1)
            warnings.warn("the loader has one worker", UserWarning, stacklevel=1)
    assert [str(w.message) for w in caught] == ["the loader has one worker"]


def test_the_logger_is_left_as_it_was() -> None:
    before = list(logging.getLogger(LIGHTNING).filters)
    with without_noise():
        pass
    assert logging.getLogger(LIGHTNING).filters == before
