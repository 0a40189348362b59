"""Runs read back from their folders: which there are, how they ended, what they reached."""
