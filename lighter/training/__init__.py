"""What a config names: the System and its adapters, metrics, optimizers, loaders, callbacks and weights."""
