"""One run: its stages, folder, console, record, resume and trackers; and series of runs."""
