"""Which parameters are trained, at which rate, by which optimizer, and when each steps."""
