"""What the configs name as `kind/name`. This file runs once, when `imports` loads the module."""

from functools import partial

from lighter.project.registry import registry

from .interactions import interactions
from .models import Popularity, Size, gru
from .ranking import MRR, NDCG, Recall
from .schemes import MaskedItem, NegativeSampling, NextItem

registry.add("model", "gru", gru, config=Size)
registry.add("model", "popularity", Popularity)

registry.add("scheme", "next_item", NextItem)
registry.add("scheme", "masked_item", MaskedItem)
registry.add("scheme", "negative_sampling", NegativeSampling)

# A config overrides each of these defaults by its name.
registry.add("dataset", "shop", partial(interactions, users=400, items=100, length=20, loyalty=0.8))

registry.add("metric", "recall", Recall)
registry.add("metric", "ndcg", NDCG)
registry.add("metric", "mrr", MRR)
