from lighter.cli.adopting.listing import found_text, hindrances_text
from lighter.cli.adopting.obstacles import Hindrances


def test_what_was_found_by_kind(choice):
    assert (
        found_text(choice("tiny-cifar"))
        == """\
tiny-cifar: 5 Python files read, none of them run

models
  tiny-cifar.models.resnet.ResNet18(num_classes=10)                   models/resnet.py:26
  tiny-cifar.models.vgg.VGG(vgg_name)                                 models/vgg.py:3
  tiny-cifar.models.resnet.ResNet(block, num_blocks, num_classes=10)  models/resnet.py:14
  (and 1 part of models: BasicBlock)

passed over: 1 file, Python 2 (old.py)
"""
    )


def test_every_kind_has_its_place(choice):
    lines = found_text(choice("lit")).splitlines()
    assert [line for line in lines[1:] if line and not line.startswith(" ")] == [
        "LightningModules",
        "LightningDataModules",
        "models",
    ]
    assert "  lit.lit.module.LitNet(model: nn.Module, lr=0.01)  lit/module.py:6" in lines


def test_a_long_list_and_a_long_signature_are_cut(choice):
    text = "import torch, o\n" + "".join(f"class N{i}(torch.nn.Module): ...\n" for i in range(13))
    text += (
        "class Wide(torch.nn.Module):\n  def __init__(self, "
        + ", ".join(f"argument_{i}" for i in range(20))
        + "): ...\n"
    )
    text += "class Other(o.PreTrainedModel): ...\n"
    told = found_text(choice("a", {"net.py": text, "b.ipynb": "{}", "bad.py": "(", "worse.py": ")"}))
    assert "  and 5 more: N8, N9, " in told or "  and 5 more: " in told
    assert max(map(len, told.splitlines())) < 130
    assert "passed over: 2 files, a syntax error (bad.py, ...)" in told
    assert told.endswith("not read: 1 notebook\n")


def test_a_folder_that_no_dotted_name_can_say_is_to_be_adopted_itself(choice, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    net = "import torch\nclass Net(torch.nn.Module): ...\n"
    told = found_text(choice("a", {"net.py": net, "1. GAN/net.py": net, "my.net.py": net}))
    assert (
        "passed over: 2 files, a path that no dotted name can say (my.net.py, ...); for those: lighter adopt " in told
    )
    assert told.rstrip().endswith("1. GAN'")


def test_what_stands_in_the_way():
    assert hindrances_text(Hindrances()) == ""
    found = Hindrances(lines=[f"line {n}" for n in range(17)], missing_elsewhere=["a", "b"])
    told = hindrances_text(found).splitlines()
    assert told[:2] == ["in the way", "  line 0"]
    assert told[-2:] == ["  and 2 more of the kind", "  not installed, and wanted by other files only: a, b"]
