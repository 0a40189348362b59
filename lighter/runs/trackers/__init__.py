"""Where a run is tracked: Lightning's loggers, their stores, and how a run that goes on finds its own again."""
