"""Which parameters are trained, at which rate, by which optimizer, in which turn."""
