import logging
import warnings
from pathlib import Path

import pytest

from lighter.run_log import logged_to


def test_loggers_and_warnings_are_written(tmp_path: Path) -> None:
    with logged_to(tmp_path / "log.txt"), warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        with logged_to(tmp_path / "log.txt"):
            logging.getLogger("lighter").info("of ours")
            logging.getLogger("pytorch_lightning.callbacks").warning("of Lightning")
            warnings.warn("of anyone", stacklevel=1)
    text = (tmp_path / "log.txt").read_text()
    assert "of ours" in text
    assert "of Lightning" in text
    assert "UserWarning: of anyone" in text


def test_a_failure_leaves_its_traceback(tmp_path: Path) -> None:
    with pytest.raises(KeyError), logged_to(tmp_path / "log.txt"):
        raise KeyError("missing")
    text = (tmp_path / "log.txt").read_text()
    assert "Traceback" in text
    assert "KeyError: 'missing'" in text


def test_everything_is_put_back(tmp_path: Path) -> None:
    before = (warnings.showwarning, list(logging.getLogger("lighter").handlers), logging.getLogger("lighter").level)
    with logged_to(tmp_path / "log.txt"):
        pass
    after = (warnings.showwarning, list(logging.getLogger("lighter").handlers), logging.getLogger("lighter").level)
    assert after == before


@pytest.mark.parametrize(("has_own", "shown"), [(False, "told\n"), (True, "")])
def test_a_warning_is_still_shown_where_nobody_has_set_up_logging(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, has_own: bool, shown: str
) -> None:
    logger = logging.getLogger("lighter")
    monkeypatch.setattr(logger, "propagate", False)
    monkeypatch.setattr(logger, "handlers", [logging.NullHandler()] if has_own else [])
    with logged_to(tmp_path / "log.txt"):
        logger.warning("told")
        logger.info("not told")
    assert capsys.readouterr().err == shown
