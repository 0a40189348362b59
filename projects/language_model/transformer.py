"""A small decoder-only transformer."""

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Transformer"]


class Layer(nn.Module):
    """Attention to what came before, then two linear layers, each added to what they were given."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before_attention, self.before_linear = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attend, self.join = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.linear = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, states: Tensor) -> Tensor:
        parts = self.attend(self.before_attention(states)).unflatten(-1, (3, self.heads, -1))
        query, key, value = parts.permute(2, 0, 3, 1, 4)  # each (batch, heads, length, width / heads)
        seen = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        states = states + self.join(seen.transpose(1, 2).flatten(-2))
        return states + self.linear(self.before_linear(states))


class Transformer(nn.Module):
    """Letters (batch, length) -> logits of the letter that follows each (batch, length, vocabulary)."""

    def __init__(self, vocabulary: int, context: int, width: int, layers: int, heads: int) -> None:
        super().__init__()
        self.context = context
        self.letters, self.places = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        self.layers = nn.Sequential(*(Layer(width, heads) for _ in range(layers)))
        self.logits = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, vocabulary))

    def forward(self, letters: Tensor) -> Tensor:
        places = torch.arange(letters.shape[1], device=letters.device)
        return self.logits(self.layers(self.letters(letters) + self.places(places)))

    @torch.no_grad()
    def continued(self, letters: Tensor, count: int) -> Tensor:
        """Letters (batch, length), and `count` more that it draws one by one."""
        for _ in range(count):
            chances = self(letters[:, -self.context :])[:, -1].softmax(dim=-1)
            letters = torch.cat([letters, chances.multinomial(1)], dim=1)
        return letters
