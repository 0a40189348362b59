"""Registers what the configs name as `kind/name`. This file runs once, when `imports` loads the module."""

from functools import partial

from lighter import register

from .interactions import interactions
from .models import Popularity, Size, gru
from .ranking import MRR, NDCG, Recall
from .schemes import MaskedItem, NegativeSampling, NextItem

register("model", "gru", config=Size)(gru)
register("model", "popularity")(Popularity)

register("scheme", "next_item")(NextItem)
register("scheme", "masked_item")(MaskedItem)
register("scheme", "negative_sampling")(NegativeSampling)

# A config overrides each of these defaults by its name.
register("dataset", "shop")(partial(interactions, users=400, items=100, length=20, loyalty=0.8))

register("metric", "recall")(Recall)
register("metric", "ndcg")(NDCG)
register("metric", "mrr")(MRR)
