from pathlib import Path

from lighter.cli.converting.bundle_places import (
    followed,
    laid_over,
    make_absolute,
    move,
    network_of,
    referred,
    remove,
    target_of,
)
from lighter.cli.converting.parts import Part
from lighter.cli.converting.reading import parts_of
from lighter.errors import Source

BUNDLE = """
net_def: {_target_: a.Net}
net: $@net_def.to(torch.device(@device))
several: {_target_: torch.nn.parallel.DistributedDataParallel, module: "@net"}
device: cpu
train:
  data: 1
  loader: {size: "@##data", near: "%#size", code: "$@#size + @train#data + '@x'"}
circle: "@circle"
list: ["@train#data"]
"""


def parts(text: str, name: str = "a.yaml") -> Part:
    return parts_of(Source(name, text, path=Path(name)))


def test_later_files_replace_and_a_plus_adds() -> None:
    first = parts("a: {b: 1, c: {d: 1, e: 2}}\nl: [1]\n")
    later = parts("a#b: 2\n+a: {c: {d: 3}}\n+l: [2]\nl#0: 5\nnew#x: 1\n")
    assert laid_over([first, later]).plain == {"a": {"b": 2, "c": {"d": 3}}, "l": [5, 2], "new": {"x": 1}}


def test_places_are_named_from_the_root_and_moved() -> None:
    root = parts(BUNDLE)
    make_absolute(root)
    loader = root.find("train", "loader")
    assert loader is not None
    assert loader.plain == {
        "size": "@train::data",
        "near": "%train::loader::size",
        "code": "$@train::loader::size + @train::data + '@x'",
    }
    assert referred(loader) == {("train", "data"), ("train", "loader", "size")}
    move(root, lambda place: ("vars", *place))
    assert loader.plain["code"] == "$@vars::train::loader::size + @vars::train::data + '@x'"


def test_a_network_is_found_behind_its_device_and_its_processes() -> None:
    root = parts(BUNDLE)
    assert network_of(root, ("several",)) == (("net_def",), [("several",), ("net",)])
    assert network_of(root, ("circle",)) is None
    found = followed(root, ("list", "0"))
    assert found is not None
    assert (found[0], found[1].value) == (("train", "data"), 1)
    assert followed(root, ("nothing",)) is None
    assert target_of(root.find("net_def")) == "Net"
    assert target_of(root.find("net")) == ""


def test_an_item_of_a_list_keeps_its_place() -> None:
    root = parts(BUNDLE)
    assert remove(root, ("list", "0")) is not None
    assert root.find("list", 0) is not None
    assert remove(root, ("train", "data")) is not None
    assert root.find("train", "data") is None
