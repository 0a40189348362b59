"""A project that uses the framework: registers what the configs name as `module/...` and `dataset/...`."""

from sequential import (
    GenericModuleFactory,
    MaskedTrainingModule,
    ModuleConfig,
    NextItemPredictionModule,
    NextItemPredictionWithNegativeSampleTrainingModule,
    PreprocessingConfigProvider,
    SequenceNextItemPredictionModule,
    register_module,
    register_preprocessing_config_provider,
)
from torch import nn

from .interactions import interactions
from .networks import Bidirectional, Popularity, Recurrent

register_module(
    "gru",
    ModuleConfig(
        GenericModuleFactory,
        SequenceNextItemPredictionModule,
        {"model_cls": Recurrent, "loss_function": nn.CrossEntropyLoss(label_smoothing=0.01)},
    ),
)
register_module("gru_of_one", ModuleConfig(GenericModuleFactory, NextItemPredictionModule, {"model_cls": Recurrent}))
register_module("masked_gru", ModuleConfig(GenericModuleFactory, MaskedTrainingModule, {"model_cls": Bidirectional}))
register_module(
    "ranking_gru",
    ModuleConfig(GenericModuleFactory, NextItemPredictionWithNegativeSampleTrainingModule, {"model_cls": Recurrent}),
)
register_module("popularity", ModuleConfig(GenericModuleFactory, NextItemPredictionModule, {"model_cls": Popularity}))

# A config overrides each of these defaults by its name.
register_preprocessing_config_provider(
    "shop", PreprocessingConfigProvider(interactions, {"users": 400, "items": 100, "length": 20, "loyalty": 0.8})
)
