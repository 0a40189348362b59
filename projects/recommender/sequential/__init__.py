"""A framework for sequential recommendation: what its users register is found in their configs by name."""

from lighter import register

from .datasets import DatasetPreprocessingConfig, PreprocessingConfigProvider, register_preprocessing_config_provider
from .modules import GenericModuleFactory, ModuleConfig, register_module
from .ranking import MRR, NDCG, Recall
from .training import (
    MaskedTrainingModule,
    NextItemPredictionModule,
    NextItemPredictionWithNegativeSampleTrainingModule,
    SequenceNextItemPredictionModule,
)

__all__ = [
    "DatasetPreprocessingConfig",
    "GenericModuleFactory",
    "MaskedTrainingModule",
    "ModuleConfig",
    "NextItemPredictionModule",
    "NextItemPredictionWithNegativeSampleTrainingModule",
    "PreprocessingConfigProvider",
    "SequenceNextItemPredictionModule",
    "register_module",
    "register_preprocessing_config_provider",
]

register("metric", "recall")(Recall)
register("metric", "ndcg")(NDCG)
register("metric", "mrr")(MRR)
