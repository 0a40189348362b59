"""Trains the language model of config.yaml with a collate function of its own, tests it, and lets it write.

python main.py
torchrun --nproc_per_node 2 main.py
python main.py system::optimizer::lr=1e-3 trainer::max_epochs=4
"""

import sys
from pathlib import Path

import torch
from pydantic import BaseModel, Field, PositiveInt
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from lighter import Runner


class NextLettersConfig(BaseModel):
    sample_key: str = Field(description="where a sample has its letters, and the batch the input")
    target_key: str = Field(description="where the batch has the letter that follows each")
    context: PositiveInt = Field(description="the most letters of a sample that are used")
    ignored: int = Field(description="the target where a sample is shorter than the longest of its batch")


class NextLetters:
    """Puts samples of different lengths into one batch, and shifts the targets by one."""

    def __init__(self, sample_key: str, target_key: str, context: int, ignored: int) -> None:
        self.sample_key, self.target_key = sample_key, target_key
        self.context, self.ignored = context, ignored

    def __call__(self, samples: list[dict[str, Tensor]]) -> dict[str, Tensor]:
        letters = [sample[self.sample_key][: self.context + 1] for sample in samples]
        return {
            self.sample_key: pad_sequence([one[:-1] for one in letters], batch_first=True),
            self.target_key: pad_sequence([one[1:] for one in letters], batch_first=True, padding_value=self.ignored),
        }


def main() -> None:
    runner = Runner(Path(__file__).with_name("config.yaml"), *sys.argv[1:])
    runner.add_component("collate_fn", "next_letters", NextLetters, config=NextLettersConfig)
    fitted = runner.fit()
    tested = runner.test()  # the best checkpoint of this fit
    if runner.system.global_rank == 0:
        print(fitted, tested, written(runner.system.model, runner.config["vars::letters"]), sep="\n\n")


def written(model: nn.Module, letters: str, count: int = 5) -> str:
    """Sentences that the model writes: what it adds to a line end, up to the next."""
    numbers = model.eval().continued(torch.zeros(count, 1, dtype=torch.long), model.context)
    return "\n".join("".join(letters[number] for number in row).split("\n")[1] for row in numbers.tolist())


if __name__ == "__main__":
    main()
