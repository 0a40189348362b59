"""What a run writes down of itself: its sources, its environment, and the machine that it runs on."""
