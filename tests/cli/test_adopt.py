import pytest

NET = """
import torch
from torch.utils.data import Dataset


class Line(torch.nn.Module):
    def __init__(self, size, bias=True):
        super().__init__()
        self.layer = torch.nn.Linear(size, 1, bias)

    def forward(self, x):
        return self.layer(x)


class Points(Dataset):
    def __init__(self, count: int):
        self.x = torch.ones(count, 2)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        return self.x[index], self.x[index, :1]
"""


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A folder to work in, with a repository that would end the process if a line of its script ran."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my-shop").mkdir()
    (tmp_path / "my-shop" / "net.py").write_text(NET)
    (tmp_path / "my-shop" / "train.py").write_text("import torch\nfrom net import Line\nraise SystemExit(9)\n")
    return tmp_path


def test_adopt_then_check_then_fit(lighter, shop):
    done = lighter("adopt", "my-shop")
    assert (done.returncode, done.stderr) == (0, "")
    assert "  my-shop.net.Line(size, bias=True)  net.py:6\n" in done.stdout
    assert done.stdout.endswith(
        "\nconfig.yaml is written; 2 places in it are left to fill in: 'lighter check config.yaml' tells which\n"
        "a check sees no batch: try one with 'lighter fit config.yaml trainer::fast_dev_run=true'\n"
    )
    checked = lighter("check", "config.yaml")
    assert checked.returncode == 2
    assert "error: my-shop.net.Line needs the argument 'size'\n" in checked.stderr
    assert "error: my-shop.net.Points needs the argument 'count'\n" in checked.stderr
    assert checked.stderr.count("error:") == 2
    filled = "system::model::size=2", "system::dataloaders::train::dataset::count=8", "trainer::accelerator=cpu"
    fitted = lighter(
        "fit", "config.yaml", *filled, "trainer::fast_dev_run=true", "system::criterion::_target_=torch.nn.MSELoss"
    )
    assert fitted.returncode == 0, fitted.stderr
    assert sorted(path.name for path in (shop / "my-shop").iterdir()) == ["net.py", "train.py"]


def test_what_is_there_is_not_written_over(lighter, shop):
    (shop / "config.yaml").write_text("mine\n")
    done = lighter("adopt", "my-shop")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: 'config.yaml' is there already and stays as it is: write --out=another.yaml")
    assert (shop / "config.yaml").read_text() == "mine\n"


def test_adopting_loads_no_torch(loaded, shop):
    assert loaded("adopt", "my-shop", "--out=b.yaml") == (0, set())
    assert loaded("adopt", "no-shop", "--out=c.yaml") == (2, set())
    assert (shop / "b.yaml").exists()
    assert not (shop / "c.yaml").exists()
