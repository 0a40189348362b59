"""A model split over two real processes gives what the whole model gives."""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import os
import sys
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FSDPModule

from lighter.training.devices import shard


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(8, 4), nn.Linear(4, 8)])

    def forward(self, x):
        return self.layers[1](self.layers[0](x))


class Blocks(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 8)
        self.blocks = nn.ModuleList([nn.Sequential(Block(), nn.Tanh()), nn.Linear(8, 3)])
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x):
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        return self.scale * x


class Own(Blocks):
    def parallelize(self, mesh):
        self.seen = mesh.mesh_dim_names


def main(rank, folder):
    dist.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=2)
    mesh = init_device_mesh("cpu", (2, 1), mesh_dim_names=("data_parallel", "tensor_parallel"))
    torch.manual_seed(0)
    model, x = Blocks(), torch.ones(5, 4)
    whole = model(x)
    shard(model, mesh, smallest=40)
    assert all(type(parameter).__name__ == "DTensor" for parameter in model.parameters())
    assert torch.allclose(model(x), whole)
    groups = {name for name, module in model.named_modules() if isinstance(module, FSDPModule)}
    assert groups == {"", "first", "blocks.0.0"}, groups
    own = Own()
    shard(own, mesh)
    assert own.seen == ("data_parallel", "tensor_parallel")
    assert not isinstance(own, FSDPModule)
    dist.barrier()
    sys.stdout.flush()
    os._exit(0)  # gloo may abort a process that takes its groups apart while the other still speaks


if __name__ == "__main__":
    mp.spawn(main, (sys.argv[1],), nprocs=2)
"""


def test_a_model_split_over_two_ranks(tmp_path: Path) -> None:
    (tmp_path / "split.py").write_text(SCRIPT, encoding="utf-8")
    words = [sys.executable, str(tmp_path / "split.py"), str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
