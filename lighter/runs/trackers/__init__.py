"""Where a run is tracked: Lightning's loggers, their stores, and how a resumed run finds its own again."""
