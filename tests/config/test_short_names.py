import subprocess
import sys

from lighter import Config
from lighter.config.short_names import locate_target


def test_a_short_name_is_one_of_monais() -> None:
    from monai.transforms import Compose

    assert locate_target("Compose", None) is Compose


def test_a_misspelt_one_is_told_with_the_nearest() -> None:
    (problem,) = Config({"a": {"_target_": "Compoze"}}).check()
    assert problem.help.startswith("did you mean 'Compose'?")


def test_monai_is_imported_for_short_names_only() -> None:
    script = (
        "import sys\nfrom lighter import Config\n"
        "assert not Config({'a': {'_target_': 'json.JSONDecoder'}}).check()\n"
        "assert 'monai' not in sys.modules\n"
        "assert not Config({'a': {'_target_': 'Compose', 'transforms': []}}).check()\n"
        "assert 'monai' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_config_as_bundles_write_it(tmp_path) -> None:
    first, later = tmp_path / "train.json", tmp_path / "evaluate.json"
    first.write_text(
        """{
        "imports": ["$import torch"],
        "size": 4,
        "network_def": {"_target_": "UNet", "spatial_dims": 2, "in_channels": 1, "out_channels": 2,
                        "channels": [4, 8], "strides": [2]},
        "network": "$@network_def.to(torch.device('cpu'))",
        "loss": {"_target_": "DiceCELoss", "softmax": true},
        "train": {
            "transforms": [{"_target_": "EnsureTyped", "keys": ["image"]}, {"_target_": "Lambdad", "keys": "image",
                            "func": "$lambda x: x * @size"}],
            "preprocessing": {"_target_": "Compose", "transforms": "$@train#transforms"}
        },
        "optimizer": {"_target_": "torch.optim.Adam", "params": "$@network.parameters()", "lr": 0.001}
    }"""
    )
    later.write_text('{"train#transforms#1#func": "$lambda x: x + @size", "size": 5}')
    config = Config(first, later)
    assert config.check() == []
    assert config.resolve("train#preprocessing")({"image": [1.0]})["image"].tolist() == [6.0]
    network = config.resolve("network")
    assert config.resolve("optimizer").param_groups[0]["params"][0] is next(network.parameters())
