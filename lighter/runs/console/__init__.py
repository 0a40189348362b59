"""What a run shows on the console, and how the same comes into its log."""
