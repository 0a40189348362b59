"""While much is made no garbage is searched for, and afterwards all is as before."""

import gc
import subprocess
import sys
import weakref

import pytest

from lighter.cli.garbage import uncollected


def test_no_search_meanwhile() -> None:
    searches: list[str] = []
    gc.callbacks.append(note := lambda phase, _: searches.append(phase))
    try:
        with uncollected():
            kept = [[number] for number in range(100_000)]
            meanwhile = list(searches)
    finally:
        gc.callbacks.remove(note)
    assert meanwhile == []
    assert gc.isenabled()
    assert len(kept) == 100_000


def test_it_goes_on_after_an_exception() -> None:
    with pytest.raises(KeyError), uncollected():
        raise KeyError
    assert gc.isenabled()


def test_who_has_turned_it_off_finds_it_off() -> None:
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_somebody_has_frozen_stays_frozen() -> None:
    code = """if True:
        import gc
        from lighter.cli.garbage import uncollected

        gc.freeze()
        frozen = gc.get_freeze_count()
        with uncollected():
            pass
        assert gc.get_freeze_count() > frozen // 2  # some of it may have died since
        gc.unfreeze()
        with uncollected():
            pass
        assert gc.get_freeze_count() == 0
    """
    subprocess.run([sys.executable, "-c", code], check=True)  # here, garbage of other tests would stay for ever


def test_garbage_made_meanwhile_is_found_later() -> None:
    class Node:
        pass

    with uncollected():
        node = Node()
        node.own = node  # type: ignore[attr-defined]  # a circle
        gone = weakref.ref(node)
        del node
    assert gone() is not None
    gc.collect()
    assert gone() is None
