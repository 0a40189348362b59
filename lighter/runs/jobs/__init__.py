"""Runs that processes of their own do, here or on other machines: a series, a sweep, a single run in a queue."""
