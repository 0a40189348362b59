"""What a run writes down of itself: its sources, its environment, and the lock that tells that it goes on."""
